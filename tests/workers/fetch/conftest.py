"""Fixtures of the fetch tests: servers, clients that may reach them, a name table."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading

import httpx2
import pytest
from loopback import PUBLIC, SECRET, Names, Shop, accept, running, unblock

from tracker_db.config import Settings
from workers.fetch import Client


@pytest.fixture(scope="session")
def _servers():
    with running(Shop(PUBLIC)) as public, running(Shop(SECRET, public.server_port)) as hidden:
        yield public, hidden


@pytest.fixture
def shop(_servers):
    _servers[0].forget()
    return _servers[0]


@pytest.fixture
def secret(_servers):
    """The server no test may reach, on the same port as the shop."""
    _servers[1].forget()
    return _servers[1]


@pytest.fixture(scope="session")
def system_tls():
    """What a client trusts by itself; made once, since that takes longer than most tests."""
    return httpx2.create_ssl_context(trust_env=False)


@pytest.fixture
def make_client(system_tls):
    """A client that may reach the shop; keywords are settings."""
    with contextlib.ExitStack() as stack:

        def make(*, tls=None, **settings):
            defaults = {
                "allow_nets": (ipaddress.ip_network(PUBLIC),),
                "robots": False,
                "fetch_seconds": 20.0,
            }
            return stack.enter_context(
                Client(Settings(**(defaults | settings)), tls=tls or system_tls)
            )

        yield make


@pytest.fixture
def client(make_client):
    return make_client()


@pytest.fixture
def names(monkeypatch):
    table = Names()
    monkeypatch.setattr(socket, "getaddrinfo", table.getaddrinfo)
    return table


@pytest.fixture
def raw_server():
    """Serve each connection by a function of (socket, event set at the end of the test)."""
    stop = threading.Event()
    with contextlib.ExitStack() as stack:

        def serve(script):
            listener = stack.enter_context(socket.create_server((PUBLIC, 0)))
            thread = threading.Thread(target=accept, args=(listener, script, stop))
            stack.callback(thread.join)
            stack.callback(unblock, listener)
            stack.callback(stop.set)
            thread.start()
            return f"{PUBLIC}:{listener.getsockname()[1]}"

        yield serve
