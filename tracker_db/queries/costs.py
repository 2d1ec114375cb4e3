"""What was spent on LLM calls: by any dimension, in any time zone, exact at every instant.

Projects, features, models and times are answered by the live sums, without looking at the calls;
users, providers, service tiers and statuses are known to the calls alone, so they are read there
and end where calls were purged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tracker_db.db import db
from tracker_db.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

#: A period begins on the clock of the time zone that was asked for, a week on Monday.
PERIODS = {
    "hour": "date_trunc('hour', at, 'UTC')",
    "day": "(at AT TIME ZONE %(zone)s)::date",
    "week": "date_trunc('week', at AT TIME ZONE %(zone)s)::date",
    "month": "date_trunc('month', at AT TIME ZONE %(zone)s)::date",
}
SUMMED = {"project": "project_id", "feature": "feature", "model": "model"}
#: What only the calls themselves know.
OF_CALLS = {
    "user": "user_id",
    "provider": "provider",
    "tier": "service_tier",
    "status": "status",
}
DIMENSIONS = PERIODS | SUMMED | OF_CALLS

#: Columns: what one row of `events` adds to the sums.
SUMS_OF_CALL = """coalesce(verified_cost_usd, estimated_cost_usd, 0) AS total_cost,
    input_tokens, output_tokens, cached_tokens, 1 AS call_count,
    (coalesce(verified_cost_usd, estimated_cost_usd) IS NULL)::int AS unpriced_count,
    coalesce(latency_ms, 0) AS latency_sum, (latency_ms IS NOT NULL)::int AS latency_count"""
_KEY = "project_id, feature, model"
_SUMS = """total_cost, input_tokens, output_tokens, cached_tokens, call_count, unpriced_count,
    latency_sum, latency_count"""
_WINDOW = "{at} >= %(since)s AND {at} < coalesce(%(until)s::timestamptz, 'infinity')"
_CALLS = f"""
    SELECT created_at AS at, {_KEY}, {", ".join(OF_CALLS.values())}, {SUMS_OF_CALL}
    FROM events WHERE {_WINDOW.format(at="created_at")} {{where}}
"""
_DAYS = f"""
    SELECT period_start AS at, {_KEY}, {_SUMS} FROM cost_aggregates_live
    WHERE period = 'day' AND {_WINDOW.format(at="period_start")} {{where}}
"""
# A local midnight may fall inside a UTC hour (India, Nepal, parts of Australia ...), as an end of
# the window may. Such an hour is split by its calls; what was purged of it belongs to the moment
# at which the hour begins.
_HOURS = f"""
    WITH cuts AS (
        SELECT day AT TIME ZONE %(zone)s AS at
        FROM generate_series(date_trunc('day', %(since)s AT TIME ZONE %(zone)s),
                             coalesce(%(until)s::timestamptz, now()) AT TIME ZONE %(zone)s
                                 + interval '1 day', '1 day') AS day
        UNION SELECT %(since)s UNION SELECT %(until)s::timestamptz
    ), split AS MATERIALIZED (
        SELECT DISTINCT date_trunc('hour', at, 'UTC') AS hour FROM cuts
        WHERE at <> date_trunc('hour', at, 'UTC')
    )
    SELECT period_start AS at, {_KEY}, {_SUMS} FROM cost_aggregates_live
    WHERE period = 'hour' AND {_WINDOW.format(at="period_start")} {{where}}
      AND period_start NOT IN (SELECT hour FROM split)
    UNION ALL
    SELECT period_start, {_KEY}, {_SUMS} FROM cost_purged JOIN split ON period_start = hour
    WHERE {_WINDOW.format(at="period_start")} {{where}}
    UNION ALL
    SELECT created_at, {_KEY}, {SUMS_OF_CALL}
    FROM split JOIN events ON created_at >= hour AND created_at < hour + interval '1 hour'
    WHERE {_WINDOW.format(at="created_at")} {{where}}
"""
_SPEND = """
    SELECT {keys} coalesce(sum(total_cost), 0) AS total_cost,
           coalesce(sum(call_count), 0)::bigint, coalesce(sum(input_tokens), 0)::bigint,
           coalesce(sum(output_tokens), 0)::bigint, coalesce(sum(cached_tokens), 0)::bigint,
           coalesce(sum(unpriced_count), 0)::bigint,
           round(sum(latency_sum)::numeric / nullif(sum(latency_count), 0), 2)
    FROM ({source}) AS parts GROUP BY {groups} ORDER BY {order} LIMIT %(limit)s
"""
#: Longer windows are mistakes, and would list every midnight in them.
_LONGEST = timedelta(days=36600)
#: Files among the zones of some systems; PostgreSQL knows no such names.
_NO_ZONES = ("localtime", "posix", "right/")
#: The pace of so many days is what the rest of a month is projected with.
_PACE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Spend:
    """What the calls of one `key` (dimension -> value) cost and used.

    `total_cost` is US dollars, of the calls whose price is known; `unpriced_count` calls are
    not in it. `avg_latency` is milliseconds, None where no call told its own.
    """

    key: Mapping[str, Any]
    total_cost: Decimal
    call_count: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    unpriced_count: int
    avg_latency: Decimal | None

    @property
    def cache_hit_share(self) -> Decimal | None:
        """The part of the input tokens that came from the provider's cache, from 0 to 1."""
        if not self.input_tokens:
            return None
        return round(Decimal(self.cached_tokens) / self.input_tokens, 4)


@dataclass(frozen=True, slots=True)
class MonthToDate:
    """US dollars spent since `since`, and what they come to by `until` at the latest pace."""

    since: datetime
    until: datetime
    spent: Decimal
    projected: Decimal


def spend(
    by: Sequence[str],
    *,
    since: datetime,
    until: datetime | None = None,
    zone: str = "UTC",
    where: Mapping[str, str] | None = None,
    limit: int | None = None,
) -> list[Spend]:
    """What was spent from `since` until `until` (tz-aware, excluded), by these `DIMENSIONS`.

    Periods come in their order, and the dearest first in each. `where` keeps what has these
    values (dimension -> value). Days, weeks and months are those of the time zone `zone`;
    hours are UTC's. Without dimensions there is one row, the total. Raises InvalidInputError
    for a dimension or a zone that does not exist, a value that no text can be, and for a
    reversed window.
    """
    where = where or {}
    _check(by, since, until, zone, where)
    values = {"since": since, "until": until, "zone": zone, "limit": limit}
    values |= {f"where_{name}": value for name, value in where.items()}
    with db.connection_context():
        found = db.execute_sql(_statement(by, since, until, zone, where), values).fetchall()
    return [_row(by, row) for row in found]


def total(
    since: datetime, until: datetime, *, zone: str = "UTC", where: Mapping[str, str] | None = None
) -> Spend:
    """The total from `since` until `until`; arguments and errors as of `spend`."""
    return spend((), since=since, until=until, zone=zone, where=where)[0]


def purged_calls(since: datetime, until: datetime | None = None) -> int:
    """How many calls of this time were purged: they are in no sum by any of `OF_CALLS`."""
    query = f"SELECT sum(call_count) FROM cost_purged WHERE {_WINDOW.format(at='period_start')}"
    with db.connection_context():
        found = db.execute_sql(query, {"since": since, "until": until}).fetchone()
    return int(found[0] or 0)


def month_to_date(
    now: datetime, *, zone: str = "UTC", where: Mapping[str, str] | None = None
) -> MonthToDate:
    """The month of `now` (tz-aware) in `zone` so far, and projected to its end.

    The rest of the month is reckoned at the pace of the last seven days, or of the days since
    the first call in them, but of no less than one day.
    """
    local = now.astimezone(zone_named(zone))
    since = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    until = (since + timedelta(days=32)).replace(day=1)
    spent = total(since, until, zone=zone, where=where).total_cost
    hours = spend(["hour"], since=now - _PACE, until=now, where=where)
    begun = min((row.key["hour"] for row in hours), default=now)
    elapsed = max(timedelta(days=1), now - max(begun, now - _PACE))
    # In UTC: between two times of one zone Python takes no notice of a clock that was changed.
    left = until.astimezone(UTC) - now.astimezone(UTC)
    coming = sum((row.total_cost for row in hours), Decimal(0)) * _ratio(left, elapsed)
    return MonthToDate(since, until, spent, spent + round(coming, 2))


def _statement(
    by: Sequence[str],
    since: datetime,
    until: datetime | None,
    zone: str,
    where: Collection[str],
) -> str:
    keys = [str(n) for n in range(1, len(by) + 1)]
    periods = [key for name, key in zip(by, keys, strict=True) if name in PERIODS]
    return _SPEND.format(
        keys="".join(f"{DIMENSIONS[name]}, " for name in by),
        source=_source(by, since, until, zone, where),
        groups=", ".join(keys) or "()",
        order=", ".join([*periods, "total_cost DESC", *keys]),
    )


def _row(by: Sequence[str], row: Sequence[Any]) -> Spend:
    key, sums = row[: len(by)], row[len(by) :]
    times = (v.astimezone(UTC) if isinstance(v, datetime) else v for v in key)
    return Spend(dict(zip(by, times, strict=True)), *sums)


def _source(
    by: Sequence[str],
    since: datetime,
    until: datetime | None,
    zone: str,
    where: Collection[str],
) -> str:
    """The cheapest of the three sources that knows the answer."""
    if not OF_CALLS.keys().isdisjoint({*by, *where}):
        source = _CALLS
    elif zone == "UTC" and "hour" not in by and _are_days(since, until):
        source = _DAYS
    else:
        source = _HOURS
    return source.format(where="".join(f" AND {DIMENSIONS[n]} = %(where_{n})s" for n in where))


def _are_days(*bounds: datetime | None) -> bool:
    """Whether these are midnights in UTC."""
    times = [bound.astimezone(UTC) for bound in bounds if bound is not None]
    return all(at == at.replace(hour=0, minute=0, second=0, microsecond=0) for at in times)


def _check(
    by: Sequence[str],
    since: datetime,
    until: datetime | None,
    zone: str,
    where: Mapping[str, str],
) -> None:
    for name in (*by, *where):
        if name not in DIMENSIONS or (name in where and name in PERIODS):
            raise InvalidInputError(
                f"Spending is not known by {name!r}; there are {', '.join(DIMENSIONS)}."
            )
    for name, value in where.items():
        check_text(name, value)
    check_window(since, until)
    if until and until - since > _LONGEST:
        raise InvalidInputError(f"{since} to {until} is too long.")
    zone_named(zone)


def check_text(what: str, text: str) -> None:
    """Raise InvalidInputError for text that PostgreSQL cannot hold, and so never held."""
    if "\0" in text or text != text.encode("utf-8", "replace").decode():
        raise InvalidInputError(f"{text!r:.80} cannot be a {what}: no such text can be stored.")


def check_window(since: datetime, until: datetime | None) -> None:
    """Raise InvalidInputError unless both have a time zone and `until`, if any, comes after."""
    if since.tzinfo is None or (until and until.tzinfo is None):
        raise InvalidInputError("since and until need a time zone.")
    if until and until < since:
        raise InvalidInputError(f"{since} to {until} ends before it begins.")


def zone_named(name: str) -> ZoneInfo:
    """The time zone of this name; InvalidInputError when there is none."""
    try:
        return ZoneInfo("" if name.startswith(_NO_ZONES) else name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInputError(f"{name!r} is not a time zone such as Europe/Madrid.") from None


def _ratio(one: timedelta, other: timedelta) -> Decimal:
    second = timedelta(seconds=1)
    return Decimal(one // second) / (other // second)
