"""The budget of a host, shared by all workers."""

import itertools
import threading
from datetime import timedelta

import pytest

from tracker_db.db import db, transaction
from tracker_db.models.price import Host
from tracker_db.services import hosts
from tracker_db.services.hosts import FAILURES_TO_CLOSE

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
NOTHING = timedelta()

pytestmark = pytest.mark.usefixtures("database")


def turns(count, delay=SECOND, patience=MINUTE, host="shop.example"):
    return [hosts.reserve(host, delay, patience) for _ in range(count)]


def close(failures=FAILURES_TO_CLOSE, **values):
    for _ in range(failures):
        hosts.report("shop.example", failed=True, **values)


def test_the_first_turn_is_at_once_and_each_further_one_a_delay_later():
    waits = [wait.total_seconds() for _, wait in turns(4)]
    assert waits[0] == 0
    assert waits[1:] == pytest.approx([1, 2, 3], abs=0.5)


def test_other_hosts_are_not_kept_waiting():
    turns(5)
    assert turns(1, host="other.example") == [(True, NOTHING)]


def test_who_would_wait_too_long_is_turned_away_and_takes_no_turn():
    turns(3, patience=2 * SECOND)
    granted, _ = turns(1, patience=SECOND)[0]
    assert not granted
    _, wait = turns(1)[0]
    assert wait <= 3 * SECOND


def test_those_turned_away_come_back_one_after_the_other():
    turns(2, delay=10 * SECOND)
    waits = [wait for granted, wait in turns(4, 10 * SECOND, SECOND) if not granted]
    gaps = [(b - a).total_seconds() for a, b in itertools.pairwise(waits)]
    assert gaps == pytest.approx([10] * 3, abs=1)


def test_workers_asking_at_once_never_share_a_turn():
    waits, barrier = [], threading.Barrier(6)

    def ask():
        barrier.wait()
        waits.extend(wait.total_seconds() for _, wait in turns(5, delay=2 * SECOND))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    slots = sorted(round(wait / 2) for wait in waits)
    assert slots == pytest.approx(list(range(30)), abs=2)
    with db.connection_context():
        assert Host.get().next_allowed_at.timestamp() > 0


def test_a_few_failures_close_nothing():
    close(FAILURES_TO_CLOSE - 1)
    assert turns(1)[0][0]


def test_repeated_failures_close_the_host_for_a_while():
    close()
    granted, wait = turns(1)[0]
    assert not granted
    assert wait > 50 * SECOND


def test_each_further_failure_doubles_the_rest_up_to_an_hour():
    rests = [hosts.closure(n) for n in range(FAILURES_TO_CLOSE, FAILURES_TO_CLOSE + 9)]
    assert rests[:3] == [MINUTE, 2 * MINUTE, 4 * MINUTE]
    assert rests[-1] == timedelta(hours=1)


def test_a_retry_after_closes_the_host_at_the_first_failure():
    close(1, retry_after=10 * MINUTE)
    granted, wait = turns(1)[0]
    assert not granted
    assert wait > 9 * MINUTE


def test_a_success_opens_the_host_again():
    turns(1, delay=NOTHING)
    close()
    hosts.report("shop.example", failed=False)
    assert turns(1)[0][0]
    with transaction():
        assert Host.get().failures == 0
