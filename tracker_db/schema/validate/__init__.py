"""Insert, update and row schemas for every model, inferred from it.

    from tracker_db.schema.validate import NewProduct, ProductRow, ProductUpdate

Each schema is made when it is first asked for. What it accepts the database accepts, but for
what lies between rows or columns: unique keys, foreign keys, checks of several columns.
"""

from __future__ import annotations

import difflib
import reprlib
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from tracker_db.errors import InvalidInputError
from tracker_db.schema.from_models import load_models
from tracker_db.schema.validate.bounds import read_bounds
from tracker_db.schema.validate.columns import value_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from peewee import Field, Model

#: What pydantic found, in words; the names are those of its error contexts.
_WORDS = {
    "missing": "is missing",
    "literal_error": "must be {expected}",
    "string_type": "must be text",
    "string_unicode": "must be text without half of a surrogate pair",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must not contain a NUL character",
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "must be a whole number of fewer digits",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "decimal_type": "must be a number",
    "decimal_parsing": "must be a number",
    "list_type": "must be a list",
    "bytes_type": "must be bytes",
    "time_delta_type": "must be a timedelta",
    "uuid_type": "must be a UUID",
    "uuid_parsing": "must be a UUID",
    "finite_number": "must be a finite number",
    "decimal_max_places": "must have at most {decimal_places} decimals",
    "decimal_whole_digits": "must have at most {whole_digits} digits before the point",
    "decimal_max_digits": "must have at most {max_digits} digits",
    "too_short": "must not have fewer than {min_length} items",
    "too_long": "must not have more than {max_length} items",
}
#: How columns end whose values do not belong into a message, or the log it ends up in.
_SECRETS = ("password", "password_hash", "token", "verifications.value")
#: A list of a thousand wrong items is wrong in one way.
_MOST_REASONS = 10


class Schema(BaseModel):
    """Columns by name. Making one raises InvalidInputError, which lists what is wrong."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())
    _table: ClassVar[str]

    def __init__(self, /, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise InvalidInputError(self._explained(error)) from None

    @classmethod
    def of(cls, row: Model) -> Self:
        """From a row of the model."""
        data = row.__data__
        fields: Iterator[Field] = row._meta.sorted_fields  # noqa: SLF001 - peewee's public name
        return cls(**{field.column_name: data[field.name] for field in fields})

    def given(self) -> dict[str, Any]:
        """The columns that were given; what was left out is the server's to fill in."""
        return {column: value for column, value in self if column in self.model_fields_set}

    @classmethod
    def _explained(cls, error: ValidationError) -> str:
        more = error.error_count() - _MOST_REASONS
        reasons = [*islice(cls._reasons(error), _MOST_REASONS)]
        return "; ".join([*reasons, f"and {more} more"] if more > 0 else reasons)

    @classmethod
    def _reasons(cls, error: ValidationError) -> Iterator[str]:
        for item in error.errors(include_url=False):
            column = ".".join(map(str, item["loc"]))
            if item["type"] == "extra_forbidden":
                yield cls._unknown(column)
            else:
                place = f"{cls._table}.{column}"
                yield f"{place} {_in_words(item)}{_shown(place, item)}"

    @classmethod
    def _unknown(cls, column: str) -> str:
        close = difflib.get_close_matches(column, cls.model_fields, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        return f"{cls._table} takes no column {column}{hint}"


def _in_words(item: Mapping[str, Any]) -> str:
    if item["input"] is None:
        return "must not be NULL"
    context = item.get("ctx", {})
    if item["type"] in _WORDS:
        return _WORDS[item["type"]].format(**context)
    if item["type"] == "value_error":
        return str(context["error"])
    return str(item["msg"]).replace("Input should be", "must be")


def _shown(place: str, item: Mapping[str, Any]) -> str:
    hidden = place.endswith(_SECRETS) or item["type"] == "missing" or item["input"] is None
    return "" if hidden else f" (got {reprlib.repr(item['input'])})"


@cache
def insert_schema(model: type[Model]) -> type[Schema]:
    """What an INSERT takes: without generated columns; what has a default may be left out."""
    return _schema(model, f"New{model.__name__}", _needed_to_insert, _is_written)


@cache
def update_schema(model: type[Model]) -> type[Schema]:
    """What an UPDATE takes: any columns but the key and the generated ones."""
    return _schema(model, f"{model.__name__}Update", _never, _is_updated)


@cache
def row_schema(model: type[Model]) -> type[Schema]:
    """What a SELECT of a whole row gives: every column."""
    return _schema(model, f"{model.__name__}Row", _always, _always)


def _schema(
    model: type[Model],
    name: str,
    required: Callable[[Field], bool],
    included: Callable[[Field], bool],
) -> type[Schema]:
    bounds = read_bounds(model)
    meta = model._meta  # noqa: SLF001 - peewee's public name
    columns: dict[str, Any] = {}
    for field in filter(included, meta.sorted_fields):
        type_ = value_type(field, bounds.get(field.column_name, {}))
        type_ = type_ | None if field.null else type_
        columns[field.column_name] = (type_, ... if required(field) else None)
    made: type[Schema] = create_model(name, __base__=Schema, __doc__=model.__doc__, **columns)
    made._table = meta.table_name  # noqa: SLF001 - our own
    return made


def _always(_field: Field) -> bool:
    return True


def _never(_field: Field) -> bool:
    return False


def _says(field: Field, word: str) -> bool:
    return any(constraint.sql.startswith(word) for constraint in field.constraints or ())


def _is_written(field: Field) -> bool:
    return not _says(field, "GENERATED ALWAYS")


def _is_updated(field: Field) -> bool:
    return _is_written(field) and not field.primary_key


def _needed_to_insert(field: Field) -> bool:
    filled_in = field.auto_increment or _says(field, "DEFAULT") or _says(field, "GENERATED")
    return not (field.null or field.default is not None or filled_in)


@cache
def _makers() -> dict[str, tuple[Callable[[type[Model]], type[Schema]], type[Model]]]:
    """Every schema's name, and how it is made of what."""
    kinds = {"New{}": insert_schema, "{}Update": update_schema, "{}Row": row_schema}
    return {
        pattern.format(model.__name__): (make, model)
        for model in load_models()
        for pattern, make in kinds.items()
    }


def __getattr__(name: str) -> type[Schema]:
    if name.startswith("_") or name not in _makers():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    make, model = _makers()[name]
    return make(model)


def __dir__() -> list[str]:
    return [*globals(), *_makers()]
