"""A migrated database for a whole module, as it was for each test."""

from __future__ import annotations

import uuid
from contextlib import closing

import psycopg2
import pytest
from psycopg2.extensions import make_dsn

from tracker_db.db import db


@pytest.fixture(scope="module")
def module_database(servers, template):
    """`db` leads to a copy of the migrated database until the module's tests are done."""
    name = f"models_{uuid.uuid4().hex}"
    with closing(psycopg2.connect(servers[1])) as admin:
        admin.autocommit = True
        admin.cursor().execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        db.connect_url(make_dsn(servers[0], dbname=name))
        yield
        db.forget_url()
        admin.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def connected(module_database):
    """A transaction that is undone after the test."""
    with db.connection_context(), db.atomic() as transaction:
        yield db
        transaction.rollback()


@pytest.fixture
def catalog(connected):
    """What a query of the catalog gives, row by row."""
    return lambda query, *parameters: connected.execute_sql(query, parameters).fetchall()
