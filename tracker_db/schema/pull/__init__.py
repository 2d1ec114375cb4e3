"""Models from any PostgreSQL database, kept only if they make that very schema again."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from tracker_db.errors import SchemaError
from tracker_db.models.base import BaseModel
from tracker_db.schema.catalog import snapshot
from tracker_db.schema.catalog.objects import Snapshot
from tracker_db.schema.drift import differences
from tracker_db.schema.from_models import snapshot_of
from tracker_db.schema.plan import plan
from tracker_db.schema.pull.module import Module
from tracker_db.schema.pull.scope import Scope
from tracker_db.schema.shadow import shadow

if TYPE_CHECKING:
    from peewee import Model

_NOTHING = Snapshot({}, {})


def pull(url: str) -> str:
    """A module of models for the database at `url`, which is only read.

    What fields cannot say stands in the module as SQL. In a shadow database the models have
    made the very same schema. SchemaError for a database without a table that a model can
    stand for, for kinds of object that cannot be planned, and where the schemas differ.
    """
    found = snapshot(url)
    scope = Scope(found)
    _refuse(scope)
    module = Module(scope)
    prior = [step.sql for step in plan(_NOTHING, scope.needed_before(module.made()))]
    with shadow(url) as database:
        made = snapshot_of(database, models_in(module.text(prior, [])))
        extra = [step.sql for step in plan(made, found)]
        text = module.text(prior, extra)
        _prove(snapshot_of(database, models_in(text)), found)
    return text


def models_in(text: str) -> list[type[Model]]:
    """The models that a module's text defines."""
    module = ModuleType("pulled")
    exec(compile(text, "pulled models", "exec"), module.__dict__)  # noqa: S102 - our own text
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, BaseModel) and value is not BaseModel
    ]


def _refuse(scope: Scope) -> None:
    if scope.snapshot.unsupported:
        names = ", ".join(sorted(scope.snapshot.unsupported))
        raise SchemaError(f"The database has what no models can carry: {names}. Drop it first.")
    if not [*scope.tables]:
        raise SchemaError("The database has no table that a model could stand for.")


def _prove(made: Snapshot, found: Snapshot) -> None:
    if made != found:
        names = ", ".join(name for name, _ in differences(made, found))
        raise SchemaError(
            f"The models would not make the database's schema again; these differ: {names}. "
            "Nothing was written."
        )
