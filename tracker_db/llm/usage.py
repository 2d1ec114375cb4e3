"""What one call used, in the same terms for every provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, Self

from tracker_db.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Count = int | Decimal

#: No provider's call comes near this; a larger count is a mistake of its writer.
MAX_TOKENS = 10**12
#: Nor does any price or cost; with so many decimals in each factor every product can be stored.
MAX_DOLLARS = 10**12
MAX_DECIMALS = 30


#: The columns of `events` with a call's usage, in the order in which `Usage.of_row` takes them.
USAGE_COLUMNS = """
    input_tokens, output_tokens, cached_tokens, cache_write_tokens, cache_write_1h_tokens,
    reasoning_tokens, usage_details, service_tier, processing, speed
"""
_USAGE_NAMES = USAGE_COLUMNS.replace(",", " ").split()


class UsageError(InvalidInputError):
    """The usage of a call cannot be used; nothing was recorded."""


@dataclass(kw_only=True)
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

    @classmethod
    def of_row(cls, row: Sequence[Any]) -> Self:
        """The usage in the values of `USAGE_COLUMNS`."""
        values = dict(zip(_USAGE_NAMES, row, strict=True))
        details = values.pop("usage_details") or {}
        return cls(**values, details={name: Decimal(count) for name, count in details.items()})

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

    def counts(self) -> dict[str, Count]:
        """Every count by its unit; what was not reported is absent or 0."""
        return counts_of(self, self.details)


class Counted(Protocol):
    """What has counts to be priced: `Usage`, and a `Call` with its usage among its fields."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    cache_write_1h_tokens: int
    reasoning_tokens: int
    service_tier: str | None
    processing: str | None
    speed: str | None

    def counts(self) -> dict[str, Count]:
        """Every count by its unit; what was not reported is absent or 0."""


def counts_of(usage: Counted, details: Mapping[str, Count]) -> dict[str, Count]:
    """The counts of `usage` under the names of `units.UNITS`."""
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cached_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "cache_write_1h_tokens": usage.cache_write_1h_tokens,
        "output_reasoning_tokens": usage.reasoning_tokens,
        "requests": 1,
        **details,
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
