"""Errors as the command tells them: one message and an exit code."""

from __future__ import annotations

import click

from tracker_db.cli.text import clean
from tracker_db.errors import InvalidInputError, TrackerError

#: PostgreSQL's codes for a table and a column that do not exist.
_NO_SUCH_TABLE = {"42P01", "42703"}
#: Peewee's names for a database that went away; peewee itself is not imported to fail.
_AWAY = {"OperationalError", "InterfaceError"}


class Failure(click.ClickException):
    """A command that failed: exit code 1."""

    def __init__(self, message: str) -> None:
        super().__init__("\n".join(clean(line) for line in message.splitlines()))


class WrongUse(Failure):
    """A command that was given what cannot be used: exit code 2."""

    exit_code = 2


def as_failure(error: Exception) -> Failure | None:
    """The failure that tells of `error`; None for a defect, whose traceback is wanted."""
    if isinstance(error, TrackerError):
        kind = WrongUse if isinstance(error, InvalidInputError) else Failure
        return kind(str(error))
    if getattr(error.__cause__ or error.__context__, "pgcode", None) in _NO_SUCH_TABLE:
        return Failure(
            "The database lacks tables or columns of this version. "
            "Make them with: tracker up, or: tracker db migrate"
        )
    if type(error).__module__ == "peewee" and type(error).__name__ in _AWAY:
        return Failure(f"The database went away: {error}")
    return None
