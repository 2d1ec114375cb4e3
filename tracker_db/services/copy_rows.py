"""LLM calls as the lines of a COPY: checked, priced and rendered while the server stores them."""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tracker_db.db import db
from tracker_db.errors import InvalidInputError
from tracker_db.llm.call import Call, read_call
from tracker_db.llm.table import Price
from tracker_db.services.prices import clock_and_prices

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

#: A caller's clock may run ahead of the database's by this much.
_CLOCK_SKEW = timedelta(minutes=5)
#: Hexadecimal digits of a trace id and of a span id, as W3C trace context has them.
_TRACE_ID, _SPAN_ID = 32, 16
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


def key_of(call: tuple[int, Fields]) -> tuple[str, str]:
    """The project and request id of a call that is not checked yet; '' without one."""
    fields = call[1]
    return str(fields.get("project_id", "default")), str(fields.get("request_id") or "")


class CopyRows(io.TextIOBase):
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
        self._random = io.StringIO(os.urandom((_TRACE_ID + _SPAN_ID) // 2 * len(calls)).hex())
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
        row = self._row(call)
        self.report.added += 1
        if row["estimated_cost_usd"] is None and row["verified_cost_usd"] is None:
            self.report.unpriced += 1
        # No value holds a tab, a line end or a NUL: Call checks.
        fields = ["\0" if value is None else str(value) for value in self._values(row)]
        return "\t".join(fields).replace("\\", "\\\\").replace("\0", "\\N") + "\n"

    def _row(self, call: Call) -> Fields:
        """The call by the columns of `events`, with what it left open filled in."""
        row = call.__dict__.copy()
        if row["created_at"] is None:
            row["created_at"] = self._now
        cost, sheet = self._price(call, row["created_at"])
        row["estimated_cost_usd"] = cost
        row["price_id"] = sheet and sheet.id
        if row["is_cache_hit"] is None:
            row["is_cache_hit"] = call.cached_tokens > 0
        if row["latency_ms"] is not None:
            row["latency_ms"] = round(row["latency_ms"])
        if row["verified_cost_usd"] is not None:
            row["verified_source"] = row["verified_source"] or "caller"
        if row["usage_details"]:
            row["usage_details"] = json.dumps(row["usage_details"], default=str)
        row["trace_id"] = row["trace_id"] or self._random.read(_TRACE_ID)
        row["span_id"] = row["span_id"] or self._random.read(_SPAN_ID)
        return row

    def _price(self, call: Call, at: datetime) -> Price:
        """The call's own estimate when it brought one."""
        if call.estimated_cost_usd is not None:
            return Price(call.estimated_cost_usd)
        return self._prices.price(call.project_id, call.provider, call.model, call, at)


def _recorded(calls: list[tuple[int, Fields]]) -> dict[tuple[str, str], tuple[Any, ...]]:
    """The figures of the calls whose request ids are recorded; `calls` are sorted by their key."""
    known = {}
    keys = (key for key in map(key_of, calls) if key[1] and _can_be_sent("".join(key)))
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
