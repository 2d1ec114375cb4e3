"""peewee-migrate's own command, on the files of this repository."""

from __future__ import annotations

from processes import pw_migrate, start
from stored import tables

from tracker_db.schema.migrate import migrate, migrations_dir, rollback, status


def test_pw_migrate_works_from_the_repository_without_options(empty_database):
    names = [migration.name for migration in status()]
    assert f"Pending: {len(names)}" in pw_migrate(empty_database, "list")
    assert f"[x] {names[-1]}" in pw_migrate(empty_database, "migrate")
    assert {migration.state for migration in status()} == {"applied"}
    pw_migrate(empty_database, "rollback", "--count", str(len(names)))
    assert {migration.state for migration in status()} == {"pending"}


def test_two_pw_migrate_at_once_both_succeed(empty_database):
    runs = [start(["pw_migrate", "migrate"], empty_database) for _ in range(2)]
    said = "".join(run.communicate()[0] for run in runs)
    assert [run.returncode for run in runs] == [0, 0]
    assert said.count("[x] 001_price_tracker") == 1


def test_pw_migrate_carries_on_where_we_stopped_and_we_where_it_did(empty_database):
    pw_migrate(empty_database, "migrate", "--name", "001_price_tracker")
    migrate()
    assert rollback(None)


def test_what_pw_migrate_alone_applied_can_be_rolled_back(empty_database):
    pw_migrate(empty_database, "migrate", "--name", "001_price_tracker")
    assert rollback() == ["001_price_tracker"]
    assert tables() == []


def test_create_auto_is_refused_and_names_what_to_use(empty_database):
    run = start(["pw_migrate", "create", "--auto", "x"], empty_database)
    said = run.communicate()[0]
    assert run.returncode == 1
    assert "tracker db generate" in said
    assert not list(migrations_dir().glob("*_x.py"))
