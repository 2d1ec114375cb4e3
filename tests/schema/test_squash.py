"""Squash: one file that makes all that the old ones made, or a question."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner
from migration_files import git, there, write, write_body

from tracker_db.cli import tracker
from tracker_db.errors import InvalidInputError, SchemaError
from tracker_db.schema import files
from tracker_db.schema import generate as generator
from tracker_db.schema.check import check_files
from tracker_db.schema.consent import ConsentError
from tracker_db.schema.from_models import load_models
from tracker_db.schema.migrate import migrate, migrations_dir
from tracker_db.schema.squash import Request, squash

#: Squashes the folder it is given, and is killed when it removes the first file.
KILLED = (
    "import os, pathlib, sys; from tracker_db.schema.squash import Request, squash;"
    "pathlib.Path.unlink = lambda self: os.kill(os.getpid(), 9);"
    "squash(Request(url=sys.argv[1], folder=pathlib.Path(sys.argv[2]), accept_data_loss=True))"
)


def test_our_own_migrations_become_one_that_makes_what_the_models_say(servers, tmp_path):
    folder = tmp_path / "migrations"
    shutil.copytree(migrations_dir(), folder)
    names = files.names(folder)
    options = {"url": servers[1], "folder": folder}
    done = squash(Request(**options, accept_frozen=True, accept_data_loss=True))
    assert done.removed == tuple(names)
    assert files.squashes(folder) == {f"{names[-1][:3]}_squashed": (tuple(names),)}
    assert generator.generate(generator.Request(**options, models=load_models())) == []
    assert list(check_files(folder)) == []


def test_the_one_file_has_the_last_number_and_the_next_goes_on(squashing, folder, two):
    assert squashing(name="Both of them").path == folder / "002_both_of_them.py"
    assert there(folder) == ["002_both_of_them.py"]
    assert generator.custom(folder, "next").name == "003_next.py"


def test_a_name_is_quoted_in_the_histories_as_python_wants_it(squashing, folder, two):
    write(folder, '003_it\'s "odd"', "SELECT 1")
    squashing()
    assert files.replaced(folder) == {"001_first", "002_second", '003_it\'s "odd"'}


def test_what_cannot_be_planned_is_refused_and_nothing_removed(squashing, folder, two):
    aggregate = "CREATE AGGREGATE total (integer) (sfunc = int4pl, stype = integer)"
    write(folder, "003_aggregate", aggregate)
    with pytest.raises(SchemaError, match="aggregate total"):
        squashing()
    assert len(there(folder)) == 3


def test_a_proof_that_fails_leaves_the_files_as_they_were(squashing, folder, two):
    write(
        folder,
        "003_broken_row",
        "INSERT INTO first VALUES (-1)",
        "ALTER TABLE first ADD CONSTRAINT positive CHECK (n > 0) NOT VALID",
    )
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(SchemaError, match="positive"):
        squashing()
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_file_that_fails_is_named(squashing, folder, two):
    write(folder, "003_broken", "SELEKT")
    with pytest.raises(SchemaError, match="003_broken fails"):
        squashing()


@pytest.mark.parametrize("name", ["second", "Ä", ""])
def test_a_name_that_cannot_be_is_refused(squashing, folder, two, name):
    with pytest.raises(InvalidInputError, match=r"002_second is or was|cannot name"):
        squashing(name=name)


def test_one_migration_or_none_is_nothing_to_squash(squashing, folder):
    assert squashing() is None
    write(folder, "001_first", "CREATE TABLE first (n integer)")
    assert squashing() is None
    assert there(folder) == ["001_first.py"]


def test_what_was_squashed_is_squashed_again_and_every_history_is_known(squashing, folder, two):
    squashing()
    write(folder, "003_third", "CREATE TABLE third (n integer)")
    with pytest.raises(InvalidInputError, match=r"002_second|003_third is"):
        squashing(name="third")
    squashing()
    assert files.squashes(folder) == {
        "003_squashed": (("002_squashed", "003_third"), ("001_first", "002_second", "003_third"))
    }


def test_files_that_git_has_are_removed_without_a_question(squashing, folder, two):
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "both")
    assert squashing(accept_data_loss=False).removed == ("001_first", "002_second")


def test_a_squash_that_was_killed_is_explained_and_finished(squashing, folder, two, empty_database):
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, empty_database, folder], check=False, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL
    assert there(folder) == ["001_first.py", "002_second.py", "002_squashed.py"]
    assert [finding.what for finding in check_files(folder)] == [
        "001_first was squashed and is still there: tracker db generate --squash removes it",
        "002_second was squashed and is still there: tracker db generate --squash removes it",
    ]
    assert migrate() == ["002_squashed"]
    with pytest.raises(ConsentError, match=r"002_second\.py, which is not committed"):
        squashing(accept_data_loss=False)
    assert squashing().removed == ("001_first", "002_second")
    assert there(folder) == ["002_squashed.py"]


def test_the_command_asks_with_exit_2_and_then_says_what_it_did(folder, two):
    write_body(folder, "003_code", "migrator.run(int)")
    asked = _tracker("generate", "--squash")
    assert asked.exit_code == 2
    assert "--accept-frozen" in asked.output
    assert "--accept-data-loss" in asked.output
    done = _tracker("generate", "--squash", "all", "--accept-frozen", "--accept-data-loss")
    assert done.stdout == (
        f"Proved and kept: {folder / '003_all.py'}\n"
        "Removed, and to be had from version control only: 001_first, 002_second, 003_code\n"
    )
    assert _tracker("generate", "--squash").stdout.startswith("Nothing to squash")


@pytest.mark.parametrize("other", [["--custom"], ["--online"], ["--rename", "a:b"]])
def test_the_command_refuses_to_squash_and_change_at_once(folder, two, other):
    assert _tracker("generate", "--squash", *other).exit_code == 2
    assert len(there(folder)) == 2


def test_the_command_refuses_an_answer_to_what_is_not_asked(folder, two):
    refused = _tracker("generate", "--accept-frozen")
    assert refused.exit_code == 2
    assert "--squash" in refused.output
    assert len(there(folder)) == 2


def _tracker(*arguments):
    return CliRunner().invoke(tracker, ["db", *arguments], catch_exceptions=False)


@pytest.mark.parametrize("text", ["(", "('001_first',)", "work()"])
def test_a_file_whose_histories_cannot_be_read_is_named(folder, two, text):
    path = folder / "003_spoilt.py"
    path.write_text(f'"""."""\n\nREPLACES = {text}\n')
    with pytest.raises(InvalidInputError, match=r"REPLACES in .*003_spoilt\.py cannot be read"):
        files.names(folder)
