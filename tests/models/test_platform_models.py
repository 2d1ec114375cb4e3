"""The platform's tables: relations of each kind, and what goes when a user goes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from peewee import IntegrityError

from tracker_db.db import db
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

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)


@pytest.fixture
def alice(connected):
    return User.create(email="alice@example.org")


@pytest.fixture
def bob(connected):
    return User.create(email="bob@example.org")


def test_a_user_needs_nothing_but_an_address(alice):
    assert (alice.name, alice.password_hash) == (None, None)
    assert (alice.role, alice.banned, alice.email_verified) == ("user", False, False)
    assert alice.coaching_count == 0


def test_an_address_belongs_to_one_user_whatever_its_case(alice):
    with pytest.raises(IntegrityError, match="users_email_lower_unique"):
        User.create(email="Alice@Example.org")


def test_a_user_has_at_most_one_password_account_and_many_others(alice):
    own = Account.create(user=alice, provider_id="credential", account_id="alice")
    for account in ("1", "2"):
        Account.create(user=alice, provider_id="github", account_id=account)
    with pytest.raises(IntegrityError, match="accounts_credential_unique"), db.atomic():
        Account.create(user=alice, provider_id="credential", account_id="alice2")
    assert alice.accounts.where(Account.provider_id == "credential").get() == own
    assert alice.accounts.count() == 3


def test_a_providers_account_belongs_to_one_user(alice, bob):
    Account.create(user=alice, provider_id="github", account_id="1")
    with pytest.raises(IntegrityError, match="accounts_provider_id_account_id_unique"):
        Account.create(user=bob, provider_id="github", account_id="1")


def test_a_user_has_many_projects_and_a_project_many_nodes(alice):
    projects = [Project.create(user=alice, subdomain=name) for name in ("one", "two")]
    for x in range(3):
        CanvasNode.create(project=projects[0], type="declaration", position={"x": x, "y": 0.5})
    assert list(alice.projects.order_by(Project.subdomain)) == projects
    assert [node.position["x"] for node in projects[0].canvas_nodes] == [0, 1, 2]


def test_projects_and_members_are_many_to_many(alice, bob):
    projects = [Project.create(user=alice, subdomain=name) for name in ("one", "two")]
    for project in projects:
        project.members.add(bob)
    projects[0].members.add(alice)
    assert {user.email for user in projects[0].members} == {alice.email, bob.email}
    assert set(bob.shared_projects) == set(projects)
    assert {member.role for member in ProjectMember.select()} == {"editor"}
    with pytest.raises(IntegrityError, match="project_members_pkey"):
        ProjectMember.create(project=projects[0], user=bob)


def test_whoever_impersonates_is_not_the_user(alice, bob):
    session = Session.create(user=alice, impersonated_by=bob, token="t", expires_at=NOON)
    assert list(alice.sessions) == [session]
    assert list(bob.impersonated_sessions) == [session]
    assert Session.get().impersonated_by_id == bob.id


def test_all_that_belongs_to_a_user_goes_with_the_user(alice, bob):
    project = Project.create(user=alice, subdomain="one")
    project.members.add(bob)
    CanvasNode.create(project=project, type="preview", position={"x": 0, "y": 0})
    Account.create(user=alice, provider_id="github", account_id="1")
    Session.create(user=alice, token="t", expires_at=NOON)
    Subscription.create(reference=alice, plan="pro")
    alice.delete_instance()
    left = (Project, ProjectMember, CanvasNode, Account, Session, Subscription)
    assert [model.select().count() for model in left] == [0] * len(left)
    assert User.get() == bob


def test_a_subscription_begins_incomplete_and_takes_stripes_words_only(alice):
    assert Subscription.create(reference=alice, plan="pro").status == "incomplete"
    with pytest.raises(IntegrityError, match="subscriptions_status_check"):
        Subscription.create(reference=alice, plan="pro", status="paid")


#: (model, values) that must differ from row to row.
UNIQUE = [
    (Session, {"token": "t", "expires_at": NOON}),
    (Project, {"subdomain": "one"}),
]


@pytest.mark.parametrize(("model", "values"), UNIQUE)
def test_what_leads_to_one_row_is_unique(alice, model, values):
    model.create(user=alice, **values)
    with pytest.raises(IntegrityError, match="_unique"):
        model.create(user=alice, **values)


@pytest.mark.parametrize(
    "position", [{}, {"x": 1}, {"x": "1", "y": 1}, {"x": None, "y": 1}, [1, 2]]
)
def test_a_node_without_a_place_is_refused(alice, position):
    project = Project.create(user=alice, subdomain="one")
    with pytest.raises(IntegrityError, match="canvas_nodes_position_check"):
        CanvasNode.create(project=project, type="preview", position=position)


def test_one_address_may_have_several_codes(connected):
    for value in ("1", "2"):
        Verification.create(identifier="alice@example.org", value=value, expires_at=NOON)
    assert Verification.select().count() == 2
