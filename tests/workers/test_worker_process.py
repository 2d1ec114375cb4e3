"""The worker as a process: signals, a database that goes away, defects, idling."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import closing

import psycopg2
import pytest

from tracker_db.db import db, transaction
from tracker_db.models.price import Product, RunLog

#: A worker whose check takes SECONDS; it says so when it begins one.
SCRIPT = textwrap.dedent("""
    import os, sys, time
    from tracker_db.config import settings
    from tracker_db.observation import Outcome
    from tracker_db.services.runs import Result
    from workers.logs import configure
    from workers.scheduler import Worker

    def check(run):
        os.write(1, b"begun\\n")
        time.sleep(float(os.environ["SECONDS"]))
        return Result(outcome=Outcome.OK, price=1999, currency="USD")

    configure()
    sys.exit(Worker(check, settings()).run())
""")


@pytest.fixture
def start(database):
    started = []

    def run(*arguments, **environment):
        process = subprocess.Popen(
            [sys.executable, *(arguments or ("-c", SCRIPT))],
            env=os.environ | {"DATABASE_URL": database, "SECONDS": "0"} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def add(count):
    with transaction():
        db.execute_sql(
            "INSERT INTO products (url, name, next_run_at) SELECT 'https://s.example/' || n, 'P',"
            " now() FROM generate_series(1, %s) n",
            (count,),
        )


def count(model, where=True):
    with db.connection_context():
        return model.select().where(where).count()


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def test_sigterm_finishes_what_is_in_hand_and_exits_0(start):
    add(50)
    worker = start(SECONDS="0.3", TRACKER_THREADS="16")
    assert worker.stdout.readline() == "begun\n"
    worker.terminate()
    assert worker.wait(20) == 0
    done = count(RunLog)
    assert done >= 1
    assert count(Product, Product.run_id.is_null(False)) == 0
    with transaction():
        (due,) = db.execute_sql(
            "SELECT count(*) FROM products WHERE next_run_at <= now()"
        ).fetchone()
    assert due + done == 50


def test_a_check_that_hangs_does_not_hold_up_the_exit(start):
    add(1)
    worker = start(SECONDS="600", TRACKER_SHUTDOWN_SECONDS="0.2")
    assert worker.stdout.readline() == "begun\n"
    worker.terminate()
    assert worker.wait(20) == 0
    assert count(Product, Product.run_id.is_null(False)) == 0


def test_a_second_signal_exits_at_once(start):
    add(1)
    worker = start(SECONDS="600", TRACKER_SHUTDOWN_SECONDS="600")
    assert worker.stdout.readline() == "begun\n"
    worker.terminate()
    assert any("finishing" in line for line in iter(worker.stderr.readline, ""))
    wait_until(lambda: worker.terminate() or worker.poll() is not None)
    assert worker.returncode == 1


def test_a_signal_that_is_delivered_twice_at_once_is_one(start):
    add(1)
    worker = start(SECONDS="0.3")
    assert worker.stdout.readline() == "begun\n"
    worker.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGINT)  # another one: the kernel may merge two of the same
    assert worker.wait(20) == 0
    assert count(RunLog) == 1


def test_an_idle_worker_gets_along_with_one_connection(start, database, servers):
    if servers[0] != servers[1]:
        pytest.skip("behind a pooler the server sees the pooler's connections")
    db.close_all()
    worker = start(TRACKER_POLL_SECONDS="0.2")
    wait_until(lambda: len(connections(database)) == 1)
    first = connections(database)
    wait_until(lambda: connections(database) != first)  # it has polled since
    assert len(connections(database)) == 1
    worker.terminate()
    assert worker.wait(20) == 0


def connections(database):
    """When each connection of the others last did something, asked from outside the pool."""
    with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, state_change FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'tracker'"
        )
        return cursor.fetchall()


def test_a_worker_goes_on_by_itself_after_its_connections_were_cut(start, database):
    add(1)
    worker = start(TRACKER_POLL_SECONDS="0.1")
    assert worker.stdout.readline() == "begun\n"
    wait_until(lambda: count(RunLog) == 1)
    db.close_all()
    with psycopg2.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with transaction():
        db.execute_sql("UPDATE products SET next_run_at = now()")
    wait_until(lambda: count(RunLog) == 2)
    assert worker.poll() is None


def test_a_worker_started_before_its_database_answers_waits_for_it(start, database):
    worker = start(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert any("Trying again" in line for line in iter(worker.stderr.readline, ""))
    assert worker.poll() is None
    worker.terminate()
    assert worker.wait(20) == 0


def test_a_worker_with_a_defect_exits_with_1_for_its_supervisor_to_see(start):
    broken = SCRIPT.replace(
        "configure()",
        "import workers.scheduler as s\ns.BACK_OFF = 0.1\n"
        "s.Pipeline.drain = lambda self: 1 / 0\nconfigure()",
    )
    worker = start("-c", broken)
    _, log = worker.communicate(timeout=30)
    assert worker.returncode == 1
    assert "ZeroDivisionError" in log


def test_ctrl_c_while_the_worker_starts_is_no_traceback(start):
    starting = (
        "import workers.__main__ as m, signal as s; m._work = lambda: s.raise_signal(s.SIGINT)"
    )
    worker = start("-c", f"{starting}\nm.main()")
    _, log = worker.communicate(timeout=30)
    assert (worker.returncode, log) == (-signal.SIGINT, "")


def test_a_setting_that_cannot_be_used_is_told_in_one_line(start):
    worker = start("-m", "workers", TRACKER_CHANNELS="email")
    _, log = worker.communicate(timeout=30)
    assert worker.returncode == 1
    assert "TRACKER_EMAIL_TO" in log
    assert "Traceback" not in log


def test_several_workers_share_a_backlog_and_repeat_nothing(start):
    workers = [start(TRACKER_POLL_SECONDS="0.1") for _ in range(2)]
    for worker in workers:
        assert any("Looking" in line for line in iter(worker.stderr.readline, ""))
    add(400)
    wait_until(lambda: count(Product, Product.last_price == 1999) == 400)
    for worker in workers:
        worker.terminate()
    assert [worker.wait(20) for worker in workers] == [0, 0]
    assert count(RunLog) == 400
