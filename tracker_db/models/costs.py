"""LLM costs: events, their prompts, and the sums that answer every question."""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CompositeKey,
    DecimalField,
    ForeignKeyField,
    IntegerField,
    TextField,
    UUIDField,
)
from playhouse.postgres_ext import BinaryJSONField

from tracker_db.fields import Dollars, TimestampTZ, Vector, server_default, uuid_key
from tracker_db.models.base import BaseModel
from tracker_db.models.cost_log import DELTA_LOG, LIVE_VIEW

NOW = server_default("now()")
ZERO = server_default("0")


class Event(BaseModel):
    """One LLM call. Costs are US dollars; an estimate of NULL means unpriced, 0 means free.

    `input_tokens` is the total: `cached_tokens` (read from the provider's cache) and
    `cache_write_tokens` are parts of it, as `reasoning_tokens` is of `output_tokens`.
    `price_id` is the row of `model_pricing` the estimate was made with. It is no foreign
    key: prices are never deleted, and the check would cost as much as the insert.
    """

    id = uuid_key()
    trace_id = TextField()
    span_id = TextField()
    parent_span_id = TextField(null=True)
    project_id = TextField(constraints=[server_default("'default'")])
    feature = TextField()
    user_id = TextField(null=True)
    provider = TextField()
    model = TextField()
    input_tokens = BigIntegerField()
    output_tokens = BigIntegerField()
    cached_tokens = BigIntegerField(constraints=[ZERO])
    latency_ms = IntegerField(null=True)
    estimated_cost_usd = Dollars(null=True)
    verified_cost_usd = Dollars(null=True)
    is_cache_hit = BooleanField(constraints=[server_default("false")])
    metadata = BinaryJSONField(index=False, null=True)
    created_at = TimestampTZ(constraints=[NOW])
    request_id = TextField(null=True)
    cache_write_tokens = BigIntegerField(constraints=[ZERO])
    cache_write_1h_tokens = BigIntegerField(constraints=[ZERO])
    reasoning_tokens = BigIntegerField(constraints=[ZERO])
    usage_details = BinaryJSONField(index=False, null=True)
    service_tier = TextField(null=True)
    processing = TextField(null=True)
    speed = TextField(null=True)
    status = TextField(constraints=[server_default("'ok'")])
    price_id = UUIDField(null=True)
    verified_source = TextField(null=True)
    ingested_at = TimestampTZ(constraints=[NOW])

    class Meta:
        """The database refuses what does not add up, whoever writes it."""

        table_name = "events"
        extra_sql = DELTA_LOG
        only_save_dirty = True
        constraints = (
            SQL(
                "CONSTRAINT events_tokens_check CHECK ("
                " input_tokens BETWEEN 0 AND 1000000000000"
                " AND output_tokens BETWEEN 0 AND 1000000000000"
                " AND cached_tokens >= 0 AND cache_write_tokens >= 0)"
            ),
            SQL(
                "CONSTRAINT events_cached_check CHECK ("
                " cached_tokens + cache_write_tokens <= input_tokens"
                " AND cache_write_1h_tokens BETWEEN 0 AND cache_write_tokens)"
            ),
            SQL(
                "CONSTRAINT events_reasoning_check CHECK ("
                " reasoning_tokens BETWEEN 0 AND output_tokens)"
            ),
            SQL("CONSTRAINT events_latency_check CHECK (latency_ms >= 0)"),
            SQL(
                "CONSTRAINT events_cost_check CHECK ("
                " estimated_cost_usd BETWEEN 0 AND 1000000000000"
                " AND verified_cost_usd BETWEEN 0 AND 1000000000000)"
            ),
            SQL("CONSTRAINT events_status_check CHECK (status IN ('ok', 'error'))"),
        )


for _index in (
    "CREATE INDEX idx_events_feature_time ON events (project_id, feature, created_at)",
    "CREATE INDEX idx_events_user_time ON events (project_id, user_id, created_at)",
    "CREATE INDEX idx_events_created_at ON events (created_at)",
    "CREATE INDEX idx_events_trace ON events (trace_id)",
    (
        "CREATE UNIQUE INDEX idx_events_request ON events (project_id, request_id) WHERE"
        " request_id IS NOT NULL"
    ),
    "CREATE INDEX idx_events_ingested_at ON events USING brin (ingested_at)",
    (
        "CREATE INDEX idx_events_unpriced ON events (provider, model)"
        " WHERE estimated_cost_usd IS NULL AND verified_cost_usd IS NULL"
    ),
):
    Event.add_index(SQL(_index))


def _of_event(table: str) -> Any:
    return ForeignKeyField(
        Event,
        on_delete="CASCADE",
        index=False,
        constraint_name=f"{table}_event_id_events_id_fk",
    )


class PromptAnalysis(BaseModel):
    """What could be saved on the prompt of one event."""

    id = uuid_key()
    event = _of_event("prompt_analysis")
    input_token_ratio = DecimalField(8, 4, null=True)
    redundancy_score = DecimalField(5, 4, null=True)
    suggestions = BinaryJSONField(index=False, null=True)
    created_at = TimestampTZ(constraints=[NOW])

    class Meta:
        """Named as the specification names it."""

        table_name = "prompt_analysis"


PromptAnalysis.add_index(
    SQL("CREATE INDEX idx_prompt_analysis_event ON prompt_analysis (event_id)")
)


class PromptEmbedding(BaseModel):
    """The embedding of one event's prompt; the table exists where the server has pgvector."""

    id = uuid_key()
    event = _of_event("prompt_embeddings")
    embedding = Vector(1536)
    prompt_hash = TextField()
    created_at = TimestampTZ(constraints=[NOW])

    class Meta:
        """Searched by cosine distance."""

        table_name = "prompt_embeddings"


for _index in (
    "CREATE INDEX idx_prompt_embeddings_event ON prompt_embeddings (event_id)",
    "CREATE INDEX idx_prompt_embeddings_hash ON prompt_embeddings (prompt_hash)",
    (
        "CREATE INDEX idx_prompt_embeddings_vector ON prompt_embeddings"
        " USING hnsw (embedding vector_cosine_ops)"
    ),
):
    PromptEmbedding.add_index(SQL(_index))


class CostAggregate(BaseModel):
    """Sums of one hour or day (UTC) up to the last refresh; read `CostAggregateLive` instead."""

    id = uuid_key()
    project_id = TextField(constraints=[server_default("'default'")])
    feature = TextField()
    model = TextField()
    period = TextField()
    period_start = TimestampTZ()
    total_cost = Dollars(constraints=[ZERO])
    total_tokens = BigIntegerField(
        constraints=[SQL("GENERATED ALWAYS AS (input_tokens + output_tokens) STORED")]
    )
    call_count = BigIntegerField(constraints=[ZERO])
    avg_latency = Dollars(
        null=True,
        constraints=[
            SQL(
                "GENERATED ALWAYS AS"
                " (round(latency_sum / nullif(latency_count, 0)::numeric, 2)) STORED"
            )
        ],
    )
    input_tokens = BigIntegerField(constraints=[ZERO])
    output_tokens = BigIntegerField(constraints=[ZERO])
    cached_tokens = BigIntegerField(constraints=[ZERO])
    unpriced_count = BigIntegerField(constraints=[ZERO])
    latency_sum = BigIntegerField(constraints=[ZERO])
    latency_count = BigIntegerField(constraints=[ZERO])

    class Meta:
        """Rows are updated in place often: some room is left on each page."""

        table_name = "cost_aggregates"
        extra_sql = (LIVE_VIEW,)
        table_settings = ("WITH (fillfactor = 80)",)
        constraints = (
            SQL("CONSTRAINT cost_aggregates_period_check CHECK (period IN ('hour', 'day'))"),
        )


CostAggregate.add_index(
    SQL(
        "CREATE UNIQUE INDEX idx_cost_agg_uniq ON cost_aggregates"
        " (project_id, feature, model, period, period_start)"
    )
)
CostAggregate.add_index(
    SQL("CREATE INDEX idx_cost_agg_period ON cost_aggregates (project_id, period, period_start)")
)


class CostDelta(BaseModel):
    """Signed sums of one hour (UTC): a change of events not yet folded into the aggregates."""

    project_id = TextField()
    feature = TextField()
    model = TextField()
    period_start = TimestampTZ()
    total_cost = Dollars()
    input_tokens = BigIntegerField()
    output_tokens = BigIntegerField()
    cached_tokens = BigIntegerField()
    call_count = BigIntegerField()
    unpriced_count = BigIntegerField()
    latency_sum = BigIntegerField()
    latency_count = BigIntegerField()

    class Meta:
        """Append-only, without keys or indexes: writers never wait for each other.

        Every row lives for seconds: vacuum by their number, not by a share of an empty table.
        """

        table_name = "cost_deltas"
        primary_key = False
        table_settings = (
            "WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000)",
        )


class CostPurged(CostDelta):
    """The sums of events that were purged; their totals live on here."""

    class Meta:
        """One row for each hour and key."""

        table_name = "cost_purged"
        primary_key = CompositeKey("project_id", "feature", "model", "period_start")
        table_settings = ()
