"""One check of one product: wait for the host's turn, fetch the page, read it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tracker_db.errors import SelectorError
from tracker_db.observation import Outcome
from tracker_db.services import hosts
from tracker_db.services.runs import Result, Run
from workers.ask_model import ask_model
from workers.extract import extract
from workers.fetch import Client, FetchError, Page
from workers.judge import believe, repeat
from workers.pool import Deferred

if TYPE_CHECKING:
    from tracker_db.config import Settings
    from workers.ask_model import AskModel

#: A thread waits this long for a host's turn; for longer, the product is given back.
PATIENCE = timedelta(seconds=5)
#: Failures that speak about the host rather than about one page.
_HOST_FAILURES = {Outcome.BLOCKED, Outcome.HTTP_ERROR, Outcome.TIMEOUT}


class Checker:
    """Checks claimed products with one shared client; called by many threads."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._delay = timedelta(seconds=settings.host_delay_seconds)
        self._last_resort = ask_model(client, settings)

    def __call__(self, run: Run) -> Result | Deferred:
        """Fetch and read one page; every failure becomes a typed result."""
        host = urlsplit(run.url).netloc.lower()
        granted, wait = hosts.reserve(host, self._pace(run.url), PATIENCE)
        if not granted:
            return Deferred(wait)
        time.sleep(wait.total_seconds())
        try:
            page = self._get(run)
        except FetchError as error:
            self._report(host, error)
            return failed(error)
        hosts.report(host, failed=False)
        return read(run, page, self._last_resort)

    def _pace(self, url: str) -> timedelta:
        asked = self._client.crawl_delay(url)
        return max(self._delay, timedelta(seconds=asked or 0))

    def _get(self, run: Run) -> Page:
        return self._client.get(run.url, etag=run.etag, last_modified=run.last_modified)

    def _report(self, host: str, error: FetchError) -> None:
        if error.outcome not in _HOST_FAILURES:
            return
        wait = None if error.retry_after is None else timedelta(seconds=error.retry_after)
        hosts.report(host, failed=True, retry_after=wait)


def failed(error: FetchError) -> Result:
    """The result of a page that could not be fetched."""
    return Result(
        outcome=error.outcome,
        message=str(error),
        http_status=error.status,
        duration_ms=error.elapsed_ms,
        bytes=error.bytes_read,
        retry_after=error.retry_after,
    )


def read(run: Run, page: Page, last_resort: AskModel | None = None) -> Result:
    """The result of a page that was: what it says, as far as it is believed."""
    if page.status == 304:
        found = repeat(run, etag=page.etag, last_modified=page.last_modified)
    else:
        found = _extracted(run, page, last_resort)
    return replace(
        found,
        http_status=page.status,
        duration_ms=page.elapsed_ms,
        bytes=len(page.body),
        etag=page.etag or found.etag,
        last_modified=page.last_modified or found.last_modified,
    )


def _extracted(run: Run, page: Page, last_resort: AskModel | None) -> Result:
    try:
        offer = extract(
            page.body, url=page.url, content_type=page.content_type, selector=run.selector
        )
    except SelectorError as error:
        return Result(outcome=Outcome.PARSE_ERROR, message=str(error))
    return believe(run, last_resort(run, page, offer) if last_resort else offer)
