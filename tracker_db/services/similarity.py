"""Prompt similarity needs pgvector: switching it on where the server got it later."""

from __future__ import annotations

from tracker_db.db import db, transaction
from tracker_db.errors import MissingExtensionError
from tracker_db.models.costs import PromptEmbedding


def enable_similarity() -> None:
    """Make `prompt_embeddings`, as the migration does where pgvector is installed.

    Raises MissingExtensionError, which says what to install, where it still is not.
    """
    with transaction():
        query = "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"
        if db.execute_sql(query).fetchone() is None:
            raise MissingExtensionError
        db.execute_sql("CREATE EXTENSION IF NOT EXISTS vector")
        PromptEmbedding.create_table()
