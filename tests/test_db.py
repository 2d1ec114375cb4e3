"""The pool: it connects late, gives back, heals, and says which server is away."""

from __future__ import annotations

import subprocess
import sys
import threading
import uuid
from contextlib import suppress

import pytest
from peewee import InterfaceError, OperationalError

from tracker_db import db as module
from tracker_db.db import PooledDatabase, db, direct, transaction
from tracker_db.errors import DatabaseUnavailableError, SettingError

KILL_OWN_CONNECTION = "SELECT pg_terminate_backend(pg_backend_pid())"


def test_importing_the_package_connects_to_nothing():
    script = "import tracker_db.models.base, tracker_db.db as d; print(d.db.deferred)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "True\n"


def test_a_transaction_gives_its_connection_back(empty_database):
    with transaction():
        assert db.execute_sql("SELECT 1").fetchone() == (1,)
    assert db.is_closed()
    assert not db._in_use


def test_a_transaction_inside_another_is_a_savepoint(empty_database):
    with transaction():
        db.execute_sql("CREATE TABLE t (n int)")
        with suppress(ZeroDivisionError), transaction():
            db.execute_sql("INSERT INTO t VALUES (1)")
            raise ZeroDivisionError
        db.execute_sql("INSERT INTO t VALUES (2)")
    with transaction():
        assert db.execute_sql("SELECT n FROM t").fetchall() == [(2,)]


def test_a_statement_outside_a_connection_context_is_refused(empty_database):
    with pytest.raises(InterfaceError, match="not opened"):
        db.execute_sql("SELECT 1")


def test_uuids_and_their_arrays_come_back_as_they_went_in(empty_database):
    ids = [uuid.uuid4(), uuid.uuid4()]
    with transaction():
        row = db.execute_sql("SELECT %s::uuid, %s::uuid[]", (ids[0], ids)).fetchone()
    assert row == (ids[0], ids)


def test_connections_are_named_and_carry_no_options(empty_database):
    with transaction():
        assert db.execute_sql("SHOW application_name").fetchone() == ("tracker",)
    assert "options" not in db.connect_params


def test_what_the_url_says_wins_over_our_defaults(empty_database):
    db.connect_url(f"{empty_database}{'&' if '?' in empty_database else '?'}connect_timeout=9")
    assert db.connect_params["connect_timeout"] == "9"


def test_threads_that_end_without_closing_do_not_use_up_the_pool(empty_database):
    small = PooledDatabase(max_connections=1, timeout=10)
    small.connect_url(empty_database)
    for _ in range(3):
        thread = threading.Thread(target=small.connect)
        thread.start()
        thread.join()
    small.connect()
    assert small.execute_sql("SELECT 1").fetchone() == (1,)
    small.close_all()


def test_a_thread_waits_for_a_connection_rather_than_fail(empty_database):
    small = PooledDatabase(max_connections=1, timeout=30)
    small.connect_url(empty_database)
    small.connect()
    thread = threading.Thread(target=_select_one, args=(small, got := []))
    thread.start()
    small.close()
    thread.join()
    assert got == [(1,)]
    small.close_all()


def test_a_forked_child_takes_a_connection_of_its_own(empty_database):
    script = """
import os, sys
from tracker_db.db import db, transaction
db.connect_url(sys.argv[1])
backend = lambda: db.execute_sql("SELECT pg_backend_pid()").fetchone()[0]
with transaction():
    parent = backend()
pid = os.fork()
if pid == 0:
    with transaction():
        os._exit(backend() != parent)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
with transaction():
    assert backend() == parent
"""
    command = [sys.executable, "-c", script, empty_database]
    subprocess.run(command, check=True)


def test_threads_that_use_it_first_at_the_same_time_all_connect(empty_database, monkeypatch):
    db.forget_url()
    monkeypatch.setenv("DATABASE_URL", empty_database)
    got = []
    threads = [threading.Thread(target=_select_one, args=(db, got)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [(1,)] * 8


def test_a_connection_killed_while_held_is_replaced_at_the_next_statement(empty_database):
    with db.connection_context():
        with pytest.raises(OperationalError):
            db.execute_sql(KILL_OWN_CONNECTION)
        assert db.execute_sql("SELECT 1").fetchone() == (1,)
    assert db.is_closed()


def test_a_connection_killed_inside_a_transaction_says_so_and_the_next_one_works(empty_database):
    with pytest.raises(DatabaseUnavailableError, match="went away"), transaction():
        db.execute_sql(KILL_OWN_CONNECTION)
    with transaction():
        assert db.execute_sql("SELECT 1").fetchone() == (1,)


def test_a_connection_killed_inside_a_savepoint_says_so_too(empty_database):
    with pytest.raises(DatabaseUnavailableError, match="went away"), transaction(), transaction():
        db.execute_sql(KILL_OWN_CONNECTION)


def test_an_error_of_a_statement_is_not_taken_for_a_lost_connection(empty_database):
    with transaction():
        db.execute_sql("SET LOCAL statement_timeout = 1")
        with pytest.raises(OperationalError, match="timeout"), transaction():
            db.execute_sql("SELECT pg_sleep(5)")


def test_an_unreachable_database_is_named_without_its_password():
    db.connect_url("postgresql://me:secret@127.0.0.1:1/prices")
    with (
        pytest.raises(DatabaseUnavailableError, match=r"prices on 127\.0\.0\.1") as caught,
        transaction(),
    ):
        pass
    assert "secret" not in str(caught.value)
    db.forget_url()


def test_a_url_that_cannot_be_read_is_refused_without_showing_it():
    with pytest.raises(SettingError) as caught:
        db.connect_url("postgresql://me:secret@[::1/prices")
    assert "secret" not in str(caught.value)


def test_another_url_takes_over_nothing_of_the_first_ones(empty_database):
    db.connect_url("postgresql://me:secret@127.0.0.1:1/prices")
    db.connect_url(empty_database)
    assert "secret" not in db.connect_params.values()


def test_migrations_go_where_the_direct_url_says(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://pooler/prices")
    monkeypatch.setenv("DIRECT_URL", "postgresql://server/prices")
    assert direct().connect_params["host"] == "server"
    assert module.url() == "postgresql://pooler/prices"


def _select_one(database, into):
    with database.connection_context():
        into.append(database.execute_sql("SELECT 1").fetchone())
