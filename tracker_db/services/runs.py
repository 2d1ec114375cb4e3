"""Claims: take due products, keep them for longer, give them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker_db.db import db, transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from tracker_db.observation import Outcome

_RUN_COLUMNS = """
    p.id, p.run_id, p.url, p.name, p.schedule, p.timezone, p.due_at, p.attempts, p.failures,
    p.currency, p.selector, p.etag, p.last_modified, p.last_price, p.last_currency,
    p.last_availability, p.last_list_price, p.suspect_price, p.suspect_currency, now()
"""


@dataclass(frozen=True, slots=True)
class Run:
    """A claimed product: what is to be checked, and the fence (`run_id`) its result needs.

    Prices are minor units; `claimed_at` is the database's time of the claim (UTC).
    """

    product_id: UUID
    run_id: UUID
    url: str
    name: str
    schedule: str
    timezone: str
    due_at: datetime
    attempt: int
    failures: int
    currency: str | None
    selector: str | None
    etag: str | None
    last_modified: str | None
    last_price: int | None
    last_currency: str | None
    last_availability: str | None
    last_list_price: int | None
    suspect_price: int | None
    suspect_currency: str | None
    claimed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run found. Prices are minor units of `currency`; `duration_ms` milliseconds.

    `message` is the sentence a person can act on when the run failed, or that says what was left
    out of a good one. `retry_after` is the server's wish in seconds. A price that waits for
    confirmation stands in `suspect_price`.
    """

    outcome: Outcome
    message: str | None = None
    http_status: int | None = None
    duration_ms: int | None = None
    bytes: int | None = None
    extractor: str | None = None
    price: int | None = None
    currency: str | None = None
    availability: str | None = None
    list_price: int | None = None
    image_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    retry_after: float | None = None
    suspect_price: int | None = None
    suspect_currency: str | None = None

    @property
    def retryable(self) -> bool:
        """Whether another attempt before the next slot can help, or confirms a price."""
        return self.outcome.retryable or self.suspect_price is not None


def claim(limit: int, lease: timedelta) -> list[Run]:
    """Take up to `limit` due products for `lease`; no other worker gets them meanwhile.

    The CTE is MATERIALIZED because a nested-loop plan would otherwise run the locking
    subquery again and claim more than `limit`.
    """
    return _claim(
        "SELECT id FROM products WHERE active AND next_run_at <= now()"
        " ORDER BY next_run_at LIMIT %s FOR UPDATE SKIP LOCKED",
        "coalesce(p.due_at, p.next_run_at)",
        (limit, lease),
    )


def claim_now(product_ids: Sequence[UUID], lease: timedelta) -> list[Run]:
    """Take these products whatever their plan says, paused ones too, but none in hand already.

    A slot that is due, or waits for another attempt, is the slot that is run; else it is now.
    """
    return _claim(
        "SELECT id FROM products WHERE id = ANY(%s)"
        " AND (run_id IS NULL OR next_run_at <= now()) FOR UPDATE SKIP LOCKED",
        "CASE WHEN p.attempts > 0 OR p.next_run_at <= now()"
        " THEN coalesce(p.due_at, p.next_run_at) ELSE now() END",
        (list(product_ids), lease),
    )


def _claim(due: str, slot: str, parameters: tuple[Any, ...]) -> list[Run]:
    with transaction():
        rows = db.execute_sql(
            f"WITH due AS MATERIALIZED ({due}) UPDATE products p"
            f" SET next_run_at = now() + %s, run_id = gen_random_uuid(),"
            f" attempts = p.attempts + 1, due_at = {slot}"
            f" FROM due WHERE p.id = due.id RETURNING {_RUN_COLUMNS}",
            parameters,
        ).fetchall()
    return [Run(*row) for row in rows]


def extend(runs: Iterable[Run], lease: timedelta) -> None:
    """Keep claims for another `lease` from now; those already lost stay lost."""
    ids, fences = _fences(runs)
    with transaction():
        db.execute_sql(
            "UPDATE products p SET next_run_at = now() + %s"
            " FROM unnest(%s::uuid[], %s::uuid[]) AS r(id, run_id)"
            " WHERE p.id = r.id AND p.run_id = r.run_id",
            (lease, ids, fences),
        )


def release(claims: Iterable[tuple[Run, timedelta]]) -> None:
    """Give claims back undone: each due again after its delay, slot kept, no attempt spent."""
    given = list(claims)
    ids, fences = _fences(run for run, _ in given)
    with transaction():
        db.execute_sql(
            "UPDATE products p SET next_run_at = now() + r.delay, run_id = NULL,"
            " attempts = greatest(p.attempts - 1, 0)"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::interval[]) AS r(id, run_id, delay)"
            " WHERE p.id = r.id AND p.run_id = r.run_id",
            (ids, fences, [delay for _, delay in given]),
        )


def _fences(runs: Iterable[Run]) -> tuple[list[UUID], list[UUID]]:
    pairs = [(run.product_id, run.run_id) for run in runs]
    return [product for product, _ in pairs], [fence for _, fence in pairs]
