"""Messages on the standard output of the worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from workers.notify import DeliveryError, printable

if TYPE_CHECKING:
    from tracker_db.config import Settings
    from workers.notify import Message


def problem(_settings: Settings) -> str | None:
    """Nothing: there is nothing to set."""
    return None


def send(message: Message, _settings: Settings) -> None:
    """Print the message; a passing DeliveryError when nobody can read it any more."""
    try:
        click.echo(f"{message.headline}\n{printable(message.body)}")
    except OSError as error:
        raise DeliveryError(f"Nothing can be printed: {error}.", permanent=False) from error
