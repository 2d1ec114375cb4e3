"""SQL as Python text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker_db.schema import render
from tracker_db.schema.plan.expressions import faithful

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WIDTH = 100


def quoted(text: str) -> str:
    """A Python string of exactly these characters."""
    if "\n" in text and "\r" not in text:
        return render.literal(text)
    return repr(text) if set('"\\\r') & set(text) else f'"{text}"'


def sql(text: str, call: str = "SQL") -> str:
    """A part of a statement, as the argument of this class or function."""
    return f"{call}({formatted(text)})"


def formatted(text: str) -> str:
    """A part of a statement that peewee formats, for which `%` is doubled."""
    return quoted(faithful(text).replace("%", "%%"))


def call(name: str, arguments: Sequence[str], indent: str = "") -> str:
    """A call on one line where it fits there, else with an argument on each line."""
    line = f"{indent}{name}({', '.join(arguments)})"
    return line if len(line) <= _WIDTH else f"{indent}{name}{tuple_of(arguments, indent)}"


def tuple_of(items: Iterable[str], indent: str = "") -> str:
    """A tuple with an item on each line."""
    lines = "".join(f"{indent}    {item},\n" for item in items)
    return f"(\n{lines}{indent})" if lines else "()"
