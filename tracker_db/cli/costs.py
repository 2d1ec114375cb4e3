"""`tracker costs`: LLM calls recorded, their sums proved, corrected and kept."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tracker_db.cli.failure import Failure
from tracker_db.cli.output import Listing, fields_of, print_json, put, say, show
from tracker_db.cli.prompts import analyze, embed, similar
from tracker_db.cli.ready import prepare
from tracker_db.cli.reconcile import reconcile
from tracker_db.cli.spend import AGO, NAMES, show_spend
from tracker_db.cli.text import plural
from tracker_db.cli.times import UTC_TIME

if TYPE_CHECKING:
    from datetime import datetime

    from tracker_db.services.aggregates import Drift
    from tracker_db.services.copy_rows import RecordReport

#: Refused lines that are told one by one.
_TOLD = 20


@click.group(invoke_without_command=True)
@click.option(
    "--by",
    type=NAMES,
    default="model",
    show_default=True,
    help="Any of hour, day, week, month, project, feature, model, user, provider, tier, status.",
)
@click.option("--since", type=AGO, default="30d", show_default=True, help="How far back.")
@click.option("--zone", default="UTC", show_default=True, help="Whose days they are.")
@click.option("--project", help="Only of this project.")
@click.option("--feature", help="Only of this feature.")
@click.option("--model", help="Only of this model.")
@click.option("--user", help="Only of this user.")
@click.option("--provider", help="Only of this provider.")
@click.option("--top", type=click.IntRange(min=1), help="Only so many rows.")
@click.option("--json", "form", flag_value="json", help="Print a JSON array.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV with a header line.")
@click.pass_context
def costs(
    context: click.Context,
    *,
    by: tuple[str, ...],
    since: str | datetime,
    zone: str,
    top: int | None,
    form: str | None,
    **where: str | None,
) -> None:
    """What LLM calls cost: what was spent, and commands to record, prove and correct it.

    \b
    Example:
      tracker costs --by model,day --since 7d
    """
    if context.invoked_subcommand is None:
        prepare()
        given = {name: value for name, value in where.items() if value is not None}
        show_spend(by, since, zone=zone, where=given, top=top, form=form)


@costs.command()
@click.argument("file", type=click.File("r", encoding="utf-8-sig", errors="surrogateescape"))
@click.option("--project", help="The project of lines that name none.")
@click.option("--feature", help="The feature of lines that name none.")
@click.option("--keep-prompts", is_flag=True, help="Store the text of requests, not only hashes.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def record(
    file: Any, *, project: str | None, feature: str | None, keep_prompts: bool, as_json: bool
) -> None:
    """Record the LLM calls in FILE (- for the standard input), one JSON object a line.

    A line has the columns of the table events, or the provider's own usage beside provider (or
    host) and model. Lines that cannot be right are refused with their reasons, the others are
    recorded. Recording a file again, or grown longer, records nothing twice.

    \b
    Example:
      tracker costs record calls.jsonl --project shop
    """
    from dataclasses import asdict

    from tracker_db.services.costs import record_log

    prepare()
    given = {"project_id": project, "feature": feature}
    defaults: dict[str, Any] = {name: value for name, value in given.items() if value}
    lines = (line for line in file if line.strip())
    report = record_log(lines, on_progress=_progress, keep_prompts=keep_prompts, **defaults)
    if as_json:
        print_json(asdict(report))
    else:
        _tell(report)
    if report.refused and not report.added + report.duplicates:
        raise Failure("Nothing was recorded: every line was refused.")


def _progress(report: RecordReport) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{report.received:,} calls read", err=True, nl=False)


def _tell(report: RecordReport) -> None:
    put(
        f"Recorded {plural(report.added, 'call')}; {report.duplicates} were recorded already,"
        f" {report.refused} were refused."
    )
    for position, reason in report.reasons[:_TOLD]:
        say(f"Call {position}: {reason}")
    if report.refused > _TOLD:
        say(f"... and {report.refused - _TOLD} more. All reasons: --json")
    if report.unpriced:
        say(f"{plural(report.unpriced, 'call')} without a known price: tracker pricing unpriced")


@costs.command()
@click.option("--since", type=UTC_TIME, help="From this day on (UTC).")
@click.option("--until", type=UTC_TIME, help="Up to this day, excluded (UTC).")
@click.option("--repair", is_flag=True, help="Correct what is wrong.")
@click.option("--json", "form", flag_value="json", help="Print a JSON array.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV with a header line.")
def verify(
    *, since: datetime | None, until: datetime | None, repair: bool, form: str | None
) -> None:
    """Prove that every sum is what the recorded calls say, in one snapshot.

    Exits with 1 when a sum is wrong and --repair is not given.

    \b
    Example:
      tracker costs verify --since 2026-01-01
    """
    from tracker_db.services import aggregates

    prepare()
    found = aggregates.verify(since, until)
    show(_drifts(found), form)
    if found and not repair:
        raise Failure("Correct the sums with: tracker costs verify --repair")
    if found:
        say(f"Corrected {plural(aggregates.repair(since, until), 'sum')}.")


def _drifts(found: list[Drift]) -> Listing[Drift]:
    from tracker_db.services.aggregates import Drift

    return Listing(
        found,
        {
            "PERIOD": lambda drift: drift.period,
            "START (UTC)": lambda drift: f"{drift.period_start:%Y-%m-%d %H:%M}",
            "PROJECT": lambda drift: drift.project_id,
            "FEATURE": lambda drift: drift.feature,
            "MODEL": lambda drift: drift.model,
            "MISSING USD": lambda drift: f"{drift.missing_cost:f}",
            "MISSING CALLS": lambda drift: drift.missing_calls,
        },
        "Every sum is exact.",
        fields_of(Drift),
    )


@costs.command()
def refresh() -> None:
    """Fold what was recorded into the hours and days now; the worker does it by itself.

    \b
    Example:
      tracker costs refresh
    """
    from tracker_db.services import aggregates

    prepare()
    folded = 0
    while step := aggregates.refresh():
        folded += step
    put(f"Folded {plural(folded, 'change')}.")


@costs.command()
@click.option("--since", type=UTC_TIME, required=True, help="From this time on (UTC).")
@click.option("--until", type=UTC_TIME, help="Up to this time, excluded (UTC). [default: now]")
@click.option("--model", help="Only calls of this model's name.")
def reprice(*, since: datetime, until: datetime | None, model: str | None) -> None:
    """Recalculate estimates after prices have changed; verified costs are left alone.

    \b
    Example:
      tracker costs reprice --since 2026-01-01 --model gpt-4o
    """
    from datetime import UTC, datetime

    from tracker_db.services.reprice import reprice as recalculate

    prepare()
    done = recalculate(since, until or datetime.now(UTC), model)
    put(
        f"Changed {done.changed} of {plural(done.seen, 'estimate')}:"
        f" {done.total_before:f} USD before, {done.total_after:f} USD after."
    )


@costs.command()
@click.option("--before", type=UTC_TIME, required=True, help="Calls from before then (UTC).")
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge(*, before: datetime, yes: bool) -> None:
    """Delete old calls; their sums stay in every total.

    What only the calls know is lost: users, providers, request ids.

    \b
    Example:
      tracker costs purge --before 2025-01-01
    """
    from tracker_db.services import aggregates

    prepare()
    if not yes:
        click.confirm(f"Delete all calls from before {before:%Y-%m-%d}?", abort=True, err=True)
    deleted = 0
    while step := aggregates.purge(before):
        deleted += step
    put(f"Deleted {plural(deleted, 'call')}; every total is kept.")


@costs.command("enable-similarity")
def enable_similarity() -> None:
    """Make the table of prompt embeddings, after pgvector was installed on the server.

    \b
    Example:
      tracker costs enable-similarity
    """
    from tracker_db.services.similarity import enable_similarity as enable

    prepare()
    enable()
    put("Prompt similarity is on.")


costs.add_command(analyze)
costs.add_command(embed)
costs.add_command(similar)
costs.add_command(reconcile)
