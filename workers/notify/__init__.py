"""Telling people: one file a channel, all of the same shape.

A channel module has `problem(settings)`, what keeps it from working or None, and
`send(message, settings)`, which raises DeliveryError. It is imported when it is first used.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from tracker_db.errors import SettingError, TrackerError

if TYPE_CHECKING:
    from uuid import UUID

    from tracker_db.config import Settings

#: Every channel, by the name `TRACKER_CHANNELS` gives it: the module of that name.
CHANNELS = ("console", "email", "webhook", "apprise")


class DeliveryError(TrackerError):
    """A message did not arrive; `permanent` when sending it again cannot help."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Message:
    """What is told. `id` stays the same when a message is sent again, to tell it by.

    `title` and `body` are plain text and may hold what a web page said; `data` is JSON.
    """

    id: UUID
    title: str
    body: str
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def headline(self) -> str:
        """The title as one line without control characters."""
        return " ".join(printable(self.title).split())


class Channel(Protocol):
    """The shape of a channel module."""

    def problem(self, settings: Settings) -> str | None:
        """What keeps the channel from working, naming the setting to mend; None if nothing."""

    def send(self, message: Message, settings: Settings) -> None:
        """Deliver or raise DeliveryError; called only when `problem` finds nothing."""


def require_configured(settings: Settings) -> None:
    """Raise SettingError, with every fault there is, unless all chosen channels can be used."""
    faults = [problem(channel, settings) for channel in settings.channels]
    if any(faults):
        raise SettingError(" ".join(fault for fault in faults if fault))


def problem(channel: str, settings: Settings) -> str | None:
    """What keeps `channel` from working, naming the setting to mend; None if nothing."""
    if channel not in CHANNELS:
        return f"There is no channel {channel!r}; TRACKER_CHANNELS knows {', '.join(CHANNELS)}."
    return _module(channel).problem(settings)


def send(channel: str, message: Message, settings: Settings) -> None:
    """Deliver `message` by `channel`, or raise DeliveryError.

    A channel that is not set up is a passing error: the message waits for the setting.
    """
    fault = problem(channel, settings)
    if fault:
        raise DeliveryError(fault, permanent=False)
    _module(channel).send(message, settings)


def printable(text: str) -> str:
    """`text` with a space for every control character but the line break."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)


def _module(channel: str) -> Channel:
    return cast("Channel", importlib.import_module(f"{__name__}.{channel}"))
