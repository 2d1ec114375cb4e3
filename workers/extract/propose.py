"""A selector for a price that a person picked, so that it is found on every later check."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workers.extract import extract
from workers.extract.page import UnreadablePageError, ancestors, css_query, parse_page
from workers.extract.price_text import parse_price
from workers.extract.visible import find_spots

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from workers.extract.page import Element, Page

#: Names that CSS takes without escapes; others are seldom made to last.
_NAME = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_KEY_WITH_PRICE = re.compile(r"\"(\w{0,30}[pP]rice\w{0,30})\"\s{0,5}:\s{0,5}\"?([\d.,]{1,20})")
_MAX_SOURCE = 1_000_000


def propose_selector(
    body: bytes, price: Decimal, *, url: str, content_type: str | None = None
) -> str | None:
    """The steadiest selector under which `extract` gives `price` for this page; None if none does.

    Names (an id, an itemprop, a class) come before places; what people see before what scripts
    hold. No selector holds the price itself: it has to find the next one.
    """
    try:
        page = parse_page(body, url=url, content_type=content_type)
    except UnreadablePageError:
        return None
    for selector in dict.fromkeys(_proposals(page, price)):
        found = extract(body, url=url, content_type=content_type, selector=selector)
        if found.price == price:
            return selector
    return None


def _proposals(page: Page, price: Decimal) -> Iterator[str]:
    elements = [spot.element for spot in find_spots(page) if spot.price == price]
    for element in elements:
        yield from (one for one in _names(element) if _is_only(page, one))
    yield from _metas(page, price)
    yield from _keys(page, price)
    for element in elements:
        yield element.getroottree().getpath(element)


def _names(element: Element) -> Iterator[str]:
    """CSS by the element's own names, then by those below the nearest element with an id."""
    own = [*_of_itself(element)]
    yield from own
    for around in ancestors(element):
        name = around.get("id") or ""
        if around is not element and _NAME.fullmatch(name):
            yield from (f"#{name} {one}" for one in [*own, element.tag])
            return


def _of_itself(element: Element) -> Iterator[str]:
    if _NAME.fullmatch(element.get("id") or ""):
        yield f"#{element.get('id')}"
    if _NAME.fullmatch(element.get("itemprop") or ""):
        yield f"[itemprop={element.get('itemprop')}]"
    classes = [one for one in (element.get("class") or "").split() if _NAME.fullmatch(one)]
    yield from (f"{element.tag}.{one}" for one in classes)
    if len(classes) > 1:
        yield f"{element.tag}.{'.'.join(classes)}"


def _is_only(page: Page, selector: str) -> bool:
    return len(css_query(selector)(page.root)) == 1


def _metas(page: Page, price: Decimal) -> Iterator[str]:
    for tag in page.root.iter("meta"):
        for attribute in ("itemprop", "property", "name"):
            name = tag.get(attribute) or ""
            if name and "'" not in name and parse_price(tag.get("content") or "")[0] == price:
                yield f"//meta[@{attribute}='{name}']/@content"


def _keys(page: Page, price: Decimal) -> Iterator[str]:
    """JSON keys anywhere in the source, which is what a regex selector sees."""
    for found in _KEY_WITH_PRICE.finditer(page.source[:_MAX_SOURCE].decode(errors="replace")):
        if parse_price(found[2])[0] == price:
            yield rf'regex:"{found[1]}"\s{{0,5}}:\s{{0,5}}"?(\d[\d.,]{{0,20}})'
