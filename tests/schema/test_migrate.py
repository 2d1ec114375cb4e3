"""Migrations: applied once, rolled back to nothing, and noticed when their files change."""

from __future__ import annotations

import traceback

import pytest
from click.testing import CliRunner
from migration_files import write
from processes import start_migrating
from stored import ask, tables

from tracker_db.cli import tracker
from tracker_db.db import db
from tracker_db.errors import MigrationError
from tracker_db.schema import lock, router
from tracker_db.schema.lock import schema_lock
from tracker_db.schema.migrate import forget, migrate, preview, rollback, status


@pytest.fixture
def folder(folder):
    """Three migrations of our own; the first takes a moment, so that two runs meet."""
    _write(folder, "001_first", "SELECT pg_sleep(0.3)", "CREATE TABLE first (n int)")
    _write(folder, "002_second", "CREATE TABLE second (n int)")
    _write(folder, "003_third", "INSERT INTO second VALUES (1)", undo="DELETE FROM second")
    return folder


def test_migrate_applies_what_is_pending_in_order_once(folder):
    assert migrate() == ["001_first", "002_second", "003_third"]
    assert migrate() == []
    assert tables() == ["first", "migratehistory", "second"]


@pytest.mark.parametrize("to", ["2", "002", "002_second"])
def test_migrate_stops_after_the_one_named(folder, to):
    assert migrate(to) == ["001_first", "002_second"]
    assert migrate("001") == []


def test_an_unknown_target_is_refused_with_the_names_there_are(folder):
    with pytest.raises(MigrationError, match="No migration 7; there are: 001_first, 002_second"):
        migrate("7")


def test_rollback_undoes_the_last_ones_newest_first(folder):
    migrate()
    assert rollback() == ["003_third"]
    assert rollback(2) == ["002_second", "001_first"]


def test_rolling_everything_back_leaves_nothing_at_all(folder):
    migrate()
    assert rollback(None) == ["003_third", "002_second", "001_first"]
    assert tables() == []


def test_more_rollbacks_than_migrations_are_refused_and_change_nothing(folder):
    migrate("1")
    with pytest.raises(MigrationError, match="2 migrations: 1 are applied"):
        rollback(2)
    assert "first" in tables()


def test_a_failing_file_leaves_no_trace_and_those_before_it_stay(folder):
    _write(folder, "002_second", "CREATE TABLE second (n int)", "SELECT 1/0")
    with pytest.raises(MigrationError, match="002_second failed and left no trace: division by"):
        migrate()
    assert tables() == ["first", "migratehistory"]


def test_a_traceback_shows_the_file_and_its_line(folder):
    _write(folder, "001_first")
    path = folder / "001_first.py"
    path.write_text(path.read_text().replace("\n", "\n    oops\n", 1))
    with pytest.raises(MigrationError) as caught:
        migrate()
    shown = "".join(traceback.format_exception(caught.value))
    assert f'{path}", line 2' in shown


def test_a_file_that_cannot_be_rolled_back_is_not_applied(folder):
    (folder / "001_first.py").write_text("def migrate(migrator, database, *, fake=False): ...\n")
    with pytest.raises(MigrationError, match=r"001_first\.py has no rollback"):
        migrate()


def test_status_tells_each_state(folder):
    migrate("1")
    migrate("3")
    (folder / "002_second.py").unlink()
    _write(folder, "001_first", "SELECT 'changed'")
    _write(folder, "000_late", "SELECT 1")
    _write(folder, "004_new", "SELECT 1")
    assert [(m.name, m.state) for m in status()] == [
        ("000_late", "late"),
        ("001_first", "edited"),
        ("002_second", "missing"),
        ("003_third", "applied"),
        ("004_new", "pending"),
    ]


def test_status_before_the_first_migration_changes_nothing(folder):
    assert {m.state for m in status()} == {"pending"}
    assert tables() == []


def test_the_history_knows_when_and_how_long(folder):
    migrate("1")
    first = status()[0]
    assert first.applied_at.utcoffset().total_seconds() == 0
    assert first.duration_ms >= 300


def test_a_missing_file_stops_migrate_and_rollback(folder):
    migrate()
    (folder / "002_second.py").unlink()
    for change in (migrate, rollback):
        with pytest.raises(MigrationError, match=r"002_second\. Put the files back"):
            change()


def test_a_late_file_is_applied_with_a_warning(folder, caplog):
    migrate()
    _write(folder, "000_late", "CREATE TABLE late (n int)")
    assert migrate() == ["000_late"]
    assert "000_late" in caplog.text


def test_who_waits_for_the_schema_lock_is_told_who_holds_it(folder, monkeypatch):
    monkeypatch.setattr(lock, "_LOCK_SECONDS", 0)
    with schema_lock(), pytest.raises(MigrationError, match=r"by process \d+ \(tracker\) for 0:00"):
        migrate()
    assert tables() == []


def test_a_table_lock_is_not_waited_for_endlessly(folder, monkeypatch):
    monkeypatch.setattr(router, "_TABLE_LOCK_SECONDS", 0.02)
    monkeypatch.setattr(router, "_PAUSE_SECONDS", 0.01)
    migrate("2")
    _write(folder, "003_third", "ALTER TABLE second ADD m int")
    with db.connection_context(), db.atomic():
        db.execute_sql("SELECT * FROM second")
        with pytest.raises(MigrationError, match="lock timeout"):
            migrate()


def test_a_table_in_use_is_waited_for_in_several_tries(folder, monkeypatch, caplog):
    migrate("2")
    _write(folder, "003_third", "ALTER TABLE second ADD m int")
    monkeypatch.setattr(router, "_TABLE_LOCK_SECONDS", 0.02)
    with db.connection_context():
        db.begin()
        db.execute_sql("SELECT * FROM second")
        monkeypatch.setattr(router.time, "sleep", lambda _seconds: db.commit())
        assert migrate() == ["003_third"]
    assert "tries left: 4" in caplog.text


def test_a_failing_file_is_mended_and_the_next_run_goes_on(folder):
    _write(folder, "002_second", "CREATE TABLE second (n int)", "SELECT 1/0")
    with pytest.raises(MigrationError, match="in: SELECT 1/0"):
        migrate()
    _write(folder, "002_second", "CREATE TABLE second (n int)")
    assert migrate() == ["002_second", "003_third"]


def test_a_run_killed_half_way_leaves_nothing_half_done(folder, empty_database):
    _write(folder, "002_second", "CREATE TABLE second (n int)", "SELECT pg_sleep(0.5)")
    run = start_migrating(folder, empty_database)
    query = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(0.5)'"
    with db.connection_context():
        while db.execute_sql(query).fetchone() == (0,):
            assert run.poll() is None
    run.kill()
    run.communicate()
    assert tables() == ["first", "migratehistory"]
    assert migrate() == ["002_second", "003_third"]
    assert ask("SELECT * FROM second") == [(1,)]


def test_a_plan_shows_the_statements_and_changes_nothing(folder):
    assert preview("2") == [
        ("001_first", ["SELECT pg_sleep(0.3)", "CREATE TABLE first (n int)"]),
        ("002_second", ["CREATE TABLE second (n int)"]),
    ]
    assert tables() == []


def test_a_faked_migration_is_recorded_and_not_run(folder):
    assert migrate("2", fake=True) == ["001_first", "002_second"]
    assert tables() == ["migratehistory"]
    assert {m.state for m in status()} == {"applied", "pending"}
    _write(folder, "001_first", "SELECT 'changed'")
    assert status()[0].state == "edited"


def test_two_runs_at_once_do_the_work_once(folder, empty_database):
    runs = [start_migrating(folder, empty_database) for _ in range(2)]
    assert sorted(run.communicate()[0] for run in runs) == ["0\n", "3\n"]


def test_the_last_file_can_be_forgotten_while_it_is_not_applied(folder):
    migrate("2")
    assert forget("3").name == "003_third.py"
    assert [m.name for m in status()] == ["001_first", "002_second"]


@pytest.mark.parametrize(("name", "why"), [("3", "is applied"), ("4", "not the last")])
def test_no_other_file_is_forgotten(folder, name, why):
    migrate()
    _write(folder, "004_new", "SELECT 1")
    _write(folder, "005_newer", "SELECT 1")
    with pytest.raises(MigrationError, match=why):
        forget(name)
    assert len(list(folder.iterdir())) == 5


def test_our_migrations_roll_back_to_nothing_and_come_back_the_same(empty_database):
    names = migrate()
    before = _columns()
    assert rollback(None) == names[::-1]
    assert tables() == []
    migrate()
    assert _columns() == before


def test_the_command_migrates_reports_and_rolls_back(folder):
    assert _tracker("db", "migrate", "--to", "1") == "Applied 001_first\n"
    assert "-- 002_second\nCREATE TABLE second" in _tracker("db", "migrate", "--plan")
    assert _tracker("db", "status").startswith("applied  001_first  20")
    assert _tracker("db", "rollback", "--all") == "Rolled back 001_first\n"
    assert _tracker("db", "rollback", "--all") == "Nothing to roll back.\n"


def test_the_command_prints_the_url_of_the_settings(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@server/prices")
    assert _tracker("db", "url") == "postgresql://me:secret@server/prices\n"


def _columns():
    with db.connection_context():
        return db.execute_sql(
            "SELECT table_name, column_name, data_type, column_default, ordinal_position"
            " FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name <> 'migratehistory' ORDER BY 1, 5"
        ).fetchall()


def _tracker(*arguments):
    done = CliRunner().invoke(tracker, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def _write(folder, name, *statements, undo=None):
    write(folder, name, *statements, undo=undo or f"DROP TABLE IF EXISTS {name.partition('_')[2]}")
