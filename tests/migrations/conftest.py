"""Questions to the database of a test."""

from __future__ import annotations

import pytest

from tracker_db.db import db


@pytest.fixture
def ask():
    """Rows that a query gives, in the database `db` leads to."""

    def rows(query, *parameters):
        with db.connection_context():
            return db.execute_sql(query, parameters).fetchall()

    return rows
