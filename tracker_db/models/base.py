"""What all models share: the database, and rows that come back as PostgreSQL stored them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from peewee import SQL, Model, chunked

from tracker_db.db import db

if TYPE_CHECKING:
    from collections.abc import Iterable

_DEFAULT = SQL("DEFAULT")
_SET_UPDATED_AT = """
        CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.updated_at := now();
            RETURN NEW;
        END $$
"""


class BaseModel(Model):
    """A table of this project."""

    class Meta:
        """Table names are the plain snake case of the class name."""

        database = db
        legacy_table_names = False

    @classmethod
    def create(cls, **values: Any) -> Self:
        """Insert one row and return it as stored: what the server filled in is there too."""
        row: Self = cls.insert(**values).returning(cls).execute()[0]
        return row

    @classmethod
    def bulk_create(cls, model_list: Iterable[Self], batch_size: int | None = None) -> None:
        """Insert many rows, which get their keys; what they leave out is filled in as well.

        Peewee would write NULL there.
        """
        meta: Any = cls._meta
        rows = list(model_list)
        for batch in chunked(rows, batch_size or max(len(rows), 1)):
            values = [
                [row.__data__.get(field.name, _DEFAULT) for field in meta.sorted_fields]
                for row in batch
            ]
            keys = cls.insert_many(values, fields=meta.sorted_fields).execute()
            for row, key in zip(batch, keys or (), strict=False):
                row.__data__ |= {
                    field.name: part
                    for field, part in zip(meta.get_primary_keys(), key, strict=True)
                }


def index(model: type[Model], *columns: str) -> None:
    """Declare a plain index, called `<table>_<first column>_idx`."""
    table = model._meta.table_name  # noqa: SLF001 - peewee's public name
    name = f"{table}_{columns[0]}_idx"
    model.add_index(SQL(f"CREATE INDEX {name} ON {table} ({', '.join(columns)})"))


def stamp_updates(model: type[Model], *columns: str) -> None:
    """Let `updated_at` follow every change, whoever makes it, unless it is written itself.

    With `columns` only updates that name one of them count.
    """
    meta: Any = model._meta  # noqa: SLF001 - peewee's public name
    table = meta.table_name
    update = f"UPDATE OF {', '.join(columns)}" if columns else "UPDATE"
    trigger = (
        f"CREATE TRIGGER {table}_updated BEFORE {update} ON {table} FOR EACH ROW"
        " WHEN (OLD.updated_at = NEW.updated_at AND OLD IS DISTINCT FROM NEW)"
        " EXECUTE FUNCTION set_updated_at()"
    )
    meta.prior_sql = (*getattr(meta, "prior_sql", ()), _SET_UPDATED_AT)
    meta.extra_sql = (*getattr(meta, "extra_sql", ()), trigger)
