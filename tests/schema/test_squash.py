"""Squash: one file that makes all that the old ones made, or a question."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import uuid
from contextlib import closing

import psycopg2
import pytest
from click.testing import CliRunner
from migration_files import git, write, write_body
from psycopg2.extensions import make_dsn

from tracker_db.cli import tracker
from tracker_db.errors import InvalidInputError, SchemaError
from tracker_db.schema import files, render
from tracker_db.schema import generate as generator
from tracker_db.schema import migrate as migrations
from tracker_db.schema.check import check_files
from tracker_db.schema.consent import ConsentError
from tracker_db.schema.from_models import load_models
from tracker_db.schema.migrate import migrate, migrations_dir, rollback
from tracker_db.schema.squash import Request, squash

#: Squashes the folder it is given, and is killed when it removes the first file.
KILLED = (
    "import os, pathlib, sys; from tracker_db.schema.squash import Request, squash;"
    "pathlib.Path.unlink = lambda self: os.kill(os.getpid(), 9);"
    "squash(Request(url=sys.argv[1], folder=pathlib.Path(sys.argv[2]), accept_data_loss=True))"
)
#: Rows that are easily spoilt on their way through SQL and Python.
AWKWARD = (
    "CREATE TYPE mood AS ENUM ('so so', 'ok')",
    """CREATE TABLE "Odd %" (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "a ""b" text, at timestamptz,
        raw bytea, bag jsonb, feel mood, many text[], long interval, price numeric,
        twice integer GENERATED ALWAYS AS (2 * 2) STORED, n double precision)""",
    """INSERT INTO "Odd %" ("a ""b", at, raw, bag, feel, many, long, price, n) VALUES
        (E'it''s 100 % \\\\ of "it"\\r\\n\\t end', '2026-01-02 03:04:05.678901+02', '\\x00ff',
         '{"a": "\\\\n %s"}', 'so so', ARRAY['x,"y', NULL], '1 mon -2 days', 'NaN', 0.1),
        (NULL, 'infinity', '', 'null', NULL, '{}', '-1 year', 1.2300, '-infinity')""",
    'INSERT INTO "Odd %" ("a ""b") VALUES (\'three """ quotes \'\'\'), (\'ends with "\')',
)
#: Rows that must not come twice, come in no order that keys allow, or are seen by others.
ENTANGLED = (
    "CREATE TABLE a (id serial PRIMARY KEY, b_id integer)",
    "CREATE TABLE b (id integer PRIMARY KEY, a_id integer REFERENCES a)",
    "ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b",
    "INSERT INTO a (b_id) VALUES (NULL), (NULL); INSERT INTO b VALUES (7, 2)",
    "UPDATE a SET b_id = 7 WHERE id = 1",
    "CREATE TABLE log (line text)",
    """CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
       $$BEGIN INSERT INTO log VALUES (TG_OP || ' 100 %'); RETURN NEW; END$$""",
    "CREATE TRIGGER noted AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION note()",
    "INSERT INTO a DEFAULT VALUES",
    "CREATE MATERIALIZED VIEW seen AS SELECT count(*) FROM a",
    "CREATE INDEX ON seen (count)",
    "CREATE VIEW over AS SELECT * FROM seen",
    "CREATE RULE no_more AS ON INSERT TO log DO INSTEAD NOTHING",
    "CREATE TABLE m (at date) PARTITION BY RANGE (at)",
    "CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
    "INSERT INTO m VALUES ('2026-01-15')",
    "CREATE TABLE parent (n integer); CREATE TABLE child () INHERITS (parent)",
    "INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2)",
    "ALTER TABLE child ADD z text DEFAULT 'last'; ALTER TABLE parent ADD y text DEFAULT 'later'",
    "CREATE SEQUENCE counter START 5; SELECT nextval('counter'), nextval('counter')",
    "CREATE TABLE gone (n integer); INSERT INTO gone VALUES (1); DROP TABLE gone",
    "CREATE TABLE wide (x integer, y integer); INSERT INTO wide VALUES (1, 2)",
    "ALTER TABLE wide DROP COLUMN x; ALTER TABLE wide ADD COLUMN z integer DEFAULT 3",
)
SEEN = (
    'SELECT * FROM "Odd %" ORDER BY id',
    "SELECT * FROM a ORDER BY id",
    "SELECT * FROM b",
    "SELECT * FROM log ORDER BY line",
    "SELECT * FROM over",
    "SELECT tableoid::regclass::text, * FROM m",
    "SELECT tableoid::regclass::text, n, y FROM parent ORDER BY n",
    "SELECT n, y, z FROM child",
    "SELECT nextval('counter'), nextval('a_id_seq')",
    "SELECT * FROM wide",
)


@pytest.fixture
def folder(empty_database, tmp_path, monkeypatch):
    path = tmp_path / "migrations"
    path.mkdir()
    monkeypatch.setattr(migrations, "migrations_dir", lambda: path)
    return path


@pytest.fixture
def squashing(empty_database, folder):
    """Squash the folder of this test, which no version control keeps."""

    def run(**options):
        return squash(
            Request(
                **{"url": empty_database, "folder": folder, "accept_data_loss": True, **options}
            )
        )

    return run


@pytest.fixture
def two(folder):
    write(folder, "001_first", "CREATE TABLE first (n integer)")
    write(folder, "002_second", "CREATE TABLE second (n integer)")


def _there(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def _rows(url, queries):
    with closing(psycopg2.connect(url)) as connection:
        cursor = connection.cursor()
        cursor.execute("SET bytea_output = hex; SET TIME ZONE 'UTC'")
        found = []
        for query in queries:
            cursor.execute(f"SELECT to_jsonb(each)::text FROM ({query}) AS each")
            found.append(cursor.fetchall())
        return found


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
    assert _there(folder) == ["002_both_of_them.py"]
    assert generator.custom(folder, "next").name == "003_next.py"


def test_a_name_is_quoted_in_the_histories_as_python_wants_it(squashing, folder, two):
    write(folder, '003_it\'s "odd"', "SELECT 1")
    squashing()
    assert files.replaced(folder) == {"001_first", "002_second", '003_it\'s "odd"'}


def test_rows_that_a_policy_hides_from_the_owner_are_carried(
    squashing, folder, empty_database, two
):
    write(
        folder,
        "003_policy",
        "INSERT INTO first VALUES (1), (2)",
        "ALTER TABLE first ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        "CREATE POLICY mine ON first USING (n = 1)",
    )
    with closing(psycopg2.connect(empty_database)) as connection:
        cursor = connection.cursor()
        role = f"owner_{uuid.uuid4().hex}"
        cursor.execute(f"CREATE ROLE {role} LOGIN CREATEDB PASSWORD 'secret'")
        connection.commit()
        try:
            path = squashing(url=make_dsn(empty_database, user=role, password="secret")).path
        finally:
            cursor.execute(f"DROP ROLE {role}")
            connection.commit()
    assert "('1'),\n            ('2')" in path.read_text()


def test_rows_and_positions_of_sequences_are_carried(squashing, folder, empty_database):
    write(folder, "001_awkward", *AWKWARD)
    write(folder, "002_entangled", *ENTANGLED)
    migrate()
    before = _rows(empty_database, SEEN)
    _empty(empty_database)
    squashing()
    assert migrate() == ["002_squashed"]
    assert _rows(empty_database, SEEN) == before
    assert rollback(None) == ["002_squashed"]


def _empty(url):
    with closing(psycopg2.connect(url)) as connection:
        connection.cursor().execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        connection.commit()


@pytest.mark.parametrize("value", ["now()", "gen_random_uuid()", "random()", "current_database()"])
def test_a_value_that_each_replay_makes_anew_is_named_and_carried_by_consent(
    squashing, folder, two, value
):
    write(folder, "003_rows", f"CREATE TABLE t AS SELECT 1 AS a, {value} AS b")
    with pytest.raises(ConsentError, match=r"t\.b, other at each replay\nIf .* --accept-frozen"):
        squashing()
    assert _there(folder) == ["001_first.py", "002_second.py", "003_rows.py"]
    text = squashing(accept_frozen=True).path.read_text()
    assert "Frozen, as it was on PostgreSQL" in text
    assert "('1', '" in text


def test_code_is_named_and_its_outcome_frozen_by_consent(squashing, folder, two):
    write_body(folder, "003_code", "database.execute_sql('CREATE TABLE third (n integer)')")
    with pytest.raises(ConsentError, match="\n  003_code: Python that asks the database\n"):
        squashing()
    text = squashing(accept_frozen=True).path.read_text()
    assert "CREATE TABLE third" in text
    assert "003_code: Python that asks the database." in text


def test_an_index_made_concurrently_needs_no_consent(squashing, folder, two):
    create, drop = "CREATE INDEX CONCURRENTLY i ON first (n)", "DROP INDEX CONCURRENTLY i"
    (folder / "003_index.py").write_text(render.concurrent("003_index", create, drop))
    assert '"CREATE INDEX i ON first' in squashing().path.read_text()


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("GRANT SELECT ON first TO PUBLIC", "owner and the privileges of table first"),
        (
            "GRANT UPDATE (n) ON first TO PUBLIC",
            "owner and the privileges of column n of table first",
        ),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "owner and the privileges of schema public"),
        ("ALTER TABLE first OWNER TO pg_monitor", "owner and the privileges of table first"),
        (
            "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
            "owner and the privileges of default privileges on",
        ),
        (
            """DO $$ BEGIN EXECUTE format(
                'ALTER DATABASE %I SET work_mem = 1024', current_database()); END $$""",
            "settings of the database",
        ),
    ],
)
def test_privileges_are_named_and_not_lost_without_consent(
    squashing, folder, two, statement, named
):
    write(folder, "003_grant", statement)
    with pytest.raises(ConsentError) as caught:
        squashing(accept_data_loss=False, accept_frozen=True)
    assert f"\n  the {named}" in str(caught.value)


def test_what_cannot_be_planned_is_refused_and_nothing_removed(squashing, folder, two):
    aggregate = "CREATE AGGREGATE total (integer) (sfunc = int4pl, stype = integer)"
    write(folder, "003_aggregate", aggregate)
    with pytest.raises(SchemaError, match="aggregate total"):
        squashing()
    assert len(_there(folder)) == 3


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
    assert _there(folder) == ["001_first.py"]


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
    assert _there(folder) == ["001_first.py", "002_second.py", "002_squashed.py"]
    assert [finding.what for finding in check_files(folder)] == [
        "001_first was squashed and is still there: tracker db generate --squash removes it",
        "002_second was squashed and is still there: tracker db generate --squash removes it",
    ]
    assert migrate() == ["002_squashed"]
    with pytest.raises(ConsentError, match=r"002_second\.py, which is not committed"):
        squashing(accept_data_loss=False)
    assert squashing().removed == ("001_first", "002_second")
    assert _there(folder) == ["002_squashed.py"]


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
    assert len(_there(folder)) == 2


def test_the_command_refuses_an_answer_to_what_is_not_asked(folder, two):
    refused = _tracker("generate", "--accept-frozen")
    assert refused.exit_code == 2
    assert "--squash" in refused.output
    assert len(_there(folder)) == 2


def _tracker(*arguments):
    return CliRunner().invoke(tracker, ["db", *arguments], catch_exceptions=False)


@pytest.mark.parametrize("text", ["(", "('001_first',)", "work()"])
def test_a_file_whose_histories_cannot_be_read_is_named(folder, two, text):
    path = folder / "003_spoilt.py"
    path.write_text(f'"""."""\n\nREPLACES = {text}\n')
    with pytest.raises(InvalidInputError, match=r"REPLACES in .*003_spoilt\.py cannot be read"):
        files.names(folder)
