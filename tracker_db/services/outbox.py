"""Alerts waiting to be sent: taken, marked sent, put off or given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tracker_db.db import db, transaction

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

#: A delivery that failed this many times is a dead letter: shown by `tracker status`.
MOST_ATTEMPTS = 40
FIRST_RETRY = timedelta(seconds=10)
LONGEST_RETRY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert for one channel. `id` stays the same however often it is sent."""

    id: UUID
    claim_id: UUID
    channel: str
    title: str
    body: str
    data: dict[str, Any]
    attempts: int
    created_at: datetime


def claim(limit: int, lease: timedelta, without: Collection[str] = ()) -> list[Delivery]:
    """Take up to `limit` deliveries that are due, for `lease`, oldest first.

    Those of the channels in `without` are left to wait.
    """
    with transaction():
        rows = db.execute_sql(
            "WITH due AS MATERIALIZED (SELECT id FROM outbox"
            " WHERE status = 'pending' AND next_attempt_at <= now()"
            " AND channel <> ALL(%s)"
            " ORDER BY next_attempt_at LIMIT %s FOR UPDATE SKIP LOCKED)"
            " UPDATE outbox o SET next_attempt_at = now() + %s, claim_id = gen_random_uuid(),"
            " attempts = o.attempts + 1 FROM due WHERE o.id = due.id"
            " RETURNING o.id, o.claim_id, o.channel, o.title, o.body, o.data, o.attempts,"
            " o.created_at",
            (list(without), limit, lease),
        ).fetchall()
    return sorted((Delivery(*row) for row in rows), key=lambda delivery: delivery.created_at)


def mark_sent(delivery: Delivery) -> None:
    """It arrived: true even when the claim was lost meanwhile."""
    with transaction():
        db.execute_sql(
            "UPDATE outbox SET status = 'sent', sent_at = now(), claim_id = NULL,"
            " last_error = NULL WHERE id = %s",
            (delivery.id,),
        )


def mark_failed(delivery: Delivery, error: str, *, permanent: bool) -> bool:
    """It did not arrive: put off with doubled delay, or dead. Returns whether it is dead."""
    dead = permanent or delivery.attempts >= MOST_ATTEMPTS
    with transaction():
        db.execute_sql(
            "UPDATE outbox SET status = CASE WHEN %s THEN 'dead' ELSE 'pending' END,"
            " last_error = %s, next_attempt_at = now() + %s, claim_id = NULL"
            " WHERE id = %s AND claim_id = %s",
            (dead, error, retry_delay(delivery.attempts), delivery.id, delivery.claim_id),
        )
    return dead


def retry_delay(attempts: int) -> timedelta:
    """Time until the next attempt after `attempts` failed ones."""
    return min(LONGEST_RETRY, FIRST_RETRY * 2 ** (attempts - 1))
