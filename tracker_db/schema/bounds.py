"""What a table's CHECK constraints say about single columns, where it can be read."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any

from peewee import SQL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from peewee import Model

_TOKEN = re.compile(r"'(?:[^']|'')*'|\d+(?:\.\d+)?|\w+|[<>!]=|<>|\S")
_STRING = re.compile(r"'((?:[^']|'')*)'")
_CHECK = re.compile(r"\s*(?:CONSTRAINT\s+\w+\s+)?CHECK\s*\((.*)\)\s*", re.DOTALL)
_NUMBER = r"(-? ?\d+(?:\.\d+)?)"
_RANGE = re.compile(rf"(\w+) BETWEEN {_NUMBER} AND {_NUMBER}")
_LIMIT = re.compile(rf"(\w+) (>=|>|<=|<) {_NUMBER}")
_CHOICE = re.compile(r"(\w+) IN \( ('.*') \)")
_JSON_TYPE = re.compile(r"jsonb_typeof \( (\w+) \) = '(array|object)'")
_ITEMS = re.compile(r"cardinality \( (\w+) \) = (\d+)")
_LIMITS = {">=": "ge", ">": "gt", "<=": "le", "<": "lt"}

#: The parts of a column's bounds: `ge`, `gt`, `le`, `lt` (Decimal), `choices` (texts),
#: `json_type` ("array" or "object"), `items` (how many an array has).
Bounds = dict[str, Any]


def read_bounds(model: type[Model]) -> dict[str, Bounds]:
    """The bounds of each column that has some.

    A CHECK is read condition by condition; one that speaks of several columns, or in another
    form than those above, is left to the database.
    """
    bounds: dict[str, Bounds] = defaultdict(dict)
    for condition in chain.from_iterable(map(_conditions, _checks(model))):
        if (found := _read(condition)) is not None:
            bounds[found[0]] |= found[1]
    return bounds


def _checks(model: type[Model]) -> Iterator[str]:
    meta = model._meta  # noqa: SLF001 - peewee's public name
    columns = (field.constraints or () for field in meta.sorted_fields)
    for constraint in chain(meta.constraints or (), *columns):
        if isinstance(constraint, SQL) and (match := _CHECK.fullmatch(constraint.sql)):
            yield match[1]


def _conditions(check: str) -> list[str]:
    """What all must hold, each as its tokens between single spaces."""
    parts: list[list[str]] = [[]]
    depth = 0
    for word in _TOKEN.findall(check):
        depth += (word in {"(", "CASE"}) - (word in {")", "END"})
        if depth == 0 and word == "OR":
            return []
        if depth == 0 and word == "AND" and not _awaits_upper(parts[-1]):
            parts.append([])
        else:
            parts[-1].append(word)
    return [" ".join(part) for part in parts]


def _awaits_upper(condition: Sequence[str]) -> bool:
    """Whether the AND that follows belongs to a BETWEEN."""
    return "BETWEEN" in condition and "AND" not in condition


def _read(condition: str) -> tuple[str, Bounds] | None:
    if match := _RANGE.fullmatch(condition):
        return match[1], {"ge": _number(match[2]), "le": _number(match[3])}
    if match := _LIMIT.fullmatch(condition):
        return match[1], {_LIMITS[match[2]]: _number(match[3])}
    if match := _CHOICE.fullmatch(condition):
        return match[1], {"choices": _STRING.findall(match[2])}
    if match := _JSON_TYPE.fullmatch(condition):
        return match[1], {"json_type": match[2]}
    if match := _ITEMS.fullmatch(condition):
        return match[1], {"items": int(match[2])}
    return None


def _number(text: str) -> Decimal:
    return Decimal(text.replace(" ", ""))
