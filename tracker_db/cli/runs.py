"""`tracker runs`: how the latest checks ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracker_db.cli.output import Listing, fields_of, listing
from tracker_db.cli.text import moment

if TYPE_CHECKING:
    from tracker_db.queries.runs import RunRow


@click.command()
@click.option("--failed", is_flag=True, help="Only checks that failed.")
@click.option("--limit", type=click.IntRange(min=1), default=20, help="How many. [default: 20]")
@listing
def runs(*, failed: bool, limit: int) -> Listing[RunRow]:
    """List the latest checks, and what can be done about those that failed.

    \b
    Example:
      tracker runs --failed --limit 5
    """
    from tracker_db.queries.runs import RunRow, latest_runs

    return Listing(
        latest_runs(limit, failed=failed),
        {
            "TIME": lambda run: moment(run.created_at),
            "PRODUCT": lambda run: run.product[:30],
            "OUTCOME": _outcome,
            "HTTP": lambda run: run.http_status,
            "MS": lambda run: run.duration_ms,
            "DETAIL": lambda run: run.error_message or _source(run),
        },
        "No check has failed." if failed else "No checks yet. Check now with: tracker run",
        fields_of(RunRow),
    )


def _outcome(run: RunRow) -> str:
    again = f" (try {run.attempt})" if run.attempt > 1 else ""
    return f"{run.outcome or run.status}{again}"


def _source(run: RunRow) -> str:
    return f"found in {run.extractor}" if run.extractor else ""
