"""The budget of each host, shared by all workers: when it may be asked again."""

from __future__ import annotations

from datetime import timedelta

from tracker_db.db import db, transaction

#: Failures in a row after which a host is left alone for a while.
FAILURES_TO_CLOSE = 5
#: How long it is left alone the first time; doubled with each further failure.
FIRST_CLOSURE = timedelta(minutes=1)
LONGEST_CLOSURE = timedelta(hours=1)

_RESERVE = """
INSERT INTO hosts AS h (host, next_allowed_at, deferred_until)
VALUES (%(host)s, now() + %(delay)s, now())
ON CONFLICT (host) DO UPDATE SET
    next_allowed_at = CASE WHEN {free}
        THEN greatest(h.next_allowed_at, now()) + %(delay)s ELSE h.next_allowed_at END,
    deferred_until = CASE WHEN {free}
        THEN h.deferred_until
        ELSE greatest(h.deferred_until, h.next_allowed_at, h.closed_until, now()) + %(delay)s END
RETURNING next_allowed_at - %(delay)s - now(), deferred_until - now(),
          next_allowed_at - %(delay)s <= now() + %(patience)s
              AND coalesce(closed_until <= now(), true)
""".format(
    free="h.next_allowed_at <= now() + %(patience)s AND coalesce(h.closed_until <= now(), true)"
)


def reserve(host: str, delay: timedelta, patience: timedelta) -> tuple[bool, timedelta]:
    """Ask for `host`'s next free moment, `delay` after the one before it.

    Returns (True, wait) when the moment is no further off than `patience`: it is reserved, wait
    for it. Returns (False, wait) when the host is busy for longer or closed by its failures:
    come back after `wait`, which spreads those turned away at the host's own pace.
    """
    with transaction():
        wait, deferred, granted = db.execute_sql(
            _RESERVE, {"host": host, "delay": delay, "patience": patience}
        ).fetchone()
    return granted, max(wait if granted else deferred, timedelta())


def report(host: str, *, failed: bool, retry_after: timedelta | None = None) -> None:
    """Say how a request went: repeated failures or a Retry-After close the host for a while.

    Closing is a circuit breaker (Nygard, "Release It!"): after FAILURES_TO_CLOSE failures in a
    row the host rests for a minute, doubled with each further failure up to an hour.
    """
    with transaction():
        if not failed:
            db.execute_sql(
                "UPDATE hosts SET failures = 0, closed_until = NULL WHERE host = %s"
                " AND (failures > 0 OR closed_until IS NOT NULL)",
                (host,),
            )
            return
        (failures,) = db.execute_sql(
            "INSERT INTO hosts AS h (host, failures) VALUES (%s, 1) ON CONFLICT (host)"
            " DO UPDATE SET failures = h.failures + 1 RETURNING failures",
            (host,),
        ).fetchone()
        rest = max(retry_after or timedelta(), closure(failures))
        db.execute_sql(
            "UPDATE hosts SET closed_until = greatest(closed_until, now() + %s)"
            " WHERE host = %s AND %s > interval '0'",
            (rest, host, rest),
        )


def closure(failures: int) -> timedelta:
    """How long a host rests after this many failures in a row."""
    if failures < FAILURES_TO_CLOSE:
        return timedelta()
    return min(LONGEST_CLOSURE, FIRST_CLOSURE * 2 ** min(failures - FAILURES_TO_CLOSE, 10))
