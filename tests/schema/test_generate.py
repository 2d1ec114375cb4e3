"""Generate: from models to a proved file, or to a question."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import psycopg2
import pytest
from peewee import IntegerField, Model, TextField, UUIDField
from peewee_migrate.router import Router
from shop_models import first_version, second_version, thing

from tracker_db.db import Database
from tracker_db.errors import InvalidInputError, SchemaError
from tracker_db.schema import generate as generator
from tracker_db.schema.catalog import snapshot
from tracker_db.schema.consent import ConsentError
from tracker_db.schema.from_models import load_models
from tracker_db.schema.generate import custom
from tracker_db.schema.lint import lint
from tracker_db.schema.plan import Step
from tracker_db.schema.reading import read_statements


def _shadows(url):
    connection = psycopg2.connect(url)
    cursor = connection.cursor()
    cursor.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)",
        [f"tracker_shadow_{os.getpid()}_"],
    )
    names = cursor.fetchall()
    connection.close()
    return names


def test_the_first_migration_of_a_set_of_models_is_kept_and_then_there_is_nothing_to_do(make):
    assert make(first_version(), name="shop").path.name == "001_shop.py"
    assert make(first_version()) is None


def _orders(*statements):
    """Shops and their orders, with what these statements make."""

    class Shop(Model):
        class Meta:
            table_name = "shops"

    class Order(Model):
        total = IntegerField()
        shop_id = IntegerField()

        class Meta:
            table_name = "orders"
            extra_sql = statements

    return [Shop, Order]


def test_a_change_for_tables_in_use_is_parted(make):
    make(_orders())
    models = _orders(
        "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0)",
        'ALTER TABLE orders ADD CONSTRAINT "of shop" FOREIGN KEY (shop_id) REFERENCES shops',
        "CREATE INDEX by_shop ON orders (shop_id)",
        "COMMENT ON INDEX by_shop IS '100 %'",
        "CREATE UNIQUE INDEX by_total ON orders (total)",
    )
    kept = make(models, online=True)
    texts = ["\n".join(read_statements(migration.path)) for migration in kept]
    assert [text.count("NOT VALID") for text in texts] == [2, 0, 0, 0]
    assert [text.count("CREATE INDEX CONCURRENTLY by_shop") for text in texts] == [0, 1, 0, 0]
    assert [text.count("CREATE UNIQUE INDEX CONCURRENTLY") for text in texts] == [0, 0, 1, 0]
    assert [text.count("VALIDATE CONSTRAINT") for text in texts] == [0, 0, 0, 2]
    assert make(models, online=True) == []
    assert not [breach for each in kept for breach in lint(read_statements(each.path))]


def test_a_change_that_blocks_nobody_is_one_migration_online_too(make):
    assert len(make(first_version(), online=True)) == 1


def test_a_change_of_every_kind_gets_the_next_number(make):
    make(first_version())
    migration = make(second_version())
    assert migration.path.name.startswith("002_")
    assert make(second_version()) is None


def test_our_own_models_generate_apply_and_roll_back_exactly(make, empty_database, tmp_path):
    make(load_models(), name="all")
    database = Database.at(empty_database)
    empty = snapshot(empty_database)
    with database.connection_context():
        router = Router(database, migrate_dir=tmp_path / "files")
        router.run()
        assert snapshot(database.connection()).objects
        router.rollback()
        assert snapshot(database.connection()) == empty


def test_a_generated_file_holds_nothing_but_sql(make):
    source = make(first_version()).path.read_text()
    body = source.split("def migrate")[1]
    calls = re.findall(r"^    (\w.*?)\(", body, re.MULTILINE)
    assert set(calls) == {"migrator.sql"}


def test_a_generated_file_is_already_formatted(make):
    path = make(first_version()).path
    ruff = subprocess.run(
        [
            sys.executable,
            "-m",
            "ruff",
            "format",
            "--check",
            "--isolated",
            "--line-length=100",
            path,
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert ruff.returncode == 0, ruff.stdout


def test_a_loss_is_named_and_needs_consent(make):
    make([thing(name=TextField(), size=IntegerField())])
    with pytest.raises(ConsentError, match="DROP COLUMN size"):
        make([thing(name=TextField())])
    migration = make([thing(name=TextField())], accept_data_loss=True)
    assert "Loses data: column things.size." in migration.path.read_text()


def test_a_fill_lets_a_dropped_column_come_back_on_rows(make, empty_database, tmp_path):
    make([thing(name=TextField(), size=IntegerField())])
    options = {"accept_data_loss": True, "fill": {"things.size": "7"}}
    make([thing(name=TextField())], **options)
    database = Database.at(empty_database)
    with database.connection_context():
        router = Router(database, migrate_dir=tmp_path / "files")
        router.run()
        database.execute_sql("INSERT INTO things (name) VALUES ('row')")
        router.rollback()
        assert database.execute_sql("SELECT name, size FROM things").fetchall() == [("row", 7)]


def test_a_file_that_does_not_lead_to_the_models_is_not_kept(make, tmp_path, monkeypatch):
    make([thing(name=TextField())])
    wrong = Step("ALTER TABLE things ADD COLUMN other integer", "column things.size")
    monkeypatch.setattr(generator, "plan", lambda *_, **__: [wrong])
    with pytest.raises(SchemaError, match=re.escape("column things.other")):
        make([thing(name=TextField(), size=IntegerField(null=True))])
    assert len(list((tmp_path / "files").iterdir())) == 1


def test_a_type_that_cannot_be_cast_is_refused_and_not_kept(make, tmp_path):
    make([thing(name=IntegerField())])
    with pytest.raises(SchemaError, match="cannot cast type integer to uuid"):
        make([thing(name=first_version()[0].id.__class__())])
    assert len(list((tmp_path / "files").iterdir())) == 1


def test_a_cast_that_fails_is_named_in_a_change_of_several_parts_too(make):
    make([thing(name=IntegerField())])
    after = thing(name=UUIDField())
    after._meta.extra_sql = ("CREATE INDEX by_name ON things (name)",)
    with pytest.raises(SchemaError, match="TYPE uuid"):
        make([after], online=True)


def test_a_number_that_was_taken_meanwhile_is_not_given_twice(make, tmp_path, monkeypatch):
    make([thing(name=TextField())])
    prove = generator._prove

    def prove_slowly(*arguments):
        prove(*arguments)
        custom(tmp_path / "files", "somebody elses")

    monkeypatch.setattr(generator, "_prove", prove_slowly)
    with pytest.raises(SchemaError, match="generate again"):
        make([thing(name=TextField(), size=IntegerField(null=True))])
    assert sorted(path.name for path in (tmp_path / "files").iterdir()) == [
        "001_table_things_and_1_more.py",
        "002_somebody_elses.py",
    ]


def test_an_earlier_file_that_fails_is_named(make, tmp_path):
    make([thing(name=TextField())])
    custom(tmp_path / "files", "broken").write_text(
        "def migrate(migrator, database, *, fake=False):\n    migrator.sql('SELEKT')\n"
    )
    with pytest.raises(SchemaError, match="002_broken"):
        make([thing(name=TextField())])


def test_a_custom_migration_is_empty_and_numbered(make, tmp_path):
    make([thing(name=TextField())])
    path = custom(tmp_path / "files", "move rows")
    assert path.name == "002_move_rows.py"
    assert make([thing(name=TextField())]) is None


@pytest.mark.parametrize("name", ["", "../x", "ä", "a.b"])
def test_a_name_that_cannot_be_a_file_is_refused(tmp_path, name):
    with pytest.raises(InvalidInputError, match="cannot name a migration"):
        custom(tmp_path, name)


def test_no_shadow_is_left_behind(make, empty_database):
    make(first_version())
    with pytest.raises(ConsentError):
        make([thing(name=TextField())])
    assert _shadows(empty_database) == []
