"""What LLM calls cost by day, where a day begins at somebody's own midnight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tracker_db.errors import InvalidInputError
from tracker_db.queries.rows import rows

if TYPE_CHECKING:
    from decimal import Decimal

# A local midnight may fall inside a UTC hour (India, Nepal, parts of Australia ...). Such an hour
# is split by its events; what was purged of it belongs to the day in which the hour begins.
_DAYS = """
    WITH midnights AS (
        SELECT day AT TIME ZONE %(zone)s AS at
        FROM generate_series(%(first)s::timestamp, %(last)s::timestamp + interval '1 day',
                             '1 day') AS day
    ), bounds AS (
        SELECT date_trunc('hour', min(at), 'UTC') AS since, max(at) AS until FROM midnights
    ), split AS (
        SELECT date_trunc('hour', at, 'UTC') AS hour FROM midnights
        WHERE at <> date_trunc('hour', at, 'UTC')
    ), parts AS (
        SELECT period_start AS at, project_id, model, total_cost, input_tokens, output_tokens,
               cached_tokens, call_count, unpriced_count
        FROM cost_aggregates_live, bounds
        WHERE period = 'hour' AND period_start >= since AND period_start < until
          AND period_start NOT IN (SELECT hour FROM split)
        UNION ALL
        SELECT period_start, project_id, model, total_cost, input_tokens, output_tokens,
               cached_tokens, call_count, unpriced_count
        FROM cost_purged JOIN split ON period_start = hour
        UNION ALL
        SELECT created_at, project_id, model,
               coalesce(verified_cost_usd, estimated_cost_usd, 0), input_tokens, output_tokens,
               cached_tokens, 1, (coalesce(verified_cost_usd, estimated_cost_usd) IS NULL)::int
        FROM split JOIN events ON created_at >= hour AND created_at < hour + interval '1 hour'
    )
    SELECT (at AT TIME ZONE %(zone)s)::date AS day, model, sum(total_cost),
           sum(input_tokens)::bigint, sum(output_tokens)::bigint, sum(cached_tokens)::bigint,
           sum(call_count)::bigint, sum(unpriced_count)::bigint
    FROM parts
    WHERE (%(project)s::text IS NULL OR project_id = %(project)s)
      AND (at AT TIME ZONE %(zone)s)::date BETWEEN %(first)s AND %(last)s
    GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2
"""


@dataclass(frozen=True, slots=True)
class DayRow:
    """The calls of one model on one day; `total_cost` is US dollars of those with a price."""

    day: date
    model: str
    total_cost: Decimal
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    call_count: int
    unpriced_count: int


def daily_costs(
    first: date, last: date, *, zone: str = "UTC", project: str | None = None
) -> list[DayRow]:
    """Costs by model of the days from `first` to `last`, both included, in the time zone `zone`.

    Exact in every zone while the events of hours that a midnight splits are not purged.
    Raises InvalidInputError for an unknown zone and for a reversed range.
    """
    if last < first or last - first > timedelta(days=36600):
        raise InvalidInputError(f"{first} to {last} is not a range of days.")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInputError(f"{zone!r} is not a time zone such as Europe/Madrid.") from None
    values = {"first": first, "last": last, "zone": zone, "project": project}
    return rows(DayRow, _DAYS, values)
