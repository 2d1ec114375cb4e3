"""Whether a database is a developer's own: what only developers do is refused elsewhere."""

from __future__ import annotations

import os
import re

from psycopg2.extensions import parse_dsn

_PRODUCTION = re.compile(r"(?<![^\W_])prod(uction)?(?![^\W_])", re.IGNORECASE)
_LOCAL = ("", "localhost", "127.0.0.1", "::1")


def remote_host(url: str) -> str | None:
    """The name of the other machine that the database at `url` is on; None for this one."""
    parameters = parse_dsn(url)
    given = (parameters.get("hostaddr"), parameters.get("host"))
    # What a URL leaves unsaid, libpq takes from the environment.
    host: str = next(filter(None, (*given, *map(os.environ.get, ("PGHOSTADDR", "PGHOST")))), "")
    return None if host in _LOCAL or host.startswith("/") else host


def is_production(name: str) -> bool:
    """Whether a database of this name is named for production."""
    return _PRODUCTION.search(name) is not None
