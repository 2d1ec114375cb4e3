"""Users who can log in with PASSWORD, and what they build.

Their sessions and codes have run out: nobody gets in by a token that can be guessed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tracker_db.models.platform import (
    Account,
    CanvasNode,
    Project,
    ProjectMember,
    Session,
    Subscription,
    User,
    Verification,
)
from tracker_db.passwords import hash_password
from tracker_db.schema.seed.names import person
from tracker_db.schema.seed.rows import Row, Size, Table, dice_of, id_of, made

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "correct horse battery staple"  # noqa: S105 - known to everybody on purpose
_TITLES = ("Recipe box", "Invoice maker", "Garden planner", "Reading list", "Trip log")
_STATUSES = ("active", "active", "trialing", "past_due", "canceled")


def tables(size: Size, until: datetime) -> Iterator[Table]:
    """Users first, then all that belongs to them."""
    numbers = range(size.users)
    yield users(size, until)
    yield Table(Account, (_account(n, until) for n in numbers[::3]), size.users // 3)
    yield Table(Session, (_session(n, until) for n in numbers), size.users)
    yield Table(Project, (_project(n, until) for n in numbers), size.users)
    yield Table(ProjectMember, (_member(n, size, until) for n in numbers[::2]), size.users // 2)
    nodes = (_node(n, place, until) for n in numbers for place in range(4))
    yield Table(CanvasNode, nodes, size.users * 4)
    yield Table(Subscription, (_subscription(n, until) for n in numbers[::2]), size.users // 2)
    yield Table(Verification, (_verification(n, until) for n in numbers[::4]), size.users // 4)


def users(size: Size, until: datetime) -> Table:
    """The users. One hash serves all: they share the password anyway, and it takes its time."""
    password_hash = hash_password(PASSWORD, salt=b"demo users' salt")
    rows = (_user(number, password_hash, until) for number in range(size.users))
    return Table(User, rows, size.users)


def _user(number: int, password_hash: str, until: datetime) -> Row:
    name, address = person(number)
    created = until - timedelta(days=dice_of("user", number).randint(20, 300))
    return {
        "id": id_of("user", number),
        "email": address,
        "name": name,
        "password_hash": password_hash,
        "email_verified": number % 5 != 4,
        "role": "user" if number else "admin",
        **made(created),
        "persona_signals": {"style": ("planner", "sprinter", "explorer")[number % 3]},
    }


def _account(number: int, until: datetime) -> Row:
    return {
        "id": id_of("account", number),
        "account_id": str(90_000 + number),
        "provider_id": "github",
        "user_id": id_of("user", number),
        "scope": "read:user,user:email",
        **made(until - timedelta(days=15)),
    }


def _session(number: int, until: datetime) -> Row:
    return {
        "id": id_of("session", number),
        "token": id_of("session token", number).hex,
        "expires_at": until - timedelta(days=1),
        **made(until - timedelta(days=8)),
        "ip_address": "192.0.2.1",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "user_id": id_of("user", number),
    }


def _project(number: int, until: datetime) -> Row:
    title = _TITLES[number % len(_TITLES)]
    return {
        "id": id_of("project", number),
        "title": title,
        "description": f"{title} of {person(number)[0]}",
        "subdomain": f"{title.lower().replace(' ', '-')}-{number}",
        **made(until - timedelta(days=14)),
        "user_id": id_of("user", number),
    }


def _member(number: int, size: Size, until: datetime) -> Row:
    return {
        "project_id": id_of("project", number),
        "user_id": id_of("user", (number + 1) % size.users),
        "role": "viewer" if number % 4 else "editor",
        "created_at": until - timedelta(days=10),
    }


def _node(number: int, place: int, until: datetime) -> Row:
    return {
        "id": id_of("node", number, place),
        "type": "declaration" if place else "preview",
        "position": {"x": 240 * place, "y": 80 * (number % 5)},
        "project_id": id_of("project", number),
        **made(until - timedelta(days=13)),
    }


def _subscription(number: int, until: datetime) -> Row:
    status = _STATUSES[number // 2 % len(_STATUSES)]
    ended = until - timedelta(days=3) if status == "canceled" else None
    return {
        "id": id_of("subscription", number),
        "plan": "pro",
        "reference_id": id_of("user", number),
        "stripe_customer_id": f"cus_demo{number}",
        "stripe_subscription_id": f"sub_demo{number}",
        "status": status,
        "period_start": until - timedelta(days=12),
        "period_end": until + timedelta(days=18),
        "cancel_at_period_end": False,
        "seats": 1 + number % 3,
        "canceled_at": ended,
        "ended_at": ended,
        "synced_at": until - timedelta(days=3),
        **made(until - timedelta(days=12)),
    }


def _verification(number: int, until: datetime) -> Row:
    return {
        "id": id_of("verification", number),
        "identifier": person(number)[1],
        "value": id_of("verification code", number).hex,
        "expires_at": until - timedelta(days=2),
        **made(until - timedelta(days=3)),
    }
