"""What one call used, in the same terms for every provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from tracker_db.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

Count = int | Decimal

#: No provider's call comes near this; a larger count is a mistake of its writer.
MAX_TOKENS = 10**12


class UsageError(InvalidInputError):
    """The usage of a call cannot be used; nothing was recorded."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Counts of one call. Parts are contained in their totals, never beside them.

    `input_tokens` is the total including `cached_tokens` (read from the provider's
    cache) and `cache_write_tokens`, as in OpenTelemetry; `cache_write_1h_tokens` is the
    part written for an hour; `reasoning_tokens` is part of `output_tokens`. `details`
    holds rarer units by the names in `units.UNITS`. `verified_cost_usd` is what the
    provider says it billed.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    cache_write_1h_tokens: int = 0
    reasoning_tokens: int = 0
    details: Mapping[str, Count] = field(default_factory=dict)
    service_tier: str | None = None
    processing: str | None = None
    speed: str | None = None
    verified_cost_usd: Decimal | None = None

    def check(self) -> None:
        """Raise UsageError when a part is larger than the total that contains it."""
        check_parts(
            self.input_tokens,
            self.output_tokens,
            self.cached_tokens,
            self.cache_write_tokens,
            self.cache_write_1h_tokens,
            self.reasoning_tokens,
        )

    @cached_property
    def counts(self) -> dict[str, Count]:
        """Every count by its unit; what was not reported is absent or 0."""
        return {
            **self.details,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cache_read_tokens": self.cached_tokens,
            "cache_write_tokens": self.cache_write_tokens,
            "cache_write_1h_tokens": self.cache_write_1h_tokens,
            "output_reasoning_tokens": self.reasoning_tokens,
            "requests": 1,
        }


def check_parts(
    input_tokens: int,
    output_tokens: int,
    cached: int,
    written: int,
    written_1h: int,
    reasoning: int,
) -> None:
    """Raise UsageError when a part is larger than the total that contains it."""
    if cached + written > input_tokens:
        raise UsageError(
            f"{cached} cached and {written} cache-write tokens are more than the "
            f"{input_tokens} input tokens that must include them."
        )
    if written_1h > written:
        raise UsageError(
            f"{written_1h} tokens written for an hour are more than the {written} "
            "cache-write tokens that must include them."
        )
    if reasoning > output_tokens:
        raise UsageError(
            f"{reasoning} reasoning tokens are more than the {output_tokens} output "
            "tokens that must include them."
        )
