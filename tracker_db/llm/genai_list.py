"""Price sheets and aliases from the data that comes with genai-prices (MIT), offline."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from tracker_db.errors import MissingExtraError
from tracker_db.llm.pricing import Rate, Sheet, per_thousand
from tracker_db.llm.table import Alias, Match

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Undated prices held since before there was an API to call.
SINCE_EVER = datetime(2020, 1, 1, tzinfo=UTC)
_ZERO = Decimal(0)


def read_genai_prices() -> tuple[list[Sheet], list[Alias]]:
    """Every model genai-prices knows; MissingExtraError without the `llm` extra."""
    try:
        from genai_prices.data import providers  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise MissingExtraError("The price list of genai-prices", "llm") from None
    sheets = [s for p in providers for m in p.models for s in _sheets(p.id, m)]
    aliases = [a for p in providers for a in _aliases(p)]
    return sheets, aliases


def _sheets(provider: str, model: Any) -> Iterator[Sheet]:
    """One sheet for each date on which any price of the model changed."""
    for day in _days(model):
        rates = [*_variant_rates(model, day), *_standard_rates(model, day)]
        plain = {rate.unit: rate for rate in rates if not rate.when and not rate.hours}
        base = {unit: plain[unit].price if unit in plain else _ZERO for unit in _COLUMNS}
        yield Sheet(
            provider=provider,
            model=model.id,
            effective_date=datetime.combine(day, time(), UTC) if day else SINCE_EVER,
            input_per_1k=per_thousand(base["input_tokens"]),
            output_per_1k=per_thousand(base["output_tokens"]),
            rates=tuple(rate for rate in rates if not _said_by_column(rate)),
        )


_COLUMNS = ("input_tokens", "output_tokens")


def _said_by_column(rate: Rate) -> bool:
    return rate.unit in _COLUMNS and not (rate.when or rate.hours or rate.tiers)


def _days(model: Any) -> list[date | None]:
    """None (from the beginning) and every start date, in order."""
    dated = [*_conditions(model), *(model.price_variants or ())]
    starts = {_start(entry.constraint) for entry in dated}
    return [None, *sorted(day for day in starts if day)]


def _conditions(model: Any) -> list[Any]:
    """Dated or timed prices, the later ones stronger; a model with one price has none."""
    return model.prices if isinstance(model.prices, list) else []


def _start(constraint: Any) -> date | None:
    start: date | None = getattr(constraint, "start_date", None)
    return start


def _begun(constraint: Any, day: date | None) -> bool:
    start = _start(constraint)
    return start is None or (day is not None and start <= day)


def _standard_rates(model: Any, day: date | None) -> Iterator[Rate]:
    """Prices by the clock first, then the last one begun by `day`."""
    if not isinstance(model.prices, list):
        yield from _rates(model.prices)
        return
    for entry in reversed(model.prices):
        if _begun(entry.constraint, day):
            hours = _hours(entry.constraint)
            yield from _rates(entry.prices, hours=hours)
            if hours is None:
                return


def _variant_rates(model: Any, day: date | None) -> Iterator[Rate]:
    for variant in model.price_variants or ():
        if _begun(variant.constraint, day):
            yield from _rates(variant.prices, when=variant.when)


def _hours(constraint: Any) -> tuple[str, str] | None:
    if not hasattr(constraint, "start_time"):
        return None
    return _utc(constraint.start_time), _utc(constraint.end_time)


def _utc(clock: time) -> str:
    if clock.tzinfo is None:
        return f"{clock:%H:%M}"
    return f"{datetime.combine(date(2000, 1, 2), clock).astimezone(UTC):%H:%M}"


def _rates(prices: Any, **conditions: Any) -> Iterator[Rate]:
    for key, value in vars(prices).items():
        if value is None:
            continue
        tiers = tuple((tier.start, tier.price) for tier in getattr(value, "tiers", ()))
        base = getattr(value, "base", value)
        yield Rate(unit=_units()[key], price=base, tiers=tiers, **conditions)


@cache
def _units() -> dict[str, str]:
    """The key of a price -> the unit it is for; our units have the same names."""
    from genai_prices.data_units import unit_data  # noqa: PLC0415 - an optional extra

    return {entry["price_key"]: name for name, entry in unit_data.items()}


def _aliases(provider: Any) -> Iterator[Alias]:
    """One alias for each clause, in the order in which genai-prices asks them."""
    priority = 0
    for model in provider.models:
        for match, pattern in _patterns(model.match):
            priority += 1
            yield Alias(provider.id, match, pattern, model.id, priority)


_CLAUSES = {
    "equals": Match.EQUALS,
    "starts_with": Match.PREFIX,
    "ends_with": Match.SUFFIX,
    "contains": Match.CONTAINS,
    "regex": Match.REGEX,
}


def _patterns(clause: Any) -> Iterator[tuple[Match, str]]:
    if hasattr(clause, "or_"):
        for part in clause.or_:
            yield from _patterns(part)
    elif hasattr(clause, "and_"):
        yield Match.REGEX, _all_of(clause.and_)
    else:
        ((name, pattern),) = vars(clause).items()
        yield _CLAUSES[name], pattern


def _all_of(clauses: Iterable[Any]) -> str:
    """Several simple clauses as one regular expression of look-aheads."""
    parts = [pattern for clause in clauses for pattern in _patterns(clause)]
    return "^" + "".join(f"(?={_as_regex(match, pattern)})" for match, pattern in parts)


def _as_regex(match: Match, pattern: str) -> str:
    text = re.escape(pattern.lower())
    return {
        Match.EQUALS: f"{text}$",
        Match.PREFIX: text,
        Match.SUFFIX: f".*{text}$",
        Match.CONTAINS: f".*{text}",
        Match.REGEX: f".*?(?:{pattern})",
    }[match]
