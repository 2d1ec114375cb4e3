"""Prices in the data that scripts carry: analytics, page state, data-* attributes."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from workers.extract.candidate import Candidate, Source
from workers.extract.names import same_name
from workers.extract.page import xpath_query
from workers.extract.page_currency import currency_from_markup
from workers.extract.price_text import parse_machine_price

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from workers.extract.page import Page

#: `"price": 12.5`, `price = '12,50'`, `\\"salePrice\\":\\"12.50\\"`; every part is bounded.
_PRICE = re.compile(
    r"""[pP]rice(?:_?(?:[vV]alue|[aA]mount|[cC]urrent|[fF]inal|[nN]ow))?\\?["']?\s{0,3}[:=]\s{0,3}\\?["']?"""
    r"""(?P<value>[0-9]{1,9}(?:[.,][0-9]{1,3}){0,3})(?!\w|[.,]\d)"""
)
#: What may stand before "price" in the name of a current price.
_PREFIX = re.compile(
    r"(?<![\w-])(?:product|prod|current|final|sale|selling|sell|our|offer|display|item|buy)?_?$",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"""(?:name|title)\\?["']?\s{0,3}[:=]\s{0,3}\\?["']([^"'\\]{4,200})""", re.IGNORECASE
)
_CURRENCY = re.compile(
    r"""currency(?:_?code|iso)?\\?["']?\s{0,3}[:=]\s{0,3}\\?["']([A-Z]{3})\b""", re.IGNORECASE
)
_DATA_NAMES = ("data-price", "data-product-price", "data-price-amount")
#: How far from a price its object's name may stand.
_WINDOW = 400
_MAX_FINDS = 300
_HAVING_DATA = xpath_query(
    f"/descendant::*[@{' or @'.join(_DATA_NAMES)}][position() <= {_MAX_FINDS}]"
)
_MAX_CHARS = 1_000_000


def embedded_candidates(page: Page) -> list[Candidate]:
    """A candidate for each different price in scripts, those of named objects first of all."""
    found = list(_in_scripts(page))
    named = [(price, text) for price, text, is_named in found if is_named]
    amounts = dict(named or [(price, text) for price, text, _ in found] or _in_attributes(page))
    currency = _currency(page) if amounts else None
    return [
        Candidate(
            source=Source.EMBEDDED_JSON,
            price=price,
            currency=currency,
            where="script",
            text=text,
            firm=len(amounts) == 1,
        )
        for price, text in list(amounts.items())[:40]
    ]


def _in_scripts(page: Page) -> Iterator[tuple[Decimal, str, bool]]:
    finds = 0
    for text in page.scripts:
        # Few scripts speak of prices, and looking for a plain text costs the least.
        for match in _PRICE.finditer(text[:_MAX_CHARS]) if "rice" in text else ():
            if not _PREFIX.search(text[max(match.start() - 20, 0) : match.start()]):
                continue
            finds += 1
            if finds > _MAX_FINDS:
                return
            price = parse_machine_price(match["value"])
            if price:
                yield price, match[0][:100], _is_named(text, match.start(), page)


def _is_named(text: str, position: int, page: Page) -> bool:
    """Whether the object around the price bears the page's name."""
    around = text[max(position - _WINDOW, 0) : position + _WINDOW]
    return any(
        same_name(html.unescape(name), own) for name in _NAME.findall(around) for own in page.names
    )


def _in_attributes(page: Page) -> list[tuple[Decimal, str]]:
    elements = _HAVING_DATA(page.root) if b"data-pr" in page.source else []
    values = (one.get(name) for one in elements for name in _DATA_NAMES)
    read = ((parse_machine_price(value), value[:100]) for value in values if value)
    return [(price, text) for price, text in read if price]


def _currency(page: Page) -> str | None:
    codes = {
        code
        for text in page.scripts
        if "urrency" in text or "URRENCY" in text
        for code in map(currency_from_markup, _CURRENCY.findall(text[:_MAX_CHARS]))
        if code
    }
    return codes.pop() if len(codes) == 1 else None
