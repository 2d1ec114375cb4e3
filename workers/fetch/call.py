"""One call of the client from its first hop to its last: the time, bytes and cookies it has."""

from __future__ import annotations

import time

import httpx2

from tracker_db.observation import Outcome
from workers.fetch.network import remaining
from workers.fetch.page import FetchError


class Call:
    """What all hops of one call share."""

    def __init__(self, seconds: float) -> None:
        self._started = time.monotonic()
        self._deadline = self._started + seconds
        self.cookies = httpx2.Cookies()
        #: Bytes read so far, decompressed.
        self.bytes_read = 0

    @property
    def elapsed_ms(self) -> int:
        """Milliseconds since the call began."""
        return round((time.monotonic() - self._started) * 1000)

    @property
    def timeouts(self) -> dict[str, float]:
        """The deadline as httpcore2 takes it: an instant wherever our own network reads it."""
        network = dict.fromkeys(("connect", "write", "read"), self._deadline)
        return {"pool": remaining(self._deadline), **network}

    def read(self, response: httpx2.Response, limit: int) -> bytes:
        """The body, decompressed; one longer than `limit` bytes is cut a little above it."""
        _check_encoding(response)
        pieces = []
        stop = self.bytes_read + limit
        for piece in response.iter_bytes():
            pieces.append(piece)
            self.bytes_read += len(piece)
            if self.bytes_read > stop:
                break
        return b"".join(pieces)


def _check_encoding(response: httpx2.Response) -> None:
    """Refuse nested compression: 64 kB of it can take a minute to unpack, off the clock."""
    layers = response.headers.get_list("content-encoding", split_commas=True)
    if len(layers) > 1:
        raise FetchError(
            Outcome.HTTP_ERROR,
            f"{response.url.host} compressed its answer {len(layers)} times over, "
            "which no browser needs; it was not read.",
            status=response.status_code,
        )
