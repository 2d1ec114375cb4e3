"""The values a column takes, as types that pydantic checks.

Where PostgreSQL would quietly change a value (round a number, guess a time zone), it is refused.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from functools import singledispatch
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    DecimalField,
    ForeignKeyField,
    IntegerField,
    TextField,
    UUIDField,
)
from playhouse.postgres_ext import BinaryJSONField
from pydantic import AfterValidator, BeforeValidator, Field, JsonValue

from tracker_db.fields import Array, PgEnum, TimestampTZ, Vector
from tracker_db.models.costs import Dollars

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker_db.schema.bounds import Bounds

_NUL_IN_JSON = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_JSON_TYPES = {"array": list, "object": dict}
#: The largest number of PostgreSQL's `real`, which is what a vector is made of.
_MOST_REAL = 3.4028234663852886e38


@singledispatch
def value_type(field: Any, bounds: Bounds) -> Any:  # noqa: ARG001 - the signature of all
    """The type of a column's values other than NULL. TypeError for a field we do not know."""
    raise TypeError(f"{type(field).__name__} {field.name} has no validation yet.")


@value_type.register(UUIDField)
def _uuid(_field: UUIDField, _bounds: Bounds) -> Any:
    return UUID


@value_type.register(BooleanField)
def _boolean(_field: BooleanField, _bounds: Bounds) -> Any:
    return bool


@value_type.register(TextField)
def _text(_field: TextField, bounds: Bounds) -> Any:
    return _one_of(bounds) or Annotated[str, _PLAIN_TEXT]


@value_type.register(CharField)
def _char(field: CharField, bounds: Bounds) -> Any:
    return _one_of(bounds) or Annotated[str, _PLAIN_TEXT, Field(max_length=field.max_length)]


@value_type.register(PgEnum)
def _enum(field: PgEnum, _bounds: Bounds) -> Any:
    return Literal[field.values]


@value_type.register(IntegerField)
def _integer(_field: IntegerField, bounds: Bounds) -> Any:
    return _whole_number(bounds, bits=32)


@value_type.register(BigIntegerField)
def _big_integer(_field: BigIntegerField, bounds: Bounds) -> Any:
    return _whole_number(bounds, bits=64)


@value_type.register(DecimalField)
def _decimal(field: DecimalField, bounds: Bounds) -> Any:
    size = Field(max_digits=field.max_digits, decimal_places=field.decimal_places)
    return Annotated[_exact(bounds), size]


@value_type.register(Dollars)
def _dollars(_field: Dollars, bounds: Bounds) -> Any:
    return _exact(bounds)


@value_type.register(TimestampTZ)
def _timestamp(_field: TimestampTZ, _bounds: Bounds) -> Any:
    return Annotated[datetime, BeforeValidator(_moment)]


@value_type.register(BinaryJSONField)
def _json(_field: BinaryJSONField, bounds: Bounds) -> Any:
    return Annotated[JsonValue, AfterValidator(_storable_json(bounds.get("json_type")))]


@value_type.register(Array)
def _array(field: Array, bounds: Bounds) -> Any:
    items = bounds.get("items")
    return Annotated[list[value_type(field.item, {})], Field(min_length=items, max_length=items)]  # type: ignore[misc]


@value_type.register(Vector)
def _vector(field: Vector, _bounds: Bounds) -> Any:
    number = Annotated[float, Field(ge=-_MOST_REAL, le=_MOST_REAL)]
    size = field.dimensions
    return Annotated[list[number], Field(min_length=size, max_length=size)]


@value_type.register(ForeignKeyField)
def _key(field: ForeignKeyField[Any], bounds: Bounds) -> Any:
    return value_type(field.rel_field, bounds)


#: Bytes are not text, and PostgreSQL's text has no NUL.
_PLAIN_TEXT = Field(strict=True, pattern=r"^[^\x00]*$")


def _one_of(bounds: Bounds) -> Any:
    choices = bounds.get("choices")
    return Literal[tuple(choices)] if choices else None


def _limits(bounds: Bounds, number: Callable[[Decimal], Any]) -> dict[str, Any]:
    return {name: number(bounds[name]) for name in ("ge", "gt", "le", "lt") if name in bounds}


def _whole_number(bounds: Bounds, *, bits: int) -> Any:
    most = 2 ** (bits - 1)
    limits = {"ge": -most, "le": most - 1} | _limits(bounds, int)
    return Annotated[int, Field(**limits), BeforeValidator(_no_boolean)]


def _exact(bounds: Bounds) -> Any:
    limits = Field(allow_inf_nan=False, **_limits(bounds, Decimal))
    return Annotated[Decimal, limits, BeforeValidator(_no_float)]


def _no_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("must be a whole number")  # noqa: TRY004 - pydantic reports ValueErrors
    return value


def _no_float(value: Any) -> Any:
    if isinstance(value, bool | float):
        raise ValueError("must be a Decimal: a float is not exact")  # noqa: TRY004 - see above
    return value


def _moment(value: Any) -> datetime:
    """An aware datetime or its ISO 8601 text; a number could mean seconds or milliseconds."""
    if isinstance(value, str):
        with suppress(ValueError):
            value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        raise ValueError("must be a datetime, or its ISO 8601 text")  # noqa: TRY004 - see above
    if value.utcoffset() is None:
        raise ValueError("needs a time zone")
    try:
        value.astimezone(UTC)
    except OverflowError:
        raise ValueError("must lie within the years 1 to 9999 (UTC)") from None
    return value


def _storable_json(json_type: str | None) -> Callable[[Any], Any]:
    """Checks for what JSON allows and PostgreSQL does not, and for the type of the whole."""
    wanted = _JSON_TYPES.get(json_type or "", object)

    def check(value: Any) -> Any:
        if value is None or not isinstance(value, wanted):
            raise ValueError(f"must be a JSON {json_type or 'value'}")
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
        if "\\u0000" in text and _NUL_IN_JSON.search(text):
            raise ValueError("must not contain a NUL character")
        return value

    return check
