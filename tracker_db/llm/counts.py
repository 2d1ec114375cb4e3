"""Reading counts out of a provider's JSON: absent is 0, anything that is no count is refused."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tracker_db.llm.usage import UsageError

if TYPE_CHECKING:
    from tracker_db.llm.usage import Count

Json = Mapping[str, Any]


def as_mapping(value: Any) -> Json:
    """A mapping, or an SDK's response object as one; UsageError when it is neither."""
    if isinstance(value, Mapping):
        return value
    for name in ("model_dump", "to_dict", "dict"):
        method = getattr(value, name, None)
        if callable(method):
            return as_mapping(method())
    if hasattr(value, "__dict__"):
        return vars(value)
    raise UsageError(f"A value of type {type(value).__name__} is not a usage object.")


def count(usage: Json, *path: str) -> int:
    """The whole number at `path`, 0 when it or anything above it is absent or null."""
    value: Any = usage
    for name in path:
        if value is None:
            return 0
        value = as_mapping(value).get(name)
    if value is None:
        return 0
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # so Cohere's SDK has them
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{'.'.join(path)} is {value!r}; it must be a whole number.")
    if value < 0:
        raise UsageError(f"{'.'.join(path)} is {value}; a count cannot be negative.")
    return value


def first_count(usage: Json, *names: str) -> int:
    """The first count that is not 0 among alternative names."""
    return next((found for name in names if (found := count(usage, name))), 0)


def details(**counts: Count) -> dict[str, Count]:
    """The counts that are not 0."""
    return {name: found for name, found in counts.items() if found}


def text(usage: Json, name: str) -> str | None:
    """The word at `name` in lower case, or None."""
    value = usage.get(name)
    return str(value).lower() if value else None


def dollars(value: Any) -> Decimal:
    """An amount a provider billed; UsageError when it is no amount."""
    try:
        amount = Decimal(str(value))
    except ArithmeticError:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise UsageError(f"The billed cost is {value!r}; it must be 0 or more US dollars.")
    return amount
