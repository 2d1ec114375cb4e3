"""`tracker costs reconcile`: what was estimated beside what was billed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from tracker_db.cli.output import Cells, Listing, put, say, show
from tracker_db.cli.ready import prepare
from tracker_db.cli.spend import AGO, begin, tell_of_purged
from tracker_db.cli.text import plural

if TYPE_CHECKING:
    from tracker_db.queries.reconcile import Difference


@click.command()
@click.argument(
    "invoice",
    required=False,
    type=click.File("r", encoding="utf-8", errors="replace"),
    metavar="[INVOICE.csv]",
)
@click.option(
    "--since", type=AGO, default="30d", show_default=True, help="How far back, without an invoice."
)
@click.option("--json", "form", flag_value="json", help="Print a JSON array.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV with a header line.")
def reconcile(invoice: Any, *, since: str | datetime, form: str | None) -> None:
    """Compare what was billed with what was expected, by day (UTC), provider and model.

    INVOICE.csv has the columns day, provider and cost_usd, and model if the invoice tells it. It is
    compared with everything recorded of its providers on its days. Without an invoice the costs
    that providers told with their answers are compared with the estimates of the same calls.
    Nothing is changed.

    \b
    Example:
      tracker costs reconcile openai-may.csv
    """
    from tracker_db.queries import reconcile as query

    prepare()
    if invoice is None:
        now = datetime.now(UTC)
        window = begin(since, "UTC", now), now
        found = query.verified_against_estimated(*window)
    else:
        from tracker_db.llm.invoice import read_invoice

        lines = read_invoice(invoice.read())
        window = query.days_of(lines)
        found = query.invoice_against_recorded(lines)
    show(_listing(found), form)
    tell_of_purged(*window)
    if found and not form:
        _tell(found)


def _tell(found: list[Difference]) -> None:
    expected = sum((row.expected for row in found), Decimal(0))
    billed = sum((row.billed for row in found), Decimal(0))
    put(
        f"Expected {expected:.4f} USD, billed {billed:.4f} USD:"
        f" {billed - expected:+.4f} USD{_share(billed - expected, expected)}."
    )
    if unpriced := sum(row.unpriced for row in found):
        say(
            f"Not expected to cost anything, as no price is known: {plural(unpriced, 'call')}."
            " See: tracker pricing unpriced"
        )


def _listing(found: list[Difference]) -> Listing[Difference]:
    return Listing(
        found,
        {
            "DAY": lambda row: row.day,
            "PROVIDER": lambda row: row.provider,
            "MODEL": lambda row: row.model,
            "CALLS": lambda row: row.calls,
            "EXPECTED": lambda row: f"{row.expected:.4f}",
            "BILLED": lambda row: f"{row.billed:.4f}",
            "DRIFT": lambda row: f"{row.drift:+.4f}{_share(row.drift, row.expected)}",
            "UNPRICED": lambda row: row.unpriced or None,
        },
        "No recorded call has a cost that its provider told. Give an invoice as CSV.",
        _DATA,
    )


def _share(drift: Decimal, expected: Decimal) -> str:
    return f" ({drift / expected:+.1%})" if expected else ""


_DATA: Cells[Difference] = {
    "day": lambda row: row.day.isoformat(),
    "provider": lambda row: row.provider,
    "model": lambda row: row.model,
    "calls": lambda row: row.calls,
    "unpriced_calls": lambda row: row.unpriced,
    "expected_usd": lambda row: f"{row.expected:f}",
    "billed_usd": lambda row: f"{row.billed:f}",
    "drift_usd": lambda row: f"{row.drift:f}",
}
