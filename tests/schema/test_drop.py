"""Drop and reset: the right database, on this machine, or nothing."""

from __future__ import annotations

import uuid
from contextlib import closing
from urllib.parse import quote, urlsplit

import psycopg2
import pytest
from psycopg2.extensions import make_dsn

from tracker_db.config import settings
from tracker_db.db import db
from tracker_db.errors import InvalidInputError, SchemaError
from tracker_db.schema.drop import drop, reset
from tracker_db.schema.migrate import status
from tracker_db.schema.remote import remote_host


@pytest.fixture
def there(servers):
    """`db` leads to a database of this test's own; called, tells which are there of its name."""

    def use(name):
        _run(f'CREATE DATABASE "{name}"')
        names.append(name)
        db.connect_url(urlsplit(servers[1])._replace(path=f"/{quote(name)}").geturl())
        return name

    def _run(statement):
        with closing(psycopg2.connect(servers[1])) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

    names = []
    use.exists = lambda: _run(f"SELECT 1 FROM pg_database WHERE datname = '{names[0]}'") == [(1,)]
    yield use
    db.forget_url()
    for name in names:
        _run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def name(there):
    return there(f"drop {uuid.uuid4().hex}")


def test_the_database_is_dropped_by_its_name(there, name):
    drop(name)
    assert not there.exists()


def test_a_process_that_has_not_connected_yet_may_drop(there, name, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", db.chosen_url)
    settings.cache_clear()
    db.forget_url()
    drop(name)
    assert not there.exists()


def test_another_name_drops_nothing(there, name):
    with pytest.raises(InvalidInputError, match="not tracker"):
        drop("tracker")
    assert there.exists()


@pytest.mark.parametrize("word", ["production", "shop_prod", "prod-2", "PRODUCTION"])
def test_a_database_named_for_production_needs_force(there, word):
    name = there(f"{word}_{uuid.uuid4().hex}")
    with pytest.raises(SchemaError, match="production"):
        drop(name)
    assert there.exists()
    drop(name, force=True)
    assert not there.exists()


def test_a_database_in_use_is_kept_and_its_users_are_named(there, name):
    with closing(psycopg2.connect(db.chosen_url, application_name="studio")):
        with pytest.raises(SchemaError, match=r"studio \(process \d+\)"):
            drop(name)
        assert there.exists()
        drop(name, force=True)
    assert not there.exists()


def test_another_machine_is_refused_before_anything_is_connected(monkeypatch):
    monkeypatch.setattr(db, "chosen_url", "postgresql://db.example.org/shop")
    for change in (drop, reset):
        with pytest.raises(SchemaError, match=r"db\.example\.org"):
            change("shop")


def test_a_database_of_the_server_itself_is_never_dropped(servers, monkeypatch):
    monkeypatch.setattr(db, "chosen_url", make_dsn(servers[1], dbname="postgres"))
    with pytest.raises(SchemaError, match="never"):
        drop("postgres", force=True)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("postgresql://localhost/a", None),
        ("postgresql:///a?host=/tmp", None),
        ("postgresql:///a?hostaddr=192.0.2.1", "192.0.2.1"),
        ("postgresql://localhost/a?hostaddr=192.0.2.1", "192.0.2.1"),
        ("postgresql://localhost,db.example.org/a", "localhost,db.example.org"),
    ],
)
def test_another_machine_is_known_however_it_is_named(url, host):
    assert remote_host(url) == host


def test_another_machine_may_be_named_by_the_environment(monkeypatch):
    monkeypatch.setenv("PGHOST", "db.example.org")
    assert remote_host("postgresql:///a") == "db.example.org"


def test_reset_makes_migrates_and_seeds_the_database_anew(name):
    with db.connection_context():
        db.execute_sql("CREATE TABLE stray (n int)")
    assert reset(name) == [migration.name for migration in status()]
    with db.connection_context():
        assert "stray" not in db.get_tables()
        assert db.execute_sql("SELECT count(*) FROM products").fetchone()[0] > 0
