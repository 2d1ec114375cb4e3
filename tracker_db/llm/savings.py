"""What could have been saved on calls, at the prices of today."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tracker_db.llm.advice import Advice, Finding, Kind, Suggestion, Totals, share
from tracker_db.llm.prefixes import PrefixCache, Served
from tracker_db.llm.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from tracker_db.llm.advice import PromptCall
    from tracker_db.llm.table import PriceTable

#: How long Anthropic keeps a prefix after its last use; OpenAI says five to ten minutes.
KEEP = timedelta(minutes=5)
#: The shortest beginning that OpenAI and Anthropic cache, in tokens.
_SHORTEST = 1024
#: The same model, cheaper: what a call would have had to ask for.
_TIERS: dict[Kind, dict[str, Any]] = {
    Kind.BATCH: {"processing": "batch", "service_tier": None, "speed": None},
    Kind.FLEX: {"processing": None, "service_tier": "flex", "speed": None},
    Kind.STANDARD: {"processing": None, "service_tier": None, "speed": None},
}


@dataclass(slots=True)
class Analysis:
    """Calls looked at one after the other, in order of time; then what can be said of them."""

    keep: timedelta | None = KEEP
    totals: Totals = field(default_factory=Totals)
    _cache: PrefixCache = field(init=False)
    _answered: set[tuple[str, ...]] = field(default_factory=set)
    _seen: list[tuple[PromptCall, Served, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._cache = PrefixCache(self.keep)

    def add(self, call: PromptCall) -> None:
        """Look at the next call."""
        self.totals.calls += 1
        self.totals.input_tokens += call.usage.input_tokens
        self.totals.output_tokens += call.usage.output_tokens
        served, repeated = Served(), False
        if call.prompt:
            served = self._cache.serve(call.scope, call.prompt, call.created_at)
            repeated = (*call.scope, call.prompt.hash) in self._answered
            self._answered.add((*call.scope, call.prompt.hash))
            self._count(call, served, repeated=repeated)
        self._seen.append((call, served, repeated))

    def _count(self, call: PromptCall, served: Served, *, repeated: bool) -> None:
        self.totals.prompts += 1
        self.totals.repeated += repeated
        self.totals.prompt_tokens += call.usage.input_tokens
        self.totals.prefix_tokens += call.tokens(served.seen)
        self.totals.cacheable_tokens += call.tokens(served.read)

    def findings(
        self, prices: PriceTable, now: datetime, similar: frozenset[UUID] = frozenset()
    ) -> Iterator[Finding]:
        """Every call with its advice, priced as if made at `now` (tz-aware).

        `similar` are the calls whose prompt means the same as an earlier one's.
        """
        today = _Today(prices, now)
        for call, served, repeated in self._seen:
            quote = _Quote(call, today)
            advice = [*_tiers(quote), *_caching(quote, served)]
            if repeated or call.id in similar:
                kind = Kind.REPEATED if repeated else Kind.SIMILAR
                advice.append(Advice(kind, call.usage.input_tokens, quote.cost))
            yield Finding(call, _redundancy(call, served), tuple(advice))


@dataclass(slots=True)
class _Today:
    """The price list at one moment; what it says of each model's tiers is looked up once."""

    prices: PriceTable
    now: datetime
    _tiers: dict[tuple[Any, ...], list[tuple[Kind, dict[str, Any]]]] = field(default_factory=dict)

    def cost(self, call: PromptCall, usage: Usage) -> Decimal | None:
        """US dollars for `usage` by the model of `call`."""
        return self.prices.price(*call.scope, usage, self.now).cost

    def tiers(self, call: PromptCall) -> list[tuple[Kind, dict[str, Any]]]:
        """The tiers at which the model of `call` has other prices."""
        own = {name: getattr(call.usage, name) for name in _TIERS[Kind.STANDARD]}
        key = (call.scope, *own.values())
        if key not in self._tiers:
            self._tiers[key] = [
                (kind, tier)
                for kind, tier in _TIERS.items()
                if self.prices.tells_apart(*call.scope, own, tier, self.now)
            ]
        return self._tiers[key]


class _Quote:
    """What one call costs today, and would cost otherwise."""

    def __init__(self, call: PromptCall, today: _Today) -> None:
        self.call = call
        self.today = today
        self.cost = today.cost(call, call.usage)

    def saving(self, usage: Usage) -> Decimal | None:
        """How much cheaper `usage` is; None when one of the two has no price."""
        cost = self.today.cost(self.call, usage)
        return None if self.cost is None or cost is None else self.cost - cost


def _tiers(quote: _Quote) -> Iterator[Advice]:
    usage = quote.call.usage
    for kind, tier in quote.today.tiers(quote.call):
        saving = quote.saving(Usage(**(vars(usage) | tier)))
        if saving and saving > 0:
            yield Advice(kind, usage.input_tokens, saving)


def _caching(quote: _Quote, served: Served) -> Iterator[Advice]:
    """A beginning read from the cache, and what was written for later prompts to read."""
    usage, call = quote.call.usage, quote.call
    read, written = call.tokens(served.read), call.tokens(served.written)
    read = read if read >= _SHORTEST else 0
    written = written if written >= _SHORTEST else 0
    if read <= usage.cached_tokens and not written:
        return
    cached = max(read, usage.cached_tokens)
    better = replace(
        usage,
        cached_tokens=cached,
        cache_write_tokens=min(max(written, usage.cache_write_tokens), usage.input_tokens - cached),
    )
    better.cache_write_1h_tokens = min(usage.cache_write_1h_tokens, better.cache_write_tokens)
    saving = quote.saving(better)
    if saving != 0:
        yield Advice(Kind.PREFIX, cached - usage.cached_tokens, saving)


def _redundancy(call: PromptCall, served: Served) -> Decimal | None:
    return share(served.seen, call.prompt.size) if call.prompt else None


def summed(findings: Iterable[Finding]) -> list[Suggestion]:
    """The advice of all calls by model, what saves most first; what would cost more is left out."""
    groups: dict[tuple[str, ...], Suggestion] = {}
    for finding in findings:
        for advice in finding.advice:
            key = (advice.kind, *finding.call.scope)
            if key not in groups:
                groups[key] = Suggestion(advice.kind, *finding.call.scope)
            groups[key].include(advice)
    worth = [one for one in groups.values() if one.calls and (one.saving is None or one.saving > 0)]
    return sorted(worth, key=lambda one: one.saving or Decimal(0), reverse=True)
