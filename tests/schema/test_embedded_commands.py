"""Up, drop and reset where no DATABASE_URL is set: the embedded server's database."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest

from tracker_db.embedded import Server


@pytest.fixture(scope="module")
def server():
    """A server in a folder of its own, used by this process and by the commands."""
    home = Path(tempfile.mkdtemp(prefix="tracker-"))
    home.chmod(0o755)
    server = Server(home)
    server.join()
    yield server
    server.leave()
    shutil.rmtree(home)


@pytest.fixture
def alone(server):
    """The server while this process does not use it; whoever was left to keep it is ended."""
    server.leave()
    yield server
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "tracker_db.keeper" in command and str(server.home) in command:
            process.kill()
            process.wait()
    server.join()


def _tracker(server, *arguments):
    """Run the command as a person does who set nothing but where the data is."""
    unset = {"DATABASE_URL", "DIRECT_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "tracker_db", "db", *arguments],
        cwd=server.home,
        env={name: value for name, value in os.environ.items() if name not in unset}
        | {"TRACKER_DATA_DIR": str(server.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def _ask(url, query):
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(query)
        return cursor.fetchall() if cursor.description else None


def _databases(server):
    query = "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1"
    return [name for (name,) in _ask(server.url("postgres"), query)]


def test_up_starts_the_server_and_leaves_it_running(alone):
    code, said = _tracker(alone, "up")
    assert code == 0
    assert _ask(said.strip(), "SELECT current_database()") == [("tracker",)]


def test_drop_leaves_the_server_without_the_database(server):
    server.create("tracker")
    assert _tracker(server, "drop", "--yes", "tracker") == (0, "Dropped tracker.\n")
    assert _databases(server) == ["postgres"]


def test_reset_makes_the_database_anew_with_its_tables_and_rows(server):
    server.create("tracker")
    _ask(server.url("tracker"), "CREATE TABLE stray (n integer)")
    code, said = _tracker(server, "reset", "--yes", "tracker")
    assert (code, said.startswith("Made tracker anew")) == (0, True)
    assert _ask(server.url("tracker"), "SELECT to_regclass('stray')") == [(None,)]
    assert _ask(server.url("tracker"), "SELECT count(*) > 0 FROM products") == [(True,)]
