"""Databases, folders of migrations, and ways to generate and squash them."""

from __future__ import annotations

import uuid
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from migration_files import write
from psycopg2.extensions import make_dsn

from tracker_db.schema import generate, squash
from tracker_db.schema import migrate as migrations


class Scratch:
    """One connection in autocommit, and the ways a test uses it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.connection = psycopg2.connect(url)
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()

    def reset(self, sql: str = "") -> None:
        """Empty the database, then run `sql`."""
        self.cursor.execute(
            "SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace"
            " WHERE oid >= 16384 AND nspname <> 'public'"
        )
        for (statement,) in self.cursor.fetchall():
            self.cursor.execute(statement)
        self.cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        self.cursor.execute("DROP EXTENSION IF EXISTS vector")
        self.run(sql)

    def run(self, *statements: str) -> None:
        """All of them in one transaction, as a migration runs them."""
        self.cursor.execute("BEGIN")
        try:
            for statement in filter(None, statements):
                self.cursor.execute(statement)
        except BaseException:
            self.cursor.execute("ROLLBACK")
            raise
        self.cursor.execute("COMMIT")

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        self.cursor.execute(query)
        return self.cursor.fetchall()


@pytest.fixture(scope="module")
def scratch(servers):
    """A database of this module's own, for tests that start with `reset`."""
    name = f"scratch_{uuid.uuid4().hex}"
    with closing(psycopg2.connect(servers[1])) as admin:
        admin.autocommit = True
        admin.cursor().execute(f"CREATE DATABASE {name}")
        database = Scratch(make_dsn(servers[1], dbname=name))
        yield database
        database.connection.close()
        admin.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def folder(empty_database, tmp_path, monkeypatch):
    """The folder of migrations, for this test: an empty one."""
    path = tmp_path / "migrations"
    path.mkdir()
    monkeypatch.setattr(migrations, "migrations_dir", lambda: path)
    return path


@pytest.fixture
def squashing(empty_database, folder):
    """Squash the folder of this test, which no version control keeps."""

    def run(**options):
        return squash.squash(
            squash.Request(
                **{"url": empty_database, "folder": folder, "accept_data_loss": True, **options}
            )
        )

    return run


@pytest.fixture
def two(folder):
    """Two migrations in the folder of this test."""
    write(folder, "001_first", "CREATE TABLE first (n integer)")
    write(folder, "002_second", "CREATE TABLE second (n integer)")


@pytest.fixture
def three(folder):
    """Three migrations in the folder of this test, each with its way back."""
    for name in ("001_first", "002_second", "003_third"):
        table = name.partition("_")[2]
        write(folder, name, f"CREATE TABLE {table} (n integer)", undo=f"DROP TABLE {table}")


@pytest.fixture
def make(empty_database, tmp_path):
    """Generate into a folder of this test: the migration, None, or several of them."""

    def run(models, **options):
        request = generate.Request(
            url=empty_database, folder=tmp_path / "files", models=models, **options
        )
        found = generate.generate(request)
        return found if request.online else next(iter(found), None)

    return run
