"""The values a column takes, as types that pydantic checks.

Where PostgreSQL would quietly change a value (round a number, guess a time zone, drop one), it is
refused, and so is NULL inside an array.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial, singledispatch
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from peewee import (
    BigAutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    DecimalField,
    DoubleField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    SmallIntegerField,
    TextField,
    TimeField,
    UUIDField,
)
from playhouse.postgres_ext import IntervalField, JSONField
from pydantic import AfterValidator, BeforeValidator, Field

from tracker_db.fields import Array, Dollars, PgEnum, PgType, TimestampTZ, Vector
from tracker_db.schema.validate.values import (
    as_bytes,
    from_iso,
    moment,
    no_boolean,
    no_float,
    sendable,
    storable_json,
    storable_number,
    without_zone,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker_db.schema.validate.bounds import Bounds

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


@value_type.register(SmallIntegerField)
def _small_integer(_field: SmallIntegerField, bounds: Bounds) -> Any:
    return _whole_number(bounds, bits=16)


@value_type.register(BigIntegerField)
@value_type.register(BigAutoField)
def _big_integer(_field: IntegerField, bounds: Bounds) -> Any:
    return _whole_number(bounds, bits=64)


@value_type.register(DecimalField)
def _decimal(field: DecimalField, bounds: Bounds) -> Any:
    size = Field(max_digits=field.max_digits, decimal_places=field.decimal_places)
    return Annotated[_exact(bounds), size]


@value_type.register(Dollars)
def _dollars(_field: Dollars, bounds: Bounds) -> Any:
    return _exact(bounds)


@value_type.register(DoubleField)
def _double(_field: DoubleField, bounds: Bounds) -> Any:
    return Annotated[float, Field(**_limits(bounds, float)), BeforeValidator(no_boolean)]


@value_type.register(FloatField)
def _real(_field: FloatField, bounds: Bounds) -> Any:
    limits = {"ge": -_MOST_REAL, "le": _MOST_REAL} | _limits(bounds, float)
    return Annotated[float, Field(**limits), BeforeValidator(no_boolean)]


@value_type.register(TimestampTZ)
def _timestamp(_field: TimestampTZ, _bounds: Bounds) -> Any:
    return Annotated[datetime, BeforeValidator(moment)]


@value_type.register(DateTimeField)
def _wall_clock(_field: DateTimeField, _bounds: Bounds) -> Any:
    return Annotated[datetime, BeforeValidator(partial(without_zone, datetime))]


@value_type.register(DateField)
def _date(_field: DateField, _bounds: Bounds) -> Any:
    return Annotated[date, BeforeValidator(partial(from_iso, date))]


@value_type.register(TimeField)
def _time(_field: TimeField, _bounds: Bounds) -> Any:
    return Annotated[time, BeforeValidator(partial(without_zone, time))]


@value_type.register(IntervalField)
def _interval(_field: IntervalField, _bounds: Bounds) -> Any:
    return Annotated[timedelta, Field(strict=True)]


@value_type.register(BlobField)
def _bytes(_field: BlobField, _bounds: Bounds) -> Any:
    return Annotated[bytes, BeforeValidator(as_bytes), Field(strict=True)]


@value_type.register(JSONField)
def _json(_field: JSONField, bounds: Bounds) -> Any:
    members = bounds.get("members", {})
    json_type = "object" if members else bounds.get("json_type")
    return Annotated[Any, AfterValidator(partial(storable_json, json_type, members))]


@value_type.register(PgType)
def _any(_field: PgType, _bounds: Bounds) -> Any:
    return Annotated[Any, AfterValidator(sendable)]


@value_type.register(Array)
def _array(field: Array, bounds: Bounds) -> Any:
    least, most = bounds.get("items", (None, None))
    item = value_type(field.item, bounds.get("each", {}))
    return Annotated[list[item], Field(min_length=least, max_length=most)]  # type: ignore[valid-type]


@value_type.register(Vector)
def _vector(field: Vector, _bounds: Bounds) -> Any:
    number = Annotated[float, Field(ge=-_MOST_REAL, le=_MOST_REAL, allow_inf_nan=False)]
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
    return Annotated[int, Field(**limits), BeforeValidator(no_boolean)]


def _exact(bounds: Bounds) -> Any:
    limits = Field(allow_inf_nan=False, **_limits(bounds, Decimal))
    return Annotated[Decimal, limits, BeforeValidator(no_float), AfterValidator(storable_number)]
