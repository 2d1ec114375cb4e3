"""robots.txt by RFC 9309: fetched once a day for each origin, kept in memory."""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protego import Protego

from tracker_db.observation import Outcome
from workers.fetch.page import FetchError

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

#: Bytes that are parsed; RFC 9309, 2.5 asks for at least this much.
MAX_BYTES = 500 * 1024

_ORIGINS = 1000
_DAY_SECONDS = 86400.0
_OUTAGE_SECONDS = 600.0
_KEEP_OUT = "User-agent: *\nDisallow: /"


@dataclass(frozen=True, slots=True)
class _Rules:
    parsed: Protego
    status: int
    expires: float


class Robots:
    """The rules of every origin visited, for one User-Agent; thread-safe.

    4xx means there are no rules; 5xx means keep out (RFC 9309, 2.3.1), asked again
    after ten minutes.
    """

    def __init__(self, user_agent: str) -> None:
        self._token = product_token(user_agent)
        self._lock = threading.Lock()
        self._rules: OrderedDict[str, _Rules] = OrderedDict()

    def check(self, url: httpx2.URL, read: Callable[[httpx2.URL], tuple[int, bytes]]) -> None:
        """FetchError if `url` is disallowed; `read` gets a robots.txt as (status, body)."""
        rules = self._known(url)
        if rules is None:
            rules = _parsed(*read(url.join("/robots.txt")))
            self._keep(url, rules)
        if not rules.parsed.can_fetch(str(url), self._token):
            raise FetchError(Outcome.BLOCKED, self._refusal(url, rules))

    def crawl_delay(self, url: httpx2.URL) -> float | None:
        """Seconds asked for between two requests, by the rules already read."""
        rules = self._known(url)
        return rules.parsed.crawl_delay(self._token) if rules else None

    def _known(self, url: httpx2.URL) -> _Rules | None:
        with self._lock:
            rules = self._rules.get(_origin(url))
        return rules if rules and rules.expires > time.monotonic() else None

    def _keep(self, url: httpx2.URL, rules: _Rules) -> None:
        with self._lock:
            self._rules[_origin(url)] = rules
            self._rules.move_to_end(_origin(url))
            while len(self._rules) > _ORIGINS:
                self._rules.popitem(last=False)

    def _refusal(self, url: httpx2.URL, rules: _Rules) -> str:
        says = (
            f"answered {rules.status}, which stands for 'keep out' until it is mended"
            if rules.status >= 500
            else f"asks {self._token} not to fetch this page"
        )
        return f"{_origin(url)}/robots.txt {says}. TRACKER_ROBOTS=false fetches it all the same."


def product_token(user_agent: str) -> str:
    """The name robots.txt knows a User-Agent by: `(compatible; Name/1.0)`, else the first word."""
    found = re.search(r"compatible;\s*([A-Za-z_-]+)", user_agent)
    return found[1] if found else re.split(r"[/\s]", user_agent.strip(), maxsplit=1)[0]


def _parsed(status: int, body: bytes) -> _Rules:
    text = body[:MAX_BYTES].decode("utf-8-sig", "replace") if 200 <= status < 300 else ""
    if status >= 500:
        text = _KEEP_OUT
    lifetime = _OUTAGE_SECONDS if status >= 500 else _DAY_SECONDS
    return _Rules(Protego.parse(text), status, time.monotonic() + lifetime)


def _origin(url: httpx2.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii')}"
