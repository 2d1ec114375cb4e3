"""Calls under a daily budget: recorded before they are made, at the most they can cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker_db.db import db, transaction
from tracker_db.errors import TrackerError
from tracker_db.llm.call import read_call
from tracker_db.services.costs import record_event
from tracker_db.services.prices import clock_and_prices

if TYPE_CHECKING:
    from decimal import Decimal

#: Reservations come one after the other: two at once would both see the same money left.
_LOCK_KEY = 0x62756467

_SPENT = """
    SELECT coalesce(sum(coalesce(verified_cost_usd, estimated_cost_usd)), 0) FROM events
    WHERE project_id = %s AND feature = %s AND created_at >= date_trunc('day', now(), 'UTC')
"""
_UNDO = "DELETE FROM events WHERE project_id = %s AND request_id = %s"


class BudgetError(TrackerError):
    """The budget does not allow the call; it was not made."""


def reserve(fields: dict[str, Any], budget: Decimal) -> None:
    """Record a call that is about to be made, if its feature's day (UTC) leaves money for it.

    `fields` are those of `llm.call.Call`, with a request id and the most tokens it can use.
    Whoever is killed before `settle` leaves the reservation, so `budget` (US dollars) holds.
    Raises BudgetError when too little is left, or when no price is known to count with.
    """
    with transaction():
        db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK_KEY,))
        now, prices = clock_and_prices()
        call = read_call(fields, latest=now)
        most = prices.price(call.project_id, call.provider, call.model, call, now).cost
        if most is None:
            raise BudgetError(
                f"No price is known for {call.model} of {call.provider}, so no budget can hold."
                f" Set one with: tracker pricing set {call.provider} {call.model}"
            )
        spent = db.execute_sql(_SPENT, (call.project_id, call.feature)).fetchone()[0]
        if spent + most > budget:
            raise BudgetError(
                f"{spent:f} of {budget:f} USD for {call.feature} are spent today; another call"
                f" may cost {most:f} USD."
            )
        record_event(**fields)


def settle(fields: dict[str, Any]) -> None:
    """Put what the call really used in the place of its reservation, by its request id."""
    with transaction():
        db.execute_sql(_UNDO, (fields.get("project_id", "default"), fields["request_id"]))
        record_event(**fields)
