"""A squashed file and databases of every age: fresh ones, old ones, and those in between."""

from __future__ import annotations

import shutil

import pytest
from click.testing import CliRunner
from migration_files import write
from processes import start_migrating
from stored import ask, execute, history, states, tables

from tracker_db.cli import tracker
from tracker_db.errors import MigrationError, SchemaError
from tracker_db.schema.check import Area, check
from tracker_db.schema.migrate import (
    forget,
    migrate,
    preview,
    rollback,
    status,
)
from tracker_db.schema.push import Push, push

pytestmark = pytest.mark.usefixtures("three")


def test_a_fresh_database_runs_the_squashed_file(squashing):
    squashing()
    assert states() == {"003_squashed": "pending"}
    assert migrate() == ["003_squashed"]
    assert states() == {"003_squashed": "applied"}


def test_a_database_that_has_all_of_it_changes_its_history_only(squashing, folder):
    migrate()
    execute("INSERT INTO second VALUES (7)")
    before = status()[-1].applied_at
    squashing()
    assert states() == {"003_squashed": "applied"}
    assert history() == ["001_first", "002_second", "003_third"]
    assert preview() == []
    assert migrate() == []
    assert history() == ["003_squashed"]
    assert status()[0].applied_at == before
    assert ask("SELECT * FROM second") == [(7,)]


def test_a_squashed_file_that_is_edited_later_is_noticed(squashing, folder):
    migrate()
    squashing()
    migrate()
    (folder / "003_squashed.py").write_text((folder / "003_squashed.py").read_text() + "\n")
    assert states() == {"003_squashed": "edited"}


def test_a_later_file_goes_on_from_either(squashing, folder):
    migrate()
    squashing()
    write(folder, "004_fourth", "CREATE TABLE fourth (n integer)", undo="DROP TABLE fourth")
    assert migrate() == ["004_fourth"]
    assert rollback() == ["004_fourth"]
    assert states() == {"003_squashed": "applied", "004_fourth": "pending"}


def test_the_squashed_file_takes_the_place_of_the_last_it_replaces(squashing, folder):
    migrate()
    squashing()
    write(folder, "004_fourth", "CREATE TABLE fourth (n integer)", undo="DROP TABLE fourth")
    execute("INSERT INTO migratehistory (name, migrated_at) VALUES ('004_fourth', now())")
    migrate()
    assert history() == ["003_squashed", "004_fourth"]


@pytest.mark.parametrize("applied", ["1", "2"])
def test_a_database_that_has_some_of_it_is_told_what_to_do(
    squashing, folder, empty_database, applied
):
    migrate(applied)
    before = history()
    squashing()
    assert states()["003_squashed"] == "partial"
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
    assert history() == before


def test_such_a_database_goes_on_as_it_is_told(squashing, folder, tmp_path):
    old = shutil.copytree(folder, tmp_path / "old")
    migrate("1")
    squashing()
    (folder / "003_squashed.py").rename(tmp_path / "003_squashed.py")
    shutil.copytree(old, folder, dirs_exist_ok=True)
    assert migrate() == ["002_second", "003_third"]
    for path in folder.glob("*.py"):
        path.unlink()
    (tmp_path / "003_squashed.py").rename(folder / "003_squashed.py")
    assert migrate() == []
    assert history() == ["003_squashed"]


@pytest.mark.parametrize("wanted", ["2", "002", "002_second"])
def test_a_replaced_migration_cannot_be_had_alone(squashing, wanted):
    squashing()
    with pytest.raises(MigrationError, match="part of 003_squashed, and cannot be had alone"):
        migrate(wanted)
    assert migrate("3") == ["003_squashed"]


def test_a_faked_squashed_file_is_recorded(squashing):
    squashing()
    assert migrate(fake=True) == ["003_squashed"]
    assert history() == ["003_squashed"]


def test_faked_where_all_of_it_is_applied_it_takes_their_place(squashing):
    migrate()
    squashing()
    assert migrate(fake=True) == []
    assert history() == ["003_squashed"]


def test_a_recorded_squashed_file_hides_what_it_replaces(squashing):
    migrate()
    squashing()
    execute("INSERT INTO migratehistory (name, migrated_at) VALUES ('003_squashed', now())")
    assert states() == {"003_squashed": "applied"}
    migrate()
    assert history() == ["003_squashed"]


def test_only_all_of_it_can_be_rolled_back(squashing):
    migrate()
    squashing()
    with pytest.raises(MigrationError, match=r"stands for all .* tracker db rollback --all"):
        rollback()
    assert ask("SELECT * FROM first") == []
    assert rollback(None) == ["003_squashed"]
    assert tables() == []


@pytest.mark.parametrize("applied", [True, False])
def test_a_squashed_file_is_not_forgotten(squashing, folder, applied):
    if applied:
        migrate()
    path = squashing().path
    with pytest.raises(MigrationError, match="is applied" if applied else "undo the squash in"):
        forget("3")
    assert path.is_file()


def test_check_agrees_before_and_after_the_history_is_changed(squashing, folder, empty_database):
    migrate()
    squashing()
    for _ in range(2):
        found = {each.area for each in check(empty_database, folder, []).findings}
        assert found == {Area.MODELS}  # there are none for these tables
        migrate()


def test_a_database_from_before_two_squashes_needs_neither_commit_between(squashing, folder):
    write(folder, "004_fourth", "CREATE TABLE fourth (n integer)", undo="DROP TABLE fourth")
    migrate()
    fourth = (folder / "004_fourth.py").rename(folder.parent / "004_fourth.py")
    squashing()
    fourth.rename(folder / "004_fourth.py")
    squashing(name="again")
    assert states() == {"004_again": "applied"}
    assert migrate() == []
    assert history() == ["004_again"]


def test_a_database_from_between_two_squashes_goes_on(squashing, folder):
    squashing()
    migrate()
    write(folder, "004_fourth", "CREATE TABLE fourth (n integer)", undo="DROP TABLE fourth")
    migrate()
    squashing()
    assert migrate() == []
    assert history() == ["004_squashed"]


def test_a_database_that_lacks_what_came_between_two_squashes_is_told(squashing, folder):
    migrate()
    squashing()
    write(folder, "004_fourth", "CREATE TABLE fourth (n integer)")
    squashing()
    with pytest.raises(MigrationError, match=r"these are not: 004_fourth\."):
        migrate()


def test_two_runs_at_once_change_the_history_once(squashing, folder, empty_database):
    migrate()
    squashing()
    runs = [start_migrating(folder, empty_database) for _ in range(2)]
    assert [run.communicate()[0] for run in runs] == ["0\n", "0\n"]
    assert history() == ["003_squashed"]


def test_the_command_shows_the_state_of_a_part(squashing):
    migrate("1")
    squashing()
    assert "partial  003_squashed\n" in CliRunner().invoke(tracker, ["db", "status"]).stdout
