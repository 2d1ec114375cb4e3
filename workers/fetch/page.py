"""What a fetch gives: a page, or an error that says which outcome the run ends in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker_db.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker_db.observation import Outcome


@dataclass(frozen=True, slots=True)
class Page:
    """An answer that was read in full; status 304 has an empty body.

    `url` is the address after redirects, `headers` ignore case, `body` is
    decompressed. `etag` and `last_modified` are what the next `get` may send back.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    content_type: str | None
    etag: str | None
    last_modified: str | None
    elapsed_ms: int


class FetchError(TrackerError):
    """A page could not be fetched; `outcome` is how the run ends.

    `status` is the HTTP status if there was one, `retry_after` the seconds the
    server asks to wait. `elapsed_ms` and `bytes_read` (decompressed) count the whole
    call, redirects included.
    """

    def __init__(
        self,
        outcome: Outcome,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        elapsed_ms: int = 0,
        bytes_read: int = 0,
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.status = status
        self.retry_after = retry_after
        self.elapsed_ms = elapsed_ms
        self.bytes_read = bytes_read
