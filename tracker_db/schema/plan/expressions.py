"""Expressions written so that PostgreSQL reads back the very tree it wrote them from.

Its own text does not always lead back. `x BETWEEN a AND b AND y` is written
`((x >= a) AND (x <= b)) AND y`, and that is read as one flat list of three; a varchar's
`IN ('a', 'b')` is written with a cast of the array, and that is read as casts of its members.
"""

from __future__ import annotations

import re

_VARCHAR_ARRAY = re.compile(
    r"\(ARRAY\[((?:'(?:[^']|'')*'::character varying(?:, )?)+)\]\)::text\[\]"
)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
#: How BETWEEN and NOT BETWEEN are written: the two operators, and the word between them.
_BETWEENS = ((" >= ", " AND ", " <= ", "BETWEEN"), (" < ", " OR ", " > ", "NOT BETWEEN"))


def faithful(sql: str) -> str:
    """The same statement with its expressions in a form that survives the reading."""
    return _restore_between(_VARCHAR_ARRAY.sub(r"(ARRAY[\1]::character varying[])::text[]", sql))


def _restore_between(sql: str) -> str:
    at = sql.find("(((")
    while at >= 0:
        end = _closing(sql, at + 1)
        between = _as_between(sql[at + 1 : end + 1], sql[end + 1 : end + 6])
        if between:
            sql = sql[: at + 1] + between + sql[end + 1 :]
        at = sql.find("(((", at + 1)
    return sql


def _as_between(group: str, follows: str) -> str | None:
    """BETWEEN for a group of two comparisons that stands first in a list of its own kind."""
    for low, word, high, name in _BETWEENS:
        middle = _closing(group, 1) + 1
        if not follows.startswith(word) or not group.startswith(f"{word}(", middle):
            continue
        first, second = group[2 : middle - 1], group[middle + len(word) + 1 : -2]
        subject = _common_subject(first, low, second, high)
        if subject and _closing(group, middle + len(word)) == len(group) - 2:
            bounds = first[len(subject) + len(low) :], second[len(subject) + len(high) :]
            return f"({subject} {name} {bounds[0]} AND {bounds[1]})"
    return None


def _common_subject(first: str, low: str, second: str, high: str) -> str | None:
    at = first.find(low)
    while at >= 0:
        if second.startswith(first[:at] + high):
            return first[:at]
        at = first.find(low, at + 1)
    return None


def _closing(sql: str, opening: int) -> int:
    """Where the bracket at `opening` is closed; the end where it never is."""
    depth, at = 0, opening
    while at < len(sql):
        quoted = _QUOTED.match(sql, at)
        if quoted:
            at = quoted.end()
            continue
        depth += {"(": 1, ")": -1}.get(sql[at], 0)
        if depth == 0:
            return at
        at += 1
    return len(sql)
