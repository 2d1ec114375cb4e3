"""See to it that a database is there to develop with."""

from __future__ import annotations

from tracker_db import embedded
from tracker_db.config import settings
from tracker_db.db import Database
from tracker_db.db import url as database_url
from tracker_db.errors import DatabaseUnavailableError
from tracker_db.keeper import keep_for_others
from tracker_db.schema.remote import remote_host

#: How long the embedded server stays when nobody is connected.
_IDLE_SECONDS = 3600


def up() -> str:
    """The URL of a database that answers: DATABASE_URL's, else the embedded server's.

    The embedded server is started, and stays for an hour after the last connection. Raises
    DatabaseUnavailableError, with the command that would start it, for one that does not answer.
    """
    url = database_url()
    if settings().database_url is None:
        keep_for_others(embedded.joined(), _IDLE_SECONDS)
        return url
    try:
        with Database.at(url).connection_context():
            return url
    except DatabaseUnavailableError as error:
        raise DatabaseUnavailableError(f"{error}\n{_advice(url)}") from error


def _advice(url: str) -> str:
    if host := remote_host(url):
        return f"It has to be started on {host}."
    return (
        "Start it; with this project's compose.yaml: docker compose up --detach --wait database\n"
        "Or leave DATABASE_URL out, and the embedded server is used."
    )
