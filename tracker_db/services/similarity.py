"""Prompt similarity needs pgvector: switching it on, and embedding prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg2.extras import execute_values

from tracker_db.db import db, transaction
from tracker_db.errors import InvalidInputError, MissingExtensionError, NotFoundError
from tracker_db.llm.prompts import fingerprint
from tracker_db.models.costs import PromptEmbedding
from tracker_db.queries.prompts import has_similarity, vector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from uuid import UUID

    #: Texts to as many embeddings of 1536 numbers, in the same order.
    Embed = Callable[[list[str]], Sequence[Sequence[float]]]

_ADD = "INSERT INTO prompt_embeddings (event_id, embedding, prompt_hash) VALUES %s"
# Of prompts that are the same, the first call's stands for all.
_KEPT = """
    SELECT DISTINCT ON (hash) id, text FROM (
        SELECT id, created_at, metadata -> 'prompt' ->> 'hash' AS hash,
               metadata -> 'prompt' ->> 'text' AS text
        FROM events WHERE jsonb_typeof(metadata -> 'prompt') = 'object'
    ) AS kept
    WHERE text IS NOT NULL AND hash NOT IN (SELECT prompt_hash FROM prompt_embeddings)
    ORDER BY hash, created_at LIMIT %s
"""


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


def embed_prompts(
    prompts: Iterable[tuple[UUID, Any]], embed: Embed, *, batch_size: int = 100
) -> int:
    """Store embeddings of (event id, prompt) pairs; how many were new.

    Prompts are what `llm.prompts.fingerprint` takes; the same prompt is embedded once, for
    whichever event comes first. Each batch is stored by itself. Raises MissingExtensionError
    without pgvector, NotFoundError for an event that is not recorded, and InvalidInputError
    for embeddings that cannot be used.
    """
    if not has_similarity():
        raise MissingExtensionError
    added = 0
    batch: list[tuple[UUID, Any]] = []
    for pair in prompts:
        batch.append(pair)
        if len(batch) == batch_size:
            added += _embed(batch, embed)
            batch = []
    return added + (_embed(batch, embed) if batch else 0)


def embed_kept_prompts(embed: Embed, limit: int = 1000) -> int:
    """Store embeddings of up to `limit` prompts whose text was kept; how many were new.

    Raises as `embed_prompts` does.
    """
    if not has_similarity():
        raise MissingExtensionError
    with db.connection_context():
        kept = db.execute_sql(_KEPT, (limit,)).fetchall()
    return embed_prompts(kept, embed)


def _embed(batch: list[tuple[UUID, Any]], embed: Embed) -> int:
    """Ask for the embeddings of what is new; no transaction is open meanwhile."""
    made = [(event, fingerprint(prompt, keep_text=True)) for event, prompt in batch]
    known = _known([one.hash for _, one in made], [event for event, _ in made])
    new = {one.hash: (event, one.text or "") for event, one in reversed(made)}
    for name in known:
        del new[name]
    found = embed([text for _, text in new.values()]) if new else ()
    if len(found) != len(new):
        raise InvalidInputError(f"{len(new)} prompts were given {len(found)} embeddings.")
    _add([(new[name][0], vector(one), name) for name, one in zip(new, found, strict=True)])
    return len(new)


def _add(rows: list[tuple[UUID, str, str]]) -> None:
    if not rows:
        return
    with transaction(), db.cursor() as cursor:
        execute_values(cursor, _ADD, rows)


def _known(hashes: list[str], events: list[UUID]) -> list[str]:
    """The hashes that have an embedding; NotFoundError when an event is not recorded."""
    with db.connection_context():
        query = "SELECT id FROM events WHERE id = ANY(%s)"
        missing = set(events).difference(*zip(*db.execute_sql(query, (events,)), strict=True))
        if missing:
            raise NotFoundError(f"There is no event {min(missing)}; no prompt was embedded.")
        query = "SELECT DISTINCT prompt_hash FROM prompt_embeddings WHERE prompt_hash = ANY(%s)"
        return [row[0] for row in db.execute_sql(query, (hashes,))]
