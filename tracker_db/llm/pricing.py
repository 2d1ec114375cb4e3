"""What a call costs: one model's dated price sheet applied to one usage, in exact decimals."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Context, Decimal, InvalidOperation
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tracker_db.errors import InvalidInputError
from tracker_db.llm.units import UNITS, Unit, overlap
from tracker_db.llm.usage import MAX_DECIMALS, MAX_DOLLARS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tracker_db.llm.usage import Count, Counted

#: Never the caller's context: money must not change with somebody's `getcontext().prec`.
_EXACT = Context(prec=28)
_add, _divide, _fma = _EXACT.add, _EXACT.divide, _EXACT.fma
_ZERO = Decimal(0)
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
#: What `Rate.when` can ask of a call.
_CONTEXT = ("service_tier", "processing", "speed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """The price of one unit in US dollars per `unit.per` of it, and when it applies.

    `tiers` are (input tokens, price): a request with more input tokens than that pays the
    price for all of its units. `when` must match the call's service tier, processing or
    speed; `hours` is a (from, to) pair of UTC times "HH:MM", `to` excluded.
    """

    unit: str
    price: Decimal
    tiers: tuple[tuple[int, Decimal], ...] = ()
    when: Mapping[str, str] = field(default_factory=dict)
    hours: tuple[str, str] | None = None

    def at_size(self, input_tokens: int) -> Decimal:
        """The price for a request of this many input tokens."""
        reached = [price for start, price in self.tiers if input_tokens > start]
        return reached[-1] if reached else self.price

    def applies(self, context: Mapping[str, str | None], at: datetime) -> bool:
        """Whether this rate holds for a call in `context` made at `at` (tz-aware)."""
        if any(context.get(key) != value for key, value in self.when.items()):
            return False
        return self.hours is None or _within(self.hours, at)

    @property
    def condition(self) -> tuple[Any, ...]:
        """When it applies; two rates of a unit with equal conditions contradict each other."""
        return tuple(sorted(self.when.items())), self.hours

    def to_json(self) -> dict[str, Any]:
        """The form kept in `model_pricing.rates`; decimals as text."""
        tiers = [[start, str(price)] for start, price in self.tiers]
        whole = {"unit": self.unit, "price": str(self.price), "tiers": tiers}
        conditions = {"when": dict(self.when), "hours": list(self.hours or ())}
        return {key: value for key, value in (whole | conditions).items() if value}

    @classmethod
    def from_json(cls, value: Any) -> Rate:
        """Read what `to_json` wrote; InvalidInputError says what is wrong with `value`."""
        try:
            rate = cls(
                unit=str(value["unit"]),
                price=_price(value["price"]),
                tiers=tuple(sorted((int(s), _price(p)) for s, p in value.get("tiers", ()))),
                when={str(key): str(wanted) for key, wanted in value.get("when", {}).items()},
                hours=_hours(value.get("hours")),
            )
        except (TypeError, KeyError, ValueError, AttributeError, InvalidOperation) as error:
            raise InvalidInputError(f"{value!r} is not a rate: {error!r}.") from None
        if rate.unit not in UNITS:
            raise InvalidInputError(f"{rate.unit!r} is not a unit of usage in the rate {value!r}.")
        return rate


def is_price(amount: Decimal) -> bool:
    """Whether an amount can be a price, and every cost it leads to be stored."""
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MAX_DECIMALS and 0 <= amount <= MAX_DOLLARS


def _price(value: Any) -> Decimal:
    price = Decimal(str(value))
    if not is_price(price):
        raise ValueError(f"{value!r} is not a price")
    return price


def _hours(value: Any) -> tuple[str, str] | None:
    if not value:
        return None
    start, end = (str(clock) for clock in value)
    if not (_CLOCK.fullmatch(start) and _CLOCK.fullmatch(end)) or start == end:
        raise ValueError(f"{value!r} are not two times such as 16:30")
    return start, end


def _within(hours: tuple[str, str], at: datetime) -> bool:
    from_, to = hours
    offset = at.utcoffset()
    time = f"{at - offset if offset else at:%H:%M}"
    return from_ <= time < to if from_ <= to else time >= from_ or time < to


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """All prices of one model from `effective_date` (tz-aware) on; a row of `model_pricing`.

    `input_per_1k` and `output_per_1k` are US dollars per thousand tokens. `rates` hold
    everything else; of the rates of a unit that apply, the one with the most conditions counts
    (hours are one), of equals the first, and the two columns where there is none.
    `project_id` None = for everyone.
    """

    provider: str
    model: str
    effective_date: datetime
    input_per_1k: Decimal
    output_per_1k: Decimal
    rates: tuple[Rate, ...] = ()
    project_id: str | None = None
    id: str | None = None

    @cached_property
    def _in_order(self) -> tuple[Rate, ...]:
        """The rates with the most conditions first, the two columns as rates after all others."""
        return (
            *sorted(self.rates, key=_fewest_conditions_last),
            Rate(unit="input_tokens", price=_EXACT.multiply(self.input_per_1k, 1000)),
            Rate(unit="output_tokens", price=_EXACT.multiply(self.output_per_1k, 1000)),
        )

    @cached_property
    def _timed(self) -> bool:
        return any(rate.hours for rate in self.rates)

    @cached_property
    def _tariffs(self) -> dict[tuple[str | None, ...], Tariff]:
        return {}

    def rates_for(self, context: Mapping[str, str | None], at: datetime) -> list[Rate]:
        """Those that apply to a call in `context` at `at`; of each unit the first counts."""
        return [rate for rate in self._in_order if rate.applies(context, at)]

    def tariff(self, context: tuple[str | None, ...], at: datetime) -> Tariff:
        """The rates for a call of (service tier, processing, speed) `context` made at `at`."""
        known = self._tariffs.get(context)
        if known is None:
            names = dict(zip(_CONTEXT, context, strict=True))
            known = Tariff(self.rates_for(names, at))
            if not self._timed:
                self._tariffs[context] = known
        return known

    def cost(self, usage: Counted, at: datetime, *, standard: bool = False) -> Decimal | None:
        """US dollars for `usage` at time `at`, or None when the sheet cannot price it.

        `standard` ignores the call's tier, processing and speed.
        """
        context = (usage.service_tier, usage.processing, usage.speed)
        return self.tariff((None,) * 3 if standard else context, at).cost(usage)

    def same_prices(self, other: Sheet) -> bool:
        """Whether both charge the same, whatever their dates."""
        return (self.input_per_1k, self.output_per_1k, self.rates) == (
            other.input_per_1k,
            other.output_per_1k,
            other.rates,
        )


def _fewest_conditions_last(rate: Rate) -> int:
    return -len(rate.when) - bool(rate.hours)


def check_rates(rates: Iterable[Rate]) -> None:
    """Raise InvalidInputError for a rate that could never apply."""
    seen: set[tuple[Any, ...]] = set()
    for rate in rates:
        if unknown := rate.when.keys() - set(_CONTEXT):
            raise InvalidInputError(
                f"A rate for {rate.unit} depends on {', '.join(sorted(unknown))}; of a call only"
                f" {', '.join(_CONTEXT)} are known."
            )
        if (rate.unit, rate.condition) in seen:
            raise InvalidInputError(f"There are two rates for {rate.unit} in the same case.")
        seen.add((rate.unit, rate.condition))


def per_thousand(per_million: Decimal) -> Decimal:
    """The price of a thousand tokens, whatever the caller's decimal context."""
    return _EXACT.divide(per_million, 1000)


class Tariff:
    """The rates in force for one kind of call, one for each unit."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        chosen: dict[str, Rate] = {}
        for rate in rates:
            chosen.setdefault(rate.unit, rate)
        units = sorted((UNITS[name] for name in chosen), key=_most_specific_first)
        # The parts of a unit are quoted for the same count as it is.
        self._steps = {
            Decimal(per): [
                (unit.name, chosen[unit.name], _wholes(unit, units))
                for unit in units
                if unit.per == per
            ]
            for per in {unit.per for unit in units}
        }
        self._overlaps = _overlaps(units)
        self._charges_tokens = _charges_tokens(chosen.values())
        self._always_clear = self._charges_tokens and not self._overlaps

    def cost(self, usage: Counted) -> Decimal | None:
        """US dollars, or None: a part exceeds its total, an overlap or every price is unknown."""
        counts = usage.counts()
        if not self._always_clear and self._unclear(usage, counts):
            return None
        total = _ZERO
        for per, steps in self._steps.items():
            amount = _ZERO
            for name, rate, wholes in steps:
                count = counts.get(name)
                if not count:
                    continue
                if count < 0:
                    return None
                # Each token is paid once, at the most specific unit that has a price.
                for whole in wholes:
                    counts[whole] = counts.get(whole, 0) - count
                price = rate.at_size(usage.input_tokens) if rate.tiers else rate.price
                amount = _fma(price, count, amount)
            total = _add(total, _divide(amount, per))
        return total

    def _unclear(self, usage: Counted, counts: Mapping[str, Count]) -> bool:
        if not self._charges_tokens and (usage.input_tokens or usage.output_tokens):
            return True
        for one, other, both in self._overlaps:
            if counts.get(one) and counts.get(other) and both not in counts:
                return True
        return False


def _most_specific_first(unit: Unit) -> tuple[int, str]:
    return -len(unit.traits), unit.name


def _wholes(unit: Unit, units: list[Unit]) -> tuple[str, ...]:
    return tuple(other.name for other in units if unit.is_part_of(other))


def _overlaps(units: list[Unit]) -> tuple[tuple[str, str, str], ...]:
    names = {unit.name for unit in units}
    return tuple(
        (one.name, other.name, both.name)
        for index, one in enumerate(units)
        for other in units[index + 1 :]
        if (both := overlap(one, other)) and both.name in names
    )


def _charges_tokens(rates: Iterable[Rate]) -> bool:
    """False for a model paid by the page or the minute: its tokens have no price, not price 0."""
    charged = [rate.unit for rate in rates if rate.price]
    return not charged or any(name.endswith("_tokens") for name in charged)
