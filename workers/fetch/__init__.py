"""URL to page: the guarded client, robots.txt, the typed failures."""

from __future__ import annotations

from tracker_db.errors import MissingExtraError

try:
    import httpx2  # noqa: F401 - tried here, where the message can say what to install
    import protego  # noqa: F401 - the same
except ModuleNotFoundError as error:
    raise MissingExtraError("Fetching pages", "worker") from error

from workers.fetch.client import Client
from workers.fetch.page import FetchError, Page

__all__ = ["Client", "FetchError", "Page"]
