"""SQL as Python text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker_db.schema import files
from tracker_db.schema.plan.expressions import faithful

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: What fits on a line of 100 inside a class.
_WIDTH = 96


def quoted(text: str) -> str:
    """A Python string of exactly these characters."""
    if "\n" in text and "\r" not in text:
        return files.literal(text)
    return repr(text) if set('"\\\r') & set(text) else f'"{text}"'


def sql(text: str, call: str = "SQL") -> str:
    """A part of a statement that peewee formats, for which `%` is doubled."""
    return f"{call}({quoted(faithful(text).replace('%', '%%'))})"


def call(name: str, arguments: Sequence[str]) -> str:
    """A call on one line where it fits there, else with an argument on each line."""
    line = f"{name}({', '.join(arguments)})"
    return line if len(line) <= _WIDTH else name + tuple_of(arguments)


def tuple_of(items: Iterable[str], indent: str = "") -> str:
    """A tuple with an item on each line."""
    lines = "".join(f"{indent}    {item},\n" for item in items)
    return f"(\n{lines}{indent})" if lines else "()"
