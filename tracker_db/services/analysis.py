"""Prompt analysis: what a window of calls could have saved, kept beside each call."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peewee import __exception_wrapper__  # type: ignore[attr-defined]

from tracker_db.db import db, transaction
from tracker_db.llm.savings import KEEP, Analysis, summed
from tracker_db.queries.costs import check_text, check_window
from tracker_db.queries.prompts import has_similarity, prompt_calls, similar_to_earlier
from tracker_db.services.prices import clock_and_prices

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime, timedelta

    from tracker_db.llm.advice import Finding, Suggestion, Totals

#: One analysis at a time, so that no call gets two rows; "prmt" in ASCII.
_LOCK_KEY = 0x70726D74

_FORGET = """
    DELETE FROM prompt_analysis USING events
    WHERE events.id = event_id
      AND events.created_at >= %(since)s AND events.created_at < %(until)s
      AND (%(project)s::text IS NULL OR project_id = %(project)s)
"""
_KEEP = """
    COPY prompt_analysis (event_id, input_token_ratio, redundancy_score, suggestions)
    FROM STDIN WITH (FORMAT csv, ENCODING 'UTF8')
"""


@dataclass(frozen=True, slots=True)
class PromptReport:
    """What an analysis found; `compared` is False where prompts have no embeddings to compare."""

    totals: Totals
    suggestions: list[Suggestion]
    compared: bool


def analyze(
    since: datetime,
    until: datetime,
    project: str | None = None,
    *,
    keep: timedelta | None = KEEP,
) -> PromptReport:
    """Look for savings on the calls from `since` to `until` (tz-aware, end excluded).

    `keep` is how long a provider's cache keeps a prefix after its last use, None for ever.
    Each call with a known prompt gets its row in `prompt_analysis`, in the place of an
    earlier one. The window's prompts are held in memory, some 2 kB each.
    """
    check_window(since, until)
    check_text("project", project or "")
    window = (since, until, project)
    with transaction():
        db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK_KEY,))
        now, prices = clock_and_prices()
        compared = has_similarity()
        similar = similar_to_earlier(*window) if compared else frozenset()
        analysis = Analysis(keep)
        for call in prompt_calls(*window):
            analysis.add(call)
        db.execute_sql(_FORGET, {"since": since, "until": until, "project": project})
        suggestions = summed(_kept(analysis.findings(prices, now, similar)))
    return PromptReport(analysis.totals, suggestions, compared)


def _kept(findings: Iterable[Finding], size: int = 5000) -> Iterator[Finding]:
    """The findings, each stored on its way when its call has a prompt."""
    batch: list[tuple[Any, ...]] = []
    for finding in findings:
        if finding.call.prompt is not None:
            batch.append(_row(finding))
        if len(batch) >= size:
            _store(batch)
            batch = []
        yield finding
    _store(batch)


def _row(finding: Finding) -> tuple[Any, ...]:
    said = [str(advice) for advice in finding.advice if advice.tokens]
    call = finding.call
    return call.id, call.input_token_ratio, finding.redundancy_score, json.dumps(said)


def _store(batch: list[tuple[Any, ...]]) -> None:
    lines = io.StringIO()
    csv.writer(lines).writerows(batch)
    lines.seek(0)
    with __exception_wrapper__, db.cursor() as cursor:
        cursor.copy_expert(_KEEP, lines)
