"""From a product's page to its price: pure, deterministic, and rather silent than wrong."""

from __future__ import annotations

from tracker_db.errors import MissingExtraError
from tracker_db.observation import Outcome

try:
    import cssselect  # noqa: F401 - tried here, where the message can say what to install
    import lxml  # noqa: F401 - the same
except ModuleNotFoundError as error:
    raise MissingExtraError("Reading prices", "worker") from error

from workers.extract import json_ld, microdata
from workers.extract.candidate import Candidate, Extraction, Source
from workers.extract.choose import decide, decide_selected
from workers.extract.embedded_json import embedded_candidates
from workers.extract.meta import meta_candidates
from workers.extract.page import Page, UnreadablePageError, parse_page
from workers.extract.price_text import parse_price
from workers.extract.schema_org import product_candidates
from workers.extract.selector import check_selector
from workers.extract.surroundings import weigh
from workers.extract.visible import find_spots

__all__ = ["Candidate", "Extraction", "Source", "check_selector", "extract", "parse_price"]


def extract(
    body: bytes, *, url: str | None, content_type: str | None = None, selector: str | None = None
) -> Extraction:
    """The price of the one product that the page `body` at `url` is about.

    A saved page may have lost its `url`. `content_type` is the HTTP header. Never raises on any
    bytes; raises SelectorError for a `selector` (CSS, XPath or `regex:`) that cannot be read.
    """
    try:
        page = parse_page(body, url=url or "", content_type=content_type)
    except UnreadablePageError as error:
        return Extraction(Outcome.PARSE_ERROR, message=str(error))
    markup = _markup(page)
    if selector is not None:
        return decide_selected(page, markup, selector)
    priced = any(one.price for one in markup)
    spots = find_spots(page, [one for one in markup if one.price])
    weigh(spots, page, [one.name for one in markup if one.name and one.own], is_marked=priced)
    decision = decide(page, markup, spots)
    if priced or (decision.price is not None and decision.currency):
        return decision
    # Scripts hold every price a shop knows: they are asked only for what nothing else says.
    carried = embedded_candidates(page)
    told = decide(page, markup + carried, spots) if carried else decision
    return told if decision.price in (None, told.price) else decision


def _markup(page: Page) -> list[Candidate]:
    found = [
        *product_candidates(json_ld.product_items(page), page, Source.JSON_LD),
        *product_candidates(microdata.microdata_items(page), page, Source.MICRODATA),
        *meta_candidates(page),
    ]
    if any(one.price for one in found):
        return found
    # RDFa repeats what the other syntaxes say, where a page has any of them at all.
    return found + product_candidates(microdata.rdfa_items(page), page, Source.RDFA)
