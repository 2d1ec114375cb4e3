"""schema.org products, whichever syntax carried them: which one, and what it costs."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from workers.extract.availability import best_availability
from workers.extract.candidate import Candidate, Source
from workers.extract.names import (
    address_words,
    asks_for,
    is_elsewhere,
    same_address,
    same_name,
    share_a_word,
)
from workers.extract.quotes import Item, Quote, first_of, product_quotes, text_in, types_of

if TYPE_CHECKING:
    from decimal import Decimal

    from workers.extract.page import Page

PRODUCT_TYPES = frozenset(
    """
    product individualproduct productmodel someproducts productgroup productcollection
    car vehicle motorcycle motorizedbicycle busorcoach book audiobook
    softwareapplication mobileapplication webapplication videogame course service
    touristtrip trip hotelroom room suite apartment house singlefamilyresidence accommodation
    realestatelisting menuitem musicalbum musicrelease movie drug
    """.split()
)
OFFER_TYPES = frozenset(
    "offer aggregateoffer offerfordemand offerforlease offerforpurchase offering"
    " offer-aggregate".split()
)
_MAX_ITEMS = 200


def is_product(item: Item) -> bool:
    """Whether the item is a thing one can buy."""
    types = types_of(item)
    return bool(types & PRODUCT_TYPES) or any(name.endswith("event") for name in types)


def is_offer(item: Item) -> bool:
    """Whether the item is an offer rather than the thing offered."""
    return bool(types_of(item) & OFFER_TYPES)


def product_candidates(items: list[Item], page: Page, source: Source) -> list[Candidate]:
    """A candidate for each price of the product the page is about, most fitting first.

    Several products that nothing tells apart all answer, and the decision sees that.
    """
    main = _main_items(items[:_MAX_ITEMS], page)
    found = [candidate for item in main for candidate in _candidates_of(item, page, source)]
    if len({one.name for one in found if one.price}) > 1:
        return [replace(one, firm=False, own=False) for one in found]
    return found


def _main_items(items: list[Item], page: Page) -> list[Item]:
    """The one product the page is about, or all that could be."""
    for fits in (_holds_title, _has_address, _is_named):
        fitting = [item for item in items if fits(item, page)]
        if fitting and len({_identity(item) for item in fitting}) == 1:
            return fitting
    return items


def _holds_title(item: Item, _page: Page) -> bool:
    return bool(item.get("@holds_title"))


def _has_address(item: Item, page: Page) -> bool:
    addresses = [value for key in ("url", "@id") if isinstance(value := item.get(key), str)]
    return any(
        same_address(address, own) for address in addresses for own in {page.url, page.canonical}
    )


def _is_elsewhere(item: Item, page: Page) -> bool:
    """Whether the item's own address is another page's."""
    address = page.absolute(text_in(item.get("url")))
    return bool(page.url and address and is_elsewhere(address, page.url, page.canonical))


def _is_named(item: Item, page: Page) -> bool:
    name = _name_of(item)
    return bool(name) and any(same_name(name, title) for title in page.names)


def _identity(item: Item) -> str:
    return _name_of(item).casefold() or str(text_in(item.get("sku")))


def _name_of(item: Item) -> str:
    offered = first_of(item.get("itemOffered"))
    name = item.get("name") or (offered.get("name") if isinstance(offered, dict) else offered)
    return text_in(name)


def _candidates_of(item: Item, page: Page, source: Source) -> list[Candidate]:
    name = _name_of(item)
    quotes = _fitting(product_quotes(item), page)
    own = not name or not page.names or share_a_word(name, page.names)
    own = own and (_is_named(item, page) or not _is_elsewhere(item, page))
    firm = len({quote.price for quote in quotes}) == 1
    return [
        Candidate(
            source=source,
            price=quote.price,
            currency=quote.currency,
            availability=quote.availability,
            list_price=quote.list_price,
            name=name or None,
            image=text_in(item.get("image")) or None,
            where=f"{_type_name(item)}.{quote.where}",
            text=quote.text,
            firm=firm,
            own=own,
        )
        for quote in quotes
    ]


def _type_name(item: Item) -> str:
    value = first_of(item.get("@type"))
    return re.split(r"[/#:]", value)[-1] if isinstance(value, str) else "item"


def _fitting(quotes: list[Quote], page: Page) -> list[Quote]:
    """The quotes of the variant or offer that the address names; all when it names none."""
    in_address = address_words(page.url)
    priced = [quote for quote in quotes if quote.price is not None]
    named = [
        quote
        for quote in priced
        if any(key.lower() in in_address or _leads_here(key, page) for key in quote.keys)
    ]
    # Where only some offers can be named, the address cannot tell them apart.
    if named and all(quote.keys for quote in priced):
        quotes = named
    return _merged(quotes)


def _leads_here(key: str, page: Page) -> bool:
    if "?" in key:
        return asks_for(page.url, key)
    return "/" in key and same_address(key, page.url)


def _merged(quotes: list[Quote]) -> list[Quote]:
    """One quote for each price: same price twice is no contradiction."""
    by_price: dict[Decimal | None, list[Quote]] = {}
    for quote in quotes:
        by_price.setdefault(quote.price, []).append(quote)
    if len(by_price) > 1:
        # An offer without a price says nothing against those that have one.
        by_price.pop(None, None)
    return [
        replace(same[0], availability=best_availability([quote.availability for quote in same]))
        for same in by_price.values()
    ]
