"""A database for a demo: made for it, and dropped after it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tracker_db.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def throw_away_database() -> Iterator[None]:
    """`db` leads to a migrated database of the embedded server, dropped at the end."""
    from uuid import uuid4

    from tracker_db import embedded
    from tracker_db.db import Database, db
    from tracker_db.schema.migrate import migrate

    name = f"tracker_demo_{uuid4().hex}"
    say("Starting a database for the demo.")
    db.connect_url(embedded.url(name))
    try:
        migrate()
        yield
    finally:
        db.forget_url()
        server = Database.at(embedded.url("postgres"))
        with server.connection_context():
            server.execute_sql(f"DROP DATABASE {name} WITH (FORCE)")
