"""GenAI spans of the real SDK become events, whatever age their attributes' names are."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SimpleSpanProcessor,
    SpanExportResult,
)
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Status, StatusCode

from tracker_db.db import db, transaction
from tracker_db.models.costs import Event
from tracker_db.otel import EventExporter
from tracker_db.services.prices import set_price

#: Names of semantic-conventions-genai in 2026.
NEW = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "my-deployment",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.usage.input_tokens": 1000,
    "gen_ai.usage.output_tokens": 200,
    "gen_ai.usage.cache_read.input_tokens": 600,
    "gen_ai.usage.cache_creation.input_tokens": 100,
    "gen_ai.usage.reasoning.output_tokens": 50,
    "openai.response.service_tier": "flex",
    "user.id": "ann",
}
#: The same call in the names of semantic conventions 1.26 and of OpenLLMetry.
OLD = {
    "gen_ai.system": "openai",
    "gen_ai.request.model": "my-deployment",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.usage.prompt_tokens": 1000,
    "gen_ai.usage.completion_tokens": 200,
    "gen_ai.usage.cache_read_input_tokens": 600,
    "gen_ai.usage.cache_creation_input_tokens": 100,
    "gen_ai.usage.reasoning_tokens": 50,
    "gen_ai.openai.response.service_tier": "flex",
    "enduser.id": "ann",
}
#: And in those of Sentry's SDKs, where they differ.
SENTRY = NEW | {
    "gen_ai.usage.input_tokens.cached": 600,
    "gen_ai.usage.input_tokens.cache_write": 100,
    "gen_ai.usage.output_tokens.reasoning": 50,
}
for _name in ("cache_read.input_tokens", "cache_creation.input_tokens", "reasoning.output_tokens"):
    del SENTRY[f"gen_ai.usage.{_name}"]

#: And in those of OpenInference, which has no attribute for a tier or a response's id.
OPENINFERENCE = {
    "openinference.span.kind": "LLM",
    "llm.system": "openai",
    "llm.model_name": "gpt-4o-2024-08-06",
    "llm.token_count.prompt": 1000,
    "llm.token_count.completion": 200,
    "llm.token_count.total": 1200,
    "llm.token_count.prompt_details.cache_read": 600,
    "llm.token_count.prompt_details.cache_write": 100,
    "llm.token_count.completion_details.reasoning": 50,
    "user.id": "ann",
}


def trace(*spans, processor=SimpleSpanProcessor, **defaults):
    """End a span with each of these attributes, under a provider of the real SDK."""
    provider = TracerProvider(resource=Resource({}), shutdown_on_exit=False)
    provider.add_span_processor(processor(EventExporter(**defaults)))
    for attributes in spans:
        with provider.get_tracer("test").start_as_current_span("chat", attributes=attributes):
            pass
    provider.shutdown()


def events(*columns):
    with db.connection_context():
        chosen = [getattr(Event, name) for name in columns]
        return list(Event.select(*chosen).order_by(Event.created_at, Event.span_id).tuples())


@pytest.mark.parametrize("attributes", [NEW, OLD, SENTRY], ids=["new", "old", "sentry"])
def test_old_and_new_names_tell_of_the_same_call(database, attributes):
    trace(attributes)
    assert events(
        "provider", "model", "request_id", "input_tokens", "output_tokens", "cached_tokens",
        "cache_write_tokens", "reasoning_tokens", "service_tier", "user_id", "status",
    ) == [
        ("openai", "gpt-4o-2024-08-06", "chatcmpl-1", 1000, 200, 600, 100, 50, "flex", "ann", "ok")
    ]  # fmt: skip


def test_openinference_tells_of_the_same_call(database):
    trace(OPENINFERENCE)
    assert events(
        "provider", "model", "input_tokens", "output_tokens", "cached_tokens",
        "cache_write_tokens", "reasoning_tokens", "user_id",
    ) == [("openai", "gpt-4o-2024-08-06", 1000, 200, 600, 100, 50, "ann")]  # fmt: skip


def test_where_a_model_is_hosted_is_who_is_paid(database):
    trace(OPENINFERENCE | {"llm.provider": "azure"})
    assert events("provider") == [("azure",)]


def test_a_batch_keeps_traces_times_and_prices(database):
    set_price(
        "openai",
        "gpt-4o-2024-08-06",
        input_per_million=Decimal(1),
        output_per_million=Decimal(10),
        effective=datetime(2020, 6, 1, tzinfo=UTC),
    )
    ids = [NEW | {"gen_ai.response.id": f"chatcmpl-{n}"} for n in range(20)]
    trace(*ids, processor=BatchSpanProcessor, project_id="shop", feature="chat")
    found = events(
        "project_id", "feature", "trace_id", "span_id", "latency_ms", "estimated_cost_usd"
    )
    assert len(found) == 20
    assert {row[:2] for row in found} == {("shop", "chat")}
    assert all(len(row[2]) == 32 and len(row[3]) == 16 and row[4] >= 0 for row in found)
    assert {row[5] for row in found} == {Decimal("0.003")}


def test_a_span_says_its_project_and_feature_itself(database):
    trace(NEW | {"tracker.project": "acme", "tracker.feature": "search"}, project_id="shop")
    assert events("project_id", "feature") == [("acme", "search")]


def test_spans_around_calls_and_other_spans_are_no_calls(database):
    trace(
        {"http.method": "GET"},
        {"gen_ai.operation.name": "chat"},
        NEW | {"gen_ai.operation.name": "invoke_agent"},
        NEW | {"gen_ai.operation.name": "execute_tool"},
        OPENINFERENCE | {"openinference.span.kind": "AGENT"},
        OPENINFERENCE | {"openinference.span.kind": "CHAIN"},
    )
    assert events("id") == []


def test_two_instrumentations_of_one_call_record_it_once(database):
    trace(NEW, OLD)
    assert len(events("id")) == 1


def test_without_a_response_id_the_span_is_the_identity(database):
    without = {name: value for name, value in NEW.items() if name != "gen_ai.response.id"}
    trace(without, without)
    found = events("request_id", "trace_id", "span_id")
    assert len(found) == 2
    assert all(row[0] == f"span:{row[1]}:{row[2]}" for row in found)


def test_parts_that_were_left_out_of_their_total_are_added(database):
    # Anthropic's own count of input leaves out what was cached.
    trace(NEW | {"gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5})
    assert events("input_tokens", "output_tokens") == [(710, 55)]


def test_a_call_of_nobody_knows_what_is_counted_as_unpriced(database):
    trace({"gen_ai.usage.input_tokens": 5})
    row = ("unknown", "unknown", 5, 0, None)
    columns = ("provider", "model", "input_tokens", "output_tokens", "estimated_cost_usd")
    assert events(*columns) == [row]


def test_a_provider_is_told_by_its_host_where_nothing_else_tells(database):
    trace({"server.address": "api.anthropic.com", "gen_ai.usage.output_tokens": 5})
    assert events("provider") == [("anthropic",)]


def test_a_failed_call_that_used_tokens_is_recorded_as_an_error(database):
    provider = TracerProvider(resource=Resource({}), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(EventExporter()))
    with provider.get_tracer("test").start_as_current_span("outer") as outer:
        span = provider.get_tracer("test").start_span("chat", attributes=NEW)
        span.set_status(Status(StatusCode.ERROR))
        span.end()
    parent = f"{outer.get_span_context().span_id:016x}"
    assert events("status", "parent_span_id") == [("error", parent)]


@pytest.mark.parametrize("count", [-5, 1.5, "many", True])
def test_a_count_that_cannot_be_is_refused_and_the_others_kept(database, caplog, count):
    bad = NEW | {"gen_ai.usage.input_tokens": count, "gen_ai.response.id": "bad"}
    trace(bad, NEW, processor=BatchSpanProcessor)
    assert events("request_id") == [("chatcmpl-1",)]
    assert "refused" in caplog.text


def test_other_figures_under_the_same_id_are_refused_with_the_reason(database, caplog):
    trace(NEW, NEW | {"gen_ai.usage.output_tokens": 201})
    assert events("output_tokens") == [(200,)]
    assert "chatcmpl-1 was refused: request_id chatcmpl-1 is recorded already" in caplog.text


def test_what_the_database_cannot_take_is_logged_as_lines_to_record_later(database, caplog):
    with transaction():
        db.execute_sql("ALTER TABLE events RENAME TO away")
    trace(NEW)
    line = caplog.records[-1].getMessage().splitlines()[-1]
    assert json.loads(line)["request_id"] == "chatcmpl-1"
    with transaction():
        db.execute_sql("ALTER TABLE away RENAME TO events")


def test_after_shutdown_nothing_is_recorded(database):
    kept = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource({}), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    provider.get_tracer("test").start_span("chat", attributes=NEW).end()
    exporter = EventExporter()
    exporter.shutdown()
    assert exporter.export(kept.get_finished_spans()) is SpanExportResult.FAILURE
    assert events("id") == []


def test_without_the_extra_the_line_to_type_is_said():
    code = "import sys; sys.modules['opentelemetry.sdk'] = None; import tracker_db.otel"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "pip install 'tracker-db[otel]'" in done.stderr
