"""`tracker db generate`, `check`, `push` and `lint` as a person types them."""

from __future__ import annotations

from contextlib import closing

import psycopg2
import pytest
from click.testing import CliRunner
from peewee import Model, TextField

from tracker_db.cli import tracker
from tracker_db.schema import from_models
from tracker_db.schema import migrate as runner


@pytest.fixture
def files(empty_database, tmp_path, monkeypatch):
    """A folder of migrations for a project whose only model is a thing with a name."""
    monkeypatch.setattr(runner, "migrations_dir", lambda: tmp_path)
    monkeypatch.setattr(from_models, "load_models", lambda: [_thing("name")])
    return tmp_path


def _thing(name):
    meta = type("Meta", (), {"table_name": "things"})
    return type("Thing", (Model,), {name: TextField(), "Meta": meta})


def _run(*arguments):
    return CliRunner().invoke(tracker, ["db", *arguments])


def _execute(url, sql):
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        connection.cursor().execute(sql)


def test_a_change_goes_from_the_model_to_the_database(files, monkeypatch):
    assert "001_things.py" in _run("generate", "things").stdout
    assert _run("generate").stdout.startswith("No changes")
    assert _run("migrate").exit_code == 0
    assert _run("check").exit_code == 0
    monkeypatch.setattr(from_models, "load_models", lambda: [_thing("title")])
    question = _run("generate")
    assert (question.exit_code, "--rename things.name:title" in question.stderr) == (2, True)
    assert "RENAME COLUMN" in _run("generate", "--rename", "things.name:title").stdout
    assert len(list(files.iterdir())) == 2


def test_check_exits_1_and_prints_the_repair(files, empty_database):
    _run("generate", "things")
    _run("migrate")
    _execute(empty_database, "CREATE TABLE stray (id integer)")
    result = _run("check")
    assert result.exit_code == 1
    assert "database: table stray is unexpected" in result.stdout
    assert "DROP TABLE stray;" in result.stdout


def test_a_faked_migration_is_believed_where_the_database_has_it_all(files, empty_database):
    _run("generate", "things")
    _execute(empty_database, "CREATE TABLE things (id serial PRIMARY KEY, name text NOT NULL)")
    assert _run("migrate", "--fake").stdout == "Recorded 001_things\n"
    assert _run("check").exit_code == 0


def test_a_faked_migration_is_found_out_where_the_database_lacks_something(files, empty_database):
    _run("generate", "things")
    _run("migrate", "--fake")
    result = _run("check")
    assert result.exit_code == 1
    assert "database: table things is missing" in result.stdout
    _execute(empty_database, result.stdout.partition("To repair the database:")[2])
    assert _run("check").exit_code == 0


def test_check_exits_2_when_it_cannot_say(files):
    (files / "001_broken.py").write_text(
        "def migrate(migrator, database, *, fake=False):\n    1/0\n"
    )
    assert _run("check").exit_code == 2


def test_push_shows_its_statements_and_then_has_nothing_to_do(files):
    assert "CREATE TABLE things" in _run("push", "--dry-run").stdout
    assert "CREATE TABLE things" in _run("push").stdout
    assert _run("push").stdout.startswith("No changes")


def test_pull_prints_models_or_writes_a_new_file(files, tmp_path):
    _run("push")
    assert "class Things(BaseModel):" in _run("pull").stdout
    path = str(tmp_path / "things.py")
    assert _run("pull", "--output", path).exit_code == 0
    again = _run("pull", "--output", path)
    assert (again.exit_code, "not overwritten" in again.stderr) == (2, True)


def test_drop_asks_for_the_name_where_somebody_can_answer(files):
    result = _run("drop")
    assert (result.exit_code, "say --yes test_" in result.stderr) == (2, True)
    assert _run("drop", "--yes", "other").exit_code == 2


def test_a_file_is_forgotten(files):
    _run("generate", "things")
    assert _run("forget", "1").stdout.startswith("Deleted ")
    assert list(files.iterdir()) == []


def test_lint_names_the_safe_form(files):
    (files / "001_index.py").write_text(
        "def migrate(migrator, database, *, fake=False):\n"
        "    migrator.sql('CREATE INDEX i ON t (a)')\n"
    )
    result = _run("lint")
    assert (result.exit_code, "CREATE INDEX CONCURRENTLY" in result.stderr) == (1, True)
    assert _run("lint", "1").stderr == result.stderr
    assert _run("lint", "2").exit_code == 2


def test_lint_exits_0_where_it_finds_nothing(files):
    _run("generate", "things")
    result = _run("lint")
    assert (result.exit_code, result.stdout) == (0, "Nothing found in 1 migration.\n")


@pytest.fixture
def at_a_terminal(monkeypatch):
    """The command believes that a person answers."""
    wrapper = "click.testing._NamedTextIOWrapper"
    monkeypatch.setattr(f"{wrapper}.isatty", lambda _: True, raising=False)


def _ask(*arguments, answers):
    return CliRunner().invoke(tracker, ["db", *arguments], input=answers)


@pytest.mark.usefixtures("at_a_terminal")
def test_a_person_is_asked_what_was_renamed(files, monkeypatch):
    _run("generate", "things")
    monkeypatch.setattr(from_models, "load_models", lambda: [_thing("title")])
    assert "RENAME COLUMN name TO title" in _ask("generate", answers="1\n").stdout


@pytest.mark.usefixtures("at_a_terminal")
@pytest.mark.parametrize(("may_go", "count"), [("y", 2), ("n", 1)])
def test_what_was_not_renamed_goes_only_when_a_person_says_so(files, monkeypatch, may_go, count):
    _run("generate", "things")
    monkeypatch.setattr(from_models, "load_models", lambda: [_thing("title")])
    result = _ask("generate", answers=f"0\n{may_go}\n")
    assert "ALTER TABLE things DROP COLUMN name" in result.stderr
    assert len(list(files.iterdir())) == count


def test_a_fill_is_asked_for_where_a_roll_back_would_fail_on_rows(files, monkeypatch):
    _run("generate", "things")
    monkeypatch.setattr(from_models, "load_models", lambda: [_thing("title")])
    result = _run("generate", "--accept-data-loss")
    assert '--fill "things.title=SQL"' in result.stderr
    assert '--fill "things.name=SQL"' in result.stderr


def test_a_custom_migration_is_made(files):
    assert "001_move_rows.py" in _run("generate", "--custom", "move rows").stdout


@pytest.mark.parametrize("fill", ["things.name", ""])
def test_a_fill_without_a_value_is_wrong_use(files, fill):
    assert _run("generate", "--fill", fill).exit_code == 2
