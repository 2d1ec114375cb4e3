"""Alert rules: each kind as it is stored, and a rule that is switched on begins afresh."""

from decimal import Decimal

import pytest

from tracker_db.db import db
from tracker_db.errors import AlreadyExistsError, InvalidInputError, NotFoundError
from tracker_db.models.price import AlertRule
from tracker_db.services import alert_rules, products
from tracker_db.services.products import ProductDraft

MISSING = "7f3b0c9e-0000-4000-8000-000000000000"

#: Every kind of rule with the columns it fills; the table's checks accept each.
KINDS = [
    (
        alert_rules.target(Decimal("19.99"), "EUR"),
        {"kind": "target", "target_price": 1999, "currency": "EUR"},
    ),
    (
        alert_rules.drop(percent=Decimal(10)),
        {"kind": "drop", "percent": 10, "reference": "last_alert"},
    ),
    (
        alert_rules.drop(amount=Decimal(500), currency="JPY", reference="first_price"),
        {"kind": "drop", "amount": 500, "currency": "JPY", "reference": "first_price"},
    ),
    (alert_rules.new_low(30), {"kind": "new_low", "days": 30}),
    (alert_rules.back_in_stock(), {"kind": "back_in_stock"}),
    (alert_rules.any_change(), {"kind": "any_change"}),
    (alert_rules.failing(3), {"kind": "failing", "failures": 3}),
]

REFUSED = [
    (lambda: alert_rules.target(Decimal(5), None), "--currency"),
    (lambda: alert_rules.target(Decimal(-5), "EUR"), "not a price"),
    (alert_rules.drop, "one of them"),
    (lambda: alert_rules.drop(percent=Decimal(5), amount=Decimal(5)), "one of them"),
    (lambda: alert_rules.drop(percent=Decimal(0)), "more than 0"),
    (lambda: alert_rules.drop(percent=Decimal(101)), "up to 100"),
    (lambda: alert_rules.drop(percent=Decimal("NaN")), "more than 0"),
    (lambda: alert_rules.drop(percent=Decimal("0.00001")), "four decimals"),
    (lambda: alert_rules.drop(amount=Decimal("0.00"), currency="EUR"), "above 0"),
    (lambda: alert_rules.drop(amount=Decimal("0.001"), currency="EUR"), "too many decimals"),
    (lambda: alert_rules.target(Decimal("1.299"), "EUR"), "too many decimals; EUR has 2"),
    (lambda: alert_rules.target(Decimal("19.99"), "JPY"), "JPY has 0"),
    (lambda: alert_rules.drop(amount=Decimal(5)), "--currency"),
    (lambda: alert_rules.drop(percent=Decimal(5), reference="yesterday"), "first_price"),
    (lambda: alert_rules.new_low(0), "1 to"),
    (lambda: alert_rules.failing(10**10), "1 to"),
]

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def kettle():
    return products.add(ProductDraft(url="https://shop.example/kettle"))


def write(**values):
    with db.connection_context():
        AlertRule.update(values).execute()


@pytest.mark.parametrize(("rule", "columns"), KINDS)
def test_every_kind_is_stored_with_its_numbers(kettle, rule, columns):
    added = alert_rules.add(kettle.id, rule)
    assert {name: getattr(added, name) for name in columns} == columns
    assert (added.product_id, added.active, added.state) == (kettle.id, True, {})


@pytest.mark.parametrize(("make", "reason"), REFUSED)
def test_a_rule_that_cannot_be_used_is_refused(make, reason):
    with pytest.raises(InvalidInputError, match=reason):
        make()


def test_the_same_rule_twice_is_refused_and_another_target_is_not(kettle):
    alert_rules.add(kettle.id, alert_rules.target(Decimal(20), "EUR"))
    with pytest.raises(AlreadyExistsError, match="this very rule"):
        alert_rules.add(kettle.id, alert_rules.target(Decimal("20.00"), "eur"))
    alert_rules.add(kettle.id, alert_rules.target(Decimal(15), "EUR"))


def test_a_rule_that_is_switched_on_begins_afresh(kettle):
    rule = alert_rules.add(kettle.id, alert_rules.back_in_stock())
    write(state={"out": True})
    off = alert_rules.switch(rule.id, on=False)
    assert (off.active, off.state) == (False, {"out": True})
    on = alert_rules.switch(rule.id, on=True)
    assert (on.active, on.state) == (True, {})
    assert on.updated_at > rule.updated_at


def test_switching_on_what_is_on_forgets_nothing(kettle):
    rule = alert_rules.add(kettle.id, alert_rules.back_in_stock())
    write(state={"out": True})
    assert alert_rules.switch(rule.id, on=True).state == {"out": True}


def test_a_removed_rule_is_gone(kettle):
    rule = alert_rules.add(kettle.id, alert_rules.any_change())
    alert_rules.remove(rule.id)
    with pytest.raises(NotFoundError, match="tracker alerts list"):
        alert_rules.remove(rule.id)


def test_a_rule_needs_a_product():
    with pytest.raises(NotFoundError):
        alert_rules.add(MISSING, alert_rules.any_change())
