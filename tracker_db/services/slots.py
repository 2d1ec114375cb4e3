"""When a product runs next: the slot after this run, a retry before it, and what was missed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from tracker_db.crontab import next_fire
from tracker_db.errors import ScheduleError

if TYPE_CHECKING:
    from uuid import UUID

    from tracker_db.config import Settings

#: A product whose schedule cannot be read is looked at again after this long.
UNREADABLE_SCHEDULE = timedelta(hours=1)
#: The longest back-off between two attempts at one slot.
LONGEST_RETRY = timedelta(hours=1)
#: Missed slots are counted up to this number: a minute job that was down for a week.
MOST_MISSED = 10_000


@dataclass(frozen=True, slots=True)
class Policy:
    """How runs are planned. Durations in seconds."""

    max_attempts: int
    retry_seconds: float
    spread_seconds: int
    catch_up: str

    @classmethod
    def of(cls, settings: Settings) -> Policy:
        """The policy the settings ask for."""
        return cls(
            settings.max_attempts,
            settings.retry_seconds,
            settings.spread_seconds,
            settings.catch_up,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """A product's next run: when it may be claimed, its nominal slot, attempts so far at it."""

    next_run_at: datetime
    due_at: datetime
    attempts: int = 0
    missed: int = 0


def first_plan(
    product_id: UUID, schedule: str, timezone: str, *, now: datetime, policy: Policy
) -> Plan:
    """The first slot after `now`; ScheduleError when the schedule cannot be read."""
    slot = _fire_after(schedule, timezone, now)
    return Plan(slot + _spread(product_id, policy), slot)


def plan_after(
    product_id: UUID,
    schedule: str,
    timezone: str,
    *,
    due_at: datetime,
    claimed_at: datetime,
    policy: Policy,
) -> Plan:
    """The slot that follows the run of `due_at` that was claimed at `claimed_at`.

    `coalesce`: one late run stands for all slots up to its claim; `missed` counts the others.
    `all`: every slot is run, however late.
    """
    spread = _spread(product_id, policy)
    following = _fire_after(schedule, timezone, due_at)
    covered, missed = claimed_at - spread, 0
    if following <= covered and policy.catch_up == "coalesce":
        missed = _count_missed(schedule, timezone, following, covered)
        following = _fire_after(schedule, timezone, covered)
    return Plan(following + spread, following, missed=missed)


def retry_plan(
    following: Plan,
    *,
    due_at: datetime,
    attempt: int,
    retryable: bool,
    retry_after: float | None,
    now: datetime,
    policy: Policy,
) -> Plan:
    """Another attempt at `due_at` where that can help, else `following`.

    Exponential back-off with full jitter (AWS Architecture Blog, "Exponential Backoff And
    Jitter"), never past the next slot; a server's Retry-After (seconds) is waited out in full.
    """
    if not retryable or attempt >= policy.max_attempts:
        return following
    longest = min(LONGEST_RETRY.total_seconds(), policy.retry_seconds * 2 ** (attempt - 1))
    delay = (retry_after or 0) + random.uniform(0, longest)  # noqa: S311 - jitter, not a secret
    again = now + timedelta(seconds=delay)
    if again >= following.next_run_at:
        return following
    return Plan(again, due_at, attempts=attempt)


def unreadable_plan(*, now: datetime) -> Plan:
    """The plan of a product whose schedule cannot be read."""
    later = now + UNREADABLE_SCHEDULE
    return Plan(later, later)


@lru_cache(maxsize=4096)  # the products of a batch share few schedules and one claim time
def _fire_after(schedule: str, timezone: str, after: datetime) -> datetime:
    fire = next_fire(schedule, timezone, after)
    if fire is None:
        raise ScheduleError(f"The schedule {schedule!r} never fires.")
    return fire


def _count_missed(schedule: str, timezone: str, first: datetime, until: datetime) -> int:
    missed, slot = 0, first
    while slot <= until and missed < MOST_MISSED:
        missed += 1
        slot = _fire_after(schedule, timezone, slot)
    return missed


def _spread(product_id: UUID, policy: Policy) -> timedelta:
    if not policy.spread_seconds:
        return timedelta()
    return timedelta(seconds=product_id.int % policy.spread_seconds)
