"""When a product runs next."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tracker_db.errors import ScheduleError
from tracker_db.services.slots import (
    Plan,
    Policy,
    first_plan,
    plan_after,
    retry_plan,
)

ID = UUID(int=250)
POLICY = Policy(max_attempts=3, retry_seconds=60, spread_seconds=0, catch_up="coalesce")
DAILY = "0 9 * * *"


def at(text):
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=UTC)


def after(schedule, due, claimed, policy=POLICY):
    return plan_after(ID, schedule, "UTC", due_at=at(due), claimed_at=at(claimed), policy=policy)


def test_a_new_product_gets_the_first_slot_after_now():
    plan = first_plan(ID, DAILY, "UTC", now=at("02 09:00"), policy=POLICY)
    assert plan == Plan(at("03 09:00"), at("03 09:00"))


def test_a_punctual_run_is_followed_by_the_next_slot():
    assert after(DAILY, "02 09:00", "02 09:00:01") == Plan(at("03 09:00"), at("03 09:00"))


def test_one_late_run_stands_for_all_slots_up_to_its_claim_and_counts_them():
    plan = after("0 * * * *", "02 09:00", "02 12:30")
    assert (plan.due_at, plan.missed) == (at("02 13:00"), 3)


def test_a_slot_that_comes_while_a_run_is_in_hand_is_run_next_not_missed():
    plan = after("* * * * *", "02 09:00", "02 09:00:50")
    assert (plan.due_at, plan.missed) == (at("02 09:01"), 0)


def test_catching_up_with_all_runs_every_slot_however_late():
    policy = Policy(max_attempts=3, retry_seconds=60, spread_seconds=0, catch_up="all")
    plan = after("0 * * * *", "02 09:00", "02 12:30", policy)
    assert (plan.due_at, plan.missed) == (at("02 10:00"), 0)


def test_the_spread_moves_the_run_and_not_the_slot():
    policy = Policy(max_attempts=3, retry_seconds=60, spread_seconds=300, catch_up="coalesce")
    plan = after(DAILY, "02 09:00", "02 09:04:11", policy)
    assert plan == Plan(at("03 09:00") + timedelta(seconds=250), at("03 09:00"))


def test_a_run_delayed_by_its_own_spread_has_missed_nothing():
    policy = Policy(max_attempts=3, retry_seconds=60, spread_seconds=300, catch_up="coalesce")
    assert after("* * * * *", "02 09:00", "02 09:04:11", policy).missed == 0


def test_a_schedule_that_cannot_be_read_is_an_error():
    with pytest.raises(ScheduleError):
        first_plan(ID, "nonsense", "UTC", now=at("02 09:00"), policy=POLICY)


FOLLOWING = Plan(at("03 09:00"), at("03 09:00"))


def retry(*, attempt=1, retryable=True, retry_after=None, now="02 09:00:05"):
    return retry_plan(
        FOLLOWING,
        due_at=at("02 09:00"),
        attempt=attempt,
        retryable=retryable,
        retry_after=retry_after,
        now=at(now),
        policy=POLICY,
    )


@pytest.mark.parametrize(("attempt", "longest"), [(1, 60), (2, 120)])
def test_a_passing_failure_is_tried_again_at_the_same_slot_within_the_back_off(attempt, longest):
    for _ in range(50):
        plan = retry(attempt=attempt)
        assert plan.due_at == at("02 09:00")
        assert plan.attempts == attempt
        assert (
            at("02 09:00:05") <= plan.next_run_at <= at("02 09:00:05") + timedelta(seconds=longest)
        )


def test_the_last_attempt_gives_the_slot_up():
    assert retry(attempt=3) == FOLLOWING


def test_what_trying_again_cannot_help_is_not_tried_again():
    assert retry(retryable=False) == FOLLOWING


def test_a_retry_after_is_waited_out_in_full():
    assert retry(retry_after=600).next_run_at >= at("02 09:10:05")


def test_a_retry_never_passes_the_next_slot():
    assert retry(retry_after=86_400) == FOLLOWING
