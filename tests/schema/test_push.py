"""Push: a development database follows the models."""

from __future__ import annotations

import psycopg2
import pytest
from peewee import Model, TextField
from shop_models import first_version, second_version

from tracker_db.errors import SchemaError
from tracker_db.schema.catalog import snapshot
from tracker_db.schema.consent import ConsentError, RenameQuestionError
from tracker_db.schema.generate import Request, generate
from tracker_db.schema.push import Push, push


@pytest.fixture
def send(empty_database, tmp_path):
    """Push to the database of this test."""

    def run(models, **options):
        options = {"url": empty_database, **options}
        return push(Push(folder=tmp_path / "files", models=models, **options))

    return run


def _thing(name):
    meta = type("Meta", (), {"table_name": "things"})
    return type("Thing", (Model,), {name: TextField(), "Meta": meta})


def _execute(url, statement):
    connection = psycopg2.connect(url)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(statement)
    rows = cursor.fetchall() if cursor.description else None
    connection.close()
    return rows


def test_a_second_push_is_empty(send):
    assert send(first_version())
    assert send(first_version()) == []


def test_a_changed_model_is_pushed(send):
    send(first_version())
    assert send(second_version())
    assert send(second_version()) == []


def test_a_dry_run_changes_nothing(send, empty_database):
    before = snapshot(empty_database)
    assert send(first_version(), dry_run=True)
    assert snapshot(empty_database) == before


def test_a_loss_needs_consent(send, empty_database):
    send([_thing("name")])
    before = snapshot(empty_database)
    with pytest.raises(ConsentError, match="DROP TABLE things"):
        send([])
    assert snapshot(empty_database) == before
    send([], accept_data_loss=True)
    assert snapshot(empty_database).objects == {}


def test_a_rename_is_asked_about_and_keeps_the_rows(send, empty_database):
    send([_thing("name")])
    _execute(empty_database, "INSERT INTO things (name) VALUES ('kept')")
    with pytest.raises(RenameQuestionError, match=r"things\.name:title"):
        send([_thing("title")])
    send([_thing("title")], renames=["things.name:title"])
    assert _execute(empty_database, "SELECT title FROM things") == [("kept",)]


def test_pending_migrations_come_first(send, empty_database, tmp_path):
    folder = tmp_path / "files"
    generate(Request(url=empty_database, folder=folder, models=first_version(), name="shop"))
    with pytest.raises(SchemaError, match="001_shop"):
        send(first_version())


def test_another_machine_is_refused_before_anything_is_connected(send):
    with pytest.raises(SchemaError, match=r"db\.example\.org"):
        send(first_version(), url="postgresql://db.example.org/shop")


def test_a_step_that_fails_undoes_all(send, empty_database):
    send([_thing("name")])
    _execute(empty_database, "INSERT INTO things (name) VALUES ('row')")
    before = snapshot(empty_database)
    models = [*first_version(), _thing("name")]
    models[-1]._meta.add_field("needed", TextField())
    with pytest.raises(SchemaError, match="ADD COLUMN needed"):
        send(models)
    assert snapshot(empty_database) == before
