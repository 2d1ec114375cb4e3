"""A squashed file and databases of every age: fresh ones, old ones, and those in between."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from migration_files import write

from tracker_db.cli import tracker
from tracker_db.db import db
from tracker_db.errors import MigrationError, SchemaError
from tracker_db.schema import migrate as migrations
from tracker_db.schema.check import Area, Report, check
from tracker_db.schema.from_models import load_models
from tracker_db.schema.migrate import (
    forget,
    migrate,
    migrations_dir,
    preview,
    rollback,
    status,
)
from tracker_db.schema.push import Push, push
from tracker_db.schema.squash import Request, squash

#: Migrates the folder it is given, and prints how many files it applied.
SCRIPT = (
    "import sys, pathlib; from tracker_db.schema import migrate as m;"
    "m.migrations_dir = lambda: pathlib.Path(sys.argv[1]); print(len(m.migrate()))"
)
#: A conf.py as ours, for a folder of a test.
CONF = """
from pathlib import Path
from tracker_db.schema import pw_migrate
pw_migrate.migrations_dir = lambda: Path({!r})
DATABASE = pw_migrate.locked_database()
"""


@pytest.fixture
def folder(empty_database, tmp_path, monkeypatch):
    """Three migrations, not squashed yet."""
    path = tmp_path / "migrations"
    path.mkdir()
    monkeypatch.setattr(migrations, "migrations_dir", lambda: path)
    for name in ("001_first", "002_second", "003_third"):
        table = name.partition("_")[2]
        write(path, name, f"CREATE TABLE {table} (n integer)", undo=f"DROP TABLE {table}")
    return path


@pytest.fixture
def squash_now(folder, empty_database):
    def run(name="squashed"):
        return squash(Request(url=empty_database, folder=folder, name=name, accept_data_loss=True))

    return run


def _execute(sql):
    with db.connection_context():
        return db.execute_sql(sql)


def _ask(sql):
    with db.connection_context():
        return db.execute_sql(sql).fetchall()


def _history():
    return [name for (name,) in _ask("SELECT name FROM migratehistory ORDER BY id")]


def _states():
    return {migration.name: migration.state for migration in status()}


def test_a_fresh_database_runs_the_squashed_file(squash_now):
    squash_now()
    assert _states() == {"003_squashed": "pending"}
    assert migrate() == ["003_squashed"]
    assert _states() == {"003_squashed": "applied"}


def test_a_database_that_has_all_of_it_changes_its_history_only(squash_now, folder):
    migrate()
    _execute("INSERT INTO second VALUES (7)")
    before = status()[-1].applied_at
    squash_now()
    assert _states() == {"003_squashed": "applied"}
    assert _history() == ["001_first", "002_second", "003_third"]
    assert preview() == []
    assert migrate() == []
    assert _history() == ["003_squashed"]
    assert status()[0].applied_at == before
    assert _ask("SELECT * FROM second") == [(7,)]
    (folder / "003_squashed.py").write_text((folder / "003_squashed.py").read_text() + "\n")
    assert _states() == {"003_squashed": "edited"}


def test_a_later_file_goes_on_from_either(squash_now, folder):
    migrate()
    squash_now()
    write(folder, "004_fourth", "CREATE TABLE fourth (n integer)", undo="DROP TABLE fourth")
    assert migrate() == ["004_fourth"]
    assert rollback() == ["004_fourth"]
    assert _states() == {"003_squashed": "applied", "004_fourth": "pending"}


def test_the_squashed_file_takes_the_place_of_the_last_it_replaces(squash_now, folder):
    migrate()
    squash_now()
    write(folder, "004_fourth", "CREATE TABLE fourth (n integer)", undo="DROP TABLE fourth")
    _execute("INSERT INTO migratehistory (name, migrated_at) VALUES ('004_fourth', now())")
    migrate()
    assert _history() == ["003_squashed", "004_fourth"]


@pytest.mark.parametrize("applied", ["1", "2"])
def test_a_database_that_has_some_of_it_is_told_what_to_do(
    squash_now, folder, empty_database, applied
):
    migrate(applied)
    before = _history()
    squash_now()
    assert _states()["003_squashed"] == "partial"
    request = Push(url=empty_database, folder=folder, models=[])
    for change in (
        migrate,
        lambda: migrate(fake=True),
        preview,
        rollback,
        lambda: check(empty_database, folder, []),
    ):
        with pytest.raises(MigrationError, match=r"not: .*003_third\. Check out a commit from be"):
            change()
    with pytest.raises(SchemaError, match="Not applied yet: 003_squashed"):
        push(request)
    assert _history() == before


def test_such_a_database_goes_on_as_it_is_told(squash_now, folder, tmp_path):
    old = shutil.copytree(folder, tmp_path / "old")
    migrate("1")
    squash_now()
    (folder / "003_squashed.py").rename(tmp_path / "003_squashed.py")
    shutil.copytree(old, folder, dirs_exist_ok=True)
    assert migrate() == ["002_second", "003_third"]
    for path in folder.glob("*.py"):
        path.unlink()
    (tmp_path / "003_squashed.py").rename(folder / "003_squashed.py")
    assert migrate() == []
    assert _history() == ["003_squashed"]


@pytest.mark.parametrize("wanted", ["2", "002", "002_second"])
def test_a_replaced_migration_cannot_be_had_alone(squash_now, wanted):
    squash_now()
    with pytest.raises(MigrationError, match="part of 003_squashed, and cannot be had alone"):
        migrate(wanted)
    assert migrate("3") == ["003_squashed"]


def test_a_faked_squashed_file_is_recorded(squash_now):
    squash_now()
    assert migrate(fake=True) == ["003_squashed"]
    assert _history() == ["003_squashed"]


def test_faked_where_all_of_it_is_applied_it_takes_their_place(squash_now):
    migrate()
    squash_now()
    assert migrate(fake=True) == []
    assert _history() == ["003_squashed"]


def test_a_recorded_squashed_file_hides_what_it_replaces(squash_now):
    migrate()
    squash_now()
    _execute("INSERT INTO migratehistory (name, migrated_at) VALUES ('003_squashed', now())")
    assert _states() == {"003_squashed": "applied"}
    migrate()
    assert _history() == ["003_squashed"]


def test_only_all_of_it_can_be_rolled_back(squash_now):
    migrate()
    squash_now()
    with pytest.raises(MigrationError, match=r"stands for all .* tracker db rollback --all"):
        rollback()
    assert _ask("SELECT * FROM first") == []
    assert rollback(None) == ["003_squashed"]
    with db.connection_context():
        assert db.get_tables() == []


@pytest.mark.parametrize("applied", [True, False])
def test_a_squashed_file_is_not_forgotten(squash_now, folder, applied):
    if applied:
        migrate()
    path = squash_now().path
    with pytest.raises(MigrationError, match="is applied" if applied else "undo the squash in"):
        forget("3")
    assert path.is_file()


def test_check_agrees_before_and_after_the_history_is_changed(squash_now, folder, empty_database):
    migrate()
    squash_now()
    for _ in range(2):
        found = {each.area for each in check(empty_database, folder, []).findings}
        assert found == {Area.MODELS}  # there are none for these tables
        migrate()


def test_a_database_from_before_two_squashes_needs_neither_commit_between(squash_now, folder):
    write(folder, "004_fourth", "CREATE TABLE fourth (n integer)", undo="DROP TABLE fourth")
    migrate()
    fourth = (folder / "004_fourth.py").rename(folder.parent / "004_fourth.py")
    squash_now()
    fourth.rename(folder / "004_fourth.py")
    squash_now("again")
    assert _states() == {"004_again": "applied"}
    assert migrate() == []
    assert _history() == ["004_again"]


def test_a_database_from_between_two_squashes_goes_on(squash_now, folder):
    squash_now()
    migrate()
    write(folder, "004_fourth", "CREATE TABLE fourth (n integer)", undo="DROP TABLE fourth")
    migrate()
    squash_now()
    assert migrate() == []
    assert _history() == ["004_squashed"]


def test_a_database_that_lacks_what_came_between_two_squashes_is_told(squash_now, folder):
    migrate()
    squash_now()
    write(folder, "004_fourth", "CREATE TABLE fourth (n integer)")
    squash_now()
    with pytest.raises(MigrationError, match=r"these are not: 004_fourth\."):
        migrate()


def test_two_runs_at_once_change_the_history_once(squash_now, folder, empty_database):
    migrate()
    squash_now()
    runs = [_start([sys.executable, "-c", SCRIPT, folder], empty_database) for _ in range(2)]
    assert [run.communicate()[0] for run in runs] == ["0\n", "0\n"]
    assert _history() == ["003_squashed"]


def test_data_in_our_own_tables_is_untouched(database, tmp_path, monkeypatch):
    """The database is migrated by the files of this repository, which are then squashed."""
    folder = shutil.copytree(migrations_dir(), tmp_path / "migrations")
    monkeypatch.setattr(migrations, "migrations_dir", lambda: folder)
    _execute(
        "INSERT INTO model_pricing (provider, model, input_price_per_1k,"
        " output_price_per_1k) VALUES ('p', 'm', 1, 2)"
    )
    queries = ("SELECT * FROM model_pricing", "SELECT * FROM pricing_revision")
    before = [_ask(query) for query in queries]
    (done,) = [
        squash(Request(url=database, folder=folder, accept_frozen=True, accept_data_loss=True))
    ]
    assert migrate() == []
    assert _history() == [done.path.stem]
    assert [_ask(query) for query in queries] == before
    assert check(database, folder, load_models()) == Report(())


def test_pw_migrate_alone_runs_lists_and_rolls_back_a_squashed_file(
    squash_now, folder, empty_database
):
    squash_now()
    (folder / "conf.py").write_text(CONF.format(str(folder)))
    assert "Pending: 1" in _pw_migrate(folder, empty_database, "list")
    assert "[x] 003_squashed" in _pw_migrate(folder, empty_database, "migrate")
    assert "Done: 1" in _pw_migrate(folder, empty_database, "list")
    _pw_migrate(folder, empty_database, "rollback")
    assert _states() == {"003_squashed": "pending"}


def test_pw_migrate_goes_on_from_an_old_history(squash_now, folder, empty_database):
    migrate()
    squash_now()
    write(folder, "004_fourth", "CREATE TABLE fourth (n integer)")
    (folder / "conf.py").write_text(CONF.format(str(folder)))
    said = _pw_migrate(folder, empty_database, "migrate")
    assert "[x] 003_squashed" not in said
    assert "[x] 004_fourth" in said
    assert _history() == ["003_squashed", "004_fourth"]


def test_pw_migrate_says_what_to_do_with_a_part_of_it(squash_now, folder, empty_database):
    migrate("1")
    squash_now()
    (folder / "conf.py").write_text(CONF.format(str(folder)))
    said = _pw_migrate(folder, empty_database, "migrate", code=1)
    assert said.startswith("Error: 003_squashed replaces migrations of which only some")
    assert _history() == ["001_first"]


def test_pw_migrate_leaves_a_squash_that_was_killed_alone(squash_now, folder, empty_database):
    old = (folder / "002_second.py").read_text()
    migrate()
    squash_now()
    (folder / "002_second.py").write_text(old)
    (folder / "conf.py").write_text(CONF.format(str(folder)))
    said = _pw_migrate(folder, empty_database, "migrate", code=1)
    assert said == "Error: A squash was interrupted. Finish it with: tracker db generate --squash\n"


def test_pw_migrate_without_our_settings_does_no_harm_to_an_old_history(
    squash_now, folder, empty_database
):
    migrate()
    squash_now()
    _pw_migrate(folder, empty_database, "migrate", "--database", empty_database, code=1)
    assert _history() == ["001_first", "002_second", "003_third"]
    assert _states() == {"003_squashed": "applied"}


def test_the_command_shows_the_state_of_a_part(squash_now):
    migrate("1")
    squash_now()
    assert "partial  003_squashed\n" in CliRunner().invoke(tracker, ["db", "status"]).stdout


def _start(command, url):
    return subprocess.Popen(
        command,
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _pw_migrate(folder, url, *arguments, code=0):
    run = _start(
        [Path(sys.executable).with_name("pw_migrate"), *arguments, "--directory", folder], url
    )
    said = run.communicate()[0]
    assert run.returncode == code, said
    return said
