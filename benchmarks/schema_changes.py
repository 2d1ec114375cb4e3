"""Twenty ordinary changes of a schema, each said twice: in peewee and in SQLAlchemy.

The SQLAlchemy side is as Alembic's documentation advises: constraints get their names from a
naming convention, or else a downgrade could not drop them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from peewee import (
    SQL,
    BigIntegerField,
    DecimalField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)
from playhouse.postgres_ext import BinaryJSONField
from sqlalchemy.dialects.postgresql import JSONB

from tracker_db.fields import PgEnum, server_default

if TYPE_CHECKING:
    from collections.abc import Callable

#: https://alembic.sqlalchemy.org/en/latest/naming.html
NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


@dataclass(frozen=True)
class Side:
    """What makes the models, or the metadata, of before and after: anew at each call."""

    before: Callable
    after: Callable


@dataclass(frozen=True)
class Change:
    """What is changed, and how an author of either library would say so."""

    what: str
    peewee: Side
    sqlalchemy: Side


def model(table="thing", /, constraints=(), indexes=(), **fields):
    meta = {"table_name": table, "constraints": list(constraints), "indexes": list(indexes)}
    return type(table.title(), (Model,), {**fields, "Meta": type("Meta", (), meta)})


def owned(**options):
    user = model("users", name=TextField())
    return [user, model("things", user=ForeignKeyField(user, **options))]


def metadata(*tables):
    """Metadata with tables, each a name and what is beside its primary key."""
    made = sa.MetaData(naming_convention=NAMES)
    for name, *parts in tables:
        sa.Table(name, made, sa.Column("id", sa.Integer, primary_key=True), *parts)
    return made


def thing(*parts):
    return metadata(("thing", *parts))


def column(name, type_, **options):
    """NOT NULL unless said otherwise, as peewee has it."""
    return sa.Column(name, type_, **{"nullable": False, **options})


def owned_tables(*, nullable=False, **options):
    user = sa.ForeignKey("users.id", **options)
    return metadata(
        ("users", column("name", sa.Text)),
        ("things", sa.Column("user_id", user, nullable=nullable, index=True)),
    )


CHANGES = [
    Change(
        "a table",
        Side(list, lambda: [model(n=IntegerField())]),
        Side(metadata, lambda: thing(column("n", sa.Integer))),
    ),
    Change(
        "a nullable column",
        Side(lambda: [model()], lambda: [model(n=IntegerField(null=True))]),
        Side(thing, lambda: thing(column("n", sa.Integer, nullable=True))),
    ),
    Change(
        "a column with a server default",
        Side(
            lambda: [model()],
            lambda: [model(n=IntegerField(constraints=[server_default("7")]))],
        ),
        Side(thing, lambda: thing(column("n", sa.Integer, server_default="7"))),
    ),
    Change(
        "a server default",
        Side(
            lambda: [model(n=IntegerField())],
            lambda: [model(n=IntegerField(constraints=[server_default("7")]))],
        ),
        Side(
            lambda: thing(column("n", sa.Integer)),
            lambda: thing(column("n", sa.Integer, server_default="7")),
        ),
    ),
    Change(
        "int to bigint",
        Side(lambda: [model(n=IntegerField())], lambda: [model(n=BigIntegerField())]),
        Side(lambda: thing(column("n", sa.Integer)), lambda: thing(column("n", sa.BigInteger))),
    ),
    Change(
        "text to int",
        Side(lambda: [model(n=TextField())], lambda: [model(n=IntegerField())]),
        Side(lambda: thing(column("n", sa.Text)), lambda: thing(column("n", sa.Integer))),
    ),
    Change(
        "nullability",
        Side(lambda: [model(n=TextField())], lambda: [model(n=TextField(null=True))]),
        Side(
            lambda: thing(column("n", sa.Text)),
            lambda: thing(column("n", sa.Text, nullable=True)),
        ),
    ),
    Change(
        "an index",
        Side(lambda: [model(n=TextField())], lambda: [model(n=TextField(index=True))]),
        Side(
            lambda: thing(column("n", sa.Text)),
            lambda: thing(column("n", sa.Text, index=True)),
        ),
    ),
    Change(
        "unique",
        Side(lambda: [model(n=TextField())], lambda: [model(n=TextField(unique=True))]),
        Side(
            lambda: thing(column("n", sa.Text)),
            lambda: thing(column("n", sa.Text, unique=True)),
        ),
    ),
    Change(
        "index to unique",
        Side(lambda: [model(n=TextField(index=True))], lambda: [model(n=TextField(unique=True))]),
        Side(
            lambda: thing(column("n", sa.Text, index=True)),
            lambda: thing(column("n", sa.Text, unique=True)),
        ),
    ),
    Change(
        "a hash index",
        Side(
            lambda: [model(n=TextField())],
            lambda: [model(n=TextField(index=True, index_type="HASH"))],
        ),
        Side(
            lambda: thing(column("n", sa.Text)),
            lambda: thing(
                column("n", sa.Text), sa.Index("ix_thing_n", "n", postgresql_using="hash")
            ),
        ),
    ),
    Change(
        "a composite index",
        Side(
            lambda: [model(a=TextField(), b=TextField())],
            lambda: [model(a=TextField(), b=TextField(), indexes=[(("a", "b"), True)])],
        ),
        Side(
            lambda: thing(column("a", sa.Text), column("b", sa.Text)),
            lambda: thing(
                column("a", sa.Text),
                column("b", sa.Text),
                sa.Index("ix_thing_a_b", "a", "b", unique=True),
            ),
        ),
    ),
    Change(
        "a check",
        Side(
            lambda: [model(n=IntegerField())],
            lambda: [model(n=IntegerField(), constraints=[SQL("CONSTRAINT k CHECK (n > 0)")])],
        ),
        Side(
            lambda: thing(column("n", sa.Integer)),
            lambda: thing(column("n", sa.Integer), sa.CheckConstraint("n > 0", name="k")),
        ),
    ),
    Change(
        "an enum column",
        Side(
            lambda: [model()],
            lambda: [model(s=PgEnum("s", ["a", "b"], constraints=[server_default("'a'")]))],
        ),
        Side(thing, lambda: thing(column("s", sa.Enum("a", "b", name="s"), server_default="a"))),
    ),
    Change(
        "an enum label",
        Side(
            lambda: [model(s=PgEnum("s", ["a", "b"]))],
            lambda: [model(s=PgEnum("s", ["a", "c", "b"]))],
        ),
        Side(
            lambda: thing(column("s", sa.Enum("a", "b", name="s"))),
            lambda: thing(column("s", sa.Enum("a", "c", "b", name="s"))),
        ),
    ),
    Change(
        "decimal digits",
        Side(lambda: [model(n=DecimalField(8, 2))], lambda: [model(n=DecimalField(12, 6))]),
        Side(
            lambda: thing(column("n", sa.Numeric(8, 2))),
            lambda: thing(column("n", sa.Numeric(12, 6))),
        ),
    ),
    Change(
        "jsonb with its index",
        Side(lambda: [model()], lambda: [model(d=BinaryJSONField(null=True))]),
        Side(
            thing,
            lambda: thing(
                column("d", JSONB, nullable=True),
                sa.Index("ix_thing_d", "d", postgresql_using="gin"),
            ),
        ),
    ),
    Change(
        "a key's action",
        Side(owned, lambda: owned(on_delete="CASCADE")),
        Side(owned_tables, lambda: owned_tables(ondelete="CASCADE")),
    ),
    Change(
        "a key's nullability",
        Side(owned, lambda: owned(null=True)),
        Side(owned_tables, lambda: owned_tables(nullable=True)),
    ),
    Change(
        "a key's name",
        Side(owned, lambda: owned(constraint_name="things_user_fk")),
        Side(owned_tables, lambda: owned_tables(name="things_user_fk")),
    ),
]
