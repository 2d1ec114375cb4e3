"""Recalculating estimates after prices have changed: repeatable, and logged with the totals."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from psycopg2.extras import execute_values

from tracker_db.db import db, transaction
from tracker_db.llm.usage import USAGE_COLUMNS, Usage
from tracker_db.models.pricing import RepriceLog
from tracker_db.queries.costs import check_text, check_window
from tracker_db.services.prices import clock_and_prices

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from tracker_db.llm.table import Price, PriceTable

#: One recalculation at a time: two would lock the same events in another order.
_LOCK_KEY = 0x70726963
_BATCH = 5000

# An estimate that came with the event has no price_id: it is its caller's word, not ours.
_EVENTS = f"""
    SELECT created_at, id, project_id, provider, model, estimated_cost_usd, price_id::text,
           {USAGE_COLUMNS}
    FROM events
    WHERE created_at >= %(since)s AND created_at < %(until)s
      AND (%(model)s::text IS NULL OR model = %(model)s)
      AND (price_id IS NOT NULL OR estimated_cost_usd IS NULL)
      AND (%(after)s::timestamptz IS NULL OR (created_at, id) > (%(after)s, %(after_id)s))
    ORDER BY created_at, id LIMIT %(limit)s
"""
_CHANGE = """
    UPDATE events SET estimated_cost_usd = new.cost, price_id = new.price_id
    FROM (VALUES %s) AS new (id, cost, price_id) WHERE events.id = new.id
"""
_TYPES = "(%s::uuid, %s::numeric, %s::uuid)"


@dataclass(slots=True)
class Repriced:
    """What a recalculation did; totals are US dollars of the estimates it looked at."""

    seen: int = 0
    changed: int = 0
    total_before: Decimal = Decimal(0)
    total_after: Decimal = Decimal(0)

    def count(self, before: Decimal | None, after: Decimal | None, *, changed: bool) -> None:
        """Count one event."""
        self.seen += 1
        self.changed += changed
        self.total_before += before or 0
        self.total_after += after or 0


def reprice(since: datetime, until: datetime, model: str | None = None) -> Repriced:
    """Recalculate the estimates of events from `since` to `until` (tz-aware, end excluded).

    `model` limits it to events of that name. Verified costs and estimates that came with
    their event are left alone; the sums follow by the delta log. Doing it again changes
    nothing. Each run is kept in `reprice_logs`.
    """
    check_window(since, until)
    check_text("model", model or "")
    window = {"since": since, "until": until, "model": model}
    done = Repriced()
    with transaction():
        db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK_KEY,))
        _, prices = clock_and_prices()
        for rows in _batches(window):
            _change(list(_changes(rows, prices, done)))
        RepriceLog.insert(
            **window,
            events_seen=done.seen,
            events_changed=done.changed,
            total_before=done.total_before,
            total_after=done.total_after,
        ).execute()
    return done


def _batches(window: dict[str, Any]) -> Iterator[list[Sequence[Any]]]:
    position = {"after": None, "after_id": None, "limit": _BATCH}
    while rows := db.execute_sql(_EVENTS, window | position).fetchall():
        yield rows
        position |= {"after": rows[-1][0], "after_id": rows[-1][1]}


def _changes(
    rows: list[Sequence[Any]], prices: PriceTable, done: Repriced
) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        _, id_, *_, before, price_id = row[:7]
        price = _price(row, prices)
        new_id = price.sheet.id if price.sheet else None
        changed = (before, price_id) != (price.cost, new_id)
        done.count(before, price.cost, changed=changed)
        if changed:
            yield id_, price.cost, new_id


def _price(row: Sequence[Any], prices: PriceTable) -> Price:
    at, _, project, provider, model, _, _, *used = row
    return prices.price(project, provider, model, Usage.of_row(used), at)


def _change(changes: list[tuple[Any, ...]]) -> None:
    if changes:
        with db.cursor() as cursor:
            execute_values(cursor, _CHANGE, changes, template=_TYPES, page_size=_BATCH)
