"""Tables as the classes of a module."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from tracker_db.schema.catalog.objects import Column, Constraint, Index, Key, Kind, Table
from tracker_db.schema.plan import ddl
from tracker_db.schema.plan.ddl import unquoted
from tracker_db.schema.pull import columns
from tracker_db.schema.pull.names import attribute_names, split
from tracker_db.schema.pull.references import Reference, key_columns
from tracker_db.schema.pull.text import call, formatted, quoted, sql, tuple_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tracker_db.schema.pull.scope import Scope


class PulledModel:
    """One table, and the class that makes it."""

    def __init__(self, scope: Scope, table: Table, name: str) -> None:
        self.name = name
        self.table = table
        self._snapshot = scope.snapshot
        self._columns = scope.parts(table.name, Column)
        self._constraints = scope.parts(table.name, Constraint)
        self._indexes = scope.parts(table.name, Index)
        found = (scope.reference(each) for each in self._constraints if each.type == "f")
        #: The foreign keys by column; a second one on the same column is not among them.
        self.references = {each.column: each for each in reversed([*filter(None, found)])}

    @cached_property
    def key(self) -> list[str]:
        """The columns of the primary key; none where peewee cannot say it."""
        keys = (key_columns(each) for each in self._constraints if each.type == "p")
        return next(keys, None) or []

    @cached_property
    def attributes(self) -> Mapping[str, str]:
        """The attribute of each column."""
        labels = [column.label for column in self._columns]
        keys = [column.label for column in self._columns if column.name in self.references]
        return attribute_names(labels, keys)

    def made(self) -> Iterator[Key]:
        """What the fields bring along: enums, sequences, and pgvector."""
        for column in self._columns:
            is_reference = column.name in self.references
            if not is_reference and (found := self._serial(column)):
                yield found
            if enum := columns.enum(column, self._snapshot):
                yield enum.key
            if columns.is_vector(column):
                yield Key(Kind.EXTENSION, "vector")

    def text(self, known: Mapping[str, PulledModel], options: Mapping[str, str]) -> str:
        """The class; `known` are the models above it and below, `options` more of its Meta."""
        meta = {**dict(self._meta()), **options}
        lines = [
            f"class {self.name}(BaseModel):",
            f'    """The table {self.table.name}."""\n',
            *self._fields(known),
            "\n    class Meta:",
            *(f"        {name} = {value}" for name, value in meta.items()),
        ]
        indexes = "\n".join(map(self._index, self._indexes))
        return "\n".join(lines) + (f"\n\n\n{indexes}" if indexes else "")

    def _fields(self, known: Mapping[str, PulledModel]) -> Iterator[str]:
        used: set[str] = set()
        for column in self._columns:
            attribute = self.attributes[column.label]
            reference = self.references.get(column.name)
            if reference is None:
                made = self._plain(column)
            else:
                made = self._reference(column, reference, known)
                # Peewee's own name for the way back serves for one key to a table.
                if reference.table in used:
                    made.append(f'backref="{self.name.lower()}_{attribute}"')
                used.add(reference.table)
            yield call(f"{attribute} = {made[0]}", made[1:], " " * 4)

    def _plain(self, column: Column) -> list[str]:
        made = columns.field(column, self._snapshot, is_key=self.key == [column.label])
        return (
            made if column.label == self.attributes[column.label] else [*made, _column_name(column)]
        )

    def _reference(
        self, column: Column, reference: Reference, known: Mapping[str, PulledModel]
    ) -> list[str]:
        attribute, target = self.attributes[column.label], known[reference.table]
        options = [*self._target(target, known), *_actions(reference), "index=False"]
        if target.key != [reference.target_label]:
            options.append(f'field="{target.attributes[reference.target_label]}"')
        if column.label != f"{attribute}_id":
            options += [_column_name(column), f'object_id_name="{self._value_name(attribute)}"']
        if self.key == [column.label]:
            options.append("primary_key=True")
        return [*options, *columns.qualifiers(column)]

    def _value_name(self, attribute: str) -> str:
        """What the value of a foreign key is called beside the row it refers to."""
        name = f"{attribute}_value"
        while name in self.attributes.values():
            name += "_"
        return name

    def _target(self, target: PulledModel, known: Mapping[str, PulledModel]) -> list[str]:
        """The class of a foreign key, and the model it refers to."""
        if target is self:
            return ["ForeignKeyField", '"self"']
        names = list(known)
        if names.index(target.table.name) < names.index(self.table.name):
            return ["ForeignKeyField", target.name]
        return ["DeferredForeignKey", f'"{target.name}"']

    def _meta(self) -> Iterator[tuple[str, str]]:
        schema, name = split(self.table.name)
        yield "table_name", quoted(name)
        if schema:
            yield "schema", quoted(schema)
        if len(self.key) != 1:
            names = ", ".join(f'"{self.attributes[label]}"' for label in self.key)
            yield "primary_key", f"CompositeKey({names})" if names else "False"
        rest = [each for each in self._constraints if each.type != "f" and not _is_key(each)]
        if rest:
            parts = (sql(f"CONSTRAINT {each.label} {each.definition}") for each in rest)
            yield "constraints", tuple_of(parts, " " * 8)
        settings = [*self._settings()]
        if settings:
            yield "table_settings", f"({', '.join(map(formatted, settings))},)"

    def _settings(self) -> Iterator[str]:
        if self.table.partition_by:
            yield f"PARTITION BY {self.table.partition_by}"
        if self.table.options:
            yield f"WITH ({', '.join(self.table.options)})"

    def _index(self, index: Index) -> str:
        return call(f"{self.name}.add_index", [sql(ddl.create(index)[0])])

    def _serial(self, column: Column) -> Key | None:
        is_key = self.key == [column.label]
        return columns.serial_sequence(column, self._snapshot, is_key=is_key)


def _is_key(constraint: Constraint) -> bool:
    return constraint.type == "p" and key_columns(constraint) is not None


def _column_name(column: Column) -> str:
    return f"column_name={quoted(unquoted(column.label))}"


def _actions(reference: Reference) -> Iterator[str]:
    """The options of a foreign key that PostgreSQL looks at."""
    yield f"constraint_name={quoted(reference.name)}"
    for option in ("on_delete", "on_update", "deferrable"):
        value = getattr(reference, option)
        if value:
            yield f"{option}={quoted(value)}"
