"""How the tracker is doing: what is due, what fails, what was sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker_db.queries.rows import rows

if TYPE_CHECKING:
    from datetime import datetime

#: Work that waits for longer than this shows that no worker runs, or that it cannot keep up.
OVERDUE_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Status:
    """Figures of this moment, by the database's clock; times in UTC."""

    products: int
    paused: int
    running: int
    due: int
    overdue: int
    failing: int
    next_run_at: datetime | None
    runs_today: int
    failed_today: int
    sent_today: int
    pending: int
    overdue_alerts: int
    dead: int
    hosts_closed: int

    @property
    def problems(self) -> list[str]:
        """What should not be so: one sentence each, none when all is well."""
        late = f"overdue for more than {OVERDUE_MINUTES} minutes. Is a worker running?"
        figures = [(self.overdue, "check"), (self.overdue_alerts, "alert")]
        return [
            f"{count} {what}{'s are' if count > 1 else ' is'} {late}"
            for count, what in figures
            if count
        ]


@dataclass(frozen=True, slots=True)
class ClosedHost:
    """A host that rests after failures, until when (UTC)."""

    host: str
    failures: int
    closed_until: datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An alert that was given up."""

    created_at: datetime
    channel: str
    title: str
    attempts: int
    last_error: str | None


_STATUS = f"""
WITH late AS (SELECT now() - interval '{OVERDUE_MINUTES} minutes' AS moment)
SELECT count(products.id), count(*) FILTER (WHERE NOT active),
       count(*) FILTER (WHERE run_id IS NOT NULL AND next_run_at > now()),
       count(*) FILTER (WHERE active AND coalesce(next_run_at <= now(), true)),
       count(*) FILTER (WHERE active AND coalesce(next_run_at, updated_at) < late.moment),
       count(*) FILTER (WHERE active AND failures > 0),
       min(next_run_at) FILTER (WHERE active AND run_id IS NULL),
       (SELECT count(*) FROM run_logs WHERE created_at > now() - interval '1 day'),
       (SELECT count(*) FROM run_logs
        WHERE created_at > now() - interval '1 day' AND status = 'FAILED'),
       (SELECT count(*) FROM outbox
        WHERE created_at > now() - interval '1 day' AND status = 'sent'),
       (SELECT count(*) FROM outbox WHERE status = 'pending'),
       (SELECT count(*) FROM outbox
        WHERE status = 'pending' AND next_attempt_at < (SELECT moment FROM late)),
       (SELECT count(*) FROM outbox WHERE status = 'dead'),
       (SELECT count(*) FROM hosts WHERE closed_until > now())
FROM late LEFT JOIN products ON true
GROUP BY late.moment
"""


def status() -> Status:
    """The figures, all of one moment."""
    return rows(Status, _STATUS)[0]


def closed_hosts() -> list[ClosedHost]:
    """The hosts that are left alone at the moment, the longest first."""
    return rows(
        ClosedHost,
        "SELECT host, failures, closed_until FROM hosts WHERE closed_until > now()"
        " ORDER BY closed_until DESC",
    )


def dead_letters(limit: int) -> list[DeadLetter]:
    """The last alerts that were given up, newest first."""
    return rows(
        DeadLetter,
        "SELECT created_at, channel, title, attempts, last_error FROM outbox"
        " WHERE status = 'dead' ORDER BY created_at DESC LIMIT %(limit)s",
        {"limit": limit},
    )
