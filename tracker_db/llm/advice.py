"""What an analysis of calls says: of each call, of each model, and of all."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from tracker_db.llm.prompts import Fingerprint
    from tracker_db.llm.usage import Usage


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


def share(part: int, whole: int) -> Decimal | None:
    """`part` of `whole` as a number from 0 to 1; None of nothing."""
    return Decimal(part) / whole if whole else None


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
        return share(used, used + self.usage.output_tokens)

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
        return share(self.input_tokens, self.input_tokens + self.output_tokens)

    @property
    def redundancy_score(self) -> Decimal | None:
        """The share of the known prompts' tokens that an endless prefix cache would serve."""
        return share(self.prefix_tokens, self.prompt_tokens)

    @property
    def cacheable_share(self) -> Decimal | None:
        """The share that a provider's cache would serve."""
        return share(self.cacheable_tokens, self.prompt_tokens)
