"""What the users of the platform have to do, what they asked the coach, and its answers."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tracker_db.models.coaching import (
    CoachingCache,
    CoachingInteraction,
    Goal,
    RefreshToken,
    Task,
)
from tracker_db.schema.seed.platform import users
from tracker_db.schema.seed.rows import Row, Size, Table, dice_of, id_of, made

if TYPE_CHECKING:
    from collections.abc import Iterator

_TASKS = (
    "Write the outline of the talk",
    "Call the landlord about the heating",
    "Prepare the quarterly report",
    "Renew the passport",
    "Review the pull request",
    "Book the dentist",
)
_STATUSES = ("pending", "in_progress", "completed")
_PROMPT = "How do I start with this: {}?"
_ANSWER = "Take fifteen minutes and do only the first step of: {}."
_ANSWERS = {
    "what_matters": "Time for the family",
    "biggest_win": "Shipping the first version",
    "worst_outcome": "Giving up half way",
}


def tables(size: Size, until: datetime) -> Iterator[Table]:
    """The platform's users first, for everything here belongs to one."""
    numbers = range(size.users)
    places = [(number, place) for number in numbers for place in range(len(_TASKS))]
    yield users(size, until)
    yield Table(Task, (_task(n, place, until) for n, place in places), len(places))
    goals = (_goal(n, titled, until) for n in numbers for titled in (True, False))
    yield Table(Goal, goals, size.users * 2)
    asked = (_interaction(n, place, until) for n, place in places[::2])
    yield Table(CoachingInteraction, asked, len(places) // 2)
    yield Table(CoachingCache, (_cached(title, until) for title in _TASKS), len(_TASKS))
    yield Table(RefreshToken, (_token(n, until) for n in numbers), size.users)


def _task(number: int, place: int, until: datetime) -> Row:
    dice = dice_of("task", number, place)
    status = dice.choice(_STATUSES)
    created = until - timedelta(days=dice.randint(3, 28))
    return {
        "id": id_of("task", number, place),
        "user_id": id_of("user", number),
        "title": _TASKS[place],
        "text": _TASKS[place],
        "status": status,
        "importance": dice.randint(1, 10),
        "confidence": dice.randint(1, 10),
        "is_completed": status == "completed",
        "completed_at": created + timedelta(days=2) if status == "completed" else None,
        **made(created),
    }


def _goal(number: int, titled: bool, until: datetime) -> Row:
    answers = {column: None if titled else answer for column, answer in _ANSWERS.items()}
    return {
        "id": id_of("goal", number, titled),
        "user_id": id_of("user", number),
        "title": "Finish what I begin" if titled else None,
        "description": "One thing at a time, and every day a little." if titled else None,
        **made(until - timedelta(days=30)),
        **answers,
    }


def _interaction(number: int, place: int, until: datetime) -> Row:
    dice = dice_of("interaction", number, place)
    tokens = {"input": dice.randint(300, 900), "output": dice.randint(80, 300)}
    cost = (tokens["input"] * Decimal("0.15") + tokens["output"] * Decimal("0.6")) / 10**6
    return {
        "id": id_of("interaction", number, place),
        "user_id": id_of("user", number),
        "task_id": id_of("task", number, place),
        "prompt": _PROMPT.format(_TASKS[place]),
        "response": _ANSWER.format(_TASKS[place]),
        "question_hash": _hash(_TASKS[place]),
        "latency": dice.randint(400, 2600),
        "token_count": tokens,
        "cost": round(cost, 6),
        "cache_hit": False,
        "created_at": until - timedelta(days=dice.randint(0, 20), hours=1),
    }


def _cached(title: str, until: datetime) -> Row:
    return {
        "id": id_of("cache", title),
        "key": f"demo:{_hash(title)}",
        "value": {"response": _ANSWER.format(title)},
        "expires_at": until + timedelta(days=90),
        "question_hash": _hash(title),
        "response": _ANSWER.format(title),
        **made(until - timedelta(days=1)),
    }


def _token(number: int, until: datetime) -> Row:
    """The digest of a secret that nobody has, run out as well."""
    return {
        "id": id_of("refresh_token", number),
        "user_id": id_of("user", number),
        "token": _hash(f"refresh token {number}"),
        "family_id": id_of("family", number),
        "expires_at": until - timedelta(days=1),
        "family_expires_at": until + timedelta(days=60),
        "created_at": until - timedelta(days=8),
    }


def _hash(text: str) -> str:
    return hashlib.sha256(text.lower().strip().encode()).hexdigest()
