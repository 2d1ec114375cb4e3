"""One field of a cron expression: text in, bit mask out, or why not and what was meant."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import reduce
from operator import or_
from typing import NamedTuple

_VALUE = r"([0-9]{1,9}|[A-Za-z]+)"
_MEMBER = re.compile(rf"(?:(\*)|{_VALUE}(?:-{_VALUE})?)(?:/([0-9]{{1,9}}))?")


class Field(NamedTuple):
    """One field's name, its inclusive bounds, and the names its values may go by."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    @property
    def last(self) -> int:
        """The last value before the field starts again; weekday 7 is Sunday, the first, again."""
        return self.low + len(self.names) - 1 if self.names else self.high

    @property
    def bounds(self) -> str:
        """The values a person may write, for messages."""
        names = f" or {self.names[0]}-{self.names[-1]}" if self.names else ""
        return f"{self.low}-{self.high}{names}"


_MONTHS = tuple("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split())
_WEEKDAYS = tuple("SUN MON TUE WED THU FRI SAT".split())

MINUTE = Field("minute", 0, 59)
HOUR = Field("hour", 0, 23)
DAY = Field("day of month", 1, 31)
MONTH = Field("month", 1, 12, _MONTHS)
WEEKDAY = Field("day of week", 0, 7, _WEEKDAYS)


class Refusal(Exception):  # noqa: N818 - a verdict; what a person sees is a ScheduleError
    """Why one member of a field cannot be used, and what to write instead."""

    def __init__(self, reason: str, instead: str | None = None) -> None:
        super().__init__(reason)
        self.instead = instead


#: What other schedulers write: pattern, the field it belongs to (None: any), reason, replacement.
_FOREIGN: tuple[tuple[str, Field | None, str, str], ...] = (
    (r"\?", None, "'?' is not cron's; '*' means any value", "*"),
    (r"LW|L(-\d+)?", DAY, "cron has no last day (L); every month has a 28th", "28"),
    (r"(\d+)W", DAY, "cron has no nearest working day (W)", r"\1"),
    (r"L", WEEKDAY, "cron has no last day of the week (L); Saturday is 6", "6"),
    (r"(\w+)L", WEEKDAY, "cron has no last weekday of a month (L), only every one", r"\1"),
    (r"(\w+)#\d*", WEEKDAY, "cron has no n-th weekday of a month (#), only every one", r"\1"),
    (r"(\d+)[.]\d*", None, "only whole numbers have a meaning", r"\1"),
    (r"-(\d+)", None, "there are no negative values", r"\1"),
    (r"(.+)/", None, "the step after '/' is missing", r"\1"),
    (r"/(\d+)", None, "a step stands behind '*' or a range", r"*/\1"),
    (r"(\w+)-", None, "the end of the range is missing", r"\1"),
    (r"\*\*|\*-.*|.*-\*", None, "'*' is the whole range already", "*"),
)


def mask(field: Field, text: str) -> int:
    """The values of a field's list, bit n for the value n; Refusal when a member is unusable."""
    return reduce(or_, (_member_mask(field, member) for member in text.split(",")))


def _member_mask(field: Field, member: str) -> int:
    match = _MEMBER.fullmatch(member)
    if match is None:
        raise _unreadable(field, member)
    star, first, last, step = match.groups()
    if step and not int(step):
        raise Refusal("a step of 0 never moves on", member.partition("/")[0])
    if star:
        return _bits(field.low, field.high, step)
    start, stop = _value(field, member, first), _value(field, member, last or first)
    if step and not last:
        raise _step_on_single(field, first, start, step)
    if start > stop:
        raise _reversed(field, match, start, stop)
    return _bits(start, stop, step)


def _bits(start: int, stop: int, step: str | None) -> int:
    return sum(1 << value for value in range(start, stop + 1, int(step or 1)))


def _value(field: Field, member: str, token: str) -> int:
    value = _number(field, token)
    if value is None:
        raise _unreadable(field, member)
    if not field.low <= value <= field.high:
        raise Refusal(f"{token} is outside {field.bounds}", _brought_in(field, member))
    return value


def _number(field: Field, token: str) -> int | None:
    if token.isdigit():
        return int(token)
    name = token.upper()
    return field.low + field.names.index(name) if name in field.names else None


def _renamed(field: Field, member: str) -> str:
    return re.sub(r"[A-Za-z]+", lambda word: _closest_name(field, word[0]), member)


def _closest_name(field: Field, word: str) -> str:
    name = word.upper()
    if name[:3] in field.names:
        return name[:3]
    return next(iter(get_close_matches(name, field.names, n=1, cutoff=0.5)), word)


def _brought_in(field: Field, member: str) -> str | None:
    """`member` with a range cut to the field, or with the one value that starts the next round."""
    span, slash, step = member.partition("/")
    first, dash, last = span.partition("-")
    if dash and last.isdigit() and first.isdigit():
        first, last = str(max(int(first), field.low)), str(min(int(last), field.high))
        return f"{first}-{last}{slash}{step}"
    starts_again = str(0 if field.low else field.high + 1)
    return str(field.low) if span == starts_again and field is not WEEKDAY else None


def _reversed(field: Field, match: re.Match[str], start: int, stop: int) -> Refusal:
    _, first, last, step = match.groups()
    reason = f"{match[0]} runs backwards, and cron would never fire it"
    if step:
        around = [*range(start, field.last + 1), *range(field.low, stop + 1)][:: int(step)]
        return Refusal(reason, ",".join(map(str, around)))
    named = first.isalpha() or last.isalpha()
    low, high = (field.names[0], field.names[-1]) if named else (str(field.low), str(field.last))
    head = [_span(first.upper(), high)] if start <= field.last else []
    return Refusal(reason, ",".join([*head, _span(low, last.upper())]))


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first}-{last}"


def _step_on_single(field: Field, first: str, start: int, step: str) -> Refusal:
    end = field.names[-1] if first.isalpha() else str(max(field.last, start))
    reason = f"a step needs '*' or a range, and {first} is a single value"
    return Refusal(reason, f"{_span(first, end)}/{step}" if first != end else first)


def _unreadable(field: Field, member: str) -> Refusal:
    if not member:
        return Refusal("the list has an empty member", "")
    for pattern, only, reason, instead in _FOREIGN:
        match = re.fullmatch(pattern, member, re.ASCII | re.IGNORECASE)
        if match and only in {None, field}:
            return Refusal(reason, match.expand(instead))
    reason = f"{member!r} is not '*', a value ({field.bounds}), a range or a step"
    return Refusal(reason, _renamed(field, member))


def repaired(field: Field, text: str) -> str | None:
    """`text` with every unusable member replaced by what was probably meant; None: no idea."""
    members = [_repaired_member(field, member) for member in text.split(",")]
    if None in members:
        return None
    better = ",".join(filter(None, members))
    return better if _readable(field, better) else None


def _repaired_member(field: Field, member: str) -> str | None:
    try:
        _member_mask(field, member)
    except Refusal as refusal:
        return refusal.instead
    return member


def _readable(field: Field, text: str) -> bool:
    try:
        mask(field, text)
    except Refusal:
        return False
    return True
