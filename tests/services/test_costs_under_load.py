"""Writers of every kind, refreshers that are killed: every snapshot is exact, nobody deadlocks."""

import random
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from tracker_db.db import db, transaction
from tracker_db.errors import DatabaseUnavailableError
from tracker_db.services.aggregates import refresh, verify
from tracker_db.services.costs import record_events

WRITERS, REFRESHERS, ROUNDS = 6, 2, 60
NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


class RolledBackError(Exception):
    """A writer changed its mind."""


def events(writer, dice):
    """A few calls, one in five up to 36 hours late, on keys that all writers share."""
    for _ in range(dice.randint(1, 20)):
        late = timedelta(minutes=dice.randint(0, 36 * 60)) if dice.random() < 0.2 else timedelta()
        yield {
            "feature": dice.choice("ab"),
            "user_id": writer,
            "provider": "openai",
            "model": dice.choice(("gpt-x", "gpt-y")),
            "input_tokens": dice.randint(0, 1000),
            "output_tokens": dice.randint(0, 1000),
            "estimated_cost_usd": dice.choice((None, "0.000123", "0.5")),
            "created_at": NOON - late,
        }


OWN_ROWS = "WHERE id IN (SELECT id FROM events WHERE user_id = %s ORDER BY random() LIMIT 3)"
CHANGES = (
    f"UPDATE events SET verified_cost_usd = 0.25 {OWN_ROWS}",
    f"UPDATE events SET created_at = created_at - interval '3 hours' {OWN_ROWS}",
    f"UPDATE events SET model = 'gpt-z', input_tokens = input_tokens + 1 {OWN_ROWS}",
    f"DELETE FROM events {OWN_ROWS}",
)


def write(writer, failures):
    dice = random.Random(writer)
    try:
        for _ in range(ROUNDS):
            with suppress(RolledBackError), transaction():
                record_events(events(writer, dice))
                record_events(events(writer, dice))
                db.execute_sql(dice.choice(CHANGES), (writer,))
                if dice.random() < 0.05:
                    raise RolledBackError  # noqa: TRY301 - the transaction must see it
    except Exception as failure:  # noqa: BLE001 - reported by the test
        failures.append(failure)


def fold(pids, done):
    """Refresh until told to stop, again after being killed."""
    while not done.is_set():
        with suppress(DatabaseUnavailableError), db.connection_context():
            with transaction():
                pid = db.execute_sql("SELECT pg_backend_pid()").fetchone()[0]
            pids[threading.get_ident()] = pid
            while not done.is_set():
                refresh(50)


def kill_one(pids):
    with transaction():
        db.execute_sql("SELECT pg_terminate_backend(%s)", (random.choice(list(pids.values())),))


@pytest.mark.chaos
def test_every_snapshot_is_exact_while_writers_write_and_refreshers_are_killed(database):
    failures, pids, done = [], {}, threading.Event()
    writers = [threading.Thread(target=write, args=(f"w{n}", failures)) for n in range(WRITERS)]
    folders = [threading.Thread(target=fold, args=(pids, done)) for _ in range(REFRESHERS)]
    for thread in (*writers, *folders):
        thread.start()
    snapshots = 0
    while any(writer.is_alive() for writer in writers):
        assert verify() == []
        snapshots += 1
        if len(pids) == REFRESHERS:
            kill_one(pids)
    done.set()
    for thread in (*writers, *folders):
        thread.join()
    assert not failures
    assert snapshots > 3
    while refresh():
        pass
    assert verify() == []
    with transaction():
        assert db.execute_sql("SELECT count(*) FROM cost_deltas").fetchone() == (0,)
        assert db.execute_sql("SELECT count(*) FROM events").fetchone()[0] > 0
