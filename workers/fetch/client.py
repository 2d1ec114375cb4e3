"""The one client every outgoing request goes through: guarded, bounded in time and size."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Self

import httpx2

from tracker_db.observation import Outcome
from workers.fetch.call import Call
from workers.fetch.failures import WIRE_ERRORS, failed_answer, wire_failure
from workers.fetch.guard import Policy, checked_url
from workers.fetch.page import FetchError, Page
from workers.fetch.robots import MAX_BYTES as ROBOTS_BYTES
from workers.fetch.robots import Robots
from workers.fetch.transport import Transport

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from tracker_db.config import Settings

MAX_REDIRECTS = 10

# A short body read to its end leaves the connection usable for the next hop.
_DRAINED_BYTES = 2048
_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_ACCEPT_ENCODING = "gzip, deflate, br, zstd"


class Client:
    """Fetches pages and posts messages; thread-safe, one for a process.

    Every connection goes to a judged address, every call ends by
    `settings.fetch_seconds`, every body by `settings.fetch_bytes` decompressed.
    Proxies from the environment are not used: a proxy resolves names for itself.
    `tls` trusts other authorities than the system's.
    """

    def __init__(self, settings: Settings, *, tls: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._robots = Robots(settings.user_agent)
        self._transport = Transport(
            Policy(settings.allow_nets, settings.allow_ports),
            tls or httpx2.create_ssl_context(trust_env=False),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Drop all connections."""
        self._transport.close()

    def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page:
        """Fetch a page, redirects followed; FetchError says what stood in the way.

        With the `etag` or `last_modified` of an earlier page, an unchanged one comes
        back as status 304 without a body.
        """
        validators = _validators(etag, last_modified)
        headers = self._headers() | validators
        with (
            self._call() as call,
            self._follow(call, url, headers, robots=self._settings.robots) as response,
        ):
            if response.status_code != 304 or not validators:
                _check(response)
            return _page(call, response, self._whole_body(call, response))

    def post(self, url: str, *, content: bytes, headers: dict[str, str]) -> Page:
        """Send `content`; a redirect is a FetchError: following one turns a POST into a GET.

        An answer longer than the size cap is cut there, since the message has arrived.
        """
        limit = self._settings.fetch_bytes
        request = self._headers() | headers
        with (
            self._call() as call,
            self._send(call, "POST", checked_url(url), request, content) as response,
        ):
            _check(response)
            return _page(call, response, call.read(response, limit)[:limit])

    def crawl_delay(self, url: str) -> float | None:
        """Seconds between two requests that the host's robots.txt asks for; None if not known.

        Nothing is fetched: it is known after the first `get` from that host. FetchError
        if `url` is not one that `get` would take.
        """
        return self._robots.crawl_delay(checked_url(url))

    def _headers(self) -> dict[str, str]:
        return {
            "User-Agent": self._settings.user_agent,
            "Accept": _ACCEPT,
            "Accept-Encoding": _ACCEPT_ENCODING,
        }

    @contextlib.contextmanager
    def _call(self) -> Iterator[Call]:
        call = Call(self._settings.fetch_seconds)
        try:
            yield call
        except FetchError as error:
            error.elapsed_ms = call.elapsed_ms
            error.bytes_read = call.bytes_read
            raise

    @contextlib.contextmanager
    def _follow(
        self, call: Call, url: str, headers: dict[str, str], *, robots: bool
    ) -> Iterator[httpx2.Response]:
        """The first answer that is not a redirect, every hop checked."""
        target = checked_url(url)
        for _ in range(MAX_REDIRECTS + 1):
            if robots:
                self._robots.check(target, partial(self._read_robots, call))
            with self._send(call, "GET", target, headers) as response:
                if not response.has_redirect_location:
                    yield response
                    return
                call.read(response, _DRAINED_BYTES)
                call.cookies.extract_cookies(response)
                target = checked_url(response.headers["location"], base=target)
        raise FetchError(
            Outcome.HTTP_ERROR,
            f"More than {MAX_REDIRECTS} redirects, the last one to {target.host}.",
            status=response.status_code,
        )

    @contextlib.contextmanager
    def _send(
        self,
        call: Call,
        method: str,
        url: httpx2.URL,
        headers: dict[str, str],
        content: bytes | None = None,
    ) -> Iterator[httpx2.Response]:
        """One answer, closed at the end; what fails on the wire until then is a FetchError."""
        try:
            request = httpx2.Request(
                method,
                url,
                headers=headers,
                cookies=call.cookies,
                content=content,
                extensions={"timeout": call.timeouts},
            )
            with contextlib.closing(self._transport.send(request)) as response:
                yield response
        except WIRE_ERRORS as error:
            seconds = self._settings.fetch_seconds
            raise wire_failure(error, host=url.host, seconds=seconds) from error

    def _read_robots(self, call: Call, url: httpx2.URL) -> tuple[int, bytes]:
        try:
            with self._follow(call, str(url), self._headers(), robots=False) as response:
                return response.status_code, call.read(response, ROBOTS_BYTES)
        except FetchError as error:
            if error.status is None:
                raise
            return error.status, b""

    def _whole_body(self, call: Call, response: httpx2.Response) -> bytes:
        limit = self._settings.fetch_bytes
        body = call.read(response, limit)
        if len(body) > limit:
            raise FetchError(
                Outcome.TOO_LARGE,
                f"The page of {response.url.host} has more than {limit} bytes. "
                "If it is a product's page, raise TRACKER_FETCH_BYTES.",
                status=response.status_code,
            )
        return body


def _validators(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """Conditional headers; a validator that no header can carry is left out."""
    wanted = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {
        name: value
        for name, value in wanted.items()
        if value and value.isascii() and value.isprintable()
    }


def _check(response: httpx2.Response) -> None:
    failure = failed_answer(
        response.status_code, response.headers, host=response.url.host, now=datetime.now(UTC)
    )
    if failure:
        raise failure


def _page(call: Call, response: httpx2.Response, body: bytes) -> Page:
    sent = response.request.headers if response.status_code == 304 else {}
    return Page(
        url=str(response.url),
        status=response.status_code,
        headers=response.headers,
        body=body,
        content_type=response.headers.get("content-type"),
        etag=response.headers.get("etag", sent.get("if-none-match")),
        last_modified=response.headers.get("last-modified", sent.get("if-modified-since")),
        elapsed_ms=call.elapsed_ms,
    )
