"""OpenTelemetry: LLM calls that are traced already are recorded from their spans.

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(EventExporter(project_id="shop")))

Needs the extra `otel`. Prompts and answers in the spans are not read.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tracker_db.errors import InvalidInputError, MissingExtraError
from tracker_db.llm.spans import read_span
from tracker_db.services.costs import record_events

try:
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
    from opentelemetry.trace import StatusCode
except ImportError:
    raise MissingExtraError("Recording OpenTelemetry spans", "otel") from None

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.sdk.trace import ReadableSpan

_log = logging.getLogger(__name__)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class EventExporter(SpanExporter):
    """Records the GenAI spans among those it is given; every other span is passed over.

    `defaults` are fields of `llm.call.Call` for spans that do not tell them. A call is known by
    its response's id, or by its span where there is none, so that it is recorded once however
    many instrumentations or retries tell of it. A call that cannot be recorded is logged as an
    error; when the database is away that is a line for `tracker costs record`.
    """

    def __init__(self, **defaults: Any) -> None:
        self._defaults = defaults
        self._is_shut_down = False

    def shutdown(self) -> None:
        """Record nothing from now on."""
        self._is_shut_down = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Record a batch; FAILURE when the database could not take it, and after shutdown."""
        if self._is_shut_down:
            return SpanExportResult.FAILURE
        calls = [call for span in spans if (call := self._call(span)) is not None]
        if not calls:
            return SpanExportResult.SUCCESS
        try:
            report = record_events(calls)
        except Exception as error:  # noqa: BLE001 - the interface answers with a result
            lines = "\n".join(json.dumps(call, default=str) for call in calls)
            _log.error(
                "%d LLM calls were not recorded: %s The calls:\n%s", len(calls), error, lines
            )
            return SpanExportResult.FAILURE
        for position, reason in report.reasons:
            _log.error("The LLM call %s was refused: %s", calls[position - 1]["request_id"], reason)
        return SpanExportResult.SUCCESS

    def _call(self, span: ReadableSpan) -> dict[str, Any] | None:
        try:
            told = read_span(span.attributes or {})
        except InvalidInputError as error:
            _log.error("The LLM call of the span %r was refused: %s", span.name, error)
            return None
        return None if told is None else self._defaults | _of_span(span) | told


def _of_span(span: ReadableSpan) -> dict[str, Any]:
    """What every span tells: who and when."""
    context, start, end = span.get_span_context(), span.start_time or 0, span.end_time or 0
    assert context is not None, "the SDK gives every span one"
    trace_id, span_id = f"{context.trace_id:032x}", f"{context.span_id:016x}"
    return {
        "trace_id": trace_id,
        "span_id": span_id,
        "parent_span_id": f"{span.parent.span_id:016x}" if span.parent else None,
        "request_id": f"span:{trace_id}:{span_id}",
        "created_at": _EPOCH + timedelta(microseconds=start // 1000),
        "latency_ms": max(end - start, 0) / 1_000_000,
        "status": "error" if span.status.status_code is StatusCode.ERROR else "ok",
    }
