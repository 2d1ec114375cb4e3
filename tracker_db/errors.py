"""Every error this package raises on purpose; a subclass's docstring is its default message."""

from __future__ import annotations

import inspect


class TrackerError(Exception):
    """Something tracker-db could not do."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.cleandoc(type(self).__doc__ or ""))


class SettingError(TrackerError):
    """A setting has a value that cannot be used."""


class MissingExtraError(TrackerError, ImportError):
    """A feature needs packages that are not installed.

    An ImportError too: what walks through all modules passes over those that cannot be imported.
    """

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs packages that are not installed. "
            f"Install them with: pip install 'tracker-db[{extra}]'"
        )


class InvalidInputError(TrackerError):
    """A value given by the user cannot be used; nothing was changed."""


class ScheduleError(InvalidInputError):
    """A cron schedule cannot be read, or never fires."""


class AlreadyExistsError(InvalidInputError):
    """What was to be added is there already; nothing was changed."""


class CurrencyError(InvalidInputError):
    """A currency is not an ISO 4217 code, or two currencies were mixed."""


class NotFoundError(TrackerError):
    """What was asked for does not exist."""


class DatabaseUnavailableError(TrackerError):
    """The database cannot be reached."""


class MissingExtensionError(TrackerError):
    """This PostgreSQL has no pgvector; only prompt similarity needs it.

    Install it on the server (Debian and Ubuntu: postgresql-<version>-pgvector), then run:
    tracker costs enable-similarity
    """


class MigrationError(TrackerError):
    """A migration could not be applied or rolled back; the database is as it was before it."""


class SelectorError(InvalidInputError):
    """A selector is not valid CSS, XPath or regex."""


class SchemaError(TrackerError):
    """A schema change could not be planned or proved; nothing was written."""
