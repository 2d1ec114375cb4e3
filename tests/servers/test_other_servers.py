"""The same tests on other servers: behind PgBouncer, and on the distribution's PostgreSQL."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from peewee_migrate.migrator import Migrator

from tracker_db.db import Database
from tracker_db.embedded import Server
from tracker_db.errors import MigrationError
from tracker_db.schema.concurrently import concurrently

ROOT = Path(__file__).parents[2]
AS_ROOT = os.geteuid() == 0
WORKER_TESTS = (
    "tests/services/test_claims.py",
    "tests/services/test_complete.py",
    "tests/services/test_hosts.py",
    "tests/workers/test_pipeline.py",
    "tests/workers/test_one_check.py",
    "tests/workers/test_deliver.py",
    "tests/workers/test_worker_process.py",
)
PRICE_TESTS = (*WORKER_TESTS, "tests/services/test_products.py", "tests/queries")
COST_TESTS = (
    "tests/services/test_costs.py",
    "tests/services/test_aggregates.py",
    "tests/services/test_reprice.py",
    "tests/services/test_reserve.py",
    "tests/services/test_analysis.py",
    "tests/services/test_similarity.py",
    "tests/queries/test_spend.py",
    "tests/workers/test_aggregates_chore.py",
    "tests/workers/test_budgets_chore.py",
)


@pytest.fixture
def folder():
    """Open to the server's user, with a path short enough for a socket."""
    path = Path(tempfile.mkdtemp(prefix="tracker-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def run_tests(paths, **environment):
    """Run tests in a pytest of their own, and show what it printed when they fail."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *paths],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout


@contextmanager
def pgbouncer(folder, server, user, databases="*", pool="default_pool_size = 8"):
    """PgBouncer in transaction mode before the `databases` of `server`; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n{databases} = host={server._sockets} port=5432 user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\n"
        f"unix_socket_dir =\npool_mode = transaction\nmax_client_conn = 500\n{pool}\n"
    )
    command = ["pgbouncer", *(["-u", user] if AS_ROOT else []), str(settings)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


def answers(url):
    """Wait until the server at `url` lets somebody in."""
    deadline = time.monotonic() + 20
    while True:
        try:
            psycopg2.connect(url).close()
        except psycopg2.OperationalError:
            assert time.monotonic() < deadline, url
            time.sleep(0.05)
        else:
            return


@pytest.mark.skipif(not shutil.which("pgbouncer"), reason="PgBouncer is not installed")
@pytest.mark.parametrize("tests", [WORKER_TESTS, COST_TESTS], ids=["worker", "costs"])
def test_everything_works_behind_pgbouncer_in_transaction_mode(folder, request, tests):
    server = Server(folder)
    server.join()
    request.addfinalizer(server.leave)
    user = pwd.getpwuid(server.data.stat().st_uid).pw_name
    with pgbouncer(folder, server, user) as port:
        pooled = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        answers(pooled)
        run_tests(tests, DATABASE_URL=pooled, DIRECT_URL=server.url("postgres"))


def tracker(*arguments, **environment):
    """Run the command as a person does; its exit code and all it said."""
    done = subprocess.run(
        [sys.executable, "-m", "tracker_db", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def refuses_to_drop(pooled):
    """Each command that drops says that it needs DIRECT_URL, and why; nothing is dropped."""
    for command in (("drop",), ("drop", "--force"), ("reset",)):
        code, said = tracker("db", *command, "--yes", "shop", DATABASE_URL=pooled)
        assert code == 1
        assert "nobody can see whether the server behind it is on this machine" in said
        assert "set DIRECT_URL to PostgreSQL itself" in said
    answers(pooled)


@pytest.mark.skipif(not shutil.which("pgbouncer"), reason="PgBouncer is not installed")
def test_schema_commands_go_around_pgbouncer_by_direct_url(folder):
    server = Server(folder)
    server.join()
    server.create("shop")
    user = pwd.getpwuid(server.data.stat().st_uid).pw_name
    with pgbouncer(folder, server, user, databases="shop") as port:
        pooled = f"postgresql://postgres@127.0.0.1:{port}/shop"
        answers(pooled)
        around = {"DATABASE_URL": pooled, "DIRECT_URL": server.url("shop")}
        assert tracker("db", "migrate", DATABASE_URL=pooled)[0] == 0
        assert tracker("db", "check", **around) == (0, "Files, models and database agree.\n")
        assert tracker("db", "push", **around)[0] == 0
        assert "class Products(BaseModel)" in tracker("db", "pull", **around)[1]
        for command in ("check", "generate", "push", "pull"):
            code, said = tracker("db", command, DATABASE_URL=pooled)
            assert code in {1, 2}
            assert "set DIRECT_URL to PostgreSQL itself" in said
        refuses_to_drop(pooled)
        assert tracker("db", "drop", "--yes", "shop", **around)[0] == 1
        database = Database.at(pooled)
        migrator = Migrator(database)
        concurrently(migrator, "CREATE INDEX CONCURRENTLY i ON products (name)")
        with database.connection_context(), pytest.raises(MigrationError, match="DIRECT_URL"):
            migrator()
    assert tracker("db", "drop", "--yes", "shop", DATABASE_URL=server.url("shop"))[0] == 0
    server.leave()


@pytest.mark.skipif(not shutil.which("pgbouncer"), reason="PgBouncer is not installed")
def test_nothing_is_dropped_or_pushed_through_a_pooler_that_knows_every_database(folder):
    server = Server(folder)
    server.join()
    server.create("shop")
    user = pwd.getpwuid(server.data.stat().st_uid).pw_name
    with pgbouncer(folder, server, user) as port:
        pooled = f"postgresql://postgres@127.0.0.1:{port}/shop"
        answers(pooled)
        refuses_to_drop(pooled)
        code, said = tracker("db", "push", DATABASE_URL=pooled)
        assert code == 1
        assert "hides which machine the database is on" in said
    server.leave()


@pytest.mark.skipif(not shutil.which("pgbouncer"), reason="PgBouncer is not installed")
def test_a_pool_of_one_is_told_that_two_connections_are_needed(folder):
    server = Server(folder)
    server.join()
    server.create("shop")
    user = pwd.getpwuid(server.data.stat().st_uid).pw_name
    pool = "default_pool_size = 1\nquery_wait_timeout = 1"
    with pgbouncer(folder, server, user, pool=pool) as port:
        pooled = f"postgresql://postgres@127.0.0.1:{port}/shop"
        answers(pooled)
        code, said = tracker("db", "migrate", DATABASE_URL=pooled)
        assert code == 1
        assert "its pool has to have two" in said
    server.leave()


def installed_servers():
    """Where the distribution keeps its PostgreSQL, newest first."""
    return sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)


@contextmanager
def distribution_server(folder):
    """A fresh cluster of the installed PostgreSQL; gives its URL."""
    programs, data = installed_servers()[0].parent, folder / "data"
    if AS_ROOT:
        shutil.chown(folder, "postgres")
    as_user = ["runuser", "-u", "postgres", "--"] if AS_ROOT else []

    def run(program, *arguments):
        subprocess.run(
            [*as_user, str(programs / program), "-D", str(data), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
        )

    run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"-h '' -k {folder} -c max_connections=200 -c fsync=off"
    run("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", options)
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run("pg_ctl", "stop", "-m", "immediate", "-w")


@pytest.mark.skipif(not installed_servers(), reason="no PostgreSQL is installed on this machine")
@pytest.mark.parametrize("tests", [PRICE_TESTS, COST_TESTS], ids=["prices", "costs"])
def test_everything_works_on_the_distributions_postgresql(folder, tests):
    with distribution_server(folder) as url:
        run_tests(tests, DATABASE_URL=url)
