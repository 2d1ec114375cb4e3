"""What `tracker costs` shows by itself: a table of what was spent, with bars."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from tracker_db.cli.output import Cells, Listing, put, say, show
from tracker_db.cli.text import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from tracker_db.queries.costs import Spend

_AGO = re.compile(r"(\d{1,5})([hd])")
#: Columns of the longest bar, and eighths of a column.
_BAR = 12
_EIGHTHS = " ▏▎▍▌▋▊▉"
#: Below it four decimals would show 0 for what was not free.
_LEAST_SHOWN = "0.0001"


class Ago(click.ParamType):
    """`30d` for today and the 29 days before, `24h` for 24 hours, or a date such as 2026-05-04."""

    name = "30d|24h|date"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | datetime:
        """Refuse what cannot be read; what counts from now is read when the zone is known."""
        if isinstance(value, datetime) or _AGO.fullmatch(value):
            return value
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither such as 30d or 24h nor a date.", param, ctx)


class Names(click.ParamType):
    """Names with commas between them."""

    name = "name,name"

    def convert(
        self,
        value: str | tuple[str, ...],
        param: click.Parameter | None,  # noqa: ARG002 - click's signature
        ctx: click.Context | None,  # noqa: ARG002 - click's signature
    ) -> tuple[str, ...]:
        """The names."""
        if isinstance(value, tuple):
            return value
        return tuple(name.strip() for name in value.split(",") if name.strip())


AGO, NAMES = Ago(), Names()


def begin(since: str | datetime, zone: str, now: datetime) -> datetime:
    """When `since` (what `Ago` accepts) begins on the clock of `zone`; hours begin whole."""
    from tracker_db.queries.costs import zone_named

    clock = zone_named(zone)
    if isinstance(since, datetime):
        return since if since.tzinfo else since.replace(tzinfo=clock)
    count, unit = _AGO.fullmatch(since).groups()  # type: ignore[union-attr]
    if unit == "h":
        return now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=int(count))
    midnight = now.astimezone(clock).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=max(int(count) - 1, 0))


def show_spend(
    by: tuple[str, ...],
    since: str | datetime,
    *,
    zone: str,
    where: Mapping[str, str],
    top: int | None,
    form: str | None,
) -> None:
    """Print what was spent as `form`; the table ends with the total and the month to date."""
    from tracker_db.queries.costs import OF_CALLS, month_to_date, spend

    now = datetime.now(UTC)
    start = begin(since, zone, now)
    rows = spend(by, since=start, zone=zone, where=where, limit=top)
    show(_listing(by, rows), form)
    if not OF_CALLS.keys().isdisjoint({*by, *where}):
        tell_of_purged(start)
    if form or not rows:
        return
    whole = spend((), since=start, zone=zone, where=where)[0]
    put(f"Total: {usd(whole.total_cost)} USD in {plural(whole.call_count, 'call')}.")
    month = month_to_date(now, zone=zone, where=where)
    put(
        f"This month: {usd(month.spent)} USD so far,"
        f" {usd(month.projected)} USD by its end at the pace of the last seven days."
    )
    if whole.unpriced_count:
        say(
            f"In no sum, as no price is known: {plural(whole.unpriced_count, 'call')}."
            " See: tracker pricing unpriced"
        )


def tell_of_purged(since: datetime, until: datetime | None = None) -> None:
    """Say how many calls are missing where the calls themselves were asked."""
    from tracker_db.queries.costs import purged_calls

    if count := purged_calls(since, until):
        say(
            f"Not among them: {plural(count, 'purged call')}, kept in the totals by project,"
            " feature, model and time only."
        )


def usd(amount: Decimal) -> str:
    """US dollars to four decimals, to two from a hundred on; what is not free is never 0."""
    from decimal import Decimal

    if 0 < amount < Decimal(_LEAST_SHOWN):
        return f"<{_LEAST_SHOWN}"
    return f"{amount:,.2f}" if amount >= 100 else f"{amount:.4f}"


def bar(amount: Decimal, largest: Decimal) -> str:
    """A bar as long as `amount` is beside `largest`; what is not free is seen."""
    if amount <= 0 or largest <= 0:
        return ""
    full, eighths = divmod(max(1, round(amount / largest * _BAR * 8)), 8)
    return "█" * full + _EIGHTHS[eighths].strip()


def _listing(by: tuple[str, ...], rows: list[Spend]) -> Listing[Spend]:
    largest = max((row.total_cost for row in rows), default=None)
    keys = {name.upper(): _key(name) for name in by}
    return Listing(
        rows,
        {
            **keys,
            "USD": lambda row: f"{usd(row.total_cost):>9}" if _is_priced(row) else None,
            "": lambda row: bar(row.total_cost, largest) if largest else "",
            "CALLS": lambda row: row.call_count,
            "TOKENS": lambda row: _short(row.input_tokens + row.output_tokens),
            "CACHED": lambda row: _percent(row.cache_hit_share),
            "MS": lambda row: None if row.avg_latency is None else round(row.avg_latency),
            "UNPRICED": lambda row: row.unpriced_count or None,
        },
        "No calls were recorded in this time. Record some with: tracker costs record FILE.jsonl",
        {name: _value(name) for name in by} | dict(_DATA),
    )


def _value(name: str) -> Callable[[Spend], object]:
    return lambda row: row.key[name]


def _key(name: str) -> Callable[[Spend], object]:
    def cell(row: Spend) -> object:
        value = row.key[name]
        return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else value

    return cell


def _is_priced(row: Spend) -> bool:
    """Whether a price is known for any of the calls: the sum of none is not 0 dollars."""
    return row.unpriced_count < row.call_count


def _percent(share: Decimal | None) -> str | None:
    return None if share is None else f"{share:.0%}"


def _short(count: int) -> str:
    """A count of tokens to three figures or so."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.1f}{letter}"
    return str(count)


_DATA: Cells[Spend] = {
    "total_cost_usd": lambda row: f"{row.total_cost:f}" if _is_priced(row) else None,
    "calls": lambda row: row.call_count,
    "input_tokens": lambda row: row.input_tokens,
    "output_tokens": lambda row: row.output_tokens,
    "cached_tokens": lambda row: row.cached_tokens,
    "cache_hit_share": lambda row: row.cache_hit_share,
    "avg_latency_ms": lambda row: row.avg_latency,
    "unpriced_calls": lambda row: row.unpriced_count,
}
