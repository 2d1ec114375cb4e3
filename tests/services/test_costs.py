"""Recording: each call once, priced at its own date, a bad one refused with its reason."""

import json
import os
import threading
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path
from uuid import RFC_4122
from zoneinfo import ZoneInfo

import pytest

from tracker_db.db import db, transaction
from tracker_db.errors import InvalidInputError
from tracker_db.llm.pricing import Rate
from tracker_db.services.aggregates import verify
from tracker_db.services.costs import record_event, record_events, record_log
from tracker_db.services.prices import import_genai_prices, set_price

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
CALL = {"provider": "openai", "model": "gpt-x", "input_tokens": 1000, "output_tokens": 100}


def run(statement, *values):
    with transaction():
        return db.execute_sql(statement, values).fetchall()


def stored(columns):
    return run(f"SELECT {columns} FROM events ORDER BY created_at, request_id")


def price(model="gpt-x", dollars=2, since=datetime(2026, 1, 1, tzinfo=UTC), **fields):
    set_price(
        "openai",
        model,
        input_per_million=Decimal(dollars),
        output_per_million=Decimal(10),
        effective=since,
        **fields,
    )


def test_a_call_is_priced_by_the_sheet_of_its_own_date_and_remembers_it(database):
    price()
    price(dollars=5, since=NOON)
    record_events([CALL | {"created_at": NOON - timedelta(days=1)}, CALL | {"created_at": NOON}])
    prices = run("SELECT id FROM model_pricing ORDER BY effective_date")
    assert stored("estimated_cost_usd, price_id") == [
        (Decimal("0.003"), prices[0][0]),
        (Decimal("0.006"), prices[1][0]),
    ]


def test_a_project_pays_its_own_price(database):
    price()
    price(dollars=1, project="acme")
    record_events([CALL | {"project_id": "acme", "created_at": NOON}])
    record_events([CALL | {"created_at": NOON + timedelta(1)}])
    assert stored("estimated_cost_usd") == [(Decimal("0.002"),), (Decimal("0.003"),)]


def test_a_price_set_while_recording_goes_on_counts_at_once(database):
    record_event(**CALL, created_at=NOON)
    price()
    record_event(**CALL, created_at=NOON + timedelta(seconds=1))
    assert stored("estimated_cost_usd") == [(None,), (Decimal("0.003"),)]


def test_an_unknown_model_is_unpriced_and_counted_never_free(database):
    report = record_events([CALL])
    assert report.unpriced == 1
    assert stored("estimated_cost_usd, verified_cost_usd") == [(None, None)]
    sums = run("SELECT total_cost, unpriced_count FROM cost_aggregates_live WHERE period = 'day'")
    assert sums == [(0, 1)]


def test_what_the_caller_knows_is_kept(database):
    price()
    record_event(
        **CALL, created_at=NOON, estimated_cost_usd="0.000000000123", verified_cost_usd="0.5"
    )
    columns = "estimated_cost_usd, verified_cost_usd, verified_source, price_id"
    assert stored(columns) == [(Decimal("1.23E-10"), Decimal("0.5"), "caller", None)]


def test_every_field_arrives_as_it_was_given(database):
    fields = CALL | {
        "project_id": "acme",
        "feature": 'back\\slash \\N \\" "quoted", \x7f',
        "user_id": "Zoë \U0001f680",
        "model": "null",
        "trace_id": "t1",
        "span_id": "s1",
        "parent_span_id": "s0",
        "cached_tokens": 600,
        "cache_write_tokens": 300,
        "cache_write_1h_tokens": 200,
        "reasoning_tokens": 50,
        "usage_details": {"web_searches": 2, "input_audio_seconds": Decimal("1.5")},
        "service_tier": "priority",
        "processing": "batch",
        "speed": "fast",
        "latency_ms": 653.4,
        "status": "error",
        "request_id": "r1",
        "metadata": {"text": "a\tb\nc\\d", "n": [1, None]},
        "created_at": NOON,
    }
    record_event(**fields)
    (row,) = stored(", ".join(fields))
    assert dict(zip(fields, row, strict=True)) == fields | {
        "latency_ms": 653,
        "usage_details": {"web_searches": 2, "input_audio_seconds": "1.5"},
    }


def test_text_arrives_whole_whatever_encoding_the_client_was_set_to(database):
    with transaction():
        db.execute_sql("SET LOCAL client_encoding = 'LATIN1'")
        record_event(**CALL, user_id="Zo\xeb")
    assert stored("user_id") == [("Zo\xeb",)]


def test_an_id_is_a_random_uuid_like_those_the_database_makes(database):
    record_events([CALL, CALL])
    ids = [row[0] for row in run("SELECT id FROM events")]
    assert {(id_.version, id_.variant) for id_ in ids} == {(4, RFC_4122)}
    assert len(set(ids)) == 2


def test_what_is_left_out_is_filled_in_or_unknown_not_zero(database):
    before = datetime.now(UTC)
    record_event(**CALL)
    (row,) = run(
        "SELECT project_id, feature, latency_ms, is_cache_hit, status, created_at = ingested_at,"
        " length(trace_id), length(span_id), created_at FROM events"
    )
    assert row[:-1] == ("default", "default", None, False, "ok", True, 32, 16)
    assert before - timedelta(minutes=1) < row[-1] < before + timedelta(minutes=1)


class Mute:
    """Has no text for anybody."""

    def __repr__(self):
        raise LookupError


BAD = {
    "negative tokens": ({"input_tokens": -1}, "input_tokens: .* greater than or equal to 0"),
    "10^18 tokens": ({"input_tokens": 10**18}, "input_tokens: .* less than or equal to 1000000"),
    "NaN tokens": ({"output_tokens": float("nan")}, "output_tokens: .* valid integer"),
    "tokens as text": ({"output_tokens": "5"}, "output_tokens: .* valid integer"),
    "a boolean": ({"output_tokens": True}, "output_tokens: .* valid integer"),
    "cached > input": ({"cached_tokens": 1001}, "1001 cached .* more than the 1000 input"),
    "cached + written > input": (
        {"cached_tokens": 600, "cache_write_tokens": 600},
        "600 cached and 600 cache-write tokens are more than the 1000 input tokens",
    ),
    "reasoning > output": ({"reasoning_tokens": 101}, "101 reasoning tokens are more"),
    "a future date": ({"created_at": "2999-01-01T00:00:00Z"}, "2999-01-01 .* in the future"),
    "a naive date": ({"created_at": "2026-01-01T00:00:00"}, "created_at: .* timezone"),
    "seconds for a date": ({"created_at": 5}, "created_at: .* greater than or equal to 2020"),
    "no model": ({"model": None}, "model: .* valid string"),
    "an empty model": ({"model": ""}, "model: .* at least 1 character"),
    "a NUL": ({"model": "gpt\x00"}, "model: .* match pattern"),
    "a NUL in the request id": ({"request_id": "r\x00"}, "request_id: .* match pattern"),
    "half a project": ({"project_id": "\ud83d", "request_id": "r"}, "project_id: .* unicode"),
    "a line end in the request id": ({"request_id": "a\nb"}, "request_id: .* match pattern"),
    "half a character": ({"model": "\ud83d"}, "model: .* unicode"),
    "a name of 201 characters": ({"user_id": "x" * 201}, "user_id: .* at most 200 characters"),
    "NaN dollars": ({"verified_cost_usd": "NaN"}, "verified_cost_usd: .* finite"),
    "negative dollars": ({"estimated_cost_usd": -1}, "estimated_cost_usd: .* greater than"),
    "endless latency": ({"latency_ms": float("inf")}, "latency_ms: .* finite"),
    "NaN in metadata": ({"metadata": {"x": float("nan")}}, "metadata: .* JSON"),
    "a NUL in metadata": ({"metadata": {"x": "\x00"}}, "metadata: .* NUL"),
    "a key of metadata that is no text": ({"metadata": {"x": {(1, 2): 3}}}, "metadata: .* JSON"),
    "metadata without a text": ({"metadata": {"x": Mute()}}, "metadata: .* JSON"),
    "a value that cannot be shown": ({"user_id": Mute()}, "user_id: .* of type Mute"),
    "an endless number": ({"input_tokens": 10**5000}, "input_tokens: .* of type int"),
    "a count of 40 decimals": ({"usage_details": {"requests": Decimal("1E-40")}}, "decimal places"),
    "half a unit": ({"usage_details": {"\ud83d": 1}}, "is not a unit"),
    "an unknown unit": ({"usage_details": {"smiles": 1}}, "'smiles' is not a unit"),
    "bytes for a provider": ({"provider": b"openai"}, "provider: .* valid string"),
    "bytes for an id": ({"request_id": b"r1"}, "request_id: .* valid string"),
    "a misspelt field": ({"cached_token": 5}, "cached_token is no field .*; is it cached_tokens"),
}


@pytest.mark.parametrize(("fields", "reason"), BAD.values(), ids=BAD)
def test_a_bad_call_is_refused_with_its_reason_and_the_good_ones_are_kept(database, fields, reason):
    report = record_events([CALL, CALL | fields, CALL])
    assert (report.added, report.refused) == (2, 1)
    ((position, said),) = report.reasons
    assert position == 2
    with pytest.raises(InvalidInputError, match=f"(?s){reason}") as refused:
        record_event(**CALL | fields)
    assert said in str(refused.value)
    assert run("SELECT count(*) FROM events") == [(2,)]


def test_something_that_is_no_call_at_all_is_refused(database):
    report = record_events([CALL, 7, None, "gpt", [], Mute()])
    assert (report.added, report.refused) == (1, 5)


def test_a_request_id_is_recorded_once_in_its_project(database):
    one = CALL | {"request_id": "r1"}
    assert record_event(**one)
    assert not record_event(**one)
    report = record_events([one, CALL | {"request_id": "r2"}, one, one | {"project_id": "acme"}])
    assert (report.added, report.duplicates) == (2, 2)


def test_a_request_id_with_other_figures_is_a_mistake_not_a_duplicate(database):
    record_event(**CALL, request_id="r1")
    with pytest.raises(InvalidInputError, match="r1 is recorded already with other figures"):
        record_event(**CALL | {"output_tokens": 101}, request_id="r1")
    assert stored("output_tokens") == [(100,)]


def test_what_a_call_lacks_is_said_without_repeating_the_call(database):
    with pytest.raises(InvalidInputError) as refused:
        record_event(provider="openai", input_tokens=5, user_id="ann")
    assert str(refused.value).endswith("model is missing; output_tokens is missing")


class Run(str, Enum):  # noqa: UP042 - its str() is not its text, as that of StrEnum is
    """Names of runs."""

    NIGHTLY = "nightly"


def test_an_id_out_of_an_enumeration_is_known_by_its_text(database):
    one = CALL | {"request_id": Run.NIGHTLY, "project_id": Run.NIGHTLY}
    assert record_event(**one)
    assert not record_event(**one)
    assert not record_event(**one | {"request_id": "nightly"})


def test_an_id_in_braces_is_as_good_as_any(database):
    record_event(**CALL, request_id="{0}}{")
    report = record_events([CALL, CALL | {"request_id": "{0}}{", "output_tokens": 5}])
    assert (report.added, report.refused) == (1, 1)


@pytest.mark.parametrize("seconds", [20_700, 3_208, -86_340, 86_340, -1])
def test_a_moment_is_kept_whatever_zone_it_was_told_in(database, seconds):
    """Nepal, Madrid before 1901, and zones that Python has and PostgreSQL has not."""
    at = NOON.replace(microsecond=123_456).astimezone(timezone(timedelta(seconds=seconds)))
    record_event(**CALL, created_at=at)
    assert stored("created_at") == [(at,)]


def test_the_second_of_two_equal_hours_is_told_from_the_first(database):
    autumn = datetime(2025, 10, 26, 2, 30, tzinfo=ZoneInfo("Europe/Madrid"))
    record_events([CALL | {"created_at": autumn.replace(fold=fold)} for fold in (0, 1)])
    hours = [at.astimezone(UTC).hour for (at,) in stored("created_at")]
    assert hours == [0, 1]


def test_a_cost_that_cannot_be_is_refused_and_the_good_calls_are_kept(database):
    price(dollars=10**12)
    report = record_events([CALL | {"input_tokens": 10**12}, CALL])
    assert (report.added, report.refused) == (1, 1)
    assert "It would cost" in report.reasons[0][1]


def test_equal_calls_without_a_request_id_are_all_recorded(database):
    assert record_events([CALL] * 3).added == 3


def test_batches_report_progress_and_keep_positions(database):
    seen = []
    calls = [CALL] * 5 + [{}] + [CALL] * 2
    report = record_events(calls, batch_size=3, on_progress=lambda r: seen.append(r.received))
    assert seen == [3, 6, 8]
    assert report.reasons[0][0] == 6


def test_recorders_of_the_same_calls_at_once_record_each_once(database):
    calls = [CALL | {"request_id": f"r{n}"} for n in range(500)]
    reports = []
    start = threading.Barrier(4)

    def record(order):
        start.wait()
        reports.append(record_events(calls[::order], batch_size=100))

    threads = [threading.Thread(target=record, args=(order,)) for order in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.added for report in reports) == 500
    assert sum(report.duplicates for report in reports) == 1500
    assert verify() == []


LOG = [
    {"host": "api.openai.com", "model": "gpt-x", "ts": "2026-05-04T12:00:00+00:00",
     "latency_ms": "653", "request_id": "req_1", "service_tier": "default", "file": "a.yaml",
     "usage": {"prompt_tokens": 83, "completion_tokens": 9}},
    {"provider": "anthropic", "model": "claude-x", "ts": None, "request_id": "",
     "usage": {"input_tokens": 3, "cache_read_input_tokens": 7, "output_tokens": 2}},
    {"provider": "anthropic", "model": "claude-x", "ts": None, "request_id": "",
     "usage": {"input_tokens": 3, "cache_read_input_tokens": 7, "output_tokens": 2}},
]  # fmt: skip


def test_a_log_of_providers_usages_is_recorded_with_what_has_no_column_as_metadata(database):
    record_log([json.dumps(line) for line in LOG[:1]], feature="chat")
    columns = "provider, feature, input_tokens, latency_ms, service_tier, metadata, created_at"
    row = ("openai", "chat", 83, 653, "default", {"file": "a.yaml"}, NOON)
    assert stored(columns) == [row]


def test_a_log_read_again_or_grown_longer_adds_only_what_is_new(database):
    assert record_log(map(json.dumps, LOG[:2])).added == 2
    report = record_log(map(json.dumps, LOG))
    assert (report.added, report.duplicates) == (1, 2)


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "", "[" * 100_000, '{"a":' * 50_000, '{"usage": {}}', '{"model": "\\u0000"}'],
)
def test_a_line_that_is_no_call_is_refused(database, line):
    report = record_log([line, json.dumps(LOG[0])])
    assert (report.added, report.refused) == (1, 1)


def test_the_database_refuses_what_does_not_add_up_whoever_writes_it(database):
    insert = (
        "INSERT INTO events (trace_id, span_id, feature, provider, model, input_tokens,"
        " output_tokens, {}) VALUES ('t', 's', 'f', 'p', 'm', 5, 5, {})"
    )
    for column, value in (
        ("cached_tokens", "6"),
        ("reasoning_tokens", "6"),
        ("estimated_cost_usd", "'NaN'"),
        ("verified_cost_usd", "-1"),
        ("latency_ms", "-1"),
    ):
        with pytest.raises(Exception, match="violates check constraint"):
            run(insert.format(column, value))


def test_replaying_the_whole_file_of_real_calls_adds_nothing_and_changes_no_total(database):
    folder = os.environ.get("TRACKER_TEST_DATA")
    if not folder:
        pytest.skip("TRACKER_TEST_DATA names no folder with real usages")
    lines = (Path(folder) / "llm" / "usage_events.jsonl").read_text().splitlines()
    import_genai_prices()
    first = record_log(lines)
    totals = run("SELECT sum(total_cost), sum(call_count) FROM cost_aggregates_live")
    again = record_log(lines)
    assert (first.added, first.refused) == (1113, 30)
    assert (again.added, again.duplicates) == (0, first.added + first.duplicates)
    assert run("SELECT sum(total_cost), sum(call_count) FROM cost_aggregates_live") == totals
    assert verify() == []


def test_tiers_and_kinds_of_calls_reach_the_price_in_whatever_order_they_were_set(database):
    tiered = Rate(unit="input_tokens", price=Decimal(2), tiers=((500_000, Decimal(4)),))
    batch = Rate(unit="input_tokens", price=Decimal(1), when={"processing": "batch"})
    price(rates=[tiered, batch])
    record_event(**CALL, processing="batch", created_at=NOON)
    assert stored("estimated_cost_usd") == [(Decimal("0.002"),)]
