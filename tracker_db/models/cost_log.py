"""How events become sums: the triggers that append to `cost_deltas`, and the live view."""

from __future__ import annotations

_SUMS = (
    "total_cost, input_tokens, output_tokens, cached_tokens,"
    " call_count, unpriced_count, latency_sum, latency_count"
)

# The hour of UTC, at a tenth of what date_trunc takes to look up a zone.
_HOUR = "date_bin('1 hour', created_at, '0001-01-01 00:00+00')"

# One row of `source` per event, with its `sign`: 1 for an event that came, -1 for one that went.
_SUM_UP = """
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
_FEW = "(SELECT count(*) FROM came) < 10"
_APART = f"""(
    SELECT 100 * count(DISTINCT (project_id, feature, model, {_HOUR})) > 98 * count(*)
    FROM (SELECT * FROM came LIMIT 100) AS sample)"""
_EACH = f"""
    INSERT INTO cost_deltas
    SELECT project_id, feature, model, {_HOUR},
           coalesce(verified_cost_usd, estimated_cost_usd, 0),
           input_tokens, output_tokens, cached_tokens, 1,
           (coalesce(verified_cost_usd, estimated_cost_usd) IS NULL)::integer,
           coalesce(latency_ms, 0), (latency_ms IS NOT NULL)::integer
    FROM came
"""
_CAME = "SELECT 1 AS sign, * FROM came"
_WENT = "SELECT -1 AS sign, * FROM went"
# An update that moves no sum, of metadata say, writes nothing.
_CHANGED = """
    HAVING (sum(sign), sum(sign * coalesce(verified_cost_usd, estimated_cost_usd, 0)),
            sum(sign * input_tokens), sum(sign * output_tokens), sum(sign * cached_tokens),
            coalesce(sum(sign * latency_ms), 0),
            coalesce(sum(sign) FILTER (WHERE latency_ms IS NOT NULL), 0),
            coalesce(sum(sign) FILTER (
                WHERE coalesce(verified_cost_usd, estimated_cost_usd) IS NULL), 0))
        <> (0, 0, 0, 0, 0, 0, 0, 0)
"""
_LOG_COSTS = f"""
        CREATE FUNCTION events_log_costs() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF {_FEW} THEN {_EACH};
                ELSIF {_APART} THEN {_EACH};
                ELSE {_SUM_UP.format(hour=_HOUR, source=_CAME)};
                END IF;
            ELSIF TG_OP = 'DELETE' THEN {_SUM_UP.format(hour=_HOUR, source=_WENT)};
            ELSIF TG_OP = 'UPDATE' THEN
                {_SUM_UP.format(hour=_HOUR, source=f"{_CAME} UNION ALL {_WENT}")} {_CHANGED};
            ELSE {_SUM_UP.format(hour=_HOUR, source="SELECT -1 AS sign, * FROM events")};
            END IF;
            RETURN NULL;
        END $$
"""


def _trigger(when: str, tables: str = "") -> str:
    name = f"events_log_{when.split()[1].lower()}"
    return (
        f"CREATE TRIGGER {name} {when} ON events {tables}"
        " FOR EACH STATEMENT EXECUTE FUNCTION events_log_costs()"
    )


#: The log of what changes in `events`, appended statement by statement.
DELTA_LOG = (
    _LOG_COSTS,
    _trigger("AFTER INSERT", "REFERENCING NEW TABLE AS came"),
    _trigger("AFTER DELETE", "REFERENCING OLD TABLE AS went"),
    _trigger("AFTER UPDATE", "REFERENCING NEW TABLE AS came OLD TABLE AS went"),
    _trigger("BEFORE TRUNCATE"),
)

#: The aggregates with what is not folded into them yet.
LIVE_VIEW = f"""
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
            SELECT project_id, feature, model, period, period_start, {_SUMS}
            FROM cost_aggregates
            UNION ALL
            SELECT project_id, feature, model, period,
                   date_trunc(period, period_start, 'UTC'), {_SUMS}
            FROM cost_deltas CROSS JOIN (VALUES ('hour'), ('day')) AS periods (period)
        ) AS parts
        GROUP BY project_id, feature, model, period, period_start
        HAVING (sum(call_count), sum(total_cost)) <> (0, 0)
"""
