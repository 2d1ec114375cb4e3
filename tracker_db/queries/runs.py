"""Run logs: how the latest checks ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker_db.queries.rows import rows

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run: when it was logged (UTC), how it ended, and what a person can do about it."""

    created_at: datetime
    product_id: UUID
    product: str
    status: str
    outcome: str | None
    http_status: int | None
    duration_ms: int | None
    bytes: int | None
    extractor: str | None
    attempt: int
    missed: int
    error_message: str | None


_LATEST = """
SELECT r.created_at, r.product_id, p.name, r.status, r.outcome, r.http_status, r.duration_ms,
       r.bytes, r.extractor, r.attempt, r.missed, r.error_message
FROM run_logs r JOIN products p ON p.id = r.product_id
WHERE NOT %(failed)s OR r.status = 'FAILED'
ORDER BY r.created_at DESC LIMIT %(limit)s
"""


def latest_runs(limit: int, *, failed: bool = False) -> list[RunRow]:
    """The last `limit` runs, newest first; only those that failed if asked."""
    return rows(RunRow, _LATEST, {"limit": limit, "failed": failed})
