"""A migrated database to insert into, and questions to its catalog."""

from __future__ import annotations

import pytest

from tracker_db.db import db


@pytest.fixture
def connected(database):
    """`db` is connected to a fresh copy of the migrated database."""
    with db.connection_context():
        yield db


@pytest.fixture
def catalog(connected):
    """What a query of the catalog gives, row by row."""
    return lambda query, *parameters: connected.execute_sql(query, parameters).fetchall()
