"""LLM calls as the lines of a COPY: checked, priced and rendered while the server stores them."""

from __future__ import annotations

import dataclasses
import io
import json
import os
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from itertools import chain, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from tracker_db.db import db
from tracker_db.errors import InvalidInputError
from tracker_db.llm.call import FIGURES, Call, figures_of, read_call
from tracker_db.llm.usage import MAX_DOLLARS
from tracker_db.services.prices import clock_and_prices

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: A caller's clock may run ahead of the database's by this much.
_CLOCK_SKEW = timedelta(minutes=5)
#: Random hexadecimal digits of a UUID, and of a trace id and a span id of W3C trace context.
_ID, _TRACE_ID, _SPAN_ID = 30, 32, 16
#: Reasons kept in a report; all are counted.
_REASONS = 1000

_COLUMNS = ("id", *(field.name for field in dataclasses.fields(Call)), "price_id")
#: Columns that no call needs to give and that are filled in here. The id is one of them, as a
#: server built without OpenSSL takes 3 us for a random one, a quarter of what a row costs it.
_FILLED_IN = {
    "id",
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
_RECORDED = f"""
    SELECT project_id, request_id, {", ".join(FIGURES)} FROM events
    WHERE project_id = %s AND request_id = ANY (string_to_array(%s, E'\\n'))
"""
#: CSV of which the inside of a JSON array is a line, as pydantic writes JSON twice as fast as we
#: could write text: strings are quoted, null is not, and of JSON's escapes only those of a quote
#: and a backslash come, since Call lets no string with a control character through.
_FORMAT = "FORMAT csv, ESCAPE E'\\\\', NULL 'null', ENCODING 'UTF8'"
_as_json = TypeAdapter(tuple).serializer.to_json

Fields = dict[str, Any]
#: Of each project (request id or '', position, fields) of the calls, which are not checked yet.
Calls = dict[str, list[tuple[str, int, Fields]]]


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


def in_order(calls: Iterable[tuple[int, Fields]]) -> Calls:
    """Calls given as (position, fields) by project and request id, both in order.

    Whoever records the same calls at the same time takes them in the same order, so that two
    processes never wait for each other in a circle.
    """
    projects: Calls = defaultdict(list)
    for position, fields in calls:
        project = _text(fields.get("project_id", "default"))
        projects[project].append((_text(fields.get("request_id")), position, fields))
    return {name: sorted(projects[name], key=itemgetter(0)) for name in sorted(projects)}


def _text(name: object) -> str:
    """A name as it is stored, also of an enumeration; what is no text will be refused."""
    return str.__str__(name) if isinstance(name, str) else ""


class CopyRows(io.RawIOBase):
    """The calls as COPY's text, made while the server stores the lines before.

    A known request id is a duplicate, one with other figures a mistake.
    """

    def __init__(self, calls: Calls) -> None:
        self.report = RecordReport()
        self._now, self._prices = clock_and_prices()
        self._known = _recorded(calls)
        self._calls = list(chain.from_iterable(calls.values()))
        # A column that no call gives is left to the database: fewer to write and to read.
        given = _FILLED_IN.union(*(fields for _, _, fields in self._calls))
        columns = [name for name in _COLUMNS if name in given]
        self.statement = f"COPY events ({', '.join(columns)}) FROM STDIN WITH ({_FORMAT})"
        self._values = itemgetter(*columns)
        digits = (_ID + _TRACE_ID + _SPAN_ID) * len(self._calls)
        self._random = io.StringIO(os.urandom(digits // 2).hex())
        self._lines = self._render()

    def read(self, _size: int = -1) -> bytes:
        """Some more lines; empty at the end."""
        return b"".join(islice(self._lines, 100))

    def _render(self) -> Iterator[bytes]:
        latest = self._now + _CLOCK_SKEW
        for _, position, fields in self._calls:
            try:
                call = read_call(fields, latest=latest)
                if self._is_new(call):
                    yield self._line(call)
            except (InvalidInputError, RecursionError) as error:
                self.report.refuse(position, error)

    def _is_new(self, call: Call) -> bool:
        if call.request_id is None:
            return True
        figures = figures_of(call)
        known = self._known.setdefault((call.project_id, call.request_id), figures)
        if known is figures:
            return True
        if known != figures:
            shown = "{} {}, {} input, {} output, {} cached tokens".format(*known)
            raise InvalidInputError(
                f"request_id {call.request_id} is recorded already with other figures: {shown}"
            )
        self.report.duplicates += 1
        return False

    def _line(self, call: Call) -> bytes:
        row = self._row(call)
        self.report.added += 1
        if row["estimated_cost_usd"] is None and row["verified_cost_usd"] is None:
            self.report.unpriced += 1
        return _as_json(self._values(row))[1:-1] + b"\n"

    def _row(self, call: Call) -> Fields:
        """The call by the columns of `events`, with what it left open filled in."""
        row = vars(call)
        # In UTC, as PostgreSQL refuses some of the zones that Python has.
        at = row["created_at"] = (call.created_at or self._now).astimezone(UTC)
        row["price_id"] = None
        if call.estimated_cost_usd is None:
            cost, sheet = self._prices.price(call.project_id, call.provider, call.model, call, at)
            if cost is not None and cost > MAX_DOLLARS:
                raise InvalidInputError(f"It would cost {cost} US dollars, which no call does.")
            row["estimated_cost_usd"], row["price_id"] = cost, sheet and sheet.id
        if call.is_cache_hit is None:
            row["is_cache_hit"] = call.cached_tokens > 0
        if call.latency_ms is not None:
            row["latency_ms"] = round(call.latency_ms)
        if call.verified_cost_usd is not None:
            row["verified_source"] = call.verified_source or "caller"
        if call.usage_details:
            row["usage_details"] = json.dumps(call.usage_details, default=str)
        row["id"] = self._uuid4()
        row["trace_id"] = call.trace_id or self._random.read(_TRACE_ID)
        row["span_id"] = call.span_id or self._random.read(_SPAN_ID)
        return row

    def _uuid4(self) -> str:
        """A random UUID; `uuid.uuid4` would ask the system for each."""
        digits = self._random.read(_ID)
        return f"{digits[:12]}4{digits[12:15]}a{digits[15:]}"


def _recorded(calls: Calls) -> dict[tuple[str, str], tuple[Any, ...]]:
    """The figures of the calls whose request ids are recorded."""
    known = {}
    for project, of_project in calls.items():
        request_ids = "\n".join([request_id for request_id, _, _ in of_project if request_id])
        if request_ids:
            for row in db.execute_sql(_RECORDED, (_storable(project), _storable(request_ids))):
                known[row[0], row[1]] = row[2:]
    return known


def _storable(text: str) -> str:
    """Without what PostgreSQL cannot hold; nothing that is recorded holds it either."""
    return text.replace("\0", "?").encode("utf-8", "replace").decode()
