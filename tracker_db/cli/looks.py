"""One look at a page from the command line: fetched and read, shown, recorded like any check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tracker_db.cli.text import clean

if TYPE_CHECKING:
    from uuid import UUID

    from tracker_db.config import Settings
    from tracker_db.observation import Outcome
    from tracker_db.services.runs import Result
    from workers.extract import Extraction
    from workers.fetch import FetchError, Page


@dataclass(frozen=True, slots=True)
class Look:
    """A page and what was read on it, or why it could not be fetched."""

    page: Page | None = None
    found: Extraction | None = None
    error: FetchError | None = None

    @property
    def outcome(self) -> Outcome:
        """How a check that saw this ends."""
        if self.error is not None:
            return self.error.outcome
        assert self.found is not None
        return self.found.outcome

    @property
    def message(self) -> str:
        """What a person can act on, when it did not go well."""
        if self.error is not None:
            return str(self.error)
        assert self.found is not None
        return self.found.message or ""


def look(url: str, selector: str | None, settings: Settings) -> Look:
    """Fetch a page once and read it."""
    from workers.extract import extract
    from workers.fetch import Client, FetchError

    with Client(settings) as client:
        try:
            page = client.get(url)
        except FetchError as error:
            return Look(error=error)
    found = extract(page.body, url=page.url, content_type=page.content_type, selector=selector)
    return Look(page, found)


def record(product_id: UUID, seen: Look, settings: Settings) -> Result | None:
    """Complete a run of the product with what was seen; None while a worker has it in hand.

    Like any check it asks the language model, where one is set, about a page without a price.
    """
    from tracker_db.services.complete import complete
    from tracker_db.services.runs import claim_now
    from tracker_db.services.slots import Policy
    from workers.ask_model import ask_model
    from workers.check import failed, read
    from workers.fetch import Client
    from workers.judge import judge

    claimed = claim_now([product_id], timedelta(seconds=settings.lease_seconds))
    if not claimed:
        return None
    run = claimed[0]
    if seen.error is not None:
        result = failed(seen.error)
    else:
        assert seen.page is not None
        with Client(settings) as client:
            result = read(run, seen.page, ask_model(client, settings))
    held = complete(
        [(run, result)], decide=judge, channels=settings.channels, policy=Policy.of(settings)
    )
    return result if held else None


def describe(found: Extraction, currency: str | None = None) -> str:
    """One line: the name, the price, and whether it can be bought."""
    code = found.currency or currency or "(currency unknown)"
    price = "no price" if found.price is None else f"{found.price:,f} {code}"
    words = [found.name or "", price, found.availability or ""]
    return clean(" · ".join(word for word in words if word))
