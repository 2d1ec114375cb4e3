"""Schemas: what they accept the database stores as it is, what they refuse it does not."""

from __future__ import annotations

import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache

import psycopg2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peewee import (
    BigIntegerField,
    CharField,
    DecimalField,
    ForeignKeyField,
    IntegerField,
    TextField,
    UUIDField,
)
from playhouse.postgres_ext import BinaryJSONField
from psycopg2.errors import CheckViolation, UndefinedTable, UniqueViolation
from psycopg2.extensions import make_dsn
from psycopg2.extras import Json

from tracker_db.errors import InvalidInputError
from tracker_db.fields import Array, PgEnum, TimestampTZ, Vector
from tracker_db.models.coaching import Task
from tracker_db.models.costs import Dollars
from tracker_db.models.platform import CanvasNode
from tracker_db.models.price import AlertRule
from tracker_db.schema.from_models import load_models
from tracker_db.schema.validate import insert_schema
from tracker_db.schema.validate.bounds import read_bounds

MODELS = load_models()
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)

#: Checks that no single column can satisfy or break, or that are written in another form.
BETWEEN_COLUMNS = {
    "alert_rules_needs_check",
    "events_cached_check",
    "events_reasoning_check",
    "pricing_revision_only_row_check",
}
#: What such checks need of a row that is otherwise as small as possible.
NEEDED = {AlertRule: {"target_price": 1}, CanvasNode: {"position": {"x": 1, "y": 1}}}
#: A right value for each kind of field.
SOME = {
    UUIDField: uuid.UUID(int=1),
    TextField: "x",
    CharField: "x",
    IntegerField: 1,
    BigIntegerField: 1,
    Dollars: Decimal(1),
    TimestampTZ: NOON,
    BinaryJSONField: [],
    Array: [1, 2, 3, 4],
    Vector: [0.5] * 1536,
}
#: A trigger has the last word about these.
TRIGGERED = {Task.is_completed, Task.completed_at}

NUMBERS = st.one_of(
    st.integers(-2, 12),
    st.decimals(-100, 10**6, places=4),
    st.sampled_from(["NaN", "1E-16384", "0E-16384", "1E+131072"]).map(Decimal),
)
TEXTS = st.text(max_size=8) | st.sampled_from(
    ["a\0b", "\ud800", "", "true", "12", "new", "active", "2026-03-29T12:00+02:00"]
)
MOMENTS = st.one_of(
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=14))])),
    st.datetimes(),
    st.sampled_from([datetime.max.replace(tzinfo=timezone(-timedelta(hours=1)))]),
    st.datetimes(timezones=st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone)),
)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS | st.sampled_from([float("nan"), 1.5]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.uuids(),
    NUMBERS,
    TEXTS,
    MOMENTS,
    st.lists(NUMBERS | TEXTS, min_size=1, max_size=5),
    st.just(b"x"),
)


@pytest.fixture(scope="module")
def stored(servers, template):
    """Inserts a row into a database without foreign keys; what a column of it then holds."""
    name = f"validate_{uuid.uuid4().hex}"
    with closing(psycopg2.connect(servers[1])) as admin:
        admin.autocommit = True
        admin.cursor().execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        with closing(psycopg2.connect(make_dsn(servers[1], dbname=name))) as connection:
            _drop_foreign_keys(connection)
            yield lambda model, row, column: _insert(connection, model, row, column)
        admin.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_schema_and_database_agree_where_columns_end(stored, model):
    for field in _written(model):
        for value in _edges(field):
            _agree(stored, field, value)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_schema_and_database_agree_about_anything(stored, model):
    @settings(max_examples=50, deadline=None, database=None)
    @given(st.sampled_from(_written(model)), st.data())
    def agree(field, data):
        near = DOCUMENTS if isinstance(field, BinaryJSONField) else ANYTHING
        _agree(stored, field, data.draw(near))

    agree()


def _written(model):
    columns = model._meta.columns
    return [columns[name] for name in insert_schema(model).model_fields]


def _agree(stored, field, value):
    row = _smallest(field.model) | {field.column_name: value}
    try:
        row = insert_schema(field.model)(**row).given()
    except InvalidInputError:
        with pytest.raises((psycopg2.Error, ValueError, AssertionError)):
            assert stored(field.model, row, field.column_name) == value
    else:
        _expect_stored(stored, field, row)


def _expect_stored(stored, field, row):
    value = row[field.column_name]
    try:
        found = stored(field.model, row, field.column_name)
    except UniqueViolation:
        return
    except UndefinedTable:
        pytest.skip("the server has no pgvector")
    except CheckViolation as error:
        if error.diag.constraint_name not in BETWEEN_COLUMNS:
            raise
    else:
        assert found == value or field in TRIGGERED or isinstance(field, Vector)


def _edges(field):
    """The last right values and the first wrong ones."""
    yield None
    bounds = read_bounds(field.model).get(field.column_name, {})
    limits = [bounds[name] for name in ("ge", "gt", "le", "lt") if name in bounds]
    match field:
        case PgEnum():
            yield from (*field.values, "", field.values[0].upper())
        case CharField():
            yield from (char * (field.max_length + more) for char in "a€" for more in (0, 1))
        case IntegerField():
            edge = 2**63 if isinstance(field, BigIntegerField) else 2**31
            for limit in (-edge, edge - 1, *map(int, limits)):
                yield from (limit - 1, limit, limit + 1)
        case DecimalField():
            unit = Decimal(1).scaleb(-field.decimal_places)
            most = Decimal(10) ** (field.max_digits - field.decimal_places)
            for limit in (-most, most, *limits):
                yield from (limit - unit, limit - unit / 10, limit, limit + unit)
        case Dollars():
            yield from (limit + more for limit in limits for more in (-1, 0, 1))
        case Array() | Vector():
            some = SOME[type(field)]
            yield from (some, some[1:], [*some, 1])
        case _ if "choices" in bounds:
            yield from (*bounds["choices"], "", bounds["choices"][0].upper())


@cache
def _smallest(model):
    """A row of nothing but what must be given."""
    schema = insert_schema(model)
    required = [name for name, info in schema.model_fields.items() if info.is_required()]
    fields = model._meta.columns
    return {name: _one(fields[name]) for name in required} | NEEDED.get(model, {})


def _one(field):
    """Some right value."""
    bounds = read_bounds(field.model).get(field.column_name, {})
    if "choices" in bounds:
        return bounds["choices"][0]
    if isinstance(field, PgEnum):
        return field.values[0]
    if isinstance(field, ForeignKeyField):
        return uuid.UUID(int=1)
    return SOME[type(field)]


def _drop_foreign_keys(connection):
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(
        "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)"
        " FROM pg_constraint WHERE contype = 'f'"
    )
    for (statement,) in cursor.fetchall():
        cursor.execute(statement)
    connection.autocommit = False


def _insert(connection, model, row, column):
    fields = model._meta.columns
    values = [_adapted(fields[name], value) for name, value in row.items()]
    names = ", ".join(f'"{name}"' for name in row)
    places = ", ".join(["%s"] * len(values))
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {model._meta.table_name} ({names}) VALUES ({places})"
                f' RETURNING "{column}"',
                values,
            )
            return cursor.fetchone()[0]
    finally:
        connection.rollback()


def _adapted(field, value):
    if isinstance(field, BinaryJSONField) and value is not None:
        return Json(value)
    if isinstance(field, Vector) and isinstance(value, list):
        return str(value)
    return value
