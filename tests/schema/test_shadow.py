"""Throw-away databases."""

from __future__ import annotations

import os
import time
from contextlib import closing

import psycopg2
import pytest

from tracker_db.errors import SchemaError
from tracker_db.schema.shadow import drop, shadow


def _names(url):
    connection = psycopg2.connect(url)
    cursor = connection.cursor()
    cursor.execute("SELECT datname FROM pg_database")
    names = {name for (name,) in cursor.fetchall()}
    connection.close()
    return names


def _execute(url, sql):
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        connection.cursor().execute(sql)


def test_a_shadow_is_dropped_with_whoever_is_in_it(empty_database):
    with shadow(empty_database) as database:
        name = database.database
        left_open = psycopg2.connect(empty_database, dbname=name)
        assert name in _names(empty_database)
    assert name not in _names(empty_database)
    left_open.close()


def test_a_shadow_is_dropped_after_a_failure(empty_database):
    with pytest.raises(psycopg2.Error), shadow(empty_database) as database:
        database.cursor().execute("SELEKT")
    assert not any(
        name.startswith(f"tracker_shadow_{os.getpid()}_") for name in _names(empty_database)
    )


@pytest.mark.parametrize(("seconds", "is_kept"), [(3600, False), (0, True)])
def test_what_a_killed_process_left_is_dropped_once_nobody_can_be_in_it(
    empty_database, seconds, is_kept
):
    name = f"tracker_shadow_{os.getpid()}_{int(time.time()) - seconds:x}abcd"
    _execute(empty_database, f"CREATE DATABASE {name}")
    with shadow(empty_database):
        assert (name in _names(empty_database)) is is_kept
    drop(empty_database, name)


def test_an_old_shadow_that_somebody_is_in_is_left_alone(empty_database):
    name = f"tracker_shadow_{os.getpid()}_{int(time.time()) - 3600:x}abce"
    _execute(empty_database, f"CREATE DATABASE {name}")
    user = psycopg2.connect(empty_database, dbname=name)
    with shadow(empty_database):
        assert name in _names(empty_database)
    user.close()
    drop(empty_database, name)


@pytest.mark.parametrize("name", ["postgres", "tracker", "tracker_shadow_1; DROP TABLE x", ""])
def test_no_other_database_is_dropped(empty_database, name):
    with pytest.raises(SchemaError, match="not a shadow"):
        drop(empty_database, name)
