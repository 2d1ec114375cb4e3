"""`tracker pricing`: what models cost, from which day on, and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tracker_db.cli.failure import WrongUse
from tracker_db.cli.output import Listing, fields_of, listing, put, say
from tracker_db.cli.ready import prepare
from tracker_db.cli.text import moment, plural
from tracker_db.cli.times import UTC_TIME

if TYPE_CHECKING:
    from datetime import datetime

    from tracker_db.llm.pricing import Rate
    from tracker_db.queries.pricing import PriceRow, UnpricedRow


@click.group()
def pricing() -> None:
    """What LLM models cost.

    \b
    Example:
      tracker pricing import
    """


@pricing.command("import")
@click.option(
    "--litellm", type=click.File("r", encoding="utf-8-sig"), help="LiteLLM's JSON price list."
)
@click.option("--from", "effective", type=UTC_TIME, help="LiteLLM's prices hold from then on.")
def import_(*, litellm: Any, effective: datetime | None) -> None:
    """Import the dated prices of genai-prices, or LiteLLM's undated ones; no network is used.

    Prices that are in force already are left as they are; older ones are kept.

    \b
    Example:
      tracker pricing import
      tracker pricing import --litellm model_prices_and_context_window.json
    """
    from datetime import UTC, datetime

    from tracker_db.services.prices import import_genai_prices, import_litellm

    prepare()
    if litellm:
        done = import_litellm(_text(litellm), effective=effective or datetime.now(UTC))
    else:
        done = import_genai_prices()
    put(f"Imported {plural(done.added, 'price')}; {done.unchanged} were known.")
    if done.skipped:
        say(f"{plural(done.skipped, 'model')} without a price for tokens were left out.")


def _text(file: Any) -> str:
    try:
        text: str = file.read()
    except UnicodeDecodeError:
        raise WrongUse(f"{file.name} is not UTF-8 text.") from None
    return text


@pricing.command("list")
@click.argument("search", required=False)
@listing
def list_prices(search: str | None) -> Listing[PriceRow]:
    """List the prices in force and those to come; SEARCH is part of provider/model.

    \b
    Example:
      tracker pricing list anthropic/claude
    """
    from datetime import UTC, datetime

    from tracker_db.queries.pricing import PriceRow, prices_in_force

    prepare()
    return Listing(
        prices_in_force(datetime.now(UTC), search),
        {
            "PROVIDER": lambda row: row.provider,
            "INPUT $/M": lambda row: f"{row.input_per_million:f}",
            "OUTPUT $/M": lambda row: f"{row.output_per_million:f}",
            "ALSO": lambda row: len(row.rates) or None,
            "SINCE": lambda row: f"{row.effective_date:%Y-%m-%d}",
            "PROJECT": lambda row: row.project_id,
            "SOURCE": lambda row: row.source,
            "MODEL": lambda row: row.model,
        },
        "No price is known. Import some with: tracker pricing import",
        fields_of(PriceRow),
    )


@pricing.command("set")
@click.argument("provider")
@click.argument("model")
@click.option("--input", "input_", required=True, help="Dollars per million input tokens.")
@click.option("--output", required=True, help="Dollars per million output tokens.")
@click.option("--cached", help="Dollars per million tokens read from the cache.")
@click.option("--cache-write", help="Dollars per million tokens written to the cache.")
@click.option("--batch-input", help="Dollars per million input tokens of batches.")
@click.option("--batch-output", help="Dollars per million output tokens of batches.")
@click.option("--from", "effective", type=UTC_TIME, help="From then on (UTC). [default: now]")
@click.option("--project", help="Only for this project, where it wins over every other price.")
def set_(
    provider: str, model: str, *, effective: datetime | None, project: str | None, **dollars: Any
) -> None:
    """Set what MODEL of PROVIDER costs from a time on.

    Calls that are recorded already keep their estimate; tracker costs reprice recalculates it.

    \b
    Example:
      tracker pricing set openai gpt-4o --input 2 --output 8 --project shop
    """
    from datetime import UTC, datetime

    from tracker_db.services.prices import set_price

    prepare()
    prices = {name: _dollars(name, text) for name, text in dollars.items() if text is not None}
    set_price(
        provider,
        model,
        input_per_million=prices["input_"],
        output_per_million=prices["output"],
        rates=list(_rates(prices)),
        effective=effective or datetime.now(UTC),
        project=project,
    )
    put(f"Set the price of {provider} {model}.")


def _dollars(name: str, text: str) -> Any:
    from decimal import Decimal, InvalidOperation

    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not (amount.is_finite() and amount >= 0):
        option = name.strip("_").replace("_", "-")
        raise click.BadParameter(f"{text!r} is not an amount in dollars.", param_hint=f"--{option}")
    return amount


_OPTION_RATES = {
    "cached": ("cache_read_tokens", {}),
    "cache_write": ("cache_write_tokens", {}),
    "batch_input": ("input_tokens", {"processing": "batch"}),
    "batch_output": ("output_tokens", {"processing": "batch"}),
}


def _rates(prices: dict[str, Any]) -> list[Rate]:
    from tracker_db.llm.pricing import Rate

    return [
        Rate(unit=unit, price=prices[name], when=when)
        for name, (unit, when) in _OPTION_RATES.items()
        if name in prices
    ]


@pricing.command("alias")
@click.argument("provider")
@click.argument("pattern")
@click.argument("model")
@click.option(
    "--match",
    type=click.Choice(["equals", "prefix", "suffix", "contains", "regex"]),
    default="equals",
    show_default=True,
    help="How PATTERN is compared with a model's name.",
)
@click.option("--priority", type=int, default=0, show_default=True, help="The lowest wins.")
def alias(provider: str, pattern: str, model: str, *, match: str, priority: int) -> None:
    """Price names of PROVIDER that match PATTERN as MODEL.

    \b
    Example:
      tracker pricing alias openai ft:gpt-4o: gpt-4o --match prefix
    """
    from tracker_db.llm.providers import provider_name
    from tracker_db.llm.table import Alias, Match
    from tracker_db.queries.pricing import has_price
    from tracker_db.services.prices import set_alias

    prepare()
    named = provider_name(provider)
    set_alias(Alias(named, Match(match), pattern, model, priority))
    put(f"Names of {provider} that match {pattern!r} are priced as {model}.")
    if not has_price(named, model):
        say(f"No price of {model} is known yet. Set it with: tracker pricing set")


@pricing.command()
@listing
def unpriced() -> Listing[UnpricedRow]:
    """List the names of models that were called while no price was known.

    \b
    Example:
      tracker pricing unpriced
    """
    from tracker_db.queries.pricing import UnpricedRow, unpriced_models

    prepare()
    return Listing(
        unpriced_models(),
        {
            "CALLS": lambda row: row.calls,
            "INPUT TOKENS": lambda row: row.input_tokens,
            "OUTPUT TOKENS": lambda row: row.output_tokens,
            "LAST": lambda row: moment(row.last_at),
            "PROVIDER": lambda row: row.provider,
            "MODEL": lambda row: row.model,
        },
        "Every recorded call has a price.",
        fields_of(UnpricedRow),
    )
