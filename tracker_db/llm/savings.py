"""What could have been saved on calls, at the prices of today."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tracker_db.llm.prefixes import PrefixCache, Served

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from tracker_db.llm.prompts import Fingerprint
    from tracker_db.llm.table import PriceTable
    from tracker_db.llm.usage import Usage

#: How long Anthropic keeps a prefix after its last use; OpenAI says five to ten minutes.
KEEP = timedelta(minutes=5)
#: The shortest beginning that OpenAI and Anthropic cache, in tokens.
_SHORTEST = 1024


class Kind(StrEnum):
    """Ways to pay less for the same answers."""

    #: The very same prompt to the same model: keep the first answer.
    REPEATED = "repeated_prompts"
    #: Prompts that begin alike: have the provider cache that part.
    PREFIX = "prefix_cache"
    #: Prompts that mean the same by their embeddings: keep the first answer.
    SIMILAR = "similar_prompts"
    #: Answers that can wait a day.
    BATCH = "batch"
    #: Answers that can wait minutes, or be refused when the provider is busy.
    FLEX = "flex"
    #: Calls that pay for being served faster.
    STANDARD = "standard"


#: The same model, cheaper: what a call would have had to ask for.
_TIERS: dict[Kind, dict[str, Any]] = {
    Kind.BATCH: {"processing": "batch", "service_tier": None, "speed": None},
    Kind.FLEX: {"processing": None, "service_tier": "flex", "speed": None},
    Kind.STANDARD: {"processing": None, "service_tier": None, "speed": None},
}
_ADVICE = {
    Kind.REPEATED: "Keep the answers to prompts that are repeated word by word",
    Kind.PREFIX: "Have the provider cache what prompts begin with in common",
    Kind.SIMILAR: "Reuse answers for prompts that mean the same",
    Kind.BATCH: "Send what can wait a day as a batch",
    Kind.FLEX: "Send what can wait some minutes at tier flex",
    Kind.STANDARD: "Send what need not be faster at the standard tier",
}
_ONE = {
    Kind.REPEATED: "The same prompt was answered before",
    Kind.PREFIX: "An earlier prompt begins with the same {tokens} tokens: have them cached",
    Kind.SIMILAR: "A prompt that means the same was answered before",
    Kind.BATCH: "Send it as a batch if it can wait a day",
    Kind.FLEX: "Send it at tier flex if it can wait",
    Kind.STANDARD: "Send it at the standard tier",
}


@dataclass(frozen=True, slots=True)
class PromptCall:
    """A recorded call; `prompt` is None when only its counts are known."""

    id: UUID
    created_at: datetime
    project_id: str
    provider: str
    model: str
    usage: Usage
    prompt: Fingerprint | None

    @property
    def scope(self) -> tuple[str, str, str]:
        """Within which answers and caches are shared."""
        return self.project_id, self.provider, self.model

    @property
    def input_token_ratio(self) -> Decimal | None:
        """Input tokens as a share of all tokens, from 0 to 1; None for a call without any."""
        used = self.usage.input_tokens
        return _share(used, used + self.usage.output_tokens)

    def tokens(self, units: int) -> int:
        """`units` of its prompt in input tokens, by proportion."""
        if self.prompt is None or not self.prompt.size:
            return 0
        return self.usage.input_tokens * units // self.prompt.size


@dataclass(frozen=True, slots=True)
class Advice:
    """How one call would have been cheaper.

    `saving` is US dollars at today's prices, None when there is no price; what has to be paid
    once so that others save is negative.
    """

    kind: Kind
    tokens: int
    saving: Decimal | None

    def __str__(self) -> str:
        money = "" if self.saving is None else f" (saves {self.saving:f} USD)"
        return _ONE[self.kind].format(tokens=self.tokens) + money


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one call; the score is the share of its prompt that was seen before."""

    call: PromptCall
    redundancy_score: Decimal | None
    advice: tuple[Advice, ...]


@dataclass(slots=True)
class Suggestion:
    """One way to save on one model's calls; suggestions overlap, so their savings do not add up.

    `tokens` are input tokens of the `calls` that would have been cheaper. `saving` is US dollars
    at today's prices, None when no price is known for any of them.
    """

    kind: Kind
    project_id: str
    provider: str
    model: str
    calls: int = 0
    tokens: int = 0
    saving: Decimal | None = None

    def include(self, advice: Advice) -> None:
        """Add what one call would have saved, or paid for the others."""
        self.tokens += advice.tokens
        self.calls += bool(advice.tokens)
        if advice.saving is not None:
            self.saving = (self.saving or Decimal(0)) + advice.saving

    def __str__(self) -> str:
        return _ADVICE[self.kind]


@dataclass(slots=True)
class Totals:
    """The window in numbers; tokens are input tokens, the prefixes' those of known prompts.

    `prefix_tokens` were the beginning of any earlier prompt: what an endless cache would
    serve. `cacheable_tokens` were so within the time for which providers keep them.
    """

    calls: int = 0
    prompts: int = 0
    repeated: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    prompt_tokens: int = 0
    prefix_tokens: int = 0
    cacheable_tokens: int = 0

    @property
    def input_token_ratio(self) -> Decimal | None:
        """Input tokens as a share of all tokens."""
        return _share(self.input_tokens, self.input_tokens + self.output_tokens)

    @property
    def redundancy_score(self) -> Decimal | None:
        """The share of the known prompts' tokens that an endless prefix cache would serve."""
        return _share(self.prefix_tokens, self.prompt_tokens)

    @property
    def cacheable_share(self) -> Decimal | None:
        """The share that a provider's cache would serve."""
        return _share(self.cacheable_tokens, self.prompt_tokens)


def _share(part: int, whole: int) -> Decimal | None:
    return Decimal(part) / whole if whole else None


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
        for call, served, repeated in self._seen:
            quote = _Quote(call, prices, now)
            advice = [*_tiers(quote), *_caching(quote, served)]
            if repeated or call.id in similar:
                kind = Kind.REPEATED if repeated else Kind.SIMILAR
                advice.append(Advice(kind, call.usage.input_tokens, quote.cost))
            yield Finding(call, _redundancy(call, served), tuple(advice))


class _Quote:
    """What one call costs today, and would cost otherwise."""

    def __init__(self, call: PromptCall, prices: PriceTable, now: datetime) -> None:
        self.call = call
        self._prices = prices
        self._now = now
        self.cost = self.of(call.usage)

    def of(self, usage: Usage) -> Decimal | None:
        """US dollars for another usage by the same model."""
        return self._prices.price(*self.call.scope, usage, self._now).cost

    def saving(self, usage: Usage) -> Decimal | None:
        """How much cheaper `usage` is; None when one of the two has no price."""
        cost = self.of(usage)
        return None if self.cost is None or cost is None else self.cost - cost


def _tiers(quote: _Quote) -> Iterator[Advice]:
    usage = quote.call.usage
    for kind, tier in _TIERS.items():
        saving = quote.saving(replace(usage, **tier))
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
    return _share(served.seen, call.prompt.size) if call.prompt else None


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
