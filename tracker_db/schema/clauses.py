"""SQL text in single actions, without what is quoted in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SILENT = re.compile(
    r"(?P<string>'(?:[^']|'')*')|(?P<body>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)|--[^\n]*|/\*.*?\*/",
    re.DOTALL,
)
_ALTER = re.compile(
    r'\s*ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(?:"(?:[^"]|"")+"|[\w.$])+\s+',
    re.IGNORECASE,
)


def clauses(sql: str) -> Iterator[str]:
    """One action each, on one line, with empty strings and without comments or bodies."""
    for statement in _SILENT.sub(_emptied, sql).split(";"):
        alter = _ALTER.match(statement)
        head = alter[0] if alter else ""
        actions = _at_commas(statement[len(head) :]) if alter else [statement]
        for action in actions:
            yield " ".join(f"{head}{action}".split())


def _emptied(found: re.Match[str]) -> str:
    if found["string"]:
        return "'0'" if found[0] == "'0'" else "''"
    return "''" if found["body"] else " "


def _at_commas(text: str) -> Iterator[str]:
    """The parts of a list, whose items may have commas in brackets."""
    depth = start = 0
    for at, char in enumerate(text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "," and not depth:
            yield text[start:at]
            start = at + 1
    yield text[start:]
