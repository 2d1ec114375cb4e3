"""`tracker demo costs`: LLM calls stream in, their costs add up, a budget is told of."""

from __future__ import annotations

import csv
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from tracker_db.cli.failure import Failure, WrongUse
from tracker_db.cli.output import put
from tracker_db.cli.throw_away import throw_away_database

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_STEPS = 4
#: So long a step lasts where somebody watches.
_STEP_SECONDS = 0.7
_GENERATED = 4000
_MILLION = Decimal(10) ** 6
_BUDGET_SHARE = Decimal("0.7")


class Model(NamedTuple):
    """A model of the demo: US dollars per million tokens, None where no price is known."""

    provider: str
    name: str
    input: Decimal | None
    output: Decimal | None


#: Feature -> its model.
_FEATURES = {
    "chat": Model("openai", "gpt-4o", Decimal("2.50"), Decimal(10)),
    "summaries": Model("anthropic", "claude-haiku-4-5", Decimal(1), Decimal(5)),
    "search": Model("openai", "gpt-4o-mini", Decimal("0.15"), Decimal("0.60")),
    "experiments": Model("local", "my-own-model", None, None),
}
#: How many of ten calls are of which feature.
_TURNS = ["chat"] * 5 + ["summaries"] * 2 + ["search"] * 2 + ["experiments"]


@click.command()
@click.argument(
    "trace", required=False, type=click.File("r", encoding="utf-8-sig"), metavar="[TRACE.csv]"
)
def costs(trace: Any) -> None:
    """Stream LLM calls in: what they cost adds up, a budget is told of, every sum is proved.

    TRACE.csv has the columns ContextTokens and GeneratedTokens, as Azure's public traces of LLM
    inference have; without it, calls are made up. Your own data is not touched: the demo has a
    database of its own and drops it.

    \b
    Example:
      tracker demo costs
    """
    sizes = list(_read(trace) if trace else _made_up(_GENERATED))
    calls = [_call(n, *size) for n, size in enumerate(sizes)]
    with throw_away_database():
        _set_prices()
        _set_budget(calls)
        for step in range(_STEPS):
            _stream(calls[step * len(calls) // _STEPS : (step + 1) * len(calls) // _STEPS])
        _replay(calls)
        _prove()
    put("That was the demo; its database is gone. Record calls of your own with:")
    put("  tracker costs record calls.jsonl")


def _read(trace: Iterable[str]) -> Iterator[tuple[int, int]]:
    rows = csv.DictReader(trace)
    try:
        for row in rows:
            yield int(row["ContextTokens"]), int(row["GeneratedTokens"])
    except (KeyError, TypeError, ValueError):
        raise WrongUse(
            f"Line {rows.line_num} lacks a number under ContextTokens or GeneratedTokens."
        ) from None


def _made_up(count: int) -> Iterator[tuple[int, int]]:
    dice = random.Random(1)  # noqa: S311 - nothing secret
    for _ in range(count):
        yield int(dice.lognormvariate(6.6, 0.9)) + 1, int(dice.lognormvariate(5.0, 0.8)) + 1


def _call(n: int, input_tokens: int, output_tokens: int) -> dict[str, Any]:
    feature = _TURNS[n * 7 % len(_TURNS)]
    model = _FEATURES[feature]
    return {
        "project_id": "demo",
        "feature": feature,
        "provider": model.provider,
        "model": model.name,
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "cached_tokens": input_tokens // 2 if n % 3 == 0 else 0,
        "latency_ms": 200 + 9 * output_tokens,
        "request_id": f"demo-{n}",
    }


def _set_prices() -> None:
    from tracker_db.services.prices import set_price

    for model in _FEATURES.values():
        if model.input is not None and model.output is not None:
            set_price(
                model.provider,
                model.name,
                input_per_million=model.input,
                output_per_million=model.output,
                effective=datetime.now(UTC) - timedelta(days=1),
            )


def _set_budget(calls: list[dict[str, Any]]) -> None:
    """A budget that these calls will exceed, whatever their number."""
    from tracker_db.queries.budgets import every_budget
    from tracker_db.services import budgets

    amount = round(sum(map(_dollars, calls), Decimal(0)) * _BUDGET_SHARE, 2)
    budgets.add(max(amount, Decimal("0.01")), project="demo")
    put(f"A budget is set: {every_budget()[0].sentence}.")


def _dollars(call: dict[str, Any]) -> Decimal:
    model = _FEATURES[call["feature"]]
    prices = (model.input or Decimal(0), model.output or Decimal(0))
    return (call["input_tokens"] * prices[0] + call["output_tokens"] * prices[1]) / _MILLION


def _stream(calls: list[dict[str, Any]]) -> None:
    """Calls come in, the worker's chores run, and the table of what is spent is shown."""
    from tracker_db.cli.spend import show_spend
    from tracker_db.config import Settings
    from tracker_db.services.costs import record_events
    from workers.chores.aggregates import refresh_aggregates
    from workers.chores.budgets import check_budgets
    from workers.chores.outbox import deliver

    if sys.stdout.isatty():
        time.sleep(_STEP_SECONDS)
    put()
    put(f"{record_events(calls).added:,} calls come in. tracker costs --by feature,model")
    refresh_aggregates(lambda: False)
    show_spend(("feature", "model"), "30d", zone="UTC", where={}, top=None, form=None)
    settings = Settings()
    if check_budgets(settings.channels):
        deliver(settings)


def _replay(calls: list[dict[str, Any]]) -> None:
    from tracker_db.services.costs import record_events

    report = record_events(calls)
    put()
    put(
        f"All {len(calls):,} calls are recorded again: {report.added} are new,"
        f" {report.duplicates:,} were known."
    )


def _prove() -> None:
    from tracker_db.services.aggregates import verify

    put()
    put("tracker costs verify")
    if wrong := verify():
        raise Failure(f"Sums are wrong: {wrong}")
    put("  Every sum is exact.")
