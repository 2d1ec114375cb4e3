"""peewee-migrate's own command on squashed files, which it knows nothing of."""

from __future__ import annotations

import pytest
from migration_files import write
from processes import pw_migrate
from stored import history, states

from tracker_db.schema.migrate import migrate

pytestmark = pytest.mark.usefixtures("three")
#: A conf.py as ours, for a folder of a test.
CONF = """
from pathlib import Path
from tracker_db.schema import pw_migrate
pw_migrate.migrations_dir = lambda: Path({!r})
DATABASE = pw_migrate.locked_database()
"""


def test_pw_migrate_alone_runs_lists_and_rolls_back_a_squashed_file(
    squashing, folder, empty_database
):
    squashing()
    (folder / "conf.py").write_text(CONF.format(str(folder)))
    assert "Pending: 1" in pw_migrate(empty_database, "list", "--directory", folder)
    assert "[x] 003_squashed" in pw_migrate(empty_database, "migrate", "--directory", folder)
    assert "Done: 1" in pw_migrate(empty_database, "list", "--directory", folder)
    pw_migrate(empty_database, "rollback", "--directory", folder)
    assert states() == {"003_squashed": "pending"}


def test_pw_migrate_goes_on_from_an_old_history(squashing, folder, empty_database):
    migrate()
    squashing()
    write(folder, "004_fourth", "CREATE TABLE fourth (n integer)")
    (folder / "conf.py").write_text(CONF.format(str(folder)))
    said = pw_migrate(empty_database, "migrate", "--directory", folder)
    assert "[x] 003_squashed" not in said
    assert "[x] 004_fourth" in said
    assert history() == ["003_squashed", "004_fourth"]


def test_pw_migrate_says_what_to_do_with_a_part_of_it(squashing, folder, empty_database):
    migrate("1")
    squashing()
    (folder / "conf.py").write_text(CONF.format(str(folder)))
    said = pw_migrate(empty_database, "migrate", "--directory", folder, code=1)
    assert said.startswith("Error: 003_squashed replaces migrations of which only some")
    assert history() == ["001_first"]


def test_pw_migrate_leaves_a_squash_that_was_killed_alone(squashing, folder, empty_database):
    old = (folder / "002_second.py").read_text()
    migrate()
    squashing()
    (folder / "002_second.py").write_text(old)
    (folder / "conf.py").write_text(CONF.format(str(folder)))
    said = pw_migrate(empty_database, "migrate", "--directory", folder, code=1)
    assert said == "Error: A squash was interrupted. Finish it with: tracker db generate --squash\n"


def test_pw_migrate_without_our_settings_does_no_harm_to_an_old_history(
    squashing, folder, empty_database
):
    migrate()
    squashing()
    pw_migrate(
        empty_database, "migrate", "--directory", folder, "--database", empty_database, code=1
    )
    assert history() == ["001_first", "002_second", "003_third"]
    assert states() == {"003_squashed": "applied"}
