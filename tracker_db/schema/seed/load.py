"""Rows into a table by COPY; those that are there already are left as they are."""

from __future__ import annotations

import io
import json
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from peewee import Field, ForeignKeyField, __exception_wrapper__  # type: ignore[attr-defined]
from playhouse.postgres_ext import BinaryJSONField

from tracker_db.db import db
from tracker_db.fields import Array
from tracker_db.schema.validate import insert_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from peewee import Model

    from tracker_db.schema.seed.rows import Row, Table

_LINES = 500
_IN_QUOTES = str.maketrans({"\\": r"\\", '"': r"\""})
_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})


def load(table: Table, on_progress: Callable[[str, int, int], None]) -> int:
    """Validate and copy the rows inside the current transaction; how many were new.

    A row whose parent is not there is left out: somebody else may have the parent's address.
    """
    rows = iter(table.rows)
    first = next(rows, None)
    if first is None:
        return 0
    columns = ", ".join(f'"{column}"' for column in first)
    db.execute_sql(
        f"CREATE TEMP TABLE seeding ON COMMIT DROP AS"
        f" SELECT {columns} FROM {table.name} WITH NO DATA"
    )
    lines = _Lines(table, chain([first], rows), on_progress)
    with __exception_wrapper__, db.cursor() as cursor:
        cursor.copy_expert(f"COPY seeding ({columns}) FROM STDIN", lines)
    known = db.execute_sql(f"DELETE FROM seeding WHERE {_is_known(table.model)}").rowcount
    count = _insert(table, columns, first) if known < lines.done else 0
    db.execute_sql("DROP TABLE seeding")
    return count


def _insert(table: Table, columns: str, row: Row) -> int:
    count: int = db.execute_sql(
        f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM seeding"
        f" WHERE {_has_parents(table.model, row)} ON CONFLICT DO NOTHING"
    ).rowcount
    return count


def _is_known(model: type[Model]) -> str:
    meta = model._meta  # noqa: SLF001 - peewee's public name
    keys = (f'"{key.column_name}"' for key in meta.get_primary_keys())
    same = " AND ".join(f"known.{key} = seeding.{key}" for key in keys)
    return f"EXISTS (SELECT FROM {meta.table_name} AS known WHERE {same})"


def _has_parents(model: type[Model], row: Row) -> str:
    fields = model._meta.sorted_fields  # noqa: SLF001 - peewee's public name
    keys = [f for f in fields if isinstance(f, ForeignKeyField) and f.column_name in row]
    return " AND ".join(map(_has_parent, keys)) or "true"


def _has_parent(key: ForeignKeyField[Any]) -> str:
    parent = key.rel_model._meta.table_name  # noqa: SLF001 - peewee's public name
    same = f'parent."{key.rel_field.column_name}" = seeding."{key.column_name}"'
    there = f"EXISTS (SELECT FROM {parent} AS parent WHERE {same})"
    return f'(seeding."{key.column_name}" IS NULL OR {there})' if key.null else there


class _Lines(io.TextIOBase):
    """The rows as COPY's text, made while the server stores the lines before."""

    def __init__(
        self, table: Table, rows: Iterator[Row], on_progress: Callable[[str, int, int], None]
    ) -> None:
        self._table = table
        self._report = on_progress
        self.done = 0
        self._lines = self._render(rows)

    def read(self, _size: int | None = None) -> str:
        """Some more lines; empty at the end."""
        text = "".join(islice(self._lines, _LINES))
        self._report(self._table.name, self.done, max(self._table.about, self.done))
        return text

    def _render(self, rows: Iterator[Row]) -> Iterator[str]:
        schema = insert_schema(self._table.model)
        fields = self._table.model._meta.columns  # noqa: SLF001 - peewee's public name
        for row in rows:
            values = schema(**row).given()
            self.done += 1
            yield "\t".join(_copied(fields[column], values[column]) for column in row) + "\n"


def _copied(field: Field, value: Any) -> str:
    """One value in COPY's text format."""
    if value is None:
        return r"\N"
    if isinstance(field, BinaryJSONField):
        value = json.dumps(value)
    elif isinstance(field, Array):
        value = f"{{{','.join(map(_quoted, value))}}}"
    return str(value).translate(_ESCAPES)


def _quoted(item: object) -> str:
    """An item of an array."""
    return f'"{str(item).translate(_IN_QUOTES)}"'
