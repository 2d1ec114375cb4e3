"""Owners and privileges: a plan keeps those of what it makes anew."""

from __future__ import annotations

import uuid
from contextlib import closing, contextmanager

import psycopg2
import pytest
from peewee import BigIntegerField, IntegerField, Model
from peewee_migrate.router import Router

from tracker_db.db import Database
from tracker_db.schema.catalog import snapshot
from tracker_db.schema.generate import Request, generate
from tracker_db.schema.plan import plan
from tracker_db.schema.push import Push, push

TABLE = "CREATE TABLE t (id integer PRIMARY KEY, n integer);"
VIEWS = """
    CREATE VIEW v AS SELECT id, n FROM t; CREATE VIEW "V 2" AS SELECT n FROM v;
    CREATE MATERIALIZED VIEW mv AS SELECT n FROM "V 2"; CREATE INDEX mv_n ON mv (n);
"""
ONE = "CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT a';"
OTHER = "CREATE FUNCTION f(b integer) RETURNS bigint LANGUAGE sql AS 'SELECT b::bigint';"
GENERATED = "CREATE TABLE g (n integer, twice integer GENERATED ALWAYS AS (n * {}) STORED);"
#: Before, after, and what is granted before to the roles {0} and {1}.
CHANGES = [
    pytest.param(
        TABLE + VIEWS,
        TABLE.replace("n integer", "n bigint") + VIEWS,
        """GRANT SELECT ON v TO PUBLIC; GRANT SELECT, UPDATE ON v TO {0} WITH GRANT OPTION;
           GRANT SELECT (n) ON "V 2" TO {0}; ALTER VIEW "V 2" OWNER TO {1};
           GRANT SELECT ON mv TO {0}; REVOKE DELETE ON mv FROM CURRENT_USER;
           ALTER TABLE t OWNER TO {1}; GRANT SELECT (n) ON t TO {0}""",
        id="views of a column whose type changes",
    ),
    pytest.param(
        ONE,
        OTHER,
        "REVOKE ALL ON FUNCTION f FROM PUBLIC; GRANT EXECUTE ON FUNCTION f TO {0};"
        "ALTER FUNCTION f OWNER TO {1}",
        id="a function with another result",
    ),
    pytest.param(
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE DOMAIN d AS integer;",
        "CREATE TYPE e AS ENUM ('b'); CREATE DOMAIN d AS bigint;",
        "REVOKE ALL ON TYPE e FROM PUBLIC; GRANT USAGE ON TYPE e TO {0}; ALTER TYPE e OWNER TO {1};"
        "GRANT USAGE ON DOMAIN d TO {0}",
        id="types",
    ),
    pytest.param(
        GENERATED.format(2),
        GENERATED.format("2 + 0"),
        "GRANT SELECT (n), UPDATE (twice) ON g TO {0}",
        id="a generated column",
    ),
    pytest.param(
        TABLE + "CREATE VIEW v AS SELECT id FROM t;" + ONE,
        TABLE + "CREATE VIEW v AS SELECT id, n FROM t;" + ONE.replace("SELECT a", "SELECT a + 1"),
        "GRANT SELECT ON v, t TO {0}; REVOKE ALL ON FUNCTION f FROM PUBLIC",
        id="what is replaced in place",
    ),
]
#: Each object of the user's with its owner, and all that anybody may do with it.
RIGHTS = """
    WITH objects AS (
        SELECT oid::regclass::text AS name, relowner AS owner,
               coalesce(relacl, acldefault('r', relowner)) AS acl
          FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm')
        UNION ALL SELECT attrelid::regclass || '.' || attname, 0, attacl
          FROM pg_attribute
         WHERE attacl IS NOT NULL AND attrelid >= 16384 AND NOT attisdropped
        UNION ALL SELECT 'f', proowner, coalesce(proacl, acldefault('f', proowner))
          FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT typname, typowner, coalesce(typacl, acldefault('T', typowner))
          FROM pg_type WHERE typname IN ('d', 'e') AND typnamespace = 'public'::regnamespace)
    SELECT name, owner, grantee, privilege_type, is_grantable FROM objects, aclexplode(acl)
     ORDER BY name, grantee, privilege_type
"""


@pytest.fixture
def roles(scratch):
    """Two roles of this test's own."""
    names = [f"role_{uuid.uuid4().hex}" for _ in range(2)]
    for name in names:
        scratch.run(f"CREATE ROLE {name}")
    yield names
    for name in names:
        scratch.run(f"REASSIGN OWNED BY {name} TO CURRENT_USER; DROP OWNED BY {name}")
        scratch.run(f"DROP ROLE {name}")


def _plans(scratch, before, after):
    """The statements there and back; the database is left in the state before."""
    scratch.reset(after)
    wanted = snapshot(scratch.connection)
    scratch.reset(before)
    found = snapshot(scratch.connection)
    return [[step.sql for step in plan(*sides)] for sides in ((found, wanted), (wanted, found))]


def _run_each(scratch, statements):
    """Each in a transaction of its own, as psql runs what is pasted into it."""
    for statement in statements:
        scratch.cursor.execute(statement)


@pytest.mark.parametrize(("before", "after", "grants"), CHANGES)
def test_owners_and_privileges_are_the_same_there_and_back(scratch, roles, before, after, grants):
    forward, back = _plans(scratch, before, after)
    scratch.run(f"GRANT CREATE ON SCHEMA public TO {roles[1]}", grants.format(*roles))
    had = scratch.ask(RIGHTS)
    scratch.run(*forward)
    assert scratch.ask(RIGHTS) == had
    scratch.run(*back)
    assert scratch.ask(RIGHTS) == had


def _models(field):
    """A table with a number, and a view of it."""
    meta = {"table_name": "t", "extra_sql": ["CREATE VIEW v AS SELECT n FROM t"]}
    return [type("Thing", (Model,), {"n": field, "Meta": type("Meta", (), meta)})]


@pytest.fixture
def viewed(empty_database, tmp_path):
    """The folder of the migration that was applied; everybody may read the view it made."""
    models = _models(IntegerField())
    generate(Request(url=empty_database, folder=tmp_path, models=models, name="first"))
    with _router(empty_database, tmp_path) as router:
        router.run()
        router.database.execute_sql("GRANT SELECT ON v TO PUBLIC")
    return tmp_path


@contextmanager
def _router(url, folder):
    """What pw_migrate itself uses."""
    database = Database.at(url)
    with database.connection_context():
        yield Router(database, migrate_dir=folder)


def _may_read(url):
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('pg_monitor', 'v', 'SELECT')")
        return cursor.fetchone()[0]


def test_pw_migrate_keeps_privileges_by_a_generated_file_there_and_back(empty_database, viewed):
    models = _models(BigIntegerField())
    generate(Request(url=empty_database, folder=viewed, models=models, name="second"))
    with _router(empty_database, viewed) as router:
        assert router.run() == ["002_second"]
        assert _may_read(empty_database)
        router.rollback()
        assert _may_read(empty_database)


def test_push_keeps_privileges(empty_database, viewed):
    steps = push(Push(url=empty_database, folder=viewed, models=_models(BigIntegerField())))
    assert "DROP VIEW v" in [step.sql for step in steps]
    assert _may_read(empty_database)


@pytest.fixture
def generous(scratch, roles):
    """Whoever makes a table here lets PUBLIC and one role read it; called, this begins."""
    readers = f"PUBLIC, {roles[0]}"
    yield lambda: scratch.run(f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {readers}")
    scratch.run(f"ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM {readers}")


def test_default_privileges_give_nobody_more_than_he_had(scratch, generous):
    forward, _ = _plans(scratch, TABLE + VIEWS, TABLE.replace("n integer", "n bigint") + VIEWS)
    had = scratch.ask(RIGHTS)
    generous()
    scratch.run(*forward)
    assert scratch.ask(RIGHTS) == had


def test_what_nobody_was_given_stays_without_privileges_spelled_out(scratch):
    forward, _ = _plans(scratch, TABLE + VIEWS, TABLE.replace("n integer", "n bigint") + VIEWS)
    scratch.run(*forward)
    assert scratch.ask("SELECT relacl FROM pg_class WHERE relname IN ('v', 'mv')") == [(None,)] * 2


def test_a_role_that_cannot_give_a_view_back_changes_nothing(scratch, roles):
    view = "CREATE VIEW v AS SELECT n FROM t;"
    forward, _ = _plans(scratch, TABLE + view, TABLE.replace("n integer", "n bigint") + view)
    scratch.run(f"GRANT CREATE ON SCHEMA public TO {roles[1]}", f"ALTER VIEW v OWNER TO {roles[1]}")
    scratch.run(*(f"ALTER {each} OWNER TO {roles[0]}" for each in ("SCHEMA public", "TABLE t")))
    had = (snapshot(scratch.connection), scratch.ask(RIGHTS))
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match=roles[1]):
        scratch.run(f"SET LOCAL ROLE {roles[0]}", *forward)
    assert (snapshot(scratch.connection), scratch.ask(RIGHTS)) == had


def test_statements_one_by_one_fail_rather_than_lose_privileges(scratch):
    forward, _ = _plans(scratch, TABLE + VIEWS, TABLE.replace("n integer", "n bigint") + VIEWS)
    with pytest.raises(psycopg2.errors.AssertFailure, match="in one transaction"):
        _run_each(scratch, forward)


def test_what_stays_in_place_is_left_alone(scratch):
    forward, back = _plans(scratch, TABLE, TABLE.replace("n integer", "n bigint"))
    assert forward == ["ALTER TABLE t ALTER COLUMN n TYPE bigint"]
    assert back == ["ALTER TABLE t ALTER COLUMN n TYPE integer"]
