"""Checks of single values, each of which gives the value back as it will be stored.

They raise ValueError, which pydantic reports with the column.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from decimal import Decimal

_Day = TypeVar("_Day", datetime, date, time)

_NUL_IN_JSON = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
#: As jsonb_typeof calls them.
_JSON_TYPES: dict[str, Any] = {
    "array": list,
    "boolean": bool,
    "number": int | float,
    "object": dict,
    "string": str,
}
#: The most digits that `numeric` has before and after the point.
_WHOLE_DIGITS, _DECIMALS = 131072, 16383


def no_boolean(value: Any) -> Any:
    """Python's True is also 1; PostgreSQL's is not."""
    if isinstance(value, bool):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic wants it so
    return value


def no_float(value: Any) -> Any:
    """A float is not the number that was written."""
    if isinstance(value, bool | float):
        raise ValueError("must be a Decimal: a float is not exact")  # noqa: TRY004 - as above
    return value


def storable_number(value: Decimal) -> Decimal:
    """A number that `numeric` can hold."""
    decimals = -int(value.as_tuple().exponent)
    if decimals > _DECIMALS or (value and value.adjusted() >= _WHOLE_DIGITS):
        raise ValueError(
            f"must have at most {_WHOLE_DIGITS} digits before the point and {_DECIMALS} after it"
        )
    return value


def from_iso(kind: type[_Day], value: Any) -> _Day:
    """What ISO 8601 text says, too. A number is refused: seconds or milliseconds?"""
    if isinstance(value, str):
        with suppress(ValueError):
            value = kind.fromisoformat(value)
    if not isinstance(value, kind) or (kind is date and isinstance(value, datetime)):
        raise ValueError(f"must be a {kind.__name__}, or its ISO 8601 text")
    return value


def moment(value: Any) -> datetime:
    """An instant, in UTC: PostgreSQL does not read every offset that Python has."""
    found = from_iso(datetime, value)
    if found.utcoffset() is None:
        raise ValueError("needs a time zone")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError("must lie within the years 1 to 9999 (UTC)") from None


def without_zone(kind: type[_Day], value: Any) -> _Day:
    """A time of the wall clock: its column would drop a zone."""
    found = from_iso(kind, value)
    if getattr(found, "tzinfo", None) is not None:
        raise ValueError("must have no time zone: the column has none")
    return found


def as_bytes(value: Any) -> Any:
    """What the driver gives for bytes, as bytes."""
    return bytes(value) if isinstance(value, memoryview | bytearray) else value


def sendable(value: Any) -> Any:
    """Whatever PostgreSQL makes of it: it alone knows the type."""
    if value is None:
        raise ValueError("must not be NULL")
    if isinstance(value, str):
        _refuse_lone_surrogates(value)
        if "\0" in value:
            raise ValueError("must not contain a NUL character")
    return value


def storable_json(json_type: str | None, members: dict[str, str], value: Any) -> Any:
    """Refuses what JSON does not have, what PostgreSQL does not store, and another type."""
    text = _json_text(value)
    if json_type and not _is_json(json_type, value):
        raise ValueError(f"must be a JSON {json_type}")
    for key, wanted in members.items():
        if not _is_json(wanted, value.get(key)):
            raise ValueError(f"must have a {wanted} {key}")
    _refuse_lone_surrogates(text)
    if "\\u0000" in text and _NUL_IN_JSON.search(text):
        raise ValueError("must not contain a NUL character")
    return value


def _is_json(json_type: str, value: Any) -> bool:
    """A boolean is an int to Python only."""
    kind = _JSON_TYPES[json_type]
    return isinstance(value, kind) and isinstance(value, bool) <= (kind is bool)


def _json_text(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
        is_json = value is not None and json.loads(text, parse_constant=_no_constant) == value
    except RecursionError:
        raise ValueError("must not be nested so deeply") from None
    except TypeError:
        is_json = False
    if not is_json:
        raise ValueError("must be JSON: text, numbers, true, false, lists, objects with text keys")
    return text


def _no_constant(name: str) -> Any:
    raise ValueError(f"must not contain {name}: JSON does not have it")


def _refuse_lone_surrogates(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("must not contain half of a surrogate pair") from None
