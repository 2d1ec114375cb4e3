"""The schema that a set of models describes, made in an empty database.

What peewee cannot say, a model says in its `class Meta`, as plain statements:

- `prior_sql`: before any table, for what a column or a CHECK calls: types, functions;
- `extra_sql`: once all tables are there: indexes, functions, triggers, views, policies.

Enumerated types and the vector extension follow from the fields.
"""

from __future__ import annotations

import importlib
import pkgutil
from itertools import chain
from typing import TYPE_CHECKING, Any

import psycopg2
from peewee import (  # type: ignore[attr-defined]  # its stubs lack sort_models
    DatabaseError,
    ForeignKeyField,
    Model,
    sort_models,
)

from tracker_db import models as our_models
from tracker_db.errors import SchemaError
from tracker_db.fields import PgEnum, Vector
from tracker_db.models.base import BaseModel
from tracker_db.schema.catalog import snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tracker_db.db import Database
    from tracker_db.schema.catalog.objects import Snapshot


def load_models() -> list[type[Model]]:
    """Every model of this project, in an order in which their tables can be made."""
    prefix = f"{our_models.__name__}."
    for module in pkgutil.iter_modules(our_models.__path__, prefix):
        importlib.import_module(module.name)
    ordered: list[type[Model]] = sort_models(
        model for model in _subclasses(BaseModel) if model.__module__.startswith(prefix)
    )
    return ordered


def _subclasses(model: type[Model]) -> Iterator[type[Model]]:
    for each in model.__subclasses__():
        yield each
        yield from _subclasses(each)


def build(database: Database, models: Sequence[type[Model]]) -> None:
    """Make everything the models describe; the database must be empty, and stays unbound."""
    models = sort_models(models)
    with database.bind_ctx(models, bind_refs=False, bind_backrefs=False):
        _run(database, _extensions(models))
        _run(database, _enums(models))
        _run(database, _declared(models, "prior_sql"))
        database.create_tables(models, safe=False)
        for field in _deferred_keys(models):
            field.model._schema.create_foreign_key(field)  # noqa: SLF001 - peewee's own way
        _run(database, _declared(models, "extra_sql"))


def snapshot_of(database: Database, models: Sequence[type[Model]]) -> Snapshot:
    """The schema that the models describe, made in the empty database and undone.

    SchemaError when PostgreSQL refuses a table or an `extra_sql`.
    """
    database.begin()
    try:
        build(database, models)
        return snapshot(database.connection())
    except (psycopg2.Error, DatabaseError) as error:
        raise SchemaError(f"PostgreSQL cannot make what the models say: {error}") from error
    finally:
        database.rollback()


def _run(database: Database, statements: Iterable[str]) -> None:
    cursor = database.cursor()
    for statement in statements:
        cursor.execute(statement)


def _fields(models: Iterable[type[Model]], kind: type) -> Iterator[Any]:
    for model in models:
        for field in model._meta.sorted_fields:  # noqa: SLF001 - peewee's public name for it
            if isinstance(field, kind):
                yield field


def _extensions(models: Iterable[type[Model]]) -> Iterator[str]:
    if any(_fields(models, Vector)):
        yield "CREATE EXTENSION IF NOT EXISTS vector"


def _enums(models: Iterable[type[Model]]) -> Iterator[str]:
    known: dict[str, tuple[str, ...]] = {}
    for field in _fields(models, PgEnum):
        labels = known.setdefault(field.type_name, field.values)
        if labels != field.values:
            raise SchemaError(
                f"{field.model.__name__}.{field.name} gives the enum {field.type_name} the values "
                f"{', '.join(field.values)}; another field gives it {', '.join(labels)}."
            )
    for name, labels in known.items():
        quoted = ", ".join("'" + label.replace("'", "''") + "'" for label in labels)
        yield f"CREATE TYPE {name} AS ENUM ({quoted})"


def _deferred_keys(models: Iterable[type[Model]]) -> Iterator[ForeignKeyField]:
    """Foreign keys that close a circle: peewee leaves them out of CREATE TABLE."""
    return (field for field in _fields(models, ForeignKeyField) if field.deferred)


def _declared(models: Iterable[type[Model]], attribute: str) -> Iterator[str]:
    """Each statement once: peewee hands a model's Meta on to its subclasses."""
    found = (getattr(model._meta, attribute, ()) for model in models)  # noqa: SLF001 - see above
    yield from dict.fromkeys(chain.from_iterable(found))
