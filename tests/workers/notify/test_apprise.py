"""Apprise's json:// against real HTTP servers on loopback."""

import json
import logging
from threading import Event
from uuid import UUID

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from tracker_db.config import Settings
from workers import notify
from workers.notify import DeliveryError, Message
from workers.notify import apprise as channel

MESSAGE = Message(UUID(int=7), "Price alert: Tea pot", "14.99 € is at or below <your> target.")


def to(httpserver, *paths, **values):
    urls = tuple(f"json://{httpserver.host}:{httpserver.port}{path}" for path in paths)
    return Settings(apprise_urls=urls, **values)


def failure(settings):
    with pytest.raises(DeliveryError) as raised:
        notify.send("apprise", MESSAGE, settings)
    return raised.value


def paths(httpserver):
    return sorted(request.path for request, _ in httpserver.log)


def test_every_url_gets_the_message(httpserver):
    httpserver.expect_request("/one").respond_with_data("")
    httpserver.expect_request("/two").respond_with_data("")
    notify.send("apprise", MESSAGE, to(httpserver, "/one", "/two"))
    assert paths(httpserver) == ["/one", "/two"]
    said = json.loads(httpserver.log[0][0].data)
    assert (said["title"], said["message"]) == (MESSAGE.title, MESSAGE.body)


def test_a_failing_url_is_named_by_its_place(httpserver):
    httpserver.expect_request("/one").respond_with_data("")
    httpserver.expect_request("/two").respond_with_data("", 500)
    error = failure(to(httpserver, "/one", "/two"))
    assert not error.permanent
    assert "JSON (URL 2 of TRACKER_APPRISE_URLS)" in str(error)
    assert "error=500" in str(error)
    assert "1 of 2 Apprise URLs took the message" in str(error)


def test_a_redirect_is_not_followed_and_no_success(httpserver):
    httpserver.expect_request("/moved").respond_with_data("", 302, {"location": "/elsewhere"})
    httpserver.expect_request("/elsewhere").respond_with_data("")
    assert "error=302" in str(failure(to(httpserver, "/moved")))
    assert paths(httpserver) == ["/moved"]


def test_a_service_that_stalls_is_given_up():
    finished = Event()

    def stall(_request):
        finished.wait(30)
        return Response()

    with HTTPServer() as server:
        server.expect_request("/slow").respond_with_handler(stall)
        error = failure(to(server, "/slow", fetch_seconds=0.2))
        finished.set()
    assert not error.permanent
    assert "did not finish" in str(error)


def test_a_service_that_recovers_gets_the_message(httpserver):
    httpserver.expect_oneshot_request("/one").respond_with_data("", 503)
    httpserver.expect_request("/one").respond_with_data("")
    settings = to(httpserver, "/one")
    failure(settings)
    notify.send("apprise", MESSAGE, settings)
    assert paths(httpserver) == ["/one", "/one"]


@pytest.fixture
def log(monkeypatch):
    """What a worker that logs everything would write."""
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    handler.addFilter(lambda record: record.name != "werkzeug")  # the server of the test
    monkeypatch.setattr(logging.root, "handlers", [handler])
    level = logging.root.level
    logging.root.setLevel(logging.DEBUG)
    yield lines
    logging.root.setLevel(level)


def test_no_part_of_a_url_is_told_or_logged(httpserver, log, capfd):
    httpserver.expect_request("/t0ken").respond_with_data("", 500)
    secret = f"json://ann:passw0rd@{httpserver.host}:{httpserver.port}/t0ken?+X-Key=s3cret"
    error = failure(Settings(apprise_urls=(secret, "nope://n0body")))
    assert "URL 2" in str(error)
    error = failure(Settings(apprise_urls=(secret,)))
    assert "error=500" in str(error)
    told = " ".join([str(error), *log, *capfd.readouterr()])
    words = ("passw0rd", "t0ken", "s3cret", "n0body")
    assert [word for word in words if word in told] == []


def test_what_a_service_says_is_told_without_the_url():
    said = "Token tok1en-abc of tok1 refused by hook.example, see /tok%C3%A4/ tokä"
    url = "slack://hook.example/tok1/tok1en-abc/tok%C3%A4"
    assert channel._redacted(said, url) == "Token **** of **** refused by ****, see /****/ ****"
