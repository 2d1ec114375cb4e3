"""Generate asks what was renamed, and then keeps the rows."""

from __future__ import annotations

import re

import pytest
from peewee import Model, TextField
from peewee_migrate.router import Router
from shop_models import first_version, thing

from tracker_db.db import Database
from tracker_db.errors import InvalidInputError, SchemaError
from tracker_db.schema.consent import RenameQuestionError


def test_a_rename_stands_in_the_first_part(make):
    make([thing(name=TextField(null=True))])
    after = thing(title=TextField(null=True))
    after._meta.extra_sql = ("CREATE INDEX by_title ON things (title)",)
    first, second = make([after], renames=["things.name:title"], online=True)
    assert "RENAME COLUMN name TO title" in first.path.read_text()
    assert "RENAME COLUMN title TO name" in first.path.read_text()
    assert "CONCURRENTLY by_title" in second.path.read_text()


def test_two_columns_that_may_be_one_renamed_are_asked_about(make, tmp_path):
    make([thing(name=TextField())])
    with pytest.raises(RenameQuestionError, match=re.escape("--rename things.name:title")):
        make([thing(title=TextField())])
    assert len(list((tmp_path / "files").iterdir())) == 1


def test_a_rename_keeps_the_rows_both_ways(make, empty_database, tmp_path):
    make([thing(name=TextField(index=True))])
    migration = make([thing(title=TextField(index=True))], renames=["things.name:title"])
    assert next(step.sql for step in migration.forward) == (
        "ALTER TABLE things RENAME COLUMN name TO title"
    )
    database = Database.at(empty_database)
    with database.connection_context():
        router = Router(database, migrate_dir=tmp_path / "files")
        router.run(router.todo[0])
        database.execute_sql("INSERT INTO things (name) VALUES ('kept')")
        router.run()
        assert database.execute_sql("SELECT title FROM things").fetchall() == [("kept",)]
        router.rollback()
        assert database.execute_sql("SELECT name FROM things").fetchall() == [("kept",)]


def test_a_renamed_table_keeps_its_keys(make):
    make(first_version())
    models = first_version()
    models[1]._meta.set_table_name("goods")
    models[0]._meta.extra_sql = tuple(
        sql.replace("FROM items", "FROM goods") for sql in models[0]._meta.extra_sql
    )
    migration = make(models, renames=["items:goods"])
    assert not any("ADD CONSTRAINT" in step.sql for step in migration.forward)


@pytest.mark.parametrize(
    "renames",
    [
        ["items:goods", "items.word:note"],
        ["items.word:items.note", "items:goods"],
        ["items:goods", "goods.word:note"],
    ],
    ids=" ".join,
)
def test_a_table_and_its_column_are_renamed_in_any_order(make, renames):
    def models(table, column):
        fields = {column: TextField(), "Meta": type("Meta", (), {"table_name": table})}
        return [type("Item", (Model,), fields)]

    make(models("items", "word"))
    migration = make(models("goods", "note"), renames=renames)
    assert not [step.sql for step in migration.forward if "RENAME" not in step.sql]


def test_a_renamed_label_keeps_the_rows(make):
    make(first_version())
    models = first_version()
    models[1].status.values = ("new", "gone")
    with pytest.raises(RenameQuestionError, match=r"item_status\.sold:gone"):
        make(models)
    migration = make(models, renames=["item_status.sold:gone"])
    assert [step.sql for step in migration.forward] == [
        "ALTER TYPE item_status RENAME VALUE 'sold' TO 'gone'"
    ]


def test_a_rename_of_what_is_not_there_is_refused(make):
    make([thing(name=TextField())])
    with pytest.raises(InvalidInputError, match=r"things\.nmae"):
        make([thing(title=TextField())], renames=["things.nmae:title"])


def test_a_rename_to_a_name_that_is_taken_is_refused(make):
    make([thing(name=TextField(), title=TextField())])
    with pytest.raises(SchemaError, match='column "title" of relation "things" already exists'):
        make([thing(title=TextField())], renames=["things.name:title"])
