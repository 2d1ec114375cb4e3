"""Recording LLM calls: priced, each once, and a bad one never takes good ones with it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from peewee import IntegrityError, __exception_wrapper__  # type: ignore[attr-defined]
from psycopg2.errors import UniqueViolation

from tracker_db.db import db, transaction
from tracker_db.errors import InvalidInputError, TrackerError
from tracker_db.llm.call import shown
from tracker_db.llm.responses import LogReader
from tracker_db.services.copy_rows import Calls, CopyRows, Fields, RecordReport, in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


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
    keep_prompts: bool = False,
    **defaults: Any,
) -> RecordReport:
    """Record a log of calls, JSON lines; reading a log again, or grown longer, adds no call twice.

    A line holds the fields of `llm.call.Call`, or a provider's own `usage` beside provider
    (or host) and model. The text of a request beside them (`llm.prompts.REQUEST_PARTS`) is
    hashed, and stored only with `keep_prompts`. `defaults` are fields for lines without them.
    """
    reader = LogReader(keep_prompts=keep_prompts, **defaults)
    return _record(lines, reader.read, batch_size, on_progress)


def _fields(event: Mapping[str, Any]) -> Fields:
    if isinstance(event, dict):
        return event
    if isinstance(event, Mapping):
        return dict(event)
    raise InvalidInputError(f"{shown(event)} is not a mapping of fields.")


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
    calls = in_order(_read(batch, read, report))
    with transaction():
        report.include(_copy_new(calls))
    report.reasons.sort()
    return report


def _read(
    batch: list[tuple[int, Any]], read: Callable[[Any], Fields], report: RecordReport
) -> Iterator[tuple[int, Fields]]:
    for position, item in batch:
        try:
            fields = read(item)
        except (InvalidInputError, RecursionError) as error:
            report.refuse(position, error)
        else:
            yield position, fields


def _copy_new(calls: Calls) -> RecordReport:
    """Copy what is not recorded yet.

    When another process records one of the calls at this very moment, the copy waits for
    it and fails; the next look finds what it recorded.
    """
    for _ in range(5):
        rows = CopyRows(calls)
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
