"""What is read of migration files without running them."""

from __future__ import annotations

from itertools import chain

import pytest
from migration_files import write, write_body

from tracker_db.schema.catalog.objects import Defined, Kind
from tracker_db.schema.plan import rights
from tracker_db.schema.reading import read_code, read_statements


def test_the_statements_of_a_file_are_read_without_running_them(tmp_path):
    file = tmp_path / "001_x.py"
    file.write_text(
        "def migrate(migrator, database, *, fake=False):\n"
        "    for name in 'ab':\n"
        "        migrator.sql(f\"COMMENT ON TABLE {name} IS '100 %%'\")\n"
        "    migrator.run(lambda: 1 / 0)\n"
    )
    assert read_statements(file) == [
        "COMMENT ON TABLE a IS '100 %'",
        "COMMENT ON TABLE b IS '100 %'",
        "-- Python: <lambda>()",
    ]


def test_an_index_made_concurrently_is_among_the_statements(tmp_path):
    file = tmp_path / "001_x.py"
    file.write_text(
        "from tracker_db.schema.concurrently import concurrently\n"
        "def migrate(migrator, database, *, fake=False):\n"
        "    concurrently(migrator, 'CREATE INDEX CONCURRENTLY i ON t (a)')\n"
    )
    assert read_statements(file) == ["CREATE INDEX CONCURRENTLY i ON t (a)"]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["migrator.sql('CREATE TABLE t (n integer)')"], []),
        (["concurrently(migrator, 'CREATE INDEX CONCURRENTLY i ON t (n)')"], []),
        (["migrator.run(lambda: None)"], ["migrator.run(lambda: None)"]),
        (["def work(): ...", "migrator.run(work)"], ["def work(): ..."]),
        (["if not fake:", "    migrator.run(int)"], ["<class 'int'>"]),
        (["migrator.sql('DO $$ BEGIN END $$')"], ["DO $$ BEGIN END $$"]),
        (["migrator.sql('  call work()')"], ["call work()"]),
        (["migrator.sql('-- Why\\n/* and how */ DO $$ END $$')"], ["DO $$ END $$"]),
        (["database.execute_sql('SELECT 1')"], ["Python that asks the database"]),
    ],
)
def test_code_is_found_in_a_migration(tmp_path, lines, found):
    write_body(
        tmp_path, "001_code", "from tracker_db.schema.concurrently import concurrently", *lines
    )
    assert read_code(tmp_path / "001_code.py") == found


def test_what_a_plan_writes_to_keep_privileges_is_no_code(tmp_path):
    view = Defined(kind=Kind.VIEW, name="v", definition="SELECT 1")
    statements = [step.sql for step in chain(*rights.keep([view]))]
    assert any("DO $$" in statement for statement in statements)
    write(tmp_path, "001_view", *statements)
    assert read_code(tmp_path / "001_view.py") == []


def test_code_that_does_not_run_without_a_database_is_found_too(tmp_path):
    write_body(tmp_path, "001_code", "database.execute_sql('SELECT 1').fetchone()[0] > 1")
    (found,) = read_code(tmp_path / "001_code.py")
    assert found.startswith("Python that cannot be read without a database")
