"""The PostgreSQL that comes along: started on first use, stopped when its last user leaves.

Its users hold a shared `flock`, which the kernel takes back however a process ends. Nothing
has to be swept after a `kill -9`, and no pid is ever mistaken for another's.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import re
import shlex
import shutil
import threading
import time
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from urllib.parse import quote

import psycopg2
from psycopg2.errors import DuplicateDatabase
from psycopg2.extensions import quote_ident

from tracker_db.binaries import Binaries, site_packages
from tracker_db.config import state_dir
from tracker_db.errors import DatabaseUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg2.extensions import cursor

_WAIT_SECONDS = 60
_SOCKET = ".s.PGSQL.5432"
_SOCKET_PATH_BYTES = 103  # what macOS allows; Linux allows 107
#: Written into postgresql.conf when the data folder is made: a user may change them there.
_SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_INITDB = (
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)

_servers: dict[Path, Server] = {}
_servers_lock = threading.Lock()


def url(database: str = "tracker") -> str:
    """The URL of a database on the embedded server, which is started if it does not run.

    The database is created if it is missing. The server runs at least until this process ends.
    Raises MissingExtraError without the `embedded` extra, and DatabaseUnavailableError, with
    what PostgreSQL said, when the server cannot be started.
    """
    server = joined()
    server.create(database)
    return server.url(database)


def joined() -> Server:
    """The server in the user's data directory, this process being one of its users."""
    home = state_dir()
    with _servers_lock:
        server = _servers.setdefault(home, Server(home))
        server.join()
    return server


class Server:
    """One server in one folder, shared by every process that joins it."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.data = self.home / "postgres"
        self._pid_file = self.data / "postmaster.pid"
        self._log = self.data / "server.log"
        self._users_file = self.home / "postgres.users"
        self._using: TextIO | None = None

    def url(self, database: str) -> str:
        """The URL of a database, for libpq, psql and every driver that speaks its URLs."""
        host = quote(str(self._sockets), safe="")
        return f"postgresql://postgres@/{quote(database, safe='')}?host={host}&port=5432"

    def join(self) -> None:
        """Become one of the server's users and see to it that it runs; again is harmless."""
        site_packages()  # refuses before anything is made on disk
        self._prepare_home()
        with self._locked():
            if self._using is not None:
                self._ensure_running()
                return
            self._using = self._users_file.open("a")
            fcntl.flock(self._using, fcntl.LOCK_SH)
            atexit.register(self.leave)
            try:
                self._ensure_running()
            except BaseException:
                self._leave()
                raise

    def _prepare_home(self) -> None:
        try:
            if not self.home.exists():
                self.home.mkdir(parents=True)
                self.home.chmod(0o755)  # whatever the umask: root's server runs as another user
            self._users_file.touch()
        except OSError as error:
            raise DatabaseUnavailableError(
                f"The embedded PostgreSQL cannot keep its data in {self.home}: {error.strerror}. "
                f"Set TRACKER_DATA_DIR to a folder of yours, or set DATABASE_URL."
            ) from error

    def leave(self) -> None:
        """Stop being a user; the last one to leave stops the server."""
        if self._using is not None:
            with self._locked():
                self._leave()

    def _leave(self) -> None:
        assert self._using is not None, "called by users only"
        atexit.unregister(self.leave)
        # Closed, not unlocked: a forked child shares this lock and goes on using the server.
        self._using.close()
        self._using = None
        if self._is_unused() and self._postmaster() is not None:
            try:
                self._pg_ctl("stop", "-m", "fast", "-w")
            except DatabaseUnavailableError:
                if self._postmaster() is not None:  # else it was killed meanwhile
                    raise

    def lock_descriptor(self) -> int:
        """The open file whose lock makes us a user, for a process that is to take our place."""
        assert self._using is not None, "called by users only"
        return self._using.fileno()

    def has_clients(self) -> bool:
        """Whether anyone is connected to any of the databases."""
        with self._cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid())"
            )
            return bool(cursor.fetchone()[0])

    def create(self, database: str) -> None:
        """Create a database unless it is there."""
        with self._cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
            if cursor.fetchone() is None:
                with suppress(DuplicateDatabase):
                    cursor.execute(f"CREATE DATABASE {quote_ident(database, cursor)}")

    @contextmanager
    def _cursor(self) -> Iterator[cursor]:
        with closing(psycopg2.connect(self.url("postgres"), connect_timeout=5)) as connection:
            connection.autocommit = True
            yield connection.cursor()

    @cached_property
    def _binaries(self) -> Binaries:
        return Binaries.prepare(self.home)

    @cached_property
    def _sockets(self) -> Path:
        """The data folder, closed to others, unless its path is too long or odd for a socket."""
        name = str(self.data / _SOCKET)
        if len(name) <= _SOCKET_PATH_BYTES and re.fullmatch(r"[\w/.+-]+", name, re.ASCII):
            return self.data
        return Path("/tmp", f"tracker-db-{hashlib.sha256(name.encode()).hexdigest()[:16]}")  # noqa: S108 - made with mode 0700, its owner checked

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock under which the server is started and stopped."""
        deadline = time.monotonic() + _WAIT_SECONDS
        with (self.home / "postgres.lock").open("a") as file:
            while not _try_lock(file):
                if time.monotonic() > deadline:
                    raise DatabaseUnavailableError(
                        f"Another process has been starting or stopping the embedded PostgreSQL "
                        f"in {self.home} for {_WAIT_SECONDS} seconds. End it, then try again."
                    )
                time.sleep(0.02)
            yield

    def _is_unused(self) -> bool:
        with self._users_file.open("a") as file:
            return _try_lock(file)

    def _ensure_running(self) -> None:
        deadline = time.monotonic() + _WAIT_SECONDS
        while not self._answers():
            if time.monotonic() > deadline:
                raise DatabaseUnavailableError(
                    f"The embedded PostgreSQL in {self.data} does not answer:\n{self._last_words()}"
                )
            if self._postmaster() is None:
                self._start()
            else:
                time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with self._cursor():
                return True
        except psycopg2.OperationalError:
            return False

    def _postmaster(self) -> int | None:
        """The running server's pid. The pid file may be stale, its pid another program's by now."""
        import psutil  # noqa: PLC0415 - comes with the `embedded` extra

        try:
            pid = int(self._pid_file.read_text().partition("\n")[0])
            command = psutil.Process(pid).cmdline()
        except (OSError, ValueError, psutil.Error):
            return None
        return pid if str(self.data) in command else None

    def _start(self) -> None:
        if not self.data.exists():
            self._initialise()
        self._prepare_sockets()
        self._disown_stale_locks()
        options = f"-h '' -k {shlex.quote(str(self._sockets))}"
        arguments = ("-l", str(self._log), "-o", options, "-w", "-t", str(_WAIT_SECONDS))
        try:
            self._pg_ctl("start", *arguments)
        except DatabaseUnavailableError as error:
            said = self._last_words()
            # A killed server's last backends are still busy: wait for them by trying again.
            if "shared memory block" not in said:
                raise DatabaseUnavailableError(f"{error}\n{said}") from error

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return "\n".join(lines[-5:])

    def _pg_ctl(self, *arguments: str) -> None:
        self._binaries.run("pg_ctl", "-D", str(self.data), *arguments, cwd=self.home)

    def _initialise(self) -> None:
        """Make the data folder under another name first: a killed initdb leaves no half of one."""
        fresh = self.home / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._binaries.own(fresh)
        settings = [f"--set={name}={value}" for name, value in _SETTINGS.items()]
        self._binaries.run("initdb", *_INITDB, *settings, "-D", str(fresh), cwd=self.home)
        fresh.rename(self.data)

    def _prepare_sockets(self) -> None:
        if not self._sockets.exists():
            self._sockets.mkdir(mode=0o700)
            self._binaries.own(self._sockets)
        elif self._sockets.lstat().st_uid != self._binaries.uid:
            raise DatabaseUnavailableError(
                f"{self._sockets} belongs to another user; set TRACKER_DATA_DIR to a shorter path."
            )

    def _disown_stale_locks(self) -> None:
        """Put our own pid into what a killed server left behind.

        Once that server's pid belongs to another program, PostgreSQL would refuse to start. The
        pid of the process that starts it tells it that the file is stale, and its check for
        left-over backends still runs, as it would not if the file were removed.
        """
        for path in (self._pid_file, self._sockets / f"{_SOCKET}.lock"):
            if path.exists():
                rest = path.read_text().partition("\n")[2]
                path.write_text(f"{os.getpid()}\n{rest}")


def _try_lock(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
