"""Text for terminals: safe, short, in the reader's time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


def clean(text: object) -> str:
    """`text` without what could steer a terminal: pages choose names, servers choose messages."""
    line = str(text)
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() else " " for char in line)


def short(identifier: UUID) -> str:
    """The beginning of an id, which every command takes for the whole one."""
    return str(identifier)[:8]


def moment(at: datetime | None) -> str:
    """A time on the reader's clock, to the minute."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}" if at else ""


def day(at: datetime) -> str:
    """The day of a time on the reader's calendar."""
    return f"{at.astimezone():%d %b %Y}".removeprefix("0")


def plural(count: int, noun: str) -> str:
    """`1 product`, `2 products`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
