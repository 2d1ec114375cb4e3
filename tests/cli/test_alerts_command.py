"""`tracker alerts` and `tracker status`: when to be told, and how the tracker is doing."""

import json

import pytest

from tracker_db import config
from tracker_db.db import db
from tracker_db.models.price import AlertRule, Product


def rows(model):
    with db.connection_context():
        return list(model.select())


@pytest.fixture
def kettle(run_tracker, shop):
    run_tracker("add", shop.put("/kettle"))
    return rows(Product)[0]


@pytest.mark.parametrize(
    ("options", "columns"),
    [
        (("--below", "15"), ("target", 1500, "EUR", None, None, None, None, None)),
        (("--below", "15 eur"), ("target", 1500, "EUR", None, None, None, None, None)),
        (("--drop", "10%"), ("drop", None, None, 10, None, "last_alert", None, None)),
        (
            ("--drop", "5.00", "--reference", "highest-since-alert"),
            ("drop", None, "EUR", None, 500, "highest_since_alert", None, None),
        ),
        (("--new-low", "30"), ("new_low", None, None, None, None, None, 30, None)),
        (("--back-in-stock",), ("back_in_stock", None, None, None, None, None, None, None)),
        (("--any-change",), ("any_change", None, None, None, None, None, None, None)),
        (("--failing", "3"), ("failing", None, None, None, None, None, None, 3)),
    ],
)
def test_every_kind_can_be_added(run_tracker, kettle, options, columns):
    run_tracker("alerts", "add", "kettle", *options)
    (rule,) = rows(AlertRule)
    assert (
        rule.kind, rule.target_price, rule.currency, rule.percent, rule.amount, rule.reference,
        rule.days, rule.failures,
    ) == columns  # fmt: skip


@pytest.mark.parametrize(("option", "reason"), [("--new-low=0", "0 days"), ("--drop=0%", "0 %")])
def test_a_zero_is_told_as_what_it_is(run_tracker, kettle, option, reason):
    assert reason in run_tracker("alerts", "add", "kettle", option, exit_code=2).stderr


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--below", "15", "--any-change"),
        ("--any-change", "--reference", "last-price"),
        ("--drop", "0%"),
        ("--drop", "ten%"),
        ("--drop", "10%", "--reference", "yesterday"),
        ("--new-low", "0"),
        ("--below", "15", "--currency", "EURO"),
        ("--below", "15", "--currency", "USD"),
        ("--below", "15 USD"),
    ],
)
def test_a_rule_that_makes_no_sense_is_wrong_use(run_tracker, kettle, options):
    run_tracker("alerts", "add", "kettle", *options, exit_code=2)
    assert rows(AlertRule) == []


def test_a_rule_can_be_listed_switched_and_removed_by_the_beginning_of_its_id(run_tracker, kettle):
    run_tracker("alerts", "add", "kettle", "--below", "15")
    rule = str(rows(AlertRule)[0].id)[:8]
    assert f"{rule}  on" in run_tracker("alerts", "list", "kettle").stdout
    run_tracker("alerts", "off", rule)
    assert f"{rule}  off" in run_tracker("alerts", "list").stdout
    run_tracker("alerts", "on", rule)
    (listed,) = json.loads(run_tracker("alerts", "list", "--json").stdout)
    assert (listed["target_price"], listed["active"]) == ("15.00", True)
    run_tracker("alerts", "remove", rule)
    assert rows(AlertRule) == []
    assert "No alerts yet" in run_tracker("alerts", "list").stderr


def test_the_test_message_goes_through_every_channel(run_tracker, monkeypatch):
    done = run_tracker("alerts", "test")
    assert "tracker: a test message" in done.stdout
    assert "console: sent." in done.stdout


def test_a_channel_that_does_not_work_is_named_and_fails(run_tracker, httpserver, monkeypatch):
    httpserver.expect_request("/hook").respond_with_data("", status=500)
    monkeypatch.setenv("TRACKER_CHANNELS", "console,webhook")
    monkeypatch.setenv("TRACKER_WEBHOOK_URL", httpserver.url_for("/hook?token=hunter2"))
    monkeypatch.setenv("TRACKER_WEBHOOK_SECRET", "0123456789abcdef0123456789abcdef")
    config.settings.cache_clear()
    failed = run_tracker("alerts", "test", exit_code=1)
    assert "console: sent." in failed.stdout
    assert "webhook: failed." in failed.stdout
    assert "hunter2" not in failed.output


def test_status_shows_figures_and_what_fails(run_tracker, shop, kettle):
    shop.pages.pop("/kettle")
    run_tracker("run", "kettle", exit_code=1)
    shown = run_tracker("status").stdout
    assert "failing      1" in shown
    assert "2 in 24 hours, 1 failed" in shown
    assert "404" in shown
    figures = json.loads(run_tracker("status", "--json").stdout)
    assert (figures["products"], figures["failing"], figures["problems"]) == (1, 1, [])


def test_the_health_check_is_quiet_until_something_is_overdue(run_tracker, kettle):
    assert run_tracker("status", "--check").stdout == "ok\n"
    with db.connection_context():
        db.execute_sql("UPDATE products SET next_run_at = now() - interval '6 minutes'")
    failed = run_tracker("status", "--check", exit_code=1)
    assert "overdue" in failed.stderr


def test_the_health_check_fails_without_a_database_and_shows_no_password(run_tracker):
    db.connect_url("postgresql://me:hunter2@127.0.0.1:1/tracker")
    failed = run_tracker("status", "--check", exit_code=1)
    assert "cannot be reached" in failed.stderr
    assert "hunter2" not in failed.output


def test_a_database_without_tables_says_how_to_make_them(run_tracker, servers):
    db.connect_url(servers[0])
    failed = run_tracker("status", exit_code=1)
    assert "tracker db migrate" in failed.stderr
