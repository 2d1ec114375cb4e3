"""What one check of a product's page can end in, and what it saw."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Outcome(StrEnum):
    """How one run ended: the typed outcome beside `run_logs.status`."""

    #: A price was read and believed.
    OK = "ok"
    #: The server answered 304: the last observation still holds.
    NOT_MODIFIED = "not_modified"
    #: The page says the product cannot be bought now.
    OUT_OF_STOCK = "out_of_stock"
    #: The page was read and shows no price for one product.
    NO_PRICE = "no_price"
    #: Several prices, or a jump nobody confirmed yet: the user decides, or the next run does.
    AMBIGUOUS = "ambiguous"
    #: A challenge, captcha, robots.txt or "access denied" stood in the way.
    BLOCKED = "blocked"
    #: The page is gone (404, 410, or a page that says so).
    NOT_FOUND = "not_found"
    #: Any other HTTP or connection failure.
    HTTP_ERROR = "http_error"
    #: The total deadline passed.
    TIMEOUT = "timeout"
    #: The body passed the size cap.
    TOO_LARGE = "too_large"
    #: The guard refused the address or the URL.
    REFUSED = "refused"
    #: The body is not a page that can be read.
    PARSE_ERROR = "parse_error"

    @property
    def succeeded(self) -> bool:
        """Whether `run_logs.status` is SUCCESS."""
        return self in {Outcome.OK, Outcome.NOT_MODIFIED, Outcome.OUT_OF_STOCK}

    @property
    def retryable(self) -> bool:
        """Whether trying again before the next slot can help."""
        return self in {
            Outcome.BLOCKED,
            Outcome.HTTP_ERROR,
            Outcome.TIMEOUT,
        }


#: schema.org ItemAvailability words under which a product cannot be bought now.
UNAVAILABLE = frozenset({"OutOfStock", "SoldOut", "Discontinued"})


@dataclass(frozen=True, slots=True)
class Observation:
    """What one run saw, in the terms alert rules are written in.

    `price` and `list_price` are minor units of `currency` (ISO 4217); None where
    the page gave none. `availability` is schema.org's word or None for "not said".
    `failures` counts failed runs in a row, this one included; 0 after a success.
    """

    at: datetime
    outcome: Outcome
    price: int | None = None
    currency: str | None = None
    availability: str | None = None
    list_price: int | None = None
    failures: int = 0

    @property
    def buyable(self) -> bool:
        """Whether the page was read and did not say the product is unavailable."""
        read = self.outcome.succeeded and self.outcome is not Outcome.OUT_OF_STOCK
        return read and self.availability not in UNAVAILABLE
