"""The sums of LLM costs: folded into hours and days, proved against the events, kept for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tracker_db.db import db, transaction
from tracker_db.errors import InvalidInputError
from tracker_db.queries.costs import SUMS_OF_CALL, check_window

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

#: One process folds at a time, as two would only wait for each other; "cost" in ASCII.
_LOCK_KEY = 0x636F7374

KEY = "project_id, feature, model, period_start"
SUMS = (
    "total_cost",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "call_count",
    "unpriced_count",
    "latency_sum",
    "latency_count",
)
_SUMS = ", ".join(SUMS)
_SUMMED = ", ".join(f"sum({name}) AS {name}" for name in SUMS)
_ADDED = ", ".join(f"{name} = cost_aggregates.{name} + excluded.{name}" for name in SUMS)

# The deltas are deleted and added in one statement: a delta counts once, whoever is killed when.
# The order of the keys is the order of the row locks.
_REFRESH = f"""
    WITH taken AS (
        DELETE FROM cost_deltas WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM cost_deltas LIMIT %s FOR UPDATE SKIP LOCKED))
        RETURNING *
    ), folded AS (
        SELECT project_id, feature, model, period,
               date_trunc(period, period_start, 'UTC') AS period_start, {_SUMMED}
        FROM taken CROSS JOIN (VALUES ('hour'), ('day')) AS periods (period)
        GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ), added AS (
        INSERT INTO cost_aggregates (project_id, feature, model, period, period_start, {_SUMS})
        SELECT * FROM folded
        ON CONFLICT (project_id, feature, model, period, period_start) DO UPDATE SET {_ADDED}
    )
    SELECT count(*) FROM taken
"""

_OF_EVENTS = f"""
    SELECT project_id, feature, model, date_trunc('hour', created_at, 'UTC') AS period_start,
           {SUMS_OF_CALL}
    FROM events WHERE created_at >= %(since)s AND created_at < %(until)s
"""
# What the events and the purged sums say, less what the aggregates and the deltas say.
_DRIFT = f"""
    WITH truth AS (
        SELECT project_id, feature, model, period,
               date_trunc(period, period_start, 'UTC') AS period_start, {_SUMMED}
        FROM (
            {_OF_EVENTS}
            UNION ALL
            SELECT {KEY}, {_SUMS} FROM cost_purged
            WHERE period_start >= %(since)s AND period_start < %(until)s
        ) AS sources CROSS JOIN (VALUES ('hour'), ('day')) AS periods (period)
        GROUP BY 1, 2, 3, 4, 5
    ), differences AS (
        SELECT project_id, feature, model, period, period_start, {_SUMMED}
        FROM (
            SELECT project_id, feature, model, period, period_start, {_SUMS} FROM truth
            UNION ALL
            SELECT project_id, feature, model, period, period_start,
                   {", ".join(f"-{name}" for name in SUMS)}
            FROM cost_aggregates_live
            WHERE period_start >= %(since)s AND period_start < %(until)s
        ) AS signed
        GROUP BY 1, 2, 3, 4, 5
    )
    SELECT * FROM differences
    WHERE ({_SUMS}) IS DISTINCT FROM ({", ".join("0" for _ in SUMS)})
    ORDER BY period_start, period, project_id, feature, model
"""
_REPAIR = f"""
    INSERT INTO cost_aggregates (project_id, feature, model, period, period_start, {_SUMS})
    {_DRIFT}
    ON CONFLICT (project_id, feature, model, period, period_start) DO UPDATE SET {_ADDED}
    RETURNING project_id, feature, model, period, period_start
"""

# The events go and their sums come in one statement; the deltas of both cancel.
_PURGE = f"""
    WITH gone AS (
        DELETE FROM events WHERE id IN (
            SELECT id FROM events WHERE created_at < %(until)s
            ORDER BY created_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
        RETURNING *
    ), sums AS (
        SELECT {KEY}, {_SUMMED} FROM ({_OF_EVENTS.replace("FROM events", "FROM gone")}) AS events
        GROUP BY {KEY}
    ), kept AS (
        INSERT INTO cost_purged ({KEY}, {_SUMS}) SELECT * FROM sums ORDER BY {KEY}
        ON CONFLICT ({KEY}) DO UPDATE SET
            {_ADDED.replace("cost_aggregates.", "cost_purged.")}
    ), cancelled AS (
        INSERT INTO cost_deltas ({KEY}, {_SUMS}) SELECT * FROM sums
    )
    SELECT count(*) FROM gone
"""

_EVER = datetime(1, 1, 1, tzinfo=UTC)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Drift:
    """A sum that is wrong by `missing_cost` US dollars and `missing_calls` calls (or another)."""

    project_id: str
    feature: str
    model: str
    period: str
    period_start: datetime
    missing_cost: Decimal
    missing_calls: int


def refresh(limit: int = 20_000) -> int:
    """Fold up to `limit` deltas into the aggregates; how many were folded.

    0 also when another process is folding right now. Whoever reads `cost_aggregates_live`
    sees exact sums before, during and after.
    """
    with transaction():
        query = "SELECT pg_try_advisory_xact_lock(%s)"
        if not db.execute_sql(query, (_LOCK_KEY,)).fetchone()[0]:
            return 0
        folded: int = db.execute_sql(_REFRESH, (limit,)).fetchone()[0]
        return folded


def verify(since: datetime | None = None, until: datetime | None = None) -> list[Drift]:
    """Every sum from `since` to `until` (whole UTC days) that is not what the events say.

    Both sides are read in one snapshot. Purged events count with the sums they left.
    Drift comes from what no trigger sees: rows written with session_replication_role =
    replica or by logical replication, aggregates edited by hand.
    """
    with transaction():
        db.execute_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return [_drift(row) for row in db.execute_sql(_DRIFT, _window(since, until))]


def repair(since: datetime | None = None, until: datetime | None = None) -> int:
    """Correct every sum that `verify` finds wrong; how many were.

    Recording goes on meanwhile; only the folding of deltas waits.
    """
    with transaction():
        # The lock comes before the snapshot: nothing is folded between the two.
        db.execute_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        db.execute_sql("LOCK TABLE cost_aggregates IN SHARE ROW EXCLUSIVE MODE")
        return len(db.execute_sql(_REPAIR, _window(since, until)).fetchall())


def purge(until: datetime, limit: int = 10_000) -> int:
    """Delete up to `limit` events from before `until` (tz-aware); how many were deleted.

    Their sums stay in every total. What only events know goes with them: users, providers,
    request ids, and the minutes that days of a half-hour time zone need.
    """
    if until.tzinfo is None:
        raise InvalidInputError(f"until needs a time zone, got {until.isoformat()}.")
    values = {"until": until, "since": _EVER, "limit": limit}
    with transaction():
        deleted: int = db.execute_sql(_PURGE, values).fetchone()[0]
        return deleted


def _window(since: datetime | None, until: datetime | None) -> dict[str, datetime]:
    bounds = {"since": since or _EVER, "until": until or _NEVER}
    for name, bound in bounds.items():
        at = bound.astimezone(UTC) if bound.tzinfo else None
        if at is None or (at.hour, at.minute, at.second, at.microsecond) != (0, 0, 0, 0):
            raise InvalidInputError(f"{name} must be midnight UTC, got {bound.isoformat()}.")
    check_window(**bounds)
    return bounds


def _drift(row: Sequence[Any]) -> Drift:
    project, feature, model, period, start, cost, _, _, _, calls, *_ = row
    return Drift(project, feature, model, period, start, cost, int(calls))
