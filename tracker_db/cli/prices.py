"""`tracker prices`: what a product has cost, as a chart, a sentence and a table."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

import click

from tracker_db.cli.chart import step_chart
from tracker_db.cli.output import Cells, Listing, put, put_rich, show
from tracker_db.cli.text import day, moment
from tracker_db.money import Money

if TYPE_CHECKING:
    from tracker_db.queries.prices import PriceRow, Statistics
    from tracker_db.queries.products import ProductRow

#: Columns for the labels beside the chart.
_LABELS = 20


@click.command()
@click.argument("product")
@click.option(
    "--days", type=click.IntRange(1, 3650), default=90, help="How far back. [default: 90]"
)
@click.option("--limit", type=click.IntRange(min=0), default=15, help="Table rows. [default: 15]")
@click.option("--json", "form", flag_value="json", help="Print every check as a JSON array.")
@click.option("--csv", "form", flag_value="csv", help="Print every check as CSV.")
def prices(product: str, *, days: int, limit: int, form: str | None) -> None:
    """Show what a product has cost.

    The chart has a dashed line at the alert's price. The table shows the changes, newest first;
    --json and --csv give every check.

    \b
    Example:
      tracker prices kettle --days 365
    """
    from tracker_db.queries.prices import history
    from tracker_db.queries.products import find_product

    row = find_product(product)
    seen = history(row.id, days=days)
    if form:
        show(_every_check(seen), form)
        return
    if seen:
        show_history(row, seen, days)
    show(_changes(seen, limit))


def show_history(row: ProductRow, seen: list[PriceRow], days: int) -> None:
    """The name, the chart and the sentence; `seen` is not empty."""
    from tracker_db.queries.prices import statistics

    put(row.name)
    _put_chart(row, seen, days)
    for statistic in statistics(row.id, days=days):
        put(sentence(statistic))
    put()


def sentence(seen: Statistics) -> str:
    """Now, the lowest and when, and how much of the time it was dearer."""
    lowest = Money(seen.lowest, seen.currency)
    words = [f"Now {Money(seen.price, seen.currency)}"]
    if seen.lowest == seen.highest:
        return f"{words[0]}, unchanged since {day(seen.since)}."
    if seen.price == seen.lowest:
        words.append(f"the lowest since {day(seen.since)}")
    else:
        words.append(f"lowest {lowest} on {day(seen.lowest_at)}")
    if seen.cheaper_than is not None:
        words.append(f"cheaper than {round(seen.cheaper_than * 100)} % of the time")
    return ", ".join(words) + "."


def _put_chart(row: ProductRow, seen: list[PriceRow], days: int) -> None:
    from rich.text import Text

    currency = seen[-1].currency
    now = datetime.now(UTC)
    begin = now - timedelta(days=days)
    points = [(max(one.scraped_at, begin), one.price) for one in seen if one.currency == currency]
    width = max(20, min(shutil.get_terminal_size().columns - _LABELS, 100))
    lines = step_chart(
        points,
        currency=currency,
        until=max(now, points[-1][0]),
        alert=_alert_price(row, currency),
        width=width,
    )
    put_rich(Text("\n".join(lines)))


def _alert_price(row: ProductRow, currency: str) -> int | None:
    """The highest target that is on, in the chart's currency: the first one to be met."""
    from tracker_db.queries.alerts import every_rule

    targets = [
        rule.target_price
        for rule in every_rule(row.id)
        if rule.active and rule.target_price is not None and rule.currency in {None, currency}
    ]
    return max(targets, default=None)


def _changes(seen: list[PriceRow], limit: int) -> Listing[tuple[PriceRow, int]]:
    """Each price with the number of checks that saw it in a row, newest first."""
    spells = [list(same) for _, same in groupby(seen, _what)]
    rows = [(same[0], len(same)) for same in reversed(spells)]
    return Listing(
        rows[:limit],
        {
            "SINCE": lambda row: moment(row[0].scraped_at),
            "PRICE": lambda row: Money(row[0].price, row[0].currency),
            "LIST PRICE": lambda row: _list_price(row[0]),
            "STOCK": lambda row: row[0].availability,
            "CHECKS": lambda row: row[1],
        },
        "" if seen else "No price has been recorded yet. Check now with: tracker run",
    )


def _what(row: PriceRow) -> tuple[object, ...]:
    return row.price, row.currency, row.availability, row.list_price


def _list_price(row: PriceRow) -> Money | None:
    return None if row.list_price is None else Money(row.list_price, row.currency)


def _every_check(seen: list[PriceRow]) -> Listing[PriceRow]:
    return Listing(seen, {}, "", _DATA)


_DATA: Cells[PriceRow] = {
    "scraped_at": lambda row: row.scraped_at,
    "price": lambda row: Money(row.price, row.currency).amount,
    "currency": lambda row: row.currency,
    "list_price": lambda row: (regular := _list_price(row)) and regular.amount,
    "availability": lambda row: row.availability,
}
