"""LLM costs: events, prices, the log of their sums, the aggregates and their live view."""

import logging

#: The key and the sums, in the order of the columns of cost_deltas and cost_purged.
KEY = "project_id, feature, model, period_start"
SUMS = (
    "total_cost, input_tokens, output_tokens, cached_tokens,"
    " call_count, unpriced_count, latency_sum, latency_count"
)

# The hour of UTC, at a tenth of what date_trunc takes to look up a zone.
HOUR = "date_bin('1 hour', created_at, '0001-01-01 00:00+00')"

# One row of `source` per event, with its `sign`: 1 for an event that came, -1 for one that went.
SUM_UP = """
    INSERT INTO cost_deltas
    SELECT project_id, feature, model, {hour},
           sum(sign * coalesce(verified_cost_usd, estimated_cost_usd, 0)),
           sum(sign * input_tokens), sum(sign * output_tokens), sum(sign * cached_tokens),
           sum(sign),
           coalesce(sum(sign) FILTER (
               WHERE coalesce(verified_cost_usd, estimated_cost_usd) IS NULL), 0),
           coalesce(sum(sign * latency_ms), 0),
           coalesce(sum(sign) FILTER (WHERE latency_ms IS NOT NULL), 0)
    FROM ({source}) AS signed GROUP BY 1, 2, 3, 4
"""
# Adding up is worth its time only where events share a sum: not for a few, and not where
# hardly two of the first hundred do.
FEW = "(SELECT count(*) FROM came) < 10"
APART = f"""(
    SELECT 100 * count(DISTINCT (project_id, feature, model, {HOUR})) > 98 * count(*)
    FROM (SELECT * FROM came LIMIT 100) AS sample)"""
EACH = f"""
    INSERT INTO cost_deltas
    SELECT project_id, feature, model, {HOUR},
           coalesce(verified_cost_usd, estimated_cost_usd, 0),
           input_tokens, output_tokens, cached_tokens, 1,
           (coalesce(verified_cost_usd, estimated_cost_usd) IS NULL)::integer,
           coalesce(latency_ms, 0), (latency_ms IS NOT NULL)::integer
    FROM came
"""
CAME = "SELECT 1 AS sign, * FROM came"
WENT = "SELECT -1 AS sign, * FROM went"
# An update that moves no sum, of metadata say, writes nothing.
CHANGED = """
    HAVING (sum(sign), sum(sign * coalesce(verified_cost_usd, estimated_cost_usd, 0)),
            sum(sign * input_tokens), sum(sign * output_tokens), sum(sign * cached_tokens),
            coalesce(sum(sign * latency_ms), 0),
            coalesce(sum(sign) FILTER (WHERE latency_ms IS NOT NULL), 0),
            coalesce(sum(sign) FILTER (
                WHERE coalesce(verified_cost_usd, estimated_cost_usd) IS NULL), 0))
        <> (0, 0, 0, 0, 0, 0, 0, 0)
"""


def migrate(migrator, database, *, fake=False):
    create_events(migrator)
    create_pricing(migrator)
    create_prompt_analysis(migrator)
    migrator.run(lambda: create_prompt_embeddings(database))
    create_aggregates(migrator)
    create_delta_log(migrator)


def create_events(migrator):
    migrator.sql("""
        CREATE TABLE events (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            trace_id text NOT NULL,
            span_id text NOT NULL,
            parent_span_id text,
            project_id text NOT NULL DEFAULT 'default',
            feature text NOT NULL,
            user_id text,
            provider text NOT NULL,
            model text NOT NULL,
            input_tokens bigint NOT NULL,
            output_tokens bigint NOT NULL,
            cached_tokens bigint NOT NULL DEFAULT 0,
            latency_ms integer,
            estimated_cost_usd numeric,
            verified_cost_usd numeric,
            is_cache_hit boolean NOT NULL DEFAULT false,
            metadata jsonb,
            created_at timestamptz NOT NULL DEFAULT now(),
            request_id text,
            cache_write_tokens bigint NOT NULL DEFAULT 0,
            cache_write_1h_tokens bigint NOT NULL DEFAULT 0,
            reasoning_tokens bigint NOT NULL DEFAULT 0,
            usage_details jsonb,
            service_tier text,
            processing text,
            speed text,
            status text NOT NULL DEFAULT 'ok',
            price_id uuid,
            verified_source text,
            ingested_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT events_tokens_check CHECK (
                input_tokens BETWEEN 0 AND 1000000000000
                AND output_tokens BETWEEN 0 AND 1000000000000
                AND cached_tokens >= 0 AND cache_write_tokens >= 0),
            CONSTRAINT events_cached_check CHECK (
                cached_tokens + cache_write_tokens <= input_tokens
                AND cache_write_1h_tokens BETWEEN 0 AND cache_write_tokens),
            CONSTRAINT events_reasoning_check CHECK (
                reasoning_tokens BETWEEN 0 AND output_tokens),
            CONSTRAINT events_latency_check CHECK (latency_ms >= 0),
            CONSTRAINT events_cost_check CHECK (
                estimated_cost_usd BETWEEN 0 AND 1000000000000
                AND verified_cost_usd BETWEEN 0 AND 1000000000000),
            CONSTRAINT events_status_check CHECK (status IN ('ok', 'error'))
        )
    """)
    migrator.sql("CREATE INDEX idx_events_feature_time ON events (project_id, feature, created_at)")
    migrator.sql("CREATE INDEX idx_events_user_time ON events (project_id, user_id, created_at)")
    migrator.sql("CREATE INDEX idx_events_created_at ON events (created_at)")
    migrator.sql("CREATE INDEX idx_events_trace ON events (trace_id)")
    migrator.sql("""
        CREATE UNIQUE INDEX idx_events_request ON events (project_id, request_id)
        WHERE request_id IS NOT NULL
    """)
    migrator.sql("CREATE INDEX idx_events_ingested_at ON events USING brin (ingested_at)")
    migrator.sql("""
        CREATE INDEX idx_events_unpriced ON events (provider, model)
        WHERE estimated_cost_usd IS NULL AND verified_cost_usd IS NULL
    """)


def create_pricing(migrator):
    migrator.sql("""
        CREATE TABLE model_pricing (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            provider text NOT NULL,
            model text NOT NULL,
            input_price_per_1k numeric NOT NULL,
            output_price_per_1k numeric NOT NULL,
            effective_date timestamptz NOT NULL DEFAULT now(),
            project_id text,
            rates jsonb NOT NULL DEFAULT '[]',
            source text NOT NULL DEFAULT 'manual',
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT model_pricing_price_check CHECK (
                input_price_per_1k BETWEEN 0 AND 1000000000
                AND output_price_per_1k BETWEEN 0 AND 1000000000),
            CONSTRAINT model_pricing_rates_check CHECK (jsonb_typeof(rates) = 'array')
        )
    """)
    migrator.sql("""
        CREATE UNIQUE INDEX idx_model_pricing_uniq ON model_pricing
            (provider, model, effective_date) WHERE project_id IS NULL
    """)
    migrator.sql("""
        CREATE UNIQUE INDEX idx_model_pricing_project_uniq ON model_pricing
            (project_id, provider, model, effective_date) WHERE project_id IS NOT NULL
    """)
    migrator.sql("""
        CREATE TABLE model_aliases (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            provider text NOT NULL,
            match text NOT NULL,
            pattern text NOT NULL,
            model text NOT NULL,
            priority integer NOT NULL DEFAULT 0,
            CONSTRAINT model_aliases_pattern_unique UNIQUE (provider, match, pattern),
            CONSTRAINT model_aliases_match_check CHECK (
                match IN ('equals', 'prefix', 'suffix', 'contains', 'regex'))
        )
    """)
    # Each process keeps the whole price list; one number tells it that the list has changed.
    migrator.sql("""
        CREATE TABLE pricing_revision (
            only_row boolean NOT NULL PRIMARY KEY DEFAULT true,
            revision bigint NOT NULL DEFAULT 0,
            CONSTRAINT pricing_revision_only_row_check CHECK (only_row)
        )
    """)
    migrator.sql("INSERT INTO pricing_revision DEFAULT VALUES")
    migrator.sql("""
        CREATE FUNCTION pricing_revise() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE pricing_revision SET revision = revision + 1;
            RETURN NULL;
        END $$
    """)
    for table in ("model_pricing", "model_aliases"):
        migrator.sql(f"""
            CREATE TRIGGER {table}_revise
            AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION pricing_revise()
        """)
    migrator.sql("""
        CREATE TABLE reprice_logs (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            since timestamptz NOT NULL,
            until timestamptz NOT NULL,
            model text,
            events_seen bigint NOT NULL,
            events_changed bigint NOT NULL,
            total_before numeric NOT NULL,
            total_after numeric NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now()
        )
    """)


def create_prompt_analysis(migrator):
    migrator.sql("""
        CREATE TABLE prompt_analysis (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            event_id uuid NOT NULL,
            input_token_ratio numeric(8, 4),
            redundancy_score numeric(5, 4),
            suggestions jsonb,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT prompt_analysis_event_id_events_id_fk
                FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE
        )
    """)
    migrator.sql("CREATE INDEX idx_prompt_analysis_event ON prompt_analysis (event_id)")


def create_prompt_embeddings(database):
    if not has_pgvector(database):
        logging.getLogger("tracker_db").warning(
            "This PostgreSQL has no pgvector: everything works but prompt similarity. For that,"
            " install pgvector on the server (Debian and Ubuntu: postgresql-<version>-pgvector)"
            " and run: tracker costs enable-similarity"
        )
        return
    database.execute_sql("CREATE EXTENSION IF NOT EXISTS vector")
    database.execute_sql("""
        CREATE TABLE prompt_embeddings (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            event_id uuid NOT NULL,
            embedding vector(1536) NOT NULL,
            prompt_hash text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT prompt_embeddings_event_id_events_id_fk
                FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE
        )
    """)
    database.execute_sql("CREATE INDEX idx_prompt_embeddings_event ON prompt_embeddings (event_id)")
    database.execute_sql(
        "CREATE INDEX idx_prompt_embeddings_hash ON prompt_embeddings (prompt_hash)"
    )
    database.execute_sql("""
        CREATE INDEX idx_prompt_embeddings_vector ON prompt_embeddings
        USING hnsw (embedding vector_cosine_ops)
    """)


def has_pgvector(database):
    query = "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"
    return database.execute_sql(query).fetchone() is not None


def create_aggregates(migrator):
    migrator.sql("""
        CREATE TABLE cost_aggregates (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            project_id text NOT NULL DEFAULT 'default',
            feature text NOT NULL,
            model text NOT NULL,
            period text NOT NULL,
            period_start timestamptz NOT NULL,
            total_cost numeric NOT NULL DEFAULT 0,
            total_tokens bigint NOT NULL
                GENERATED ALWAYS AS (input_tokens + output_tokens) STORED,
            call_count bigint NOT NULL DEFAULT 0,
            avg_latency numeric
                GENERATED ALWAYS AS (round(latency_sum / nullif(latency_count, 0)::numeric, 2))
                STORED,
            input_tokens bigint NOT NULL DEFAULT 0,
            output_tokens bigint NOT NULL DEFAULT 0,
            cached_tokens bigint NOT NULL DEFAULT 0,
            unpriced_count bigint NOT NULL DEFAULT 0,
            latency_sum bigint NOT NULL DEFAULT 0,
            latency_count bigint NOT NULL DEFAULT 0,
            CONSTRAINT cost_aggregates_period_check CHECK (period IN ('hour', 'day'))
        ) WITH (fillfactor = 80)
    """)
    migrator.sql("""
        CREATE UNIQUE INDEX idx_cost_agg_uniq ON cost_aggregates
            (project_id, feature, model, period, period_start)
    """)
    migrator.sql(
        "CREATE INDEX idx_cost_agg_period ON cost_aggregates (project_id, period, period_start)"
    )


def create_delta_log(migrator):
    columns = """
        project_id text NOT NULL,
        feature text NOT NULL,
        model text NOT NULL,
        period_start timestamptz NOT NULL,
        total_cost numeric NOT NULL,
        input_tokens bigint NOT NULL,
        output_tokens bigint NOT NULL,
        cached_tokens bigint NOT NULL,
        call_count bigint NOT NULL,
        unpriced_count bigint NOT NULL,
        latency_sum bigint NOT NULL,
        latency_count bigint NOT NULL
    """
    # Every row lives for seconds: vacuum by their number, not by a share of an empty table.
    migrator.sql(f"""
        CREATE TABLE cost_deltas ({columns}) WITH
            (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000)
    """)
    migrator.sql(f"""
        CREATE TABLE cost_purged ({columns},
            CONSTRAINT cost_purged_pkey PRIMARY KEY ({KEY}))
    """)
    migrator.sql(f"""
        CREATE FUNCTION events_log_costs() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF {FEW} THEN {EACH};
                ELSIF {APART} THEN {EACH};
                ELSE {SUM_UP.format(hour=HOUR, source=CAME)};
                END IF;
            ELSIF TG_OP = 'DELETE' THEN {SUM_UP.format(hour=HOUR, source=WENT)};
            ELSIF TG_OP = 'UPDATE' THEN
                {SUM_UP.format(hour=HOUR, source=f"{CAME} UNION ALL {WENT}")} {CHANGED};
            ELSE {SUM_UP.format(hour=HOUR, source="SELECT -1 AS sign, * FROM events")};
            END IF;
            RETURN NULL;
        END $$
    """)
    tables = {
        "INSERT": "REFERENCING NEW TABLE AS came",
        "DELETE": "REFERENCING OLD TABLE AS went",
        "UPDATE": "REFERENCING NEW TABLE AS came OLD TABLE AS went",
    }
    for event, transition in tables.items():
        migrator.sql(f"""
            CREATE TRIGGER events_log_{event.lower()} AFTER {event} ON events {transition}
            FOR EACH STATEMENT EXECUTE FUNCTION events_log_costs()
        """)
    migrator.sql("""
        CREATE TRIGGER events_log_truncate BEFORE TRUNCATE ON events
        FOR EACH STATEMENT EXECUTE FUNCTION events_log_costs()
    """)
    migrator.sql(f"""
        CREATE VIEW cost_aggregates_live AS
        SELECT project_id, feature, model, period, period_start,
               sum(total_cost) AS total_cost,
               sum(input_tokens + output_tokens)::bigint AS total_tokens,
               sum(call_count)::bigint AS call_count,
               round(sum(latency_sum) / nullif(sum(latency_count), 0), 2) AS avg_latency,
               sum(input_tokens)::bigint AS input_tokens,
               sum(output_tokens)::bigint AS output_tokens,
               sum(cached_tokens)::bigint AS cached_tokens,
               sum(unpriced_count)::bigint AS unpriced_count,
               sum(latency_sum)::bigint AS latency_sum,
               sum(latency_count)::bigint AS latency_count
        FROM (
            SELECT project_id, feature, model, period, period_start, {SUMS}
            FROM cost_aggregates
            UNION ALL
            SELECT project_id, feature, model, period,
                   date_trunc(period, period_start, 'UTC'), {SUMS}
            FROM cost_deltas CROSS JOIN (VALUES ('hour'), ('day')) AS periods (period)
        ) AS parts
        GROUP BY project_id, feature, model, period, period_start
        HAVING (sum(call_count), sum(total_cost)) <> (0, 0)
    """)


def rollback(migrator, database, *, fake=False):
    migrator.sql("DROP VIEW cost_aggregates_live")
    migrator.sql("DROP TABLE IF EXISTS prompt_embeddings")
    # The extension may have been there before, and in use by others.
    migrator.sql("""
        DO $$ BEGIN DROP EXTENSION IF EXISTS vector;
        EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END $$
    """)
    migrator.sql("""
        DROP TABLE cost_purged, cost_deltas, cost_aggregates, prompt_analysis,
            reprice_logs, pricing_revision, model_aliases, model_pricing, events
    """)
    migrator.sql("DROP FUNCTION events_log_costs()")
    migrator.sql("DROP FUNCTION pricing_revise()")
