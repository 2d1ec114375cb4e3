"""LLM costs: ingest, trigger, refresh and reading, each beside what it is compared with.

Run: python benchmarks/costs.py [EVENTS]      (1,000,000 by default)
"""

from __future__ import annotations

import io
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from scratch import scratch_database

from tracker_db.db import db, transaction
from tracker_db.llm.prompts import fingerprint
from tracker_db.models.costs import Event
from tracker_db.queries.costs import spend
from tracker_db.services.aggregates import SUMS, refresh, verify
from tracker_db.services.analysis import analyze
from tracker_db.services.costs import record_events
from tracker_db.services.prices import set_price

ROWS, ROUNDS, NEW = 20_000, 7, 10_000
PROJECTS, FEATURES, MODELS = 4, 12, 6
NOW = datetime.now(UTC)

COLUMNS = (
    "project_id, feature, user_id, provider, model, input_tokens, output_tokens, cached_tokens,"
    " latency_ms, estimated_cost_usd, request_id, created_at, trace_id, span_id"
)
GENERATE = f"""
    INSERT INTO events ({COLUMNS})
    SELECT 'p' || mod(n, {PROJECTS}), 'f' || mod(n, {FEATURES}), 'u' || mod(n, 500), 'openai',
           'm' || mod(n, {MODELS}), mod(n, 3000), mod(n, 500), 0, 300, 0.000123 * mod(n, 100),
           'g' || n, now() - mod(n, 43200) * interval '1 minute', 't' || n, 's'
    FROM generate_series(%s, %s) AS n
"""
REBUILD = """
    TRUNCATE cost_aggregates;
    INSERT INTO cost_aggregates (project_id, feature, model, period, period_start, {sums})
    SELECT project_id, feature, model, period, date_trunc(period, created_at, 'UTC'),
           sum(coalesce(verified_cost_usd, estimated_cost_usd, 0)), sum(input_tokens),
           sum(output_tokens), sum(cached_tokens), count(*),
           count(*) FILTER (WHERE coalesce(verified_cost_usd, estimated_cost_usd) IS NULL),
           coalesce(sum(latency_ms), 0), count(latency_ms)
    FROM events CROSS JOIN (VALUES ('hour'), ('day')) AS periods (period)
    GROUP BY 1, 2, 3, 4, 5
""".format(sums=", ".join(SUMS))
RAW_SPEND = """
    SELECT date_trunc('day', created_at, 'UTC'), model,
           sum(coalesce(verified_cost_usd, estimated_cost_usd))
    FROM events WHERE project_id = 'p1' AND created_at >= %s GROUP BY 1, 2
"""


def calls(count, seconds):
    """Calls as a script would give them, unlike each other, from the last `seconds`."""
    dice = random.Random(1)
    return [
        {
            "project_id": f"p{dice.randrange(PROJECTS)}",
            "feature": f"f{dice.randrange(FEATURES)}",
            "user_id": f"u{dice.randrange(500)}",
            "provider": "openai",
            "model": f"m{dice.randrange(MODELS)}",
            "input_tokens": 200 + dice.randrange(3000),
            "output_tokens": dice.randrange(500),
            "cached_tokens": dice.randrange(200),
            "latency_ms": dice.randrange(100, 9000),
            "request_id": f"req_{dice.getrandbits(96):024x}",
            "created_at": NOW - timedelta(seconds=dice.randrange(seconds)),
        }
        for _ in range(count)
    ]


def best(work, rounds=ROUNDS):
    return min(timed(work) for _ in range(rounds))


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def execute(statement, *values):
    with transaction():
        cursor = db.execute_sql(statement, values or None)
        return cursor.fetchall() if cursor.description else None


def empty():
    """No events, no deltas: every round starts alike."""
    execute("TRUNCATE events, cost_aggregates CASCADE")
    execute("TRUNCATE cost_deltas")


def copy(text):
    with transaction(), db.cursor() as cursor:
        cursor.copy_expert("COPY events FROM STDIN", io.StringIO(text), size=1 << 16)


def insert_many(rows):
    with transaction():
        for start in range(0, len(rows), 1000):
            Event.insert_many(rows[start : start + 1000]).execute()


def ingest(given):
    """Seconds, best of the rounds, of each way to store the same rows; the rounds interleave."""
    empty()
    record_events(given)
    dump = io.StringIO()
    with transaction(), db.cursor() as cursor:
        cursor.copy_expert("COPY events TO STDOUT", dump)
    rows = list(Event.select().dicts()) if db.connect() else []
    db.close()
    ways = {
        "record_events": lambda: record_events(given),
        "raw COPY": lambda: copy(dump.getvalue()),
        "insert_many": lambda: insert_many(rows),
        "raw COPY, no triggers": lambda: copy(dump.getvalue()),
    }
    seconds = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            empty()
            switch = "DISABLE" if "no triggers" in name else "ENABLE"
            execute(f"ALTER TABLE events {switch} TRIGGER USER")
            seconds[name].append(timed(way))
    execute("ALTER TABLE events ENABLE TRIGGER USER")
    return {name: min(times) for name, times in seconds.items()}


def new_events():
    """Ten thousand events one by one: as many deltas."""
    with transaction():
        for n in range(NEW):
            db.execute_sql(
                f"INSERT INTO events ({COLUMNS}) VALUES (%s, %s, 'u', 'openai', %s, 100, 10, 0,"
                " 300, 0.001, NULL, %s, 't', 's')",
                (f"p{n % PROJECTS}", f"f{n % FEATURES}", f"m{n % MODELS}", NOW),
            )


def fold():
    while refresh():
        pass


def refresh_seconds():
    times = []
    for _ in range(3):
        new_events()
        times.append(timed(fold))
    return min(times)


def grow(start, stop):
    for first in range(start, stop, 100_000):
        execute(GENERATE, first + 1, min(first + 100_000, stop))
    fold()
    with db.connection_context():  # VACUUM runs in no transaction
        db.execute_sql("VACUUM ANALYZE events, cost_aggregates, cost_deltas")


def line(what, figure, wanted):
    print(f"{what:<58} {figure:>12}   {wanted}")


def main(events):
    with scratch_database():
        for n in range(MODELS):
            set_price(
                "openai",
                f"m{n}",
                input_per_million=Decimal(2),
                output_per_million=Decimal(8),
                effective=datetime(2020, 6, 1, tzinfo=UTC),
            )
        report_ingest(ingest(calls(ROWS, 3600)))
        shuffled = ingest(calls(ROWS, 30 * 86400))
        line("the same for a month of calls, shuffled", f"{_trigger_cost(shuffled):+.0%}", "")
        report_analysis()
        report_reading(events)


def report_ingest(seconds):
    ours, raw = seconds["record_events"], seconds["raw COPY"]
    line("record_events, calls a second", f"{ROWS / ours:,.0f}", "")
    line("record_events against raw COPY", f"{raw / ours:.2f}", "at least 0.6")
    line(
        "record_events against insert_many",
        f"{seconds['insert_many'] / ours:.1f} x",
        "at least 5 x",
    )
    line("triggers on bulk ingest", f"{_trigger_cost(seconds):+.0%}", "at most +10 %")


def _trigger_cost(seconds):
    return seconds["raw COPY"] / seconds["raw COPY, no triggers"] - 1


def prompt(n):
    """What is known of one of a hundred beginnings, some 2,000 tokens, with an end of its own."""
    return fingerprint(f"{n % 100} tells you how to answer. " * 300 + f"Question {n}").metadata()


def report_analysis():
    empty()
    given = [call | {"metadata": prompt(n)} for n, call in enumerate(calls(ROWS, 3600))]
    recording = timed(lambda: record_events(given))
    until = NOW + timedelta(hours=1)
    analysis = best(lambda: analyze(until - timedelta(hours=3), until), 3)
    line(f"prompt analysis of {ROWS:,} calls", f"{analysis:.2f} s", "")
    line("against recording the same calls", f"{analysis / recording:.1f} x", "")


def report_reading(events):
    empty()
    small = min(100_000, events)
    grow(0, small)
    at_small = refresh_seconds()
    grow(small, events)
    at_full = refresh_seconds()
    rebuild = best(lambda: execute(REBUILD), 2)
    line(f"refresh of {NEW:,} events at {small:,}", f"{at_small * 1000:.0f} ms", "")
    line(f"refresh of {NEW:,} events at {events:,}", f"{at_full * 1000:.0f} ms", "flat")
    line("against a full rebuild", f"{rebuild / at_full:.0f} x", "at least 80 x")
    month = NOW.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=30)
    asked = {"since": month, "where": {"project": "p1"}}
    with db.connection_context():
        live = best(lambda: spend(["day", "model"], **asked))
        elsewhere = best(lambda: spend(["day", "model"], **asked, zone="Asia/Kolkata"))
        raw = best(lambda: db.execute_sql(RAW_SPEND, (month,)).fetchall(), 2)
    line("30 days by day and model", f"{live * 1000:.1f} ms", "at most 5 ms")
    line("the same with the days of a half-hour zone", f"{elsewhere * 1000:.1f} ms", "")
    line("against the same from raw events", f"{raw / live:.0f} x", "at least 100 x")
    line("verify", f"{len(verify())} wrong", "0")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
