"""What all models share: the database, and rows that come back as PostgreSQL stored them."""

from __future__ import annotations

from typing import Any, Self

from peewee import SQL, Model

from tracker_db.db import db


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


def index(model: type[Model], *columns: str) -> None:
    """Declare a plain index, called `<table>_<first column>_idx`."""
    table = model._meta.table_name  # noqa: SLF001 - peewee's public name
    name = f"{table}_{columns[0]}_idx"
    model.add_index(SQL(f"CREATE INDEX {name} ON {table} ({', '.join(columns)})"))
