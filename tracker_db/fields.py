"""Field types and constraints beyond peewee's own."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from peewee import SQL, Field, ForeignKeyField, UUIDField, fn
from playhouse.hybrid import hybrid_property
from playhouse.postgres_ext import ArrayField

from tracker_db.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from peewee import Model


def server_default(expression: str) -> SQL:
    """A constraint: the SQL expression PostgreSQL uses where an INSERT leaves the column out."""
    return SQL(f"DEFAULT {expression}")


def uuid_key() -> UUIDField:
    """A primary key that PostgreSQL draws with gen_random_uuid()."""
    return UUIDField(primary_key=True, constraints=[server_default("gen_random_uuid()")])


def foreign_key(
    to: Any, constraint: str, on_delete: str = "CASCADE", **options: Any
) -> ForeignKeyField[Any]:
    """A foreign key whose constraint has this name; its index is declared beside the model."""
    return ForeignKeyField(
        to, on_delete=on_delete, constraint_name=constraint, index=False, **options
    )


def unix_seconds(column: str) -> hybrid_property:
    """A timestamp column as whole seconds since 1970 (UTC), in Python and in queries."""

    def read(row: Model) -> int | None:
        moment = getattr(row, column)
        return None if moment is None else math.floor(moment.timestamp())

    def expression(model: type[Model]) -> Any:
        return fn.floor(fn.date_part("epoch", getattr(model, column))).cast("bigint")

    return hybrid_property(read, expr=expression)


class TimestampTZ(Field):
    """`timestamptz`: takes aware datetimes only, and gives them back in UTC."""

    field_type = "TIMESTAMPTZ"

    def db_value(self, value: datetime | str | None) -> datetime | None:
        """Refuse a time without its zone (InvalidInputError): nobody knows which instant it means.

        ISO 8601 text is read; a date is no instant.
        """
        moment = _from_iso(value) if isinstance(value, str) else value
        if moment is None or (isinstance(moment, datetime) and moment.utcoffset() is not None):
            return moment
        raise InvalidInputError(f"{self.name} needs a datetime with a time zone, got {value}.")

    def python_value(self, value: datetime | None) -> datetime | None:
        """The instant in UTC, whatever the session's time zone."""
        return value.astimezone(UTC) if value is not None else None


def _from_iso(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


class PgEnum(Field):
    """A native enum type, which a migration creates."""

    def __init__(self, type_name: str, values: Iterable[str], **kwargs: Any) -> None:
        self.type_name = type_name
        self.values = tuple(values)
        super().__init__(**kwargs)

    def ddl_datatype(self, ctx: Any) -> SQL:  # noqa: ARG002 - peewee's signature
        """The name of the type."""
        return SQL(self.type_name)

    def db_value(self, value: str | None) -> str | None:
        """Refuse a value outside the enum (InvalidInputError)."""
        if value is not None and value not in self.values:
            raise InvalidInputError(
                f"{self.name} must be one of {', '.join(self.values)}; got {value!r}."
            )
        return value


class Array(ArrayField):
    """An array of one dimension, without the index that peewee would add."""

    def __init__(
        self, item: type[Field], item_options: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        self.item = item(**item_options or {})
        super().__init__(item, item_options, index=False, **kwargs)


class PgType(Field):
    """Any other type, by its SQL name; its values pass as psycopg2 takes and gives them."""

    def __init__(self, type_name: str, **kwargs: Any) -> None:
        self.field_type = type_name  # type: ignore[misc]  # peewee asks the instance
        super().__init__(**kwargs)


class Dollars(Field):
    """`numeric` without limits: a token may cost a millionth of a cent, a year millions."""

    field_type = "NUMERIC"


class Vector(Field):
    """pgvector's `vector(n)`: sequences of n numbers in, lists of floats out."""

    field_type = "VECTOR"

    def __init__(self, dimensions: int, **kwargs: Any) -> None:
        self.dimensions = dimensions
        super().__init__(**kwargs)

    def get_modifiers(self) -> list[int]:
        """What stands in the parentheses after the type."""
        return [self.dimensions]

    def db_value(self, value: Iterable[float | Decimal] | None) -> str | None:
        """Refuse another number of dimensions (InvalidInputError)."""
        if value is None:
            return None
        numbers = [float(number) for number in value]
        if len(numbers) != self.dimensions:
            raise InvalidInputError(
                f"{self.name} takes {self.dimensions} numbers, got {len(numbers)}."
            )
        return f"[{','.join(map(repr, numbers))}]"

    def python_value(self, value: str | None) -> list[float] | None:
        """The numbers of pgvector's text form."""
        return [float(number) for number in value[1:-1].split(",")] if value is not None else None
