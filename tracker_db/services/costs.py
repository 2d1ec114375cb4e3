"""Recording LLM calls: priced, each once, and a bad one never takes good ones with it."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from peewee import IntegrityError, __exception_wrapper__  # type: ignore[attr-defined]
from psycopg2.errors import UniqueViolation

from tracker_db.db import db, transaction
from tracker_db.errors import InvalidInputError, TrackerError
from tracker_db.llm.call import Call, read_call
from tracker_db.llm.responses import LogReader
from tracker_db.llm.table import Price
from tracker_db.services.prices import clock_and_prices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

#: A caller's clock may run ahead of the database's by this much.
_CLOCK_SKEW = timedelta(minutes=5)
#: Random bytes for a call: 16 for a trace id and 8 for a span id, as W3C trace context has them.
_DRAWN = 24
#: Reasons kept in a report; all are counted.
_REASONS = 1000

_COLUMNS = (*Call.model_fields, "price_id")
#: Columns that no call needs to give and that the database does not fill in by itself.
_FILLED_IN = {
    "feature",
    "created_at",
    "estimated_cost_usd",
    "price_id",
    "verified_source",
    "is_cache_hit",
    "trace_id",
    "span_id",
}
#: One project's at a time: a join with a list of pairs would scan the whole table.
_RECORDED = """
    SELECT project_id, request_id, provider, model, input_tokens, output_tokens, cached_tokens
    FROM events
    WHERE project_id = %s AND request_id = ANY (string_to_array(%s, E'\\n'))
"""

Fields = dict[str, Any]


@dataclass(slots=True)
class RecordReport:
    """What became of the calls given: each was added, known already, or refused."""

    added: int = 0
    duplicates: int = 0
    refused: int = 0
    #: Of those added, how many no price is known for.
    unpriced: int = 0
    #: (position counted from 1, reason) of the first thousand refused.
    reasons: list[tuple[int, str]] = field(default_factory=list)

    @property
    def received(self) -> int:
        """How many calls were given."""
        return self.added + self.duplicates + self.refused

    def refuse(self, position: int, reason: object) -> None:
        """Count a refused call and keep the reason."""
        self.refused += 1
        if len(self.reasons) < _REASONS:
            self.reasons.append((position, str(reason)))

    def include(self, batch: RecordReport) -> None:
        """Add the numbers of a batch that was committed."""
        self.added += batch.added
        self.duplicates += batch.duplicates
        self.refused += batch.refused
        self.unpriced += batch.unpriced
        self.reasons += batch.reasons[: _REASONS - len(self.reasons)]


def record_event(**fields: Any) -> bool:
    """Record one LLM call; False when its request id is recorded already.

    Fields as in `llm.call.Call`. Raises InvalidInputError, and records nothing, when a
    field cannot be right or the request id is recorded with other figures.
    """
    report = record_events([fields])
    if report.refused:
        raise InvalidInputError(f"The call was not recorded. {report.reasons[0][1]}")
    return report.added == 1


def record_events(
    events: Iterable[Mapping[str, Any]],
    *,
    batch_size: int = 10_000,
    on_progress: Callable[[RecordReport], None] | None = None,
) -> RecordReport:
    """Record many calls (fields as in `llm.call.Call`), each batch in its own transaction.

    A call that cannot be right is refused with its reason, the others are kept. A call
    whose request id its project has already is counted as a duplicate, so after a crash
    the same events can be given again. Calls without a request id are always new.
    """
    return _record(events, _fields, batch_size, on_progress)


def record_log(
    lines: Iterable[str | Mapping[str, Any]],
    *,
    batch_size: int = 10_000,
    on_progress: Callable[[RecordReport], None] | None = None,
    **defaults: Any,
) -> RecordReport:
    """Record a log of calls, JSON lines; reading a log again, or grown longer, adds no call twice.

    A line holds the fields of `llm.call.Call`, or a provider's own `usage` beside provider
    (or host) and model. `defaults` are fields for lines without them.
    """
    return _record(lines, LogReader(**defaults).read, batch_size, on_progress)


def _fields(event: Mapping[str, Any]) -> Fields:
    if not isinstance(event, Mapping):
        raise InvalidInputError(f"{event!r:.80} is not a mapping of fields.")
    return event if isinstance(event, dict) else dict(event)


def _record(
    items: Iterable[Any],
    read: Callable[[Any], dict[str, Any]],
    batch_size: int,
    on_progress: Callable[[RecordReport], None] | None,
) -> RecordReport:
    report = RecordReport()
    for batch in _batches(enumerate(items, start=1), batch_size):
        report.include(_record_batch(batch, read))
        if on_progress:
            on_progress(report)
    return report


def _batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def _record_batch(batch: list[tuple[int, Any]], read: Callable[[Any], Fields]) -> RecordReport:
    """One transaction: leave out what is recorded; check, price and copy the rest."""
    report = RecordReport()
    calls = list(_read(batch, read, report))
    # Whoever records the same calls at the same time takes them in the same order, so that
    # two processes never wait for each other in a circle.
    calls.sort(key=_key_of)
    with transaction():
        report.include(_copy_new(calls))
    report.reasons.sort()
    return report


def _read(
    batch: list[tuple[int, Any]], read: Callable[[Any], Fields], report: RecordReport
) -> Iterator[tuple[int, Fields]]:
    for position, item in batch:
        try:
            yield position, read(item)
        except (InvalidInputError, RecursionError) as error:
            report.refuse(position, error)


def _key_of(call: tuple[int, Fields]) -> tuple[str, str]:
    fields = call[1]
    return str(fields.get("project_id", "default")), str(fields.get("request_id") or "")


def _copy_new(calls: list[tuple[int, Fields]]) -> RecordReport:
    """Copy what is not recorded yet.

    When another process records one of the calls at this very moment, the copy waits for
    it and fails; the next look finds what it recorded.
    """
    for _ in range(5):
        rows = _Rows(calls)
        try:
            with db.atomic(), __exception_wrapper__, db.cursor() as cursor:
                cursor.copy_expert(rows.statement, rows)
        except IntegrityError as error:
            if not isinstance(error.__context__, UniqueViolation):
                raise
        else:
            return rows.report
    raise TrackerError(
        "Other processes kept recording the same request ids. Nothing of this batch was"
        " recorded; give it again."
    )


class _Rows(io.TextIOBase):
    """The calls as COPY's text, made while the server stores the lines before.

    A known request id is a duplicate, one with other figures a mistake.
    """

    def __init__(self, calls: list[tuple[int, Fields]]) -> None:
        self.report = RecordReport()
        self._now, self._prices = clock_and_prices()
        self._known = _recorded(calls)
        # A column that no call gives is left to the database: fewer to write and to read.
        given = _FILLED_IN.union(*(fields for _, fields in calls))
        columns = [name for name in _COLUMNS if name in given]
        self.statement = f"COPY events ({', '.join(columns)}) FROM STDIN"
        self._values = itemgetter(*columns)
        self._random = io.BytesIO(os.urandom(_DRAWN * len(calls)))
        self._lines = self._render(calls)

    def read(self, _size: int | None = None) -> str:
        """Some more lines; empty at the end."""
        return "".join(islice(self._lines, 100))

    def _render(self, calls: list[tuple[int, Fields]]) -> Iterator[str]:
        latest = self._now + _CLOCK_SKEW
        for position, fields in calls:
            try:
                call = read_call(fields, latest=latest)
                if self._is_new(call):
                    yield self._line(call)
            except (InvalidInputError, RecursionError) as error:
                self.report.refuse(position, error)

    def _is_new(self, call: Call) -> bool:
        if call.request_id is None:
            return True
        figures = call.figures
        known = self._known.setdefault((call.project_id, call.request_id), figures)
        if known is figures:
            return True
        if known != figures:
            raise InvalidInputError(
                f"request_id {call.request_id} is recorded already with other figures:"
                " {} {}, {} input, {} output, {} cached tokens".format(*known)
            )
        self.report.duplicates += 1
        return False

    def _line(self, call: Call) -> str:
        row = call.__dict__ | self._filled_in(call)
        self.report.added += 1
        if row["estimated_cost_usd"] is None and row["verified_cost_usd"] is None:
            self.report.unpriced += 1
        # No value holds a tab, a line end or a NUL: Call checks.
        fields = ["\0" if value is None else str(value) for value in self._values(row)]
        return "\t".join(fields).replace("\\", "\\\\").replace("\0", "\\N") + "\n"

    def _filled_in(self, call: Call) -> Fields:
        """The columns of `events` that are not a field of the call as it is."""
        at = call.created_at or self._now
        price = self._price(call, at)
        drawn = self._random.read(_DRAWN).hex()
        return {
            "created_at": at,
            "estimated_cost_usd": price.cost,
            "price_id": price.sheet.id if price.sheet else None,
            "verified_source": call.verified_source or _source_of(call),
            "is_cache_hit": call.cached_tokens > 0
            if call.is_cache_hit is None
            else call.is_cache_hit,
            "latency_ms": None if call.latency_ms is None else round(call.latency_ms),
            "usage_details": call.usage_details and json.dumps(call.usage_details, default=str),
            "trace_id": call.trace_id or drawn[:32],
            "span_id": call.span_id or drawn[32:],
        }

    def _price(self, call: Call, at: datetime) -> Price:
        """The call's own estimate when it brought one."""
        if call.estimated_cost_usd is not None:
            return Price(call.estimated_cost_usd)
        return self._prices.price(call.project_id, call.provider, call.model, call, at)


def _source_of(call: Call) -> str | None:
    return None if call.verified_cost_usd is None else "caller"


def _recorded(calls: list[tuple[int, Fields]]) -> dict[tuple[str, str], tuple[Any, ...]]:
    """The figures of the calls whose request ids are recorded; `calls` are sorted by their key."""
    known = {}
    keys = (key for key in map(_key_of, calls) if key[1] and _can_be_sent("".join(key)))
    for project, of_project in groupby(keys, key=itemgetter(0)):
        request_ids = "\n".join(request_id for _, request_id in of_project)
        for row in db.execute_sql(_RECORDED, (project, request_ids)):
            known[row[0], row[1]] = row[2:]
    return known


def _can_be_sent(text: str) -> bool:
    """Whether PostgreSQL takes it at all; Call refuses what it does not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
