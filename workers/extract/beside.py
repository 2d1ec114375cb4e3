"""What a page says beside the price: currency, availability, list price, name, image."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from workers.extract.availability import best_availability
from workers.extract.candidate import Source
from workers.extract.page import ancestors, text_of
from workers.extract.page_currency import expected_currency
from workers.extract.price_text import parse_price
from workers.extract.visible_words import Role

if TYPE_CHECKING:
    from decimal import Decimal

    from workers.extract.candidate import Candidate
    from workers.extract.contender import Contender
    from workers.extract.page import Element, Page
    from workers.extract.visible import Spot

_STOCK_CLASS = re.compile(r"stock|vailab|sold", re.IGNORECASE)
_OUT_OF_STOCK = re.compile(
    r"(?:currently |temporarily )?(?:out of stock|sold out|unavailable|not available)"
    r"|(?:derzeit |momentan )?(?:ausverkauft|nicht (?:verfügbar|lieferbar|auf lager))"
    r"|(?:en )?rupture de stock|épuisé|indisponible|agotado|sin stock|no disponible|esaurito"
    r"|non disponibile|esgotado|indisponível|uitverkocht|niet (?:op voorraad|leverbaar)"
    r"|niedostępny|brak w magazynie|vyprodáno|není skladem|elfogyott|nincs készleten|slutsåld"
    r"|ej i lager|udsolgt|utsolgt|loppuunmyyty|нет в наличии|немає в наявності|stokta yok|tükendi"
    r"|品切れ|在庫切れ|売り切れ|품절|缺货|已售罄|אזל מהמלאי",
    re.IGNORECASE,
)
_IN_STOCK = re.compile(
    r"in stock|available|auf lager|sofort lieferbar|lieferbar|verfügbar|en stock|disponible"
    r"|disponibile|disponível"
    r"|op voorraad|w magazynie|dostępny|skladem|raktáron|készleten|i lager|på lager"
    r"|в наличии|є в наявності|stokta var|在庫あり|有货|במלאי",
    re.IGNORECASE,
)
_MAX_STOCK_TEXT = 60
_STRUCK = frozenset({Role.OLD, Role.MAYBE_OLD})
#: What makes a price another product's or variant's.
_ANOTHER = frozenset({Role.ROW, Role.TABLE, Role.CARD, Role.RELATED})
#: The block: so many levels above the price, so many elements of it looked at.
_BLOCK_LEVELS = 5
_MAX_BLOCK = 300


def currency_of(best: Contender, page: Page) -> str | None:
    """The markup's currency unless the sign beside the price is another one's; else the sign's.

    A sign that can mean the markup's currency ("$" for CAD) agrees with it. Without both it
    is the currency of the page's country.
    """
    candidates = sorted(best.candidates, key=lambda one: list(Source).index(one.source))
    marked = next((one.currency for one in candidates if one.currency), None)
    shown = [spot for spot in best.spots if spot.signed and spot.currency]
    if marked and (not shown or any(_can_mean(spot.text, marked) for spot in shown)):
        return marked
    counted = Counter(spot.currency for spot in shown)
    return counted.most_common(1)[0][0] if counted else marked or expected_currency(page)


def _can_mean(text: str, currency: str) -> bool:
    return parse_price(text, currency_hint=currency)[1] == currency


def availability_of(candidates: list[Candidate], best: Contender | None = None) -> str | None:
    """schema.org's word by the first source that says one, else by the stock line at the price."""
    for source in Source:
        words = [one.availability for one in candidates if one.source is source and one.own]
        if any(words):
            return best_availability(words)
    spots = best.spots if best else []
    return _stock_line(max(spots, key=lambda spot: spot.score).element) if spots else None


def _stock_line(price: Element) -> str | None:
    """What the first element named for the stock says in the block that holds the price."""
    *_, block = ancestors(price, _BLOCK_LEVELS)
    for element in islice(block.iter(), _MAX_BLOCK):
        if not _STOCK_CLASS.search(element.get("class") or ""):
            continue
        text = text_of(element, _MAX_STOCK_TEXT).strip(" .!:()")
        if _OUT_OF_STOCK.fullmatch(text):
            return "OutOfStock"
        if _IN_STOCK.fullmatch(text):
            return "InStock"
    return None


def list_price_of(best: Contender, others: list[Contender], currency: str | None) -> Decimal | None:
    """What the markup calls the list price, else a struck-out price that is no other product's.

    One in another currency than the price's is none.
    """
    marked = [
        one.list_price
        for one in best.candidates
        if one.list_price and (not currency or one.currency in {None, currency})
    ]
    struck = [one.price for one in others for spot in one.spots if _is_struck(spot, currency)]
    return next((price for price in (*marked, *struck) if price > best.price), None)


def _is_struck(spot: Spot, currency: str | None) -> bool:
    if not spot.roles & _STRUCK or spot.roles & _ANOTHER:
        return False
    return not (spot.currency and currency) or _can_mean(spot.text, currency)


def name_of(candidates: list[Candidate], page: Page) -> str | None:
    """The product's name by its markup, else what the page calls itself."""
    named = (one.name for one in candidates if one.name and one.own)
    return next(named, None) or next(iter(page.names), None)


def image_of(candidates: list[Candidate], page: Page) -> str | None:
    """The address of the product's picture, absolute."""
    pictured = (one.image for one in candidates if one.image and one.own)
    written = next(pictured, None) or page.meta("og:image")
    return page.absolute(written) if written else None
