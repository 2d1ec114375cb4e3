"""Recorded calls with what is kept of their prompts, and prompts that are alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tracker_db.db import db, transaction
from tracker_db.errors import InvalidInputError, MissingExtensionError, NotFoundError
from tracker_db.llm.advice import PromptCall
from tracker_db.llm.prompts import read_fingerprint
from tracker_db.llm.usage import USAGE_COLUMNS, Usage
from tracker_db.models.costs import Event, PromptEmbedding
from tracker_db.queries.rows import rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

_CALLS = f"""
    SELECT id, created_at, project_id, provider, model, metadata -> 'prompt', {USAGE_COLUMNS}
    FROM events
    WHERE created_at >= %(since)s AND created_at < %(until)s AND status = 'ok'
      AND (%(project)s::text IS NULL OR project_id = %(project)s)
    ORDER BY created_at, id
"""
# The nearest first, by the index; only then is anything asked of the events.
_NEAREST = """
    WITH nearest AS MATERIALIZED (
        SELECT event_id, prompt_hash, embedding <=> %(embedding)s AS distance
        FROM prompt_embeddings
        ORDER BY embedding <=> %(embedding)s LIMIT %(k)s
    )
    SELECT event_id, prompt_hash, 1 - distance, project_id, feature, model, created_at
    FROM nearest JOIN events ON events.id = event_id
    WHERE event_id IS DISTINCT FROM %(event)s::uuid
    ORDER BY distance, created_at
"""
_EMBEDDING = """
    SELECT embedding, event_id FROM prompt_embeddings
    WHERE event_id = %(event)s OR prompt_hash = (
        SELECT metadata -> 'prompt' ->> 'hash' FROM events WHERE id = %(event)s)
    ORDER BY event_id = %(event)s DESC LIMIT 1
"""
# Looked for among its ten nearest: an earlier prompt to the same model in the same project.
_SIMILAR = """
    SELECT DISTINCT later.id
    FROM events AS later
    JOIN prompt_embeddings AS own ON own.event_id = later.id
    CROSS JOIN LATERAL (
        SELECT event_id, prompt_hash, embedding <=> own.embedding AS distance
        FROM prompt_embeddings
        ORDER BY embedding <=> own.embedding LIMIT 10
    ) AS near
    JOIN events AS earlier ON earlier.id = near.event_id
    WHERE later.created_at >= %(since)s AND later.created_at < %(until)s
      AND (%(project)s::text IS NULL OR later.project_id = %(project)s)
      AND near.distance <= %(distance)s AND near.prompt_hash <> own.prompt_hash
      AND (earlier.created_at, earlier.id) < (later.created_at, later.id)
      AND (earlier.project_id, earlier.provider, earlier.model)
          = (later.project_id, later.provider, later.model)
"""
#: What pgvector's HNSW can give at once (`hnsw.ef_search`).
_MOST = 1000


@dataclass(frozen=True, slots=True)
class SimilarPrompt:
    """A call whose prompt is like another one; `similarity` is the cosine, 1 for the same."""

    event_id: UUID
    prompt_hash: str
    similarity: float
    project_id: str
    feature: str
    model: str
    created_at: datetime


def prompt_calls(
    since: datetime, until: datetime, project: str | None = None
) -> Iterator[PromptCall]:
    """The calls that succeeded from `since` to `until` (tz-aware, end excluded), oldest first."""
    window = {"since": since, "until": until, "project": project}
    with db.connection_context():
        for row in db.execute_sql(_CALLS, window):
            yield _call(row)


def _call(row: Sequence[Any]) -> PromptCall:
    id_, at, project, provider, model, prompt, *used = row
    return PromptCall(
        id_, at, project, provider, model, Usage.of_row(used), read_fingerprint(prompt)
    )


def has_similarity() -> bool:
    """Whether there is a table of embeddings: this PostgreSQL has pgvector, and it is on."""
    with db.connection_context():
        found = db.execute_sql("SELECT to_regclass('prompt_embeddings') IS NOT NULL").fetchone()
        return bool(found[0])


def similar_prompts(prompt: Event | UUID | Sequence[float], k: int = 10) -> list[SimilarPrompt]:
    """The `k` calls (1 to 999) with the prompts most like an embedding's or an event's.

    An event is given itself or by its id.

    Raises MissingExtensionError without pgvector, NotFoundError for an event whose prompt has
    no embedding, InvalidInputError for another `k` or another number of dimensions.
    """
    if not 1 <= k < _MOST:
        raise InvalidInputError(f"k is {k}; it must be from 1 to {_MOST - 1}.")
    if not has_similarity():
        raise MissingExtensionError
    if isinstance(prompt, Event | UUID):
        embedding, event = _embedding_of(prompt if isinstance(prompt, UUID) else prompt.id)
        return _nearest(embedding, k + 1, event)[:k]
    return _nearest(vector(prompt), k, None)


def vector(embedding: Sequence[float]) -> str:
    """An embedding as pgvector reads it; InvalidInputError when it points nowhere."""
    text = PromptEmbedding.embedding.db_value(embedding)
    assert text is not None
    if not any(embedding) or not all(map(math.isfinite, embedding)):
        raise InvalidInputError("An embedding must be finite numbers, and not all of them 0.")
    return text


def _embedding_of(event: UUID) -> tuple[str, UUID]:
    with db.connection_context():
        found = db.execute_sql(_EMBEDDING, {"event": event}).fetchone()
    if found is None:
        raise NotFoundError(f"The prompt of event {event} has no embedding.")
    return found[0], found[1]


def _nearest(embedding: str, k: int, event: UUID | None) -> list[SimilarPrompt]:
    with transaction():
        _search_among(k)
        return rows(SimilarPrompt, _NEAREST, {"embedding": embedding, "k": k, "event": event})


def _search_among(k: int) -> None:
    """Have the index look at as many as are wanted; its own limit is 40."""
    db.execute_sql("SELECT set_config('hnsw.ef_search', %s, true)", (str(max(k, 40)),))


def similar_to_earlier(
    since: datetime, until: datetime, project: str | None = None, *, distance: float = 0.05
) -> frozenset[UUID]:
    """The calls whose prompt means the same as, but is not, an earlier one's to the same model.

    `distance` is the largest cosine distance at which two prompts mean the same.
    """
    window = {"since": since, "until": until, "project": project, "distance": distance}
    with db.connection_context():
        return frozenset(row[0] for row in db.execute_sql(_SIMILAR, window))
