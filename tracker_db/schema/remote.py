"""Whether a database is on this machine: what only developers do is refused elsewhere."""

from __future__ import annotations

import os

from psycopg2.extensions import parse_dsn

_LOCAL = ("", "localhost", "127.0.0.1", "::1")


def remote_host(url: str) -> str | None:
    """The name of the other machine that the database at `url` is on; None for this one."""
    parameters = parse_dsn(url)
    given = (parameters.get("hostaddr"), parameters.get("host"))
    # What a URL leaves unsaid, libpq takes from the environment.
    host: str = next(filter(None, (*given, *map(os.environ.get, ("PGHOSTADDR", "PGHOST")))), "")
    return None if host in _LOCAL or host.startswith("/") else host
