"""The network below HTTP: each name is resolved once, each address judged, each wait bounded.

httpcore2 hands the timeouts of a request down unchanged, and hands the same value to
every read. So a request puts its deadline there, an instant of `time.monotonic()`,
and every `timeout` in this module is one: no server can outlast it by dripping.
"""

from __future__ import annotations

import contextlib
import ipaddress
import select
import socket
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import httpcore2

from tracker_db.observation import Outcome
from workers.fetch.page import FetchError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

    from workers.fetch.guard import Address, Policy

#: What `socket.connect` takes: an address and a port; for IPv6 also flow and scope.
SocketAddress = tuple[str, int] | tuple[str, int, int, int]

_UNBOUNDED_SECONDS = 86400.0
_LOOKUPS_AT_ONCE = 64


def remaining(deadline: float | None) -> float:
    """Seconds left until `deadline`; TimeoutError when there are none."""
    left = _UNBOUNDED_SECONDS if deadline is None else deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline passed")
    return left


class Resolver:
    """`getaddrinfo` with an end: it has no timeout, so each call runs in a daemon thread."""

    def __init__(self) -> None:
        self._slots = threading.BoundedSemaphore(_LOOKUPS_AT_ONCE)

    def resolve(self, host: str, port: int, deadline: float | None) -> list[SocketAddress]:
        """The addresses of `host`, asked for once; TimeoutError at the deadline, else OSError."""
        if not self._slots.acquire(timeout=remaining(deadline)):
            raise TimeoutError("too many name look-ups have not been answered")
        answer: Future[list[SocketAddress]] = Future()
        threading.Thread(target=self._answer, args=(answer, host, port), daemon=True).start()
        return answer.result(remaining(deadline))

    def _answer(self, answer: Future[list[SocketAddress]], host: str, port: int) -> None:
        try:
            answer.set_result(_look_up(host, port))
        except Exception as error:  # noqa: BLE001 - it is raised in the thread that waits
            answer.set_exception(error)
        finally:
            self._slots.release()


def _look_up(host: str, port: int) -> list[SocketAddress]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "the name has no addresses")
    return [(str(entry[4][0]), port, *entry[4][2:]) for entry in found]


class Backend(httpcore2.NetworkBackend):
    """Connects only where the policy allows, to the very address it judged.

    Redirects, reconnects and robots.txt all come through here, and TLS above still
    verifies the host's name, so there is no second look-up for a name server to lie to.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._resolver = Resolver()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - part of httpcore2's interface
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - the same
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of `host` that is allowed and answers."""
        with _as_httpcore(httpcore2.ConnectTimeout, httpcore2.ConnectError):
            return Stream(_connect(self._allowed(host, port, timeout), timeout))

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore2.NetworkStream:
        """Refuse: no page is fetched from a Unix socket."""
        raise FetchError(Outcome.REFUSED, "Unix sockets are not fetched from.")

    def _allowed(self, host: str, port: int, deadline: float | None) -> list[SocketAddress]:
        """The addresses that pass; a junk record beside a public one refuses nobody."""
        judged = [
            (candidate, self._policy.refusal(host, _address(candidate), port))
            for candidate in self._addresses(host, port, deadline)
        ]
        allowed = [candidate for candidate, refusal in judged if refusal is None]
        if not allowed:
            raise FetchError(Outcome.REFUSED, next(refusal for _, refusal in judged if refusal))
        return allowed

    def _addresses(self, host: str, port: int, deadline: float | None) -> list[SocketAddress]:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return self._resolver.resolve(host, port, deadline)
        return [(host, port)]


def _address(candidate: SocketAddress) -> Address:
    return ipaddress.ip_address(candidate[0])


def _connect(candidates: list[SocketAddress], deadline: float | None) -> socket.socket:
    """Try each in turn; a dead address may use only its share of the time that is left."""
    failure: OSError | None = None
    for tried, candidate in enumerate(candidates):
        share = remaining(deadline) / (len(candidates) - tried)
        try:
            return _connected(candidate, share)
        except OSError as error:
            failure = error
    assert failure is not None
    raise failure


def _connected(candidate: SocketAddress, seconds: float) -> socket.socket:
    # Not socket.create_connection: it would call getaddrinfo a second time.
    family = socket.AF_INET6 if _address(candidate).version == 6 else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(candidate)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock


class Stream(httpcore2.NetworkStream):
    """A connection on which each operation may take as long as its deadline is away."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """At most `max_bytes`, as soon as there are any."""
        with _as_httpcore(httpcore2.ReadTimeout, httpcore2.ReadError):
            self._sock.settimeout(remaining(timeout))
            return self._sock.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of `buffer`."""
        unsent = memoryview(buffer)
        with _as_httpcore(httpcore2.WriteTimeout, httpcore2.WriteError):
            while unsent:
                self._sock.settimeout(remaining(timeout))
                unsent = unsent[self._sock.send(unsent) :]

    def close(self) -> None:
        """Drop the connection."""
        self._sock.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> Stream:
        """The same connection under TLS."""
        with _as_httpcore(httpcore2.ConnectTimeout, httpcore2.ConnectError):
            try:
                self._sock.settimeout(remaining(timeout))
                return Stream(ssl_context.wrap_socket(self._sock, server_hostname=server_hostname))
            except BaseException:
                self.close()
                raise

    def get_extra_info(self, info: str) -> Any:
        """Whether an idle connection has something to read, so is closing; the pool asks that."""
        return self._is_readable() if info == "is_readable" else None

    def _is_readable(self) -> bool:
        if self._sock.fileno() < 0:
            return True
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        return bool(poll.poll(0))


@contextlib.contextmanager
def _as_httpcore(timeout: type[Exception], failure: type[Exception]) -> Iterator[None]:
    """Raise socket errors as httpcore2 does: its own exception, the socket's as its argument."""
    try:
        yield
    except TimeoutError as error:
        raise timeout(error) from error
    except OSError as error:
        raise failure(error) from error
