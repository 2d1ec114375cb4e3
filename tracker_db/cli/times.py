"""Times people type: a date, or a date and a time, meant in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import click


class UtcTimeType(click.ParamType):
    """`2026-05-04` or `2026-05-04T12:30`; another zone when its offset is given."""

    name = "date"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read a time, or fail with wrong use."""
        if isinstance(value, datetime):
            return value
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date. Write one such as 2026-05-04.", param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=UTC)


UTC_TIME = UtcTimeType()
