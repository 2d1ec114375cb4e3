"""What the tracker says about itself."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tracker_db.db import db
from tracker_db.errors import InvalidInputError, NotFoundError
from tracker_db.queries.alerts import every_rule, find_rule
from tracker_db.queries.runs import latest_runs
from tracker_db.queries.status import closed_hosts, dead_letters, status
from tracker_db.services import alert_rules, hosts, products
from tracker_db.services.products import ProductDraft

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def kettle():
    return products.add(ProductDraft(url="https://shop.example/kettle", name="Kettle"))


def execute(statement, *parameters):
    with db.connection_context():
        db.execute_sql(statement, parameters)


def test_an_empty_database_has_nothing_to_say():
    now = status()
    assert (now.products, now.due, now.next_run_at, now.problems) == (0, 0, None, [])


def test_a_planned_product_is_no_problem(kettle):
    now = status()
    assert (now.products, now.due, now.overdue, now.next_run_at) == (1, 0, 0, kettle.next_run_at)


def test_what_waited_for_more_than_five_minutes_is_a_problem(kettle):
    execute("UPDATE products SET next_run_at = now() - interval '4 min'")
    assert (status().due, status().problems) == (1, [])
    execute("UPDATE products SET next_run_at = now() - interval '6 min'")
    assert status().problems == ["1 check is overdue for more than 5 minutes. Is a worker running?"]


def test_a_product_that_nobody_planned_is_a_problem_in_the_end(kettle):
    execute("UPDATE products SET next_run_at = NULL, updated_at = now() - interval '6 min'")
    assert status().overdue == 1


def test_a_paused_product_is_never_overdue(kettle):
    products.pause(kettle.id)
    execute("UPDATE products SET updated_at = now() - interval '1 day'")
    assert (status().paused, status().overdue) == (1, 0)


def test_alerts_are_counted_by_what_became_of_them(kettle):
    for key, state, at in [("a", "sent", "now()"), ("b", "pending", "now() - interval '6 min'"),
                           ("c", "dead", "now()"), ("d", "dead", "now()")]:  # fmt: skip
        execute(
            "INSERT INTO outbox (dedupe_key, channel, title, body, status, next_attempt_at,"
            f" last_error) VALUES (%s, 'email', 'Kettle', '', %s, {at}, 'refused')",
            key,
            state,
        )
    now = status()
    assert (now.sent_today, now.pending, now.overdue_alerts, now.dead) == (1, 1, 1, 2)
    assert now.problems
    assert [letter.last_error for letter in dead_letters(1)] == ["refused"]


def test_a_closed_host_is_named():
    for _ in range(5):
        hosts.report("shop.example", failed=True)
    hosts.report("other.example", failed=True)
    hosts.report("third.example", failed=True, retry_after=timedelta(hours=3))
    assert [host.host for host in closed_hosts()] == ["third.example", "shop.example"]
    assert status().hosts_closed == 2


def test_runs_come_newest_first_and_failed_ones_alone_if_asked(kettle):
    execute(
        "INSERT INTO run_logs (product_id, status, outcome, due_at, created_at)"
        " SELECT %s, s, o, now() - a, now() - a FROM (VALUES"
        " ('SUCCESS', 'ok', interval '2 h'), ('FAILED', 'timeout', interval '1 h'),"
        " ('SUCCESS', 'ok', interval '0')) AS v (s, o, a)",
        kettle.id,
    )
    assert [run.outcome for run in latest_runs(2)] == ["ok", "timeout"]
    assert [(run.outcome, run.product) for run in latest_runs(9, failed=True)] == [
        ("timeout", "Kettle")
    ]


def test_a_rule_says_what_it_waits_for(kettle):
    for rule in (
        alert_rules.target(Decimal("19.9"), "EUR"),
        alert_rules.drop(percent=Decimal("12.50")),
        alert_rules.drop(amount=Decimal(500), currency="JPY", reference="first_price"),
        alert_rules.new_low(30),
        alert_rules.back_in_stock(),
        alert_rules.any_change(),
        alert_rules.failing(3),
    ):
        alert_rules.add(kettle.id, rule)
    assert [rule.sentence for rule in every_rule(kettle.id)] == [
        "at or below 19.90 EUR",
        "down by 12.5 % from the last alert",
        "down by 500 JPY from the first price",
        "the lowest in 30 days",
        "back in stock",
        "any change of the price",
        "3 failed checks in a row",
    ]


def test_a_rule_is_found_by_the_beginning_of_its_id(kettle):
    rule = alert_rules.add(kettle.id, alert_rules.any_change())
    assert find_rule(str(rule.id)[:8].upper()).id == rule.id
    with pytest.raises(NotFoundError, match="tracker alerts list"):
        find_rule("kettle")


def test_two_rules_with_one_beginning_are_both_named(kettle):
    for last in "12":
        execute(
            "INSERT INTO alert_rules (id, product_id, kind) VALUES (%s, %s, 'any_change')",
            f"7f3b0c9e-0000-4000-8000-00000000000{last}",
            kettle.id,
        )
    with pytest.raises(InvalidInputError, match="which one"):
        find_rule("7f3b")
