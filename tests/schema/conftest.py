"""A database that tests fill and empty again, many times over."""

from __future__ import annotations

import uuid
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import make_dsn


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
