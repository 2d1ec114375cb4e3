"""Requests and responses of httpx2 over our own connections of httpcore2."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpcore2
import httpx2

from workers.fetch.network import Backend

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from workers.fetch.guard import Policy

_KEEPALIVE_CONNECTIONS = 20
# Less than the 5 s after which Apache and Node hang up, perhaps as the next request leaves.
_KEEPALIVE_SECONDS = 4.0


class Transport:
    """A pool of judged connections; thread-safe.

    httpx2's own transport takes no network backend, and its client shares one cookie
    jar and reads redirects without a limit, so only its messages are used here.
    """

    def __init__(self, policy: Policy, tls: ssl.SSLContext) -> None:
        # A thread waits on one connection at a time, so the threads are the limit.
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls,
            max_connections=None,
            max_keepalive_connections=_KEEPALIVE_CONNECTIONS,
            keepalive_expiry=_KEEPALIVE_SECONDS,
            network_backend=Backend(policy),
        )

    def send(self, request: httpx2.Request) -> httpx2.Response:
        """The answer as soon as its headers are there; close it when done."""
        assert isinstance(request.stream, httpx2.SyncByteStream)
        answer = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=_url(request.url),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), request=request
        )

    def close(self) -> None:
        """Drop all connections."""
        self._pool.close()


def _url(url: httpx2.URL) -> httpcore2.URL:
    return httpcore2.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
