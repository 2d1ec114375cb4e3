"""Field types and the base model, on a real server."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from peewee import TextField

from tracker_db.db import db, transaction
from tracker_db.errors import InvalidInputError
from tracker_db.fields import PgEnum, TimestampTZ, Vector, server_default, uuid_key
from tracker_db.models.base import BaseModel

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)


class FieldSample(BaseModel):
    id = uuid_key()
    name = TextField(constraints=[server_default("'unnamed'")])
    created_at = TimestampTZ(constraints=[server_default("now()")])
    seen_at = TimestampTZ(null=True)


class EnumSample(BaseModel):
    id = uuid_key()
    mood = PgEnum("mood", ["good", "bad"])


class VectorSample(BaseModel):
    id = uuid_key()
    place = Vector(3, null=True)


@pytest.fixture
def sample(empty_database):
    with db.connection_context():
        FieldSample.create_table()
        yield FieldSample


def test_create_reads_back_what_the_server_filled_in(sample):
    row = sample.create()
    assert row.id is not None
    assert row.name == "unnamed"
    assert row.created_at.tzinfo is UTC


def test_a_given_value_wins_over_the_servers(sample):
    assert sample.create(name="lamp", created_at=NOON).created_at == NOON


def test_a_created_row_can_be_changed_and_saved(sample):
    row = sample.create()
    row.name = "lamp"
    row.save()
    assert [other.name for other in sample.select()] == ["lamp"]


def test_many_rows_made_at_once_get_the_same_defaults_and_their_keys(sample):
    rows = [sample(), sample(name="lamp", seen_at=NOON), sample(name="pan")]
    sample.bulk_create(rows, batch_size=2)
    stored = {row.id: row for row in sample.select()}
    assert [stored[row.id].name for row in rows] == ["unnamed", "lamp", "pan"]
    assert [stored[row.id].seen_at for row in rows] == [None, NOON, None]
    sample.bulk_create([])
    assert sample.select().count() == 3


def test_raw_sql_gets_the_same_defaults(sample):
    db.execute_sql("INSERT INTO field_sample DEFAULT VALUES")
    assert sample.get().name == "unnamed"


def test_an_instant_is_the_same_in_every_session_time_zone(sample):
    paris = timezone(timedelta(hours=2))
    with transaction():
        db.execute_sql("SET LOCAL TIME ZONE 'Asia/Kolkata'")
        row = sample.create(seen_at=NOON.astimezone(paris))
        assert sample.get_by_id(row.id).seen_at == NOON
        assert sample.get_by_id(row.id).seen_at.tzinfo is UTC
        assert sample.select().where(sample.seen_at == NOON).count() == 1


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 29, 12),  # noqa: DTZ001
        date(2026, 3, 29),
        "2026-03-29T12:00",
        "yesterday",
        "infinity",
        1774785600,
    ],
)
def test_what_is_no_instant_is_refused(sample, moment):
    with pytest.raises(InvalidInputError, match="seen_at needs a datetime with a time zone, got"):
        sample.create(seen_at=moment)


def test_the_iso_text_of_an_instant_is_read(sample):
    assert sample.create(seen_at="2026-03-29T14:00+02:00").seen_at == NOON


def test_an_enum_takes_its_values_and_refuses_others(empty_database):
    with transaction():
        db.execute_sql("CREATE TYPE mood AS ENUM ('good', 'bad')")
        EnumSample.create_table()
        assert EnumSample.create(mood="good").mood == "good"
        with pytest.raises(InvalidInputError, match="good, bad; got 'ugly'"):
            EnumSample.create(mood="ugly")


def test_a_vector_goes_in_and_out_and_has_its_dimensions(empty_database):
    with transaction():
        if not db.execute_sql("SELECT FROM pg_available_extensions WHERE name = 'vector'").rowcount:
            pytest.skip("the server has no pgvector")
        db.execute_sql("CREATE EXTENSION vector")
        VectorSample.create_table()
        assert VectorSample.create(place=[1, Decimal("2.5"), -3e-7]).place == [1.0, 2.5, -3e-7]
        assert VectorSample.create().place is None
        with pytest.raises(InvalidInputError, match="takes 3 numbers, got 2"):
            VectorSample.create(place=[1, 2])
