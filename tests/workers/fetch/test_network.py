"""Deadlines and connections, on real sockets."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading

import pytest
from loopback import PUBLIC, Names

from tracker_db.observation import Outcome
from workers.fetch import FetchError
from workers.fetch.guard import Policy
from workers.fetch.network import Backend

DEADLINE = 0.4
#: Far above the deadline, far below the for ever these servers would take.
GENEROUS_MS = 15_000


@pytest.fixture
def hasty(make_client):
    return make_client(fetch_seconds=DEADLINE)


def drip(connection, stop, prefix, piece):
    connection.sendall(prefix)
    while not stop.wait(0.02):
        connection.sendall(piece)


def dripping_body(connection, stop):
    drip(connection, stop, b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x")


def dripping_chunks(connection, stop):
    drip(connection, stop, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n")


def dripping_headers(connection, stop):
    drip(connection, stop, b"HTTP/1.1 200 OK\r\n", b"X: y\r\n")


def early_hints(connection, stop):
    drip(connection, stop, b"", b"HTTP/1.1 103 Early Hints\r\n\r\n")


def silence(_, stop):
    stop.wait()


def endless_redirects(connection, stop):
    drip(connection, stop, b"HTTP/1.1 302 Found\r\nLocation: /", b"a")


@pytest.mark.parametrize(
    "script",
    [
        dripping_body,
        dripping_chunks,
        dripping_headers,
        early_hints,
        silence,
        endless_redirects,
    ],
)
def test_a_slow_server_is_left_at_the_deadline(hasty, raw_server, script):
    with pytest.raises(FetchError, match="TRACKER_FETCH_SECONDS") as failure:
        hasty.get(f"http://{raw_server(script)}/")
    assert failure.value.outcome is Outcome.TIMEOUT
    assert failure.value.elapsed_ms < GENEROUS_MS


def test_what_was_read_before_the_deadline_is_counted(make_client, raw_server):
    client = make_client(fetch_seconds=2)
    with pytest.raises(FetchError) as failure:
        client.get(f"http://{raw_server(dripping_body)}/")
    assert failure.value.bytes_read > 0


def dripping_greeting(connection, stop):
    drip(connection, stop, b"\x16\x03\x03\x40\x00", b"\x02")


@pytest.mark.parametrize("script", [silence, dripping_greeting])
def test_a_slow_tls_greeting_is_left_at_the_deadline(hasty, raw_server, script):
    with pytest.raises(FetchError) as failure:
        hasty.get(f"https://{raw_server(script)}/")
    assert failure.value.outcome is Outcome.TIMEOUT


def test_a_server_that_does_not_read_is_left_at_the_deadline(hasty, raw_server):
    url = f"http://{raw_server(silence)}/"
    with pytest.raises(FetchError) as failure:
        hasty.post(url, content=bytes(50_000_000), headers={})
    assert failure.value.outcome is Outcome.TIMEOUT


def test_the_deadline_covers_all_redirects_together(hasty, raw_server):
    def slow_redirect(connection, stop):
        connection.recv(1000)
        stop.wait(DEADLINE / 3)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")

    with pytest.raises(FetchError) as failure:
        hasty.get(f"http://{raw_server(slow_redirect)}/")
    assert failure.value.outcome is Outcome.TIMEOUT


def test_a_name_server_that_never_answers_is_left_at_the_deadline(hasty, monkeypatch):
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait() and [])
    try:
        with pytest.raises(FetchError) as failure:
            hasty.get("http://shop.test/")
        assert failure.value.outcome is Outcome.TIMEOUT
    finally:
        answered.set()


@pytest.fixture
def two_homes():
    """A policy under which 127.0.0.3 may be tried too; nothing answers there."""
    return Policy(allow_nets=(ipaddress.ip_network("127.0.0.2/31"),))


def test_a_dead_address_does_not_hide_a_living_one(shop, names, two_homes):
    names["shop.test"] = [["127.0.0.3", PUBLIC]]
    stream = Backend(two_homes).connect_tcp("shop.test", shop.server_port)
    stream.close()


@pytest.fixture
def swallowing_host(shop):
    """An address that answers no greeting, as a firewall does: its queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(
            socket.create_server(("127.0.0.3", shop.server_port), backlog=0)
        )
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield "127.0.0.3"


def test_a_swallowing_address_uses_only_its_share_of_the_time(
    make_client, shop, names, swallowing_host
):
    names["shop.test"] = [[swallowing_host, PUBLIC]]
    client = make_client(fetch_seconds=2, allow_nets=(ipaddress.ip_network("127.0.0.2/31"),))
    assert client.get(shop.url(host="shop.test")).elapsed_ms >= 900


def test_no_connection_goes_to_a_unix_socket(two_homes):
    with pytest.raises(FetchError) as failure:
        Backend(two_homes).connect_unix_socket("/run/docker.sock")
    assert failure.value.outcome is Outcome.REFUSED


def cut_off(connection, _):
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<p>19.99")


def reset(connection, _):
    connection.recv(1000)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def hang_up(connection, _):
    connection.recv(1000)


def nonsense(connection, _):
    connection.recv(1000)
    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


def huge_headers(connection, _):
    connection.recv(1000)
    with contextlib.suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000)


def bad_gzip(connection, _):
    connection.recv(1000)
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n<p>!"
    )


def switching(connection, _):
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (cut_off, "valid HTTP"),
        (reset, "broke off"),
        (hang_up, "valid HTTP"),
        (nonsense, "valid HTTP"),
        (huge_headers, "valid HTTP|broke off"),
        (bad_gzip, "decompressed"),
        (switching, "valid HTTP"),
    ],
)
def test_a_broken_answer_is_an_http_error_with_a_sentence(client, raw_server, script, says):
    with pytest.raises(FetchError, match=says) as failure:
        client.get(f"http://{raw_server(script)}/")
    assert failure.value.outcome is Outcome.HTTP_ERROR


def test_a_closed_port_is_an_http_error_that_says_so(client):
    with pytest.raises(FetchError, match="refused the connection") as failure:
        client.get(f"http://{PUBLIC}:1/")
    assert failure.value.outcome is Outcome.HTTP_ERROR


def test_an_unknown_name_is_an_http_error_that_asks_to_check_it(client, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", Names().getaddrinfo)
    with pytest.raises(FetchError, match=r"shop\.test has no address.*spelling") as failure:
        client.get("http://shop.test/")
    assert failure.value.outcome is Outcome.HTTP_ERROR


def test_a_name_without_addresses_is_an_http_error(client, names):
    names["shop.test"] = [[]]
    with pytest.raises(FetchError, match="no address") as failure:
        client.get("http://shop.test/")
    assert failure.value.outcome is Outcome.HTTP_ERROR
