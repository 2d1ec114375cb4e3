"""Five fields or an alias: a cron expression read whole, or refused with what was meant."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NamedTuple

from tracker_db.cron_fields import DAY, HOUR, MINUTE, MONTH, WEEKDAY, Field, Refusal, mask, repaired
from tracker_db.errors import ScheduleError

#: The aliases of crontab(5) and the expressions they stand for.
ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

#: Days of each month, January first, in a leap year.
MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_FIELDS = (MINUTE, HOUR, DAY, MONTH, WEEKDAY)


class Fields(NamedTuple):
    """A parsed expression: in each mask bit n stands for the value n (weekdays: Sunday is 0)."""

    minutes: int
    hours: int
    days: int
    months: int
    weekdays: int
    #: The minute or the hour begins with `*`: the job follows the wall clock through its changes.
    wildcard: bool
    #: One day field begins with `*`: both must match. Otherwise either is enough.
    both_days: bool


def parse(expression: str) -> Fields:
    """The five fields of `expression`, in the grammar of Debian's cron.

    Reversed ranges and junk behind a number, which Debian accepts and misreads, and dates that
    never come are refused: ScheduleError with what is wrong and what was probably meant.
    """
    texts = _split(expression)
    masks = [_field_mask(expression, *pair) for pair in zip(_FIELDS, texts, strict=True)]
    minute, hour, day, _, weekday = (text.startswith("*") for text in texts)
    minutes, hours, days, months, weekdays = masks
    fields = Fields(
        minutes,
        hours,
        days,
        months,
        (weekdays | weekdays >> 7) & 0b1111111,
        wildcard=minute or hour,
        both_days=day or weekday,
    )
    _refuse_dates_that_never_come(expression, fields, texts)
    return fields


def _split(expression: str) -> list[str]:
    text = ALIASES.get(expression.strip(), expression.strip())
    texts = re.split(r"[ \t]+", text)
    if text.startswith("@") or (len(texts) == 1 and f"@{text}" in ALIASES):
        raise _refuse_alias(expression, texts)
    if len(texts) != len(_FIELDS):
        raise _refuse_count(expression, texts)
    return texts


def _field_mask(expression: str, field: Field, text: str) -> int:
    try:
        return mask(field, text)
    except Refusal as refusal:
        better = repaired(field, text)
        raise _error(expression, f"{field.name} {text!r}: {refusal}", better) from None


def _refuse_alias(expression: str, texts: list[str]) -> ScheduleError:
    if texts[0] == "@reboot":
        return _error(expression, "@reboot is an event, not a time")
    if texts[0] in ALIASES:
        return _error(expression, "an alias stands alone", texts[0])
    word = "@" + texts[0].lower().lstrip("@")
    better = get_close_matches(word, ALIASES, n=1, cutoff=0.7)
    return _error(expression, f"the aliases are {' '.join(ALIASES)}", *better)


def _refuse_count(expression: str, texts: list[str]) -> ScheduleError:
    if texts == [""]:
        return _error(expression, "it is empty; every day at nine is '0 9 * * *'")
    names = ", ".join(field.name for field in _FIELDS)
    reason = f"cron has five fields ({names}), this has {len(texts)}"
    if len(texts) not in {6, 7}:
        return _error(expression, reason)
    fives = [texts[1:], texts[:-1]] if len(texts) == 6 else [texts[1:-1]]
    better = filter(None, map(_repaired_five, fives))
    return _error(expression, f"{reason}; seconds and years are not cron's", *better)


def _repaired_five(texts: list[str]) -> str | None:
    better = [repaired(*pair) for pair in zip(_FIELDS, texts, strict=True)]
    return None if None in better else " ".join(filter(None, better))


def _refuse_dates_that_never_come(expression: str, fields: Fields, texts: list[str]) -> None:
    longest = max(days for month, days in enumerate(MONTH_DAYS, 1) if fields.months >> month & 1)
    if not fields.both_days or fields.days & ((2 << longest) - 1):
        return
    reason = f"it never fires: month {texts[3]!r} has no day {texts[2]!r}"
    every_year = "28" if longest == 29 else str(longest)
    raise _error(expression, reason, " ".join([*texts[:2], every_year, *texts[3:]]))


def _error(expression: str, reason: str, *better: str | None) -> ScheduleError:
    meant = " or ".join(repr(text) for text in better if text)
    question = f" Did you mean {meant}?" if meant else ""
    return ScheduleError(f"Schedule {expression!r} cannot be used: {reason}.{question}")
