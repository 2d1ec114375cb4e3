"""Throw-away databases."""

from __future__ import annotations

import os

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


@pytest.mark.parametrize("name", ["postgres", "tracker", "tracker_shadow_1; DROP TABLE x", ""])
def test_no_other_database_is_dropped(empty_database, name):
    with pytest.raises(SchemaError, match="not a shadow"):
        drop(empty_database, name)
