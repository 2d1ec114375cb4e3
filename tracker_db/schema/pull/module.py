"""Models as one module of Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker_db.schema.pull.models import PulledModel
from tracker_db.schema.pull.names import class_names
from tracker_db.schema.pull.text import quoted, tuple_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tracker_db.schema.catalog.objects import Key
    from tracker_db.schema.pull.scope import Scope

#: Where the names in a module of models come from.
_IMPORTS = {
    "peewee": (
        "SQL AutoField BigAutoField BigIntegerField BlobField BooleanField CharField CompositeKey "
        "DateField DateTimeField DecimalField DeferredForeignKey DoubleField FixedCharField "
        "ForeignKeyField IntegerField SmallIntegerField TextField TimeField UUIDField"
    ).split(),
    "playhouse.postgres_ext": "BinaryJSONField IntervalField JSONField TSVectorField".split(),
    "tracker_db.fields": "Array PgEnum PgType TimestampTZ Vector server_default".split(),
    "tracker_db.models.base": ["BaseModel"],
}


class Module:
    """The models of a scope, each below those it refers to where that is possible."""

    def __init__(self, scope: Scope) -> None:
        names = class_names(table.name for table in scope.tables)
        models = (PulledModel(scope, table, names[table.name]) for table in scope.tables)
        self._models = _in_order({model.table.name: model for model in models})

    def made(self) -> set[Key]:
        """What the fields bring along: enums, sequences, and pgvector."""
        return {key for model in self._models.values() for key in model.made()}

    def text(self, prior: Sequence[str], extra: Sequence[str]) -> str:
        """The module, with the statements that come before and after its tables."""
        constants, options = "", {}
        for name, when, statements in (
            ("prior_sql", "before any table is", prior),
            ("extra_sql", "once all tables are", extra),
        ):
            if statements:
                options[name] = name.upper()
                constants += f"#: What the fields cannot say, run {when} there.\n"
                constants += f"{name.upper()} = {tuple_of(map(quoted, statements))}\n\n"
        body = "\n\n\n".join(self._texts(options))
        return f"{_head(constants + body)}\n\n{constants}\n{body}\n"

    def _texts(self, options: Mapping[str, str]) -> Iterator[str]:
        """The classes; the first one carries the statements."""
        for at, model in enumerate(self._models.values()):
            yield model.text(self._models, {} if at else options)


def _head(body: str) -> str:
    words = set(re.findall(r"\w+", body))
    lines = ['"""Models pulled from a database."""\n', "from __future__ import annotations\n"]
    for module, names in _IMPORTS.items():
        used = sorted(words.intersection(names), key=lambda name: (not name.isupper(), name))
        if used:
            lines.append(f"from {module} import {tuple_of(used).replace('()', '')}")
    return "\n".join(lines)


def _in_order(models: Mapping[str, PulledModel]) -> dict[str, PulledModel]:
    """Each model behind those it refers to, unless they refer to each other in a circle."""
    ordered: dict[str, PulledModel] = {}
    seen: set[str] = set()

    def put(name: str) -> None:
        if name not in seen:
            seen.add(name)
            for reference in models[name].references.values():
                put(reference.table)
            ordered[name] = models[name]

    for name in models:
        put(name)
    return ordered
