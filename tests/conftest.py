"""One PostgreSQL for the whole run, and a fresh copy of the migrated database for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from tracker_db import config
from tracker_db.db import db
from tracker_db.embedded import Server
from tracker_db.schema.migrate import migrate

#: The server to test on; without it the embedded one is started. Read here, before the
#: environment is taken from the tests. DIRECT_URL leads around a pooler: it makes the databases.
SERVER_URL = os.environ.get("DATABASE_URL")
ADMIN_URL = os.environ.get("DIRECT_URL") or SERVER_URL
#: Shared with the processes of pytest-xdist, which inherit the environment.
RUN = "TRACKER_TEST_RUN"


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        # In /tmp itself: as root the server runs as a user who may not enter pytest's own folder.
        home = Path(tempfile.mkdtemp(prefix="tracker-tests-"))
        home.chmod(0o755)
        os.environ[RUN] = str(home)


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        if ADMIN_URL:
            _execute(ADMIN_URL, f"DROP DATABASE IF EXISTS {_template_name()} WITH (FORCE)")
        shutil.rmtree(os.environ.pop(RUN))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch, tmp_path):
    """Neither the developer's environment nor a `.env` file reaches a test."""
    for entry in fields(config.Settings):
        monkeypatch.delenv(entry.metadata["name"], raising=False)
    monkeypatch.setattr(config.load, "__defaults__", (tmp_path / ".env",))
    config.settings.cache_clear()
    yield
    config.settings.cache_clear()


@pytest.fixture(scope="session")
def servers():
    """The URLs to connect to and to make databases with, as (url, admin url)."""
    if SERVER_URL:
        yield SERVER_URL, ADMIN_URL
        return
    server = Server(Path(os.environ[RUN]))
    server.join()
    _trade_safety_for_speed(server.url("postgres"))
    yield server.url("postgres"), server.url("postgres")
    server.leave()


@pytest.fixture(scope="session")
def template(servers):
    """The name of the migrated database, made once by whichever process comes first."""
    name = _template_name()
    with closing(psycopg2.connect(servers[1])) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute("SELECT pg_advisory_lock(7)")
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {name}")
            _migrate(with_database(servers[1], name))
    return name


@pytest.fixture
def database(servers, template):
    """`db` leads to a fresh copy of the migrated database; yields its URL."""
    yield from _throw_away(servers, f"TEMPLATE {template}")


@pytest.fixture
def empty_database(servers):
    """`db` leads to a fresh empty database; yields its URL."""
    yield from _throw_away(servers, "")


def with_database(url, name):
    """The same server, another database."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _template_name():
    return f"template_{Path(os.environ[RUN]).name.replace('-', '_')}"


def _throw_away(servers, options):
    name = f"test_{uuid.uuid4().hex}"
    _execute(servers[1], f"CREATE DATABASE {name} {options}")
    url = with_database(servers[0], name)
    db.connect_url(url)
    yield url
    db.forget_url()
    _execute(servers[1], f"DROP DATABASE {name} WITH (FORCE)")


def _migrate(url):
    db.connect_url(url)
    migrate()
    db.forget_url()


def _execute(url, *statements):
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        for statement in statements:
            connection.cursor().execute(statement)


def _trade_safety_for_speed(url):
    """A test's data need not outlive a power cut."""
    _execute(
        url,
        "ALTER SYSTEM SET fsync = off",
        "ALTER SYSTEM SET synchronous_commit = off",
        "ALTER SYSTEM SET full_page_writes = off",
        "SELECT pg_reload_conf()",
    )
