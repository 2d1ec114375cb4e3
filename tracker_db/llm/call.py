"""One LLM call as it is recorded: checked field by field, so that a bad one can say why."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from difflib import get_close_matches
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from tracker_db.errors import InvalidInputError
from tracker_db.llm.units import UNITS
from tracker_db.llm.usage import (
    MAX_DECIMALS,
    MAX_DOLLARS,
    MAX_TOKENS,
    Count,
    check_parts,
    counts_of,
)

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

#: Nothing could be called before; an earlier date is a mistake, such as seconds for a date.
_FIRST_API = datetime(2020, 6, 1, tzinfo=UTC)
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def _as_json(value: dict[str, Any]) -> str:
    """The text PostgreSQL will get; it takes neither NaN nor NUL."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    except Exception as error:  # noqa: BLE001 - the caller's objects may raise whatever they like
        raise ValueError(f"it cannot be JSON: {error!r}") from None
    if _NUL.search(text):
        raise ValueError("PostgreSQL cannot store a NUL character")
    text.encode()
    return text


def _known_units(counts: dict[str, Count]) -> dict[str, Count]:
    for name, count in counts.items():
        if name not in UNITS:
            raise ValueError(f"{name!r} is not a unit of usage")
        if not 0 <= count <= MAX_TOKENS:
            raise ValueError(f"{name} is {count}; it must be from 0 to {MAX_TOKENS}")
    return counts


#: Characters. Three such names fit into one index entry of PostgreSQL (2704 bytes).
MAX_NAME = 200
Name = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=MAX_NAME, pattern=r"^[^\x00-\x1f]+$"),
]
Tokens = Annotated[int, Field(strict=True, ge=0, le=MAX_TOKENS)]
Milliseconds = Annotated[float, Field(ge=0, le=2**31 - 1, allow_inf_nan=False)]
Dollars = Annotated[
    Decimal, Field(ge=0, le=MAX_DOLLARS, decimal_places=MAX_DECIMALS, allow_inf_nan=False)
]
Moment = Annotated[AwareDatetime, Field(ge=_FIRST_API)]
Counts = Annotated[
    dict[str, int | Annotated[Decimal, Field(decimal_places=MAX_DECIMALS)]],
    AfterValidator(_known_units),
]


@dataclass(kw_only=True)
class Call:
    """What is known of one call, under the names of the columns of `events`.

    Token counts as in `usage.Usage`; `latency_ms` and costs (US dollars) are None when
    unknown, which is not 0. Without `created_at` the call happened when it is recorded.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    project_id: Name = "default"
    feature: Name = "default"
    provider: Name
    model: Name
    input_tokens: Tokens
    output_tokens: Tokens
    cached_tokens: Tokens = 0
    cache_write_tokens: Tokens = 0
    cache_write_1h_tokens: Tokens = 0
    reasoning_tokens: Tokens = 0
    usage_details: Counts | None = None
    service_tier: Name | None = None
    processing: Name | None = None
    speed: Name | None = None
    latency_ms: Milliseconds | None = None
    estimated_cost_usd: Dollars | None = None
    verified_cost_usd: Dollars | None = None
    verified_source: Name | None = None
    is_cache_hit: bool | None = None
    status: Literal["ok", "error"] = "ok"
    user_id: Name | None = None
    trace_id: Name | None = None
    span_id: Name | None = None
    parent_span_id: Name | None = None
    request_id: Name | None = None
    created_at: Moment | None = None
    metadata: Annotated[dict[str, Any], AfterValidator(_as_json)] | None = None

    def counts(self) -> dict[str, Count]:
        """What the call used, for its price."""
        return counts_of(self, self.usage_details or {})


#: What a call recorded twice under one request id must agree in.
FIGURES = ("provider", "model", "input_tokens", "output_tokens", "cached_tokens")
figures_of = attrgetter(*FIGURES)

#: What `TypeAdapter.validate_python` does, without its overhead: this runs for every call.
_validate = TypeAdapter(Call).validator.validate_python


def read_call(values: dict[str, Any], *, latest: datetime) -> Call:
    """Check one call; InvalidInputError lists everything that is wrong with it.

    A call later than `latest` (tz-aware) is refused: it has not happened yet.
    """
    try:
        call = _validate(values)
    except ValidationError as error:
        raise InvalidInputError(_reasons(error)) from None
    check_parts(
        call.input_tokens,
        call.output_tokens,
        call.cached_tokens,
        call.cache_write_tokens,
        call.cache_write_1h_tokens,
        call.reasoning_tokens,
    )
    if call.created_at is not None and call.created_at > latest:
        raise InvalidInputError(f"created_at: {call.created_at} is in the future")
    return call


def _reasons(error: ValidationError) -> str:
    return "; ".join(map(_reason, error.errors(include_url=False, include_context=False)))


def _reason(problem: ErrorDetails) -> str:
    field = ".".join(map(str, problem["loc"])) or "call"
    if problem["type"] == "missing":
        return f"{field} is missing"
    if problem["type"] == "unexpected_keyword_argument":
        similar = get_close_matches(field, Call.__dataclass_fields__, n=1)
        return f"{field} is no field of a call" + "".join(f"; is it {one}?" for one in similar)
    return f"{field}: {problem['msg']} (got {shown(problem['input'])})"


def shown(value: object) -> str:
    """The beginning of a value for a message, whatever its `repr` does."""
    try:
        return f"{value!r:.80}"
    except Exception:  # noqa: BLE001 - the caller's objects may raise whatever they like
        return f"what cannot be shown, of type {type(value).__name__}"
