"""What extraction answers with: the candidates it saw and the one it believes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from tracker_db.observation import Outcome


class Source(StrEnum):
    """Where on the page a candidate was read."""

    #: The user's own CSS, XPath or regex.
    SELECTOR = "selector"
    #: A schema.org object in a JSON-LD script.
    JSON_LD = "json_ld"
    #: A schema.org object in itemscope / itemprop attributes.
    MICRODATA = "microdata"
    #: A schema.org or GoodRelations object in typeof / property attributes.
    RDFA = "rdfa"
    #: Open Graph and product meta tags.
    META = "meta"
    #: Product data in a script or a data-* attribute.
    EMBEDDED_JSON = "embedded_json"
    #: Text that people see.
    VISIBLE = "visible"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One price that a source offers, and what became of it.

    `price` and `list_price` are in major units. `currency` is ISO 4217 as the source says
    it, None when it does not. `where` says where in the source, `text` what stood there.
    `firm` is False when the source gives several prices for the product, `own` False when
    what it prices does not seem to be this page's product. `reason` is filled by the
    decision: why the candidate won or lost.
    """

    source: Source
    price: Decimal | None
    currency: str | None = None
    availability: str | None = None
    list_price: Decimal | None = None
    name: str | None = None
    image: str | None = None
    where: str = ""
    text: str = ""
    firm: bool = True
    own: bool = True
    score: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Extraction:
    """The decision about one page.

    `price` is there when the outcome is ok, and when it is out_of_stock and the page still shows
    one.
    `extractor` is the source that won. `message` says, when the outcome is not ok, what was
    found and what a person can do.
    """

    outcome: Outcome
    price: Decimal | None = None
    currency: str | None = None
    availability: str | None = None
    name: str | None = None
    image: str | None = None
    list_price: Decimal | None = None
    candidates: tuple[Candidate, ...] = ()
    extractor: str | None = None
    message: str | None = None
