"""Plan products that have no next run yet: added or edited by SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker_db.db import db, transaction
from tracker_db.errors import ScheduleError
from tracker_db.services.slots import Policy, first_plan, unreadable_plan

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


def plan_new(limit: int, policy: Policy) -> int:
    """Plan products that have none: added or edited by SQL. Returns how many were planned.

    A schedule that cannot be read gets a FAILED run log that says why, and is looked at
    again an hour later, so that one bad row never stops the others.
    """
    with transaction():
        rows = db.execute_sql(
            "SELECT id, schedule, timezone, now() FROM products"
            " WHERE active AND next_run_at IS NULL LIMIT %s FOR UPDATE SKIP LOCKED",
            (limit,),
        ).fetchall()
        for product_id, schedule, timezone, now in rows:
            _plan_one(product_id, schedule, timezone, now, policy)
    return len(rows)


def _plan_one(
    product_id: UUID, schedule: str, timezone: str, now: datetime, policy: Policy
) -> None:
    try:
        plan = first_plan(product_id, schedule, timezone, now=now, policy=policy)
    except ScheduleError as error:
        plan = unreadable_plan(now=now)
        db.execute_sql(
            "INSERT INTO run_logs (product_id, status, outcome, error_message, due_at)"
            " VALUES (%s, 'FAILED', 'refused', %s, %s)",
            (product_id, str(error), now),
        )
    db.execute_sql(
        "UPDATE products SET next_run_at = %s, due_at = %s WHERE id = %s",
        (plan.next_run_at, plan.due_at, product_id),
    )
