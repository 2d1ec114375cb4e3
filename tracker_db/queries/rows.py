"""Rows as dataclasses: what every query here gives."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from tracker_db.db import db

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


def rows(kind: type[T], sql: str, parameters: Mapping[str, Any] | None = None) -> list[T]:
    """Every row of `sql` as a `kind`, whose fields are the columns in order; times in UTC."""
    with db.connection_context():
        found = db.execute_sql(sql, parameters or {}).fetchall()
    assert not found or len(fields(kind)) == len(found[0])  # type: ignore[arg-type]
    return [kind(*map(_utc, row)) for row in found]


def _utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
