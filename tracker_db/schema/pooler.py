"""Whether a connection leads to PostgreSQL itself, or to a pooler such as PgBouncer."""

from __future__ import annotations

from typing import Any


def is_pooled(connection: Any) -> bool:
    """Whether a pooler answers: it gives a process number that no process of the server has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return bool(cursor.fetchone()[0] != connection.info.backend_pid)
