"""The coaching tables: the columns of both documents, Unix seconds, and what goes with whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from peewee import IntegrityError

from tracker_db.db import db
from tracker_db.models.coaching import (
    CoachingCache,
    CoachingInteraction,
    Goal,
    RefreshToken,
    Task,
)
from tracker_db.models.platform import User

MOMENT = datetime(2024, 11, 21, 10, 50, 0, 900_000, tzinfo=UTC)
SECONDS = 1732186200
#: As the architecture document names them.
INDEXES = """
    idx_tasks_user_id idx_tasks_user_completed idx_coaching_interactions_user
    idx_coaching_cache_hash idx_refresh_tokens_user idx_refresh_tokens_token
""".split()


@pytest.fixture
def user(connected):
    return User.create(email="alice@example.org")


def test_the_indexes_have_their_names(catalog):
    found = {name for (name,) in catalog("SELECT indexname FROM pg_indexes")}
    assert set(INDEXES) <= found


def test_a_time_is_answered_in_whole_unix_seconds(user):
    user.created_at = MOMENT
    user.save()
    found = User.get()
    assert found.created_at == MOMENT
    assert found.created_at_unix == SECONDS
    assert found.coaching_reset_at_unix is None


def test_queries_speak_unix_seconds_too(user):
    Task.create(user=user, title="x", created_at=MOMENT)
    query = Task.select(Task.created_at_unix.alias("seconds")).where(
        Task.created_at_unix == SECONDS
    )
    assert list(query.tuples()) == [(SECONDS,)]


@pytest.mark.parametrize(
    "moment", [datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC), MOMENT]
)
def test_python_and_the_database_round_the_same_way(user, moment):
    task = Task.create(user=user, title="x", created_at=moment)
    assert list(Task.select(Task.created_at_unix).tuples()) == [(task.created_at_unix,)]


#: What is written, and the status, flag and whether a time of completion follow.
TASKS = [
    ({}, ("pending", False, False)),
    ({"status": "in_progress"}, ("in_progress", False, False)),
    ({"status": "completed"}, ("completed", True, True)),
    ({"is_completed": True}, ("completed", True, True)),
    ({"is_completed": True, "completed_at": MOMENT}, ("completed", True, True)),
    ({"status": "cancelled"}, ("cancelled", False, False)),
]


@pytest.mark.parametrize(("written", "followed"), TASKS)
def test_status_and_flag_of_a_new_task_agree(user, written, followed):
    task = Task.create(user=user, title="x", **written)
    assert (task.status, task.is_completed, task.completed_at is not None) == followed
    assert task.completed_at == written.get("completed_at", task.completed_at)


#: How a task was, what is written, how it is then.
EDITS = [
    ("pending", {"status": "completed"}, ("completed", True)),
    ("pending", {"is_completed": True}, ("completed", True)),
    ("in_progress", {"is_completed": True}, ("completed", True)),
    ("completed", {"is_completed": False}, ("pending", False)),
    ("completed", {"status": "in_progress"}, ("in_progress", False)),
    ("completed", {"title": "y"}, ("completed", True)),
    ("in_progress", {"title": "y"}, ("in_progress", False)),
]


@pytest.mark.parametrize(("status", "written", "followed"), EDITS)
def test_status_and_flag_of_a_changed_task_agree(user, status, written, followed):
    task = Task.create(user=user, title="x", status=status)
    Task.update(**written).where(Task.id == task.id).execute()
    changed = Task.get()
    assert (changed.status, changed.is_completed) == followed
    assert (changed.completed_at is not None) == changed.is_completed


def test_a_completed_task_keeps_the_time_it_was_completed(user):
    task = Task.create(user=user, title="x", status="completed", completed_at=MOMENT)
    Task.update(title="y").where(Task.id == task.id).execute()
    assert Task.get().completed_at == MOMENT


@pytest.mark.parametrize("column", ["importance", "confidence"])
@pytest.mark.parametrize("value", [0, 11])
def test_importance_and_confidence_go_from_1_to_10(user, column, value):
    with pytest.raises(IntegrityError, match=f"tasks_{column}_check"):
        Task.create(user=user, title="x", **{column: value})


def test_a_user_has_many_goals_and_one_row_of_answers(user):
    for title in ("Run", "Read"):
        Goal.create(user=user, title=title)
    answers = Goal.create(user=user, what_matters="Time")
    with pytest.raises(IntegrityError, match="goals_answers_unique"), db.atomic():
        Goal.create(user=user, what_matters="Money")
    assert user.goals.count() == 3
    assert user.goals.where(Goal.title.is_null()).get() == answers


def test_an_interaction_outlives_its_task_but_not_its_user(user):
    task = Task.create(user=user, title="x")
    made = CoachingInteraction.create(
        user=user, task=task, prompt="How?", response="So.", cost=Decimal("0.000123")
    )
    task.delete_instance()
    assert CoachingInteraction.get_by_id(made.id).task_id is None
    user.delete_instance()
    assert CoachingInteraction.select().count() == 0


def test_a_token_has_a_family_and_its_children_outlive_it(user):
    parent = RefreshToken.create(user=user, token="a", expires_at=MOMENT)
    child = RefreshToken.create(
        user=user, token="b", expires_at=MOMENT, parent=parent, family_id=parent.family_id
    )
    other = RefreshToken.create(user=user, token="c", expires_at=MOMENT)
    assert list(parent.children) == [child]
    assert other.family_id != parent.family_id
    parent.delete_instance()
    assert RefreshToken.get_by_id(child.id).parent_id is None
    with pytest.raises(IntegrityError, match="idx_refresh_tokens_token"):
        RefreshToken.create(user=user, token="b", expires_at=MOMENT)


def test_what_is_cached_expires_after_thirty_days_unless_told_otherwise(connected):
    entry = CoachingCache.create(key="k", value={"answer": 42})
    assert entry.expires_at - entry.created_at == timedelta(days=30)
    assert (entry.value, entry.hit_count) == ({"answer": 42}, 1)
    with pytest.raises(IntegrityError, match="coaching_cache_key_unique"):
        CoachingCache.create(key="k", value=1)


def test_persona_signals_are_json(catalog, user):
    user.persona_signals = {"style": "planner"}
    user.save()
    assert catalog("SELECT persona_signals ->> 'style' FROM users") == [("planner",)]
