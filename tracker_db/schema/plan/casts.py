"""How a column's values get from one type to another, and what that costs."""

from __future__ import annotations

import re

from tracker_db.schema.plan.steps import Flag

_STRINGS = {"text", "character varying", "character", "bpchar"}
#: Numbers in the order in which each holds all values of the ones before it.
_INTEGERS = ["smallint", "integer", "bigint"]
_FLOATS = ["real", "double precision"]
_JSON = {"json", "jsonb"}
#: pgvector's, which casts arrays to them and back.
_VECTORS = {"vector", "halfvec"}
_NUMBERS = {*_INTEGERS, *_FLOATS, "numeric"}
_TIME_ZONED = {"timestamp with time zone", "timestamp without time zone"}
_TIMES = {"date", "time without time zone", "time with time zone", *_TIME_ZONED}
_MODIFIER = re.compile(r"\((\d+)(?:,(-?\d+))?\)")


def base(type_name: str) -> str:
    """A type without its length, precision or array brackets."""
    return _MODIFIER.sub("", type_name).removesuffix("[]")


def using(label: str, before: str, after: str, by_text: bool) -> str | None:
    """The USING expression for a change of type; None where assignment does the right thing.

    `by_text` says that one side is a type of the user's, known by its text form only.
    A string that is too long is never cut: PostgreSQL refuses it, unless it is cast here.
    """
    if after in _JSON and before not in _JSON and not _is_string(before):
        return f"to_{after}({label})"
    if before in _JSON and after not in _JSON and not _is_string(after):
        # The value itself: there are no casts from JSON to most types.
        return f"({label} #>> '{{}}')::{after}"
    if after.endswith("[]") != before.endswith("[]"):
        return _array(label, before, after)
    if _is_string(after):
        return f"{label}::text" if by_text else None
    if by_text:
        return f"{label}::text::{after}"
    return _between_builtins(label, {base(before), base(after)}, after)


def _is_string(type_name: str) -> bool:
    return base(type_name) in _STRINGS and not type_name.endswith("[]")


def _between_builtins(label: str, bases: set[str], after: str) -> str | None:
    if len(bases) == 1 or bases <= _NUMBERS:
        return None
    if bases == _TIME_ZONED:
        return f"{label} AT TIME ZONE 'UTC'"
    if "boolean" in bases and bases & _NUMBERS:
        return f"{label}::integer::{after}"
    return f"{label}::{after}"


def _array(label: str, before: str, after: str) -> str:
    if after.endswith("[]") and base(before) == base(after):
        return f"CASE WHEN {label} IS NOT NULL THEN ARRAY[{label}]::{after} END"
    if before.endswith("[]") and base(before) == base(after):
        return f"{label}[1]"
    if {base(before), base(after)} & _VECTORS:
        return f"{label}::{after}"
    return f"{label}::text::{after}"


def flags(before: str, after: str) -> frozenset[Flag]:
    """What a change of type costs: nothing, a rewrite, or values that lose digits."""
    if _same_storage(before, after):
        return frozenset()
    if _rounds(before, after):
        return frozenset({Flag.REWRITE, Flag.LOCK, Flag.LOSS})
    return frozenset({Flag.REWRITE, Flag.LOCK})


def _same_storage(before: str, after: str) -> bool:
    old, new = base(before), base(after)
    if before.endswith("[]") or after.endswith("[]"):
        return before == after
    if old in _STRINGS - {"character", "bpchar"} and new in {"text", "character varying"}:
        return _room(after) >= _room(before)
    if old == new == "numeric":
        return _room(after) >= _room(before) and _digits(after) in {_digits(before), float("inf")}
    return before == after


def _rounds(before: str, after: str) -> bool:
    """Whether values may silently change; those that do not fit at all are refused."""
    old, new = base(before), base(after)
    if before.endswith("[]") and not after.endswith("[]"):
        return old == new
    if {old, new} <= _NUMBERS:
        return not _holds_number(old, new, before, after)
    if {old, new} <= _TIMES:
        return not ({old, new} <= _TIME_ZONED or old == "date") or _coarser(before, after)
    return old in _TIMES | {"interval"} and old == new and _coarser(before, after)


def _holds_number(old: str, new: str, before: str, after: str) -> bool:
    if old in _INTEGERS:
        # An integer that is too large is refused by a narrower one, but rounded by a float.
        return new not in _FLOATS or (old, new) == ("integer", "double precision")
    if old in _FLOATS:
        return new in _FLOATS and _FLOATS.index(new) >= _FLOATS.index(old)
    return new == "numeric" and _digits(after) >= _digits(before)


def _coarser(before: str, after: str) -> bool:
    return min(_room(after), 6) < min(_room(before), 6)


def _room(type_name: str) -> float:
    """The number in brackets, or no limit."""
    found = _MODIFIER.search(type_name)
    return int(found[1]) if found else float("inf")


def _digits(type_name: str) -> float:
    """Digits after the point a numeric keeps."""
    found = _MODIFIER.search(type_name)
    return int(found[2] or 0) if found else float("inf")
