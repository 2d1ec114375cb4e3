"""Webhooks against real HTTP servers on loopback; signatures checked by the specification."""

import base64
import hashlib
import hmac
import ipaddress
import json
import socket
import time
from threading import Event
from uuid import UUID

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from tracker_db.config import Settings
from workers import notify
from workers.notify import DeliveryError, Message
from workers.notify.webhook import _headers

MESSAGE = Message(UUID(int=7), "Price alert: Tea pot", "14.99 €", {"price": "14.99", "rule": "1"})
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
PATH = "/hooks/T0K3N"


def to(url, **values):
    return Settings(**{"webhook_url": url, "allow_nets": LOOPBACK} | values)


def failure(settings):
    with pytest.raises(DeliveryError) as raised:
        notify.send("webhook", MESSAGE, settings)
    assert "T0K3N" not in str(raised.value)
    return raised.value


def answering(httpserver, status, headers=None):
    httpserver.expect_request(PATH, method="POST").respond_with_data("", status, headers)
    return to(httpserver.url_for(PATH))


def received(httpserver):
    return [request for request, _ in httpserver.log]


def test_the_body_is_the_message_as_json(httpserver):
    notify.send("webhook", MESSAGE, answering(httpserver, 200))
    (request,) = received(httpserver)
    assert request.content_type == "application/json"
    assert json.loads(request.data) == {
        "type": "alert.fired",
        "title": MESSAGE.title,
        "body": MESSAGE.body,
        "data": MESSAGE.data,
    }


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        ("correct horse battery staple", b"correct horse battery staple"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")),
    ],
)  # fmt: skip
def test_a_receiver_can_verify_the_signature_of_what_arrived(httpserver, secret, key):
    httpserver.expect_request(PATH).respond_with_data("")
    notify.send("webhook", MESSAGE, to(httpserver.url_for(PATH), webhook_secret=secret))
    (request,) = received(httpserver)
    name, moment = request.headers["webhook-id"], request.headers["webhook-timestamp"]
    digest = hmac.new(
        key, b"%s.%s." % (name.encode(), moment.encode()) + request.data, hashlib.sha256
    )
    version, signature = request.headers["webhook-signature"].split(",")
    assert version == "v1"
    assert base64.b64decode(signature) == digest.digest()
    assert name == str(MESSAGE.id)
    assert abs(time.time() - int(moment)) < 300


def test_the_signature_is_the_published_example():
    """The example of the README of standard-webhooks/standard-webhooks."""
    headers = _headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_without_a_secret_there_is_no_signature(httpserver):
    notify.send("webhook", MESSAGE, answering(httpserver, 204))
    (request,) = received(httpserver)
    assert "webhook-signature" not in request.headers
    assert request.headers["webhook-id"] == str(MESSAGE.id)


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (400, True), (401, True), (403, True), (404, True), (405, True), (410, True), (422, True),
        (408, False), (425, False), (429, False), (500, False), (502, False), (503, False), (504, False),
    ],
)  # fmt: skip
def test_an_answer_that_refuses_for_good_is_permanent(httpserver, status, permanent):
    error = failure(answering(httpserver, status))
    assert error.permanent is permanent
    assert str(status) in str(error)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_permanent_and_not_followed(httpserver, status):
    httpserver.expect_request("/elsewhere").respond_with_data("")
    error = failure(answering(httpserver, status, {"location": "/elsewhere"}))
    assert error.permanent
    assert "TRACKER_WEBHOOK_URL" in str(error)
    assert [request.path for request in received(httpserver)] == [PATH]


def test_a_receiver_that_recovers_can_tell_the_second_try_by_its_id(httpserver):
    httpserver.expect_oneshot_request(PATH).respond_with_data("", 500)
    settings = answering(httpserver, 200)
    assert not failure(settings).permanent
    notify.send("webhook", MESSAGE, settings)
    first, second = received(httpserver)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.data == second.data


def test_a_receiver_that_stalls_is_given_up_and_asked_again():
    finished = Event()

    def stall(_request):
        finished.wait(30)
        return Response()

    with HTTPServer(host="127.0.0.1") as server:
        server.expect_request(PATH).respond_with_handler(stall)
        error = failure(to(server.url_for(PATH), fetch_seconds=0.2))
        finished.set()
    assert not error.permanent
    assert "TRACKER_FETCH_SECONDS" in str(error)


def test_a_receiver_that_is_not_there_is_a_passing_error():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert not failure(to(f"http://127.0.0.1:{port}{PATH}")).permanent


def test_an_address_of_the_home_network_says_what_to_set(httpserver):
    httpserver.expect_request(PATH).respond_with_data("")
    error = failure(to(httpserver.url_for(PATH), allow_nets=()))
    assert not error.permanent
    assert "TRACKER_ALLOW_NETS" in str(error)
    assert received(httpserver) == []
