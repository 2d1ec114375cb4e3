"""A database to work on, without anything to set up."""

from __future__ import annotations


def prepare() -> None:
    """Migrate the embedded database; one that was given by DATABASE_URL is its owner's affair."""
    from tracker_db.config import settings
    from tracker_db.schema.migrate import migrate

    if settings().database_url is None:
        migrate()
