"""The minutes a cron schedule matches, found in two bit masks: one of a day, one of a year."""

from __future__ import annotations

from datetime import MAXYEAR, date, datetime, time, timedelta
from typing import NamedTuple

from tracker_db.cron_expression import MONTH_DAYS, Fields

#: Longest wait for a date: 29 February on a given weekday, across a century without a leap day.
LONGEST_WAIT_YEARS = 40

#: One bit every seven days of a year: times a week's mask, it is that of the year.
_EVERY_WEEK = sum(1 << day for day in range(0, 366, 7))

_COMMON_MONTH_DAYS = (31, 28, *MONTH_DAYS[2:])


class Schedule(NamedTuple):
    """A parsed expression made ready to search: two bit masks decide whether a minute matches."""

    #: Bit n: the n-th minute of a day.
    times: int
    #: Bit n: the n-th day of a year, for each of the 14 kinds of year.
    years: tuple[int, ...]
    wildcard: bool

    @classmethod
    def of(cls, fields: Fields) -> Schedule:
        """The masks of a parsed expression."""
        times = sum(fields.minutes << 60 * hour for hour in range(24) if fields.hours >> hour & 1)
        years = tuple(_year_mask(fields, kind) for kind in range(14))
        return cls(times, years, fields.wildcard)

    def first_from(self, wall: datetime) -> datetime | None:
        """The first matching minute at or after `wall`, on a clock that never changes."""
        day = wall.toordinal() - date(wall.year, 1, 1).toordinal()
        if self.years[_YEAR_KINDS[wall.year % 400]] >> day & 1:
            minute = _next_bit(self.times, wall.hour * 60 + wall.minute)
            if minute >= 0:
                return wall.replace(hour=minute // 60, minute=minute % 60)
        return self._first_on_a_day_from(wall.year, day + 1)

    def _first_on_a_day_from(self, first_year: int, day: int) -> datetime | None:
        for year in range(first_year, min(first_year + LONGEST_WAIT_YEARS, MAXYEAR) + 1):
            found = _next_bit(self.years[_YEAR_KINDS[year % 400]], day)
            if found >= 0:
                hour, minute = divmod(_next_bit(self.times, 0), 60)
                return datetime.combine(
                    date(year, 1, 1) + timedelta(days=found), time(hour, minute)
                )
            day = 0
        return None


def _next_bit(mask: int, start: int) -> int:
    """The lowest set bit of `mask` at or above `start`, or -1."""
    rest = mask >> start
    return start + (rest & -rest).bit_length() - 1 if rest else -1


def _year_kind(year: int) -> int:
    """Which of 14 calendars a year has: the cron weekday of 1 January, and leap or not."""
    first = date(year, 1, 1)
    leap = date(year, 12, 31).toordinal() - first.toordinal() == 365
    return first.isoweekday() % 7 + 7 * leap


#: The kind of each year in the 400 after which the Gregorian calendar repeats itself.
_YEAR_KINDS = tuple(_year_kind(2000 + year) for year in range(400))


def _year_mask(fields: Fields, kind: int) -> int:
    """The days of such a year on which `fields` match; bit 0 is 1 January."""
    leap, first = divmod(kind, 7)
    week = (fields.weekdays | fields.weekdays << 7) >> first & 0b1111111
    dates = months = start = 0
    for month, length in enumerate(MONTH_DAYS if leap else _COMMON_MONTH_DAYS, 1):
        days = (1 << length) - 1
        if fields.months >> month & 1:
            months |= days << start
            dates |= (fields.days >> 1 & days) << start
        start += length
    weekdays = week * _EVERY_WEEK & months
    return dates & weekdays if fields.both_days else dates | weekdays
