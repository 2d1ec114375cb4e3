"""`tracker costs analyze`, `embed`, `similar`: what could be saved, and prompts that are alike."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from tracker_db.cli.failure import Failure
from tracker_db.cli.output import (
    Cells,
    Listing,
    fields_of,
    listing,
    print_json,
    put,
    record,
    say,
    show,
)
from tracker_db.cli.ready import prepare
from tracker_db.cli.spend import AGO, begin
from tracker_db.cli.text import moment, plural

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from uuid import UUID

    from tracker_db.llm.advice import Suggestion, Totals
    from tracker_db.queries.prompts import SimilarPrompt
    from tracker_db.services.analysis import PromptReport


@click.command()
@click.option("--since", type=AGO, default="30d", show_default=True, help="How far back (UTC).")
@click.option("--project", help="Only calls of this project.")
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Minutes for which the provider keeps a cached beginning.",
)
@click.option(
    "--json", "form", flag_value="json", help="Print the figures and suggestions as JSON."
)
@click.option("--csv", "form", flag_value="csv", help="Print the suggestions as CSV.")
def analyze(since: str | datetime, *, project: str | None, keep: int, form: str | None) -> None:
    """Suggest how the same calls would have cost less, each with its worth at today's prices.

    Suggestions overlap: what they save does not add up.

    \b
    Example:
      tracker costs analyze --since 7d
    """
    from datetime import UTC, datetime, timedelta

    from tracker_db.services.analysis import analyze as look

    prepare()
    now = datetime.now(UTC)
    report = look(begin(since, "UTC", now), now, project, keep=timedelta(minutes=keep))
    if form == "json":
        print_json(_as_json(report))
        return
    _tell(report.totals, keep)
    if not report.compared:
        say("What prompts mean was not compared; for that: tracker costs enable-similarity")
    show(_suggestions(report), form)


def _tell(totals: Totals, keep: int) -> None:
    say(
        f"{plural(totals.calls, 'call')}, {totals.prompts} with a known prompt,"
        f" {totals.repeated} of them repeated."
    )
    if totals.input_token_ratio is not None:
        say(f"Input is {_percent(totals.input_token_ratio)} of all tokens.")
    if totals.redundancy_score is not None and totals.cacheable_share is not None:
        say(
            f"{_percent(totals.redundancy_score)} of the prompts' tokens begin like an earlier"
            f" prompt's, {_percent(totals.cacheable_share)} within {plural(keep, 'minute')}."
        )


def _percent(share: Decimal) -> str:
    return f"{100 * share:.1f} %"


def _suggestions(report: PromptReport) -> Listing[Suggestion]:
    return Listing(
        report.suggestions,
        {
            "SAVES USD": lambda one: "unpriced" if one.saving is None else f"{one.saving:.4f}",
            "PROJECT": lambda one: one.project_id,
            "PROVIDER": lambda one: one.provider,
            "MODEL": lambda one: one.model,
            "CALLS": lambda one: one.calls,
            "INPUT TOKENS": lambda one: one.tokens,
            "SUGGESTION": str,
        },
        "Nothing to save was found.",
        _DATA,
    )


def _as_json(report: PromptReport) -> dict[str, Any]:
    totals = report.totals
    return {
        **asdict(totals),
        "input_token_ratio": totals.input_token_ratio,
        "redundancy_score": totals.redundancy_score,
        "compared_by_meaning": report.compared,
        "suggestions": [record(_DATA, one) for one in report.suggestions],
    }


_DATA: Cells[Suggestion] = {
    "kind": lambda one: one.kind.value,
    "project_id": lambda one: one.project_id,
    "provider": lambda one: one.provider,
    "model": lambda one: one.model,
    "calls": lambda one: one.calls,
    "input_tokens": lambda one: one.tokens,
    "saving_usd": lambda one: one.saving,
    "suggestion": str,
}


@click.command()
@click.option(
    "--limit", type=click.IntRange(min=1), default=1000, show_default=True, help="At most so many."
)
def embed(limit: int) -> None:
    """Have the prompts whose text was kept embedded, by TRACKER_EMBEDDING_MODEL.

    They are sent to the API at TRACKER_LLM_URL; each is sent once.

    \b
    Example:
      tracker costs embed --limit 100
    """
    from tracker_db.config import settings
    from tracker_db.services.similarity import embed_kept_prompts
    from workers.fetch import Client
    from workers.openai_api import Api, Embedder

    prepare()
    chosen = settings()
    if not (chosen.llm_url and chosen.embedding_model):
        raise Failure("Set TRACKER_LLM_URL and TRACKER_EMBEDDING_MODEL: who embeds.")
    with Client(chosen) as client:
        api = Api(client, chosen.llm_url, chosen.llm_key)
        added = embed_kept_prompts(Embedder(api, chosen.embedding_model), limit)
    put(f"Embedded {plural(added, 'prompt')}.")


@click.command()
@click.argument("event", type=click.UUID)
@click.option(
    "-k", "count", type=click.IntRange(1, 999), default=10, show_default=True, help="How many."
)
@listing
def similar(event: UUID, count: int) -> Listing[SimilarPrompt]:
    """The recorded calls whose prompts are most like that of EVENT, by their embeddings.

    \b
    Example:
      tracker costs similar 0198c1f2-6f5e-7c3a-9d55-0a1b2c3d4e5f -k 5
    """
    from tracker_db.queries.prompts import SimilarPrompt, similar_prompts

    prepare()
    return Listing(
        similar_prompts(event, count),
        {
            "SIMILARITY": lambda one: f"{one.similarity:.4f}",
            "EVENT": lambda one: one.event_id,
            "PROJECT": lambda one: one.project_id,
            "FEATURE": lambda one: one.feature,
            "MODEL": lambda one: one.model,
            "TIME": lambda one: moment(one.created_at),
        },
        "No other prompt has an embedding.",
        fields_of(SimilarPrompt),
    )
