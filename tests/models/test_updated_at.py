"""`updated_at` follows every change, whoever makes it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tracker_db.models.coaching import CoachingCache, Goal, Task
from tracker_db.models.platform import (
    Account,
    CanvasNode,
    Project,
    Session,
    Subscription,
    User,
    Verification,
)
from tracker_db.models.price import AlertRule, Product

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LATER = datetime(2021, 1, 1, tzinfo=UTC)


@pytest.fixture
def rows(connected):
    """One row of each table, by its name, as it was long ago."""
    user = User.create(email="a@example.org", updated_at=LONG_AGO)
    mine = {"user": user, "updated_at": LONG_AGO}
    project = Project.create(subdomain="a", **mine)
    product = Product.create(url="https://a.example", name="A", updated_at=LONG_AGO)
    made = [
        user,
        project,
        product,
        AlertRule.create(product=product, target_price=1, updated_at=LONG_AGO),
        Account.create(account_id="1", provider_id="github", **mine),
        Session.create(token="t", expires_at=LATER, **mine),
        CanvasNode.create(
            project=project, type="preview", position={"x": 1, "y": 1}, updated_at=LONG_AGO
        ),
        Subscription.create(plan="pro", reference=user, updated_at=LONG_AGO),
        Verification.create(identifier="a", value="1", expires_at=LATER, updated_at=LONG_AGO),
        Task.create(title="x", **mine),
        Goal.create(title="x", **mine),
        CoachingCache.create(key="k", value=1, updated_at=LONG_AGO),
    ]
    return {row._meta.table_name: row for row in made}


#: What is changed in each table that has the column.
CHANGES = {
    "products": {"name": "B"},
    "alert_rules": {"target_price": 2},
    "users": {"name": "B"},
    "accounts": {"scope": "all"},
    "sessions": {"expires_at": LONG_AGO},
    "projects": {"title": "B"},
    "canvas_nodes": {"position": {"x": 2, "y": 1}},
    "subscriptions": {"seats": 2},
    "verifications": {"value": "2"},
    "tasks": {"status": "completed"},
    "goals": {"description": "B"},
    "coaching_cache": {"hit_count": 2},
}


def test_every_table_that_has_it_is_here(catalog):
    query = """
        SELECT DISTINCT table_name FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name = 'updated_at'
    """
    assert {table for (table,) in catalog(query)} == set(CHANGES)


@pytest.mark.parametrize("table", CHANGES)
def test_a_change_moves_it(rows, table):
    row = rows[table]
    type(row).update(CHANGES[table]).where(type(row).id == row.id).execute()
    assert type(row).get_by_id(row.id).updated_at > LATER


@pytest.mark.parametrize("table", CHANGES)
def test_an_update_that_changes_nothing_leaves_it(rows, table):
    row = rows[table]
    same = {name: getattr(row, name) for name in CHANGES[table]}
    type(row).update(same).where(type(row).id == row.id).execute()
    assert type(row).get_by_id(row.id).updated_at == LONG_AGO


def test_a_time_that_is_written_stays_as_written(rows):
    user = rows["users"]
    user.name, user.updated_at = "B", LATER
    user.save()
    assert User.get_by_id(user.id).updated_at == LATER


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("products", "next_run_at", LATER), ("alert_rules", "state", {"armed": False})],
)
def test_what_the_worker_writes_is_no_edit(rows, table, column, value):
    row = rows[table]
    type(row).update({column: value}).where(type(row).id == row.id).execute()
    assert type(row).get_by_id(row.id).updated_at == LONG_AGO
