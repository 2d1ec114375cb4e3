"""What the database of a test has: rows, tables, and the history of its migrations."""

from __future__ import annotations

from typing import Any

from tracker_db.db import db
from tracker_db.schema.migrate import status


def execute(sql: str) -> Any:
    """Run a statement; its cursor."""
    with db.connection_context():
        return db.execute_sql(sql)


def ask(sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with db.connection_context():
        return db.execute_sql(sql).fetchall()


def tables() -> list[str]:
    """The names of all tables, the history's included."""
    with db.connection_context():
        return db.get_tables()


def history() -> list[str]:
    """The names that are recorded as applied, in order."""
    return [name for (name,) in ask("SELECT name FROM migratehistory ORDER BY id")]


def states() -> dict[str, str]:
    """The states of migrations by their names."""
    return {migration.name: migration.state for migration in status()}
