"""Schemas of the models that `pull` writes: every kind of field it knows has its values."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import peewee
import pytest
from peewee import SQL, Model
from playhouse.postgres_ext import IntervalField, JSONField, TSVectorField
from psycopg2.extras import Json

from tracker_db.errors import InvalidInputError
from tracker_db.fields import Array, PgType
from tracker_db.schema.validate import insert_schema, row_schema

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
NAIVE = NOON.replace(tzinfo=None)

#: (type, field, values it takes, values it does not)
KINDS = [
    ("smallint", peewee.SmallIntegerField(), [32767, -32768], [32768, True, 1.5]),
    ("double precision", peewee.DoubleField(), [0.1, 5e-324, 1, float("inf")], [True, "x"]),
    ("real", peewee.FloatField(), [0.5, 3.4e38], [3.5e38, True]),
    ("date", peewee.DateField(), [date(2026, 3, 29)], [NOON, 20260329, "29.3.2026"]),
    ("time", peewee.TimeField(), [time(12, 30)], [time(12, tzinfo=UTC), 12, NOON]),
    ("timestamp", peewee.DateTimeField(), [NAIVE], [NOON, date(2026, 3, 29), 1732186200]),
    ("interval", IntervalField(), [timedelta(days=-1, microseconds=1)], ["1 day", 60]),
    ("bytea", peewee.BlobField(), [b"\0\xff"], ["text", 1]),
    ("character(3)", peewee.FixedCharField(max_length=3), ["abc"], ["abcd", "a\0"]),
    ("varchar", peewee.CharField(max_length=None), ["x" * 1000], [1, "\ud800"]),
    ("json", JSONField(), [{"a": [1, None]}], [{1: 2}, float("nan")]),
    ("tsvector", TSVectorField(), ["'lamp':1"], [b"lamp"]),
    ("date[]", Array(peewee.DateField), [[date(2026, 3, 29)], []], [[None], ["x"]]),
    ("numeric", PgType("numeric"), [Decimal("0.1")], ["a\0", None]),
    ("inet", PgType("inet"), ["192.0.2.1"], ["\ud800"]),
]


@pytest.mark.parametrize(("type_", "field", "taken", "refused"), KINDS, ids=[k[0] for k in KINDS])
def test_a_pulled_field_takes_what_its_column_takes(scratch, type_, field, taken, refused):
    schema = insert_schema(_model(field))
    scratch.reset(f"CREATE TABLE pulled (it {type_} NOT NULL)")
    for value in taken:
        given = schema(it=value).it
        sent = Json(given) if isinstance(field, JSONField) else given
        scratch.cursor.execute("INSERT INTO pulled VALUES (%s) RETURNING it", [sent])
        found = scratch.cursor.fetchone()[0]
        assert (bytes(found) if isinstance(found, memoryview) else found) == value
    for value in refused:
        with pytest.raises(InvalidInputError, match=r"pulled\.it"):
            schema(it=value)


def test_a_text_becomes_the_date_it_writes():
    assert insert_schema(_model(peewee.DateField()))(it="2026-03-29").it == date(2026, 3, 29)


def test_bytes_come_as_the_driver_gives_them():
    assert row_schema(_model(peewee.BlobField()))(it=memoryview(b"x")).it == b"x"


def test_a_serial_key_is_the_servers_to_fill_in_and_may_be_given():
    schema = insert_schema(_model(peewee.TextField(), id=peewee.BigAutoField()))
    assert schema(it="x").given() == {"it": "x"}
    assert schema(it="x", id=2**63 - 1).given() == {"id": 2**63 - 1, "it": "x"}


@pytest.mark.parametrize(("when", "is_written"), [("ALWAYS", False), ("BY DEFAULT", True)])
def test_an_identity_is_never_needed_and_written_where_that_is_allowed(when, is_written):
    number = peewee.IntegerField(constraints=[SQL(f"GENERATED {when} AS IDENTITY")])
    schema = insert_schema(_model(peewee.TextField(), number=number))
    assert schema(it="x").given() == {"it": "x"}
    assert ("number" in schema.model_fields) is is_written


def test_a_field_of_another_kind_is_named():
    with pytest.raises(TypeError, match="BareField it has no validation yet"):
        insert_schema(_model(peewee.BareField()))


def _model(field, **more):
    options = {"table_name": "pulled"} | ({} if "id" in more else {"primary_key": False})
    meta = type("Meta", (), options)
    return type("Pulled", (Model,), {**more, "it": field, "Meta": meta})
