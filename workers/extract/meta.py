"""Prices in Open Graph, product and Twitter card meta tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workers.extract.availability import availability_word
from workers.extract.candidate import Candidate, Source
from workers.extract.marked_price import read_marked_price
from workers.extract.page_currency import currency_from_markup

if TYPE_CHECKING:
    from decimal import Decimal

    from workers.extract.page import Page

#: A sale price is what the buyer pays; `product:price` beside it is the list price.
_SALE = ("product:sale_price:amount", "og:sale_price:amount", "product:sale_price")
_PRICE = (
    "product:price:amount",
    "og:price:amount",
    "product:price",
    "og:price",
    "price",
    "product:price.amount",
    "twitter:price",
)
_LIST = (
    "product:original_price:amount",
    "og:original_price:amount",
    "og:price:standard_amount",
    "product:original_price",
)
_LIST_CURRENCY = ("product:original_price:currency", "og:original_price:currency")
_PRICE_CURRENCY = ("product:price:currency", "og:price:currency", "product:price.currency")
_CURRENCY = (
    "product:sale_price:currency",
    *_PRICE_CURRENCY,
    "og:currency",
    "currency",
    "pricecurrency",
)
_AVAILABILITY = ("product:availability", "og:availability", "availability")
_MAX_VALUES = 20


def meta_candidates(page: Page) -> list[Candidate]:
    """A candidate for each different price the page's meta tags give."""
    currency = currency_from_markup(page.meta(*_CURRENCY))
    sales = _amounts(page, _SALE, currency)
    prices = _amounts(page, _PRICE, currency)
    found = sales or prices or _twitter(page, currency)
    where = next((name for name in (_SALE if sales else _PRICE) if name in page.metas), "twitter")
    list_price = max(_list_prices(page, prices if sales else {}, currency), default=None)
    return [
        Candidate(
            source=Source.META,
            price=price,
            currency=said,
            availability=availability_word(page.meta(*_AVAILABILITY)),
            list_price=list_price if list_price and list_price > price else None,
            name=page.meta("og:title"),
            image=page.meta("og:image", "twitter:image"),
            where=where,
            text=text,
            firm=len(found) == 1,
        )
        for price, (said, text) in found.items()
    ]


def _list_prices(
    page: Page, prices: dict[Decimal, tuple[str | None, str]], currency: str | None
) -> list[Decimal]:
    """The prices beside a sale price and those named original, if in the price's currency."""
    usual = currency_from_markup(page.meta(*_PRICE_CURRENCY)) or currency
    original = currency_from_markup(page.meta(*_LIST_CURRENCY)) or currency
    return [
        *(prices if usual == currency else ()),
        *(_amounts(page, _LIST, currency) if original == currency else ()),
    ]


def _amounts(
    page: Page, names: tuple[str, ...], currency: str | None
) -> dict[Decimal, tuple[str | None, str]]:
    """Each amount under the first of `names` the page has, with its own currency and text."""
    texts = next((page.metas[name] for name in names if name in page.metas), [])
    return _read(texts, currency)


def _twitter(page: Page, currency: str | None) -> dict[Decimal, tuple[str | None, str]]:
    """Twitter product cards: data1 is a price where label1 says so."""
    for number in ("1", "2"):
        label = (page.meta(f"twitter:label{number}") or "").lower()
        if label in {"price", "prix", "preis", "precio", "preço", "prezzo", "prijs", "cena"}:
            return _read(page.metas.get(f"twitter:data{number}", []), currency)
    return {}


def _read(texts: list[str], currency: str | None) -> dict[Decimal, tuple[str | None, str]]:
    found: dict[Decimal, tuple[str | None, str]] = {}
    for text in texts[:_MAX_VALUES]:
        price, said = read_marked_price(text, currency)
        if price is not None:
            found.setdefault(price, (said, text[:100]))
    return found
