"""Whether a database is on this machine: what only developers do is refused elsewhere."""

from __future__ import annotations

from psycopg2.extensions import parse_dsn

_LOCAL = ("", "localhost", "127.0.0.1", "::1")


def remote_host(url: str) -> str | None:
    """The name of the other machine that the database at `url` is on; None for this one."""
    host: str = parse_dsn(url).get("host", "")
    return None if host in _LOCAL or host.startswith("/") else host
