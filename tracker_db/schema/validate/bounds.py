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
_NUMBER = r"-? ?\d+(?:\.\d+)?"
_TYPE = r"'(?P<type>array|boolean|number|object|string)'"
_LIMITS = {">=": "ge", ">": "gt", "<=": "le", "<": "lt"}

#: The parts of a column's bounds: `ge`, `gt`, `le`, `lt` (Decimal), `choices` (texts),
#: `json_type` (as jsonb_typeof calls it), `members` (the JSON types that some of an object's have),
#: `items` (the least and the most that an array has, None for any number), `each` (the bounds of
#: each of them).
Bounds = dict[str, Any]


def read_bounds(model: type[Model]) -> dict[str, Bounds]:
    """The bounds of each column that has some.

    A CHECK is read condition by condition; one that speaks of several columns, or in another
    form than those above, is left to the database.
    """
    bounds: dict[str, Bounds] = defaultdict(dict)
    for condition in chain.from_iterable(map(_conditions, _checks(model))):
        if (found := _read(condition)) is not None:
            _add(bounds[found[0]], found[1])
    return bounds


def _add(bounds: Bounds, more: Bounds) -> None:
    for part, bound in more.items():
        bounds[part] = bounds.get(part, {}) | bound if isinstance(bound, dict) else bound


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
    for form, bounds_of in _FORMS:
        if match := form.fullmatch(condition):
            return match["column"], bounds_of(match)
    return None


def _range(match: re.Match[str]) -> Bounds:
    return {"ge": _number(match["least"]), "le": _number(match["most"])}


def _limit(match: re.Match[str]) -> Bounds:
    return {_LIMITS[match["relation"]]: _number(match["limit"])}


def _choices(match: re.Match[str]) -> Bounds:
    return {"choices": _STRING.findall(match["choices"])}


def _json_type(match: re.Match[str]) -> Bounds:
    return {"json_type": match["type"]}


def _member(match: re.Match[str]) -> Bounds:
    return {"members": {match["key"]: match["type"]}}


def _items(match: re.Match[str]) -> Bounds:
    count = int(match["count"])
    return {"items": (count, count) if match["relation"] == "=" else (count + 1, None)}


def _each(match: re.Match[str]) -> Bounds:
    return {"each": {"gt": _number(match["limit"])}}


def _number(text: str) -> Decimal:
    return Decimal(text.replace(" ", ""))


_COLUMN = r"(?P<column>\w+)"
_FORMS = tuple(
    (re.compile(pattern), bounds_of)
    for pattern, bounds_of in (
        (rf"{_COLUMN} BETWEEN (?P<least>{_NUMBER}) AND (?P<most>{_NUMBER})", _range),
        (rf"{_COLUMN} (?P<relation>>=|>|<=|<) (?P<limit>{_NUMBER})", _limit),
        (rf"{_COLUMN} IN \( (?P<choices>'.*') \)", _choices),
        (rf"jsonb_typeof \( {_COLUMN} \) = {_TYPE}", _json_type),
        (
            rf"coalesce \( jsonb_typeof \( {_COLUMN} - > '(?P<key>\w+)' \) , '' \) = {_TYPE}",
            _member,
        ),
        (rf"cardinality \( {_COLUMN} \) (?P<relation>=|>) (?P<count>\d+)", _items),
        (rf"(?P<limit>{_NUMBER}) < ALL \( {_COLUMN} \)", _each),
    )
)
