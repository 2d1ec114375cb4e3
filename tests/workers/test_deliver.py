"""The outbox: every alert arrives, by every channel, whatever happens in between."""

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest
from peewee import OperationalError
from werkzeug import Response

from tracker_db.config import Settings
from tracker_db.db import db, transaction
from tracker_db.models.price import Outbox
from tracker_db.services import outbox
from workers.chores.outbox import AT_ONCE, Sender, deliver

LEASE = timedelta(seconds=60)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def inbox(httpserver):
    """A webhook receiver: `inbox.answers` is taken from the front, then 204."""
    httpserver.answers, httpserver.ids = [], []

    def receive(request):
        httpserver.ids.append(request.headers["webhook-id"])
        return httpserver.answers.pop(0) if httpserver.answers else Response(status=204)

    httpserver.expect_request("/hook").respond_with_handler(receive)
    return httpserver


@pytest.fixture
def chosen(inbox):
    return Settings(
        channels=("webhook",),
        webhook_url=inbox.url_for("/hook"),
        webhook_secret="s3cret",
        allow_nets=(ip_network("127.0.0.0/8"),),
        fetch_seconds=2,
    )


def add(count=1, channel="webhook"):
    with transaction():
        db.execute_sql(
            "INSERT INTO outbox (dedupe_key, channel, title, body)"
            " SELECT 'rule@' || n, %s, 'Kettle', 'Cheap now' FROM generate_series(1, %s) n",
            (channel, count),
        )


def alerts():
    with db.connection_context():
        return list(Outbox.select().order_by(Outbox.dedupe_key))


def add_late(channel):
    with transaction():
        db.execute_sql(
            "INSERT INTO outbox (dedupe_key, channel, title, body) VALUES ('late', %s, 'K', 'C')",
            (channel,),
        )


def sent(channel):
    return sum(alert.channel == channel and alert.status == "sent" for alert in alerts())


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def make_due():
    with transaction():
        db.execute_sql("UPDATE outbox SET next_attempt_at = now() WHERE status = 'pending'")


def test_what_is_due_is_sent_once(inbox, chosen):
    add(3)
    assert deliver(chosen) == 3
    assert deliver(chosen) == 0
    assert sorted(inbox.ids) == sorted(str(alert.id) for alert in alerts())
    assert {alert.status for alert in alerts()} == {"sent"}


def test_a_server_that_fails_and_recovers_gets_every_alert(inbox, chosen):
    add(2)
    inbox.answers += [Response(status=500), Response(status=503)]
    assert deliver(chosen) == 0
    assert {alert.status for alert in alerts()} == {"pending"}
    assert all("50" in alert.last_error for alert in alerts())
    make_due()
    assert deliver(chosen) == 2
    assert len(set(inbox.ids)) == 2


def test_a_failed_delivery_waits_longer_each_time(inbox, chosen):
    add()
    delays = []
    for _ in range(3):
        inbox.answers.append(Response(status=500))
        deliver(chosen)
        with transaction():
            delays.append(
                db.execute_sql("SELECT next_attempt_at - now() FROM outbox").fetchone()[0]
            )
        make_due()
    assert [round(delay.total_seconds(), -1) for delay in delays] == [10, 20, 40]
    assert outbox.retry_delay(30) == timedelta(hours=1)


def test_a_permanent_refusal_is_a_dead_letter_with_its_reason(inbox, chosen):
    add()
    inbox.answers.append(Response(status=410))
    deliver(chosen)
    (alert,) = alerts()
    assert alert.status == "dead"
    assert "410" in alert.last_error


def test_one_channel_in_trouble_does_not_hold_up_the_others(inbox, chosen, capsys):
    add(2)
    add(2, "console")
    inbox.answers += [Response(status=500), Response(status=500)]
    assert deliver(chosen) == 2
    assert [alert.status for alert in alerts() if alert.channel == "console"] == ["sent", "sent"]
    assert "Cheap now" in capsys.readouterr().out


@pytest.fixture
def silent_mail(chosen):
    """Settings whose mail server takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield replace(
            chosen,
            email_to=("me@shop.example",),
            email_from="tracker@shop.example",
            smtp_host="127.0.0.1",
            smtp_port=server.getsockname()[1],
            fetch_seconds=60,
            shutdown_seconds=0,
        )


def test_a_channel_that_stalls_does_not_hold_up_the_others(inbox, silent_mail):
    add(2 * AT_ONCE, "email")
    add(5)
    stopped = threading.Event()
    sender = threading.Thread(target=Sender(silent_mail, stopped.is_set).deliver)
    sender.start()
    wait_until(lambda: sent("webhook") == 5)
    add_late("webhook")
    wait_until(lambda: sent("webhook") == 6)
    assert sum(alert.attempts for alert in alerts() if alert.channel == "email") == AT_ONCE
    stopped.set()
    sender.join()
    assert len(inbox.ids) == 6


def test_what_stalls_when_the_worker_leaves_is_kept_to_be_sent_again(silent_mail):
    add(1, "email")
    stopped = threading.Event()
    sender = threading.Thread(target=Sender(silent_mail, stopped.is_set).deliver)
    sender.start()
    wait_until(lambda: alerts()[0].attempts == 1)
    stopped.set()
    sender.join(20)
    assert not sender.is_alive()
    (again,) = alerts()
    assert (again.status, again.attempts, again.last_error) == ("pending", 1, None)


def test_an_alert_that_arrived_while_the_database_was_away_is_not_sent_again(inbox, chosen):
    add()
    with transaction():
        db.execute_sql(
            "CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RAISE EXCEPTION USING ERRCODE = ''cannot_connect_now''; END'"
        )
        db.execute_sql(
            "CREATE TRIGGER away BEFORE UPDATE ON outbox FOR EACH ROW"
            " WHEN (NEW.status = 'sent') EXECUTE FUNCTION away()"
        )
    sender = Sender(chosen)
    with pytest.raises(OperationalError):
        sender.deliver()
    with transaction():
        db.execute_sql("DROP TRIGGER away ON outbox")
    make_due()
    assert sender.deliver() == 1
    assert len(inbox.ids) == 1
    assert alerts()[0].status == "sent"


def test_a_channel_that_is_not_set_up_keeps_its_alerts_until_it_is(chosen):
    add(1, "email")
    deliver(chosen)
    (alert,) = alerts()
    assert alert.status == "pending"
    assert "TRACKER_EMAIL_TO" in alert.last_error


def test_senders_side_by_side_send_each_alert_once(inbox, chosen):
    add(30)
    threads = [threading.Thread(target=deliver, args=(chosen,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(inbox.ids) == sorted(str(alert.id) for alert in alerts())


def test_an_alert_arrives_though_its_sender_was_killed_in_the_middle(inbox, chosen, database):
    add()
    reached, hold = threading.Event(), threading.Event()

    def stall(_request):
        reached.set()
        hold.wait(30)
        return Response(status=500)

    inbox.clear_all_handlers()
    inbox.expect_request("/hook").respond_with_handler(stall)
    sender = subprocess.Popen(
        [sys.executable, "-c", _SENDER],
        env=os.environ
        | {
            "DATABASE_URL": database,
            "TRACKER_WEBHOOK_URL": chosen.webhook_url,
            "TRACKER_ALLOW_NETS": "127.0.0.0/8",
            "TRACKER_FETCH_SECONDS": "30",
        },
    )
    assert reached.wait(30)
    sender.send_signal(signal.SIGKILL)
    sender.wait()
    hold.set()
    assert alerts()[0].status == "pending"
    inbox.clear_all_handlers()
    seen = []
    inbox.expect_request("/hook").respond_with_handler(
        lambda request: seen.append(json.loads(request.data)) or Response(status=204)
    )
    make_due()
    assert deliver(chosen) == 1
    assert len(seen) == 1


_SENDER = textwrap.dedent("""
    from tracker_db.config import settings
    from workers.chores.outbox import AT_ONCE, Sender, deliver
    deliver(settings())
""")


def test_a_delivery_lost_to_another_sender_is_not_marked_failed_by_the_first():
    add()
    (lost,) = outbox.claim(1, timedelta(0))
    (held,) = outbox.claim(1, LEASE)
    outbox.mark_failed(lost, "late", permanent=True)
    assert alerts()[0].status == "pending"
    outbox.mark_sent(held)
    assert alerts()[0].status == "sent"


def test_the_last_attempt_is_a_dead_letter(inbox, chosen):
    add()
    with transaction():
        db.execute_sql("UPDATE outbox SET attempts = %s", (outbox.MOST_ATTEMPTS - 1,))
    inbox.answers.append(Response(status=500))
    deliver(chosen)
    assert alerts()[0].status == "dead"
