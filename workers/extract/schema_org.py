"""schema.org products, whichever syntax carried them: which one, and what it costs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workers.extract.availability import availability_word, best_availability
from workers.extract.candidate import Candidate, Source
from workers.extract.marked_price import read_marked_price
from workers.extract.names import address_words, asks_for, same_address, same_name, share_a_word
from workers.extract.page_currency import currency_from_markup

if TYPE_CHECKING:
    from workers.extract.page import Page

Item = dict[str, Any]

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
    {"offer", "aggregateoffer", "offerfordemand", "offerforlease", "offerforpurchase", "offering"}
)

#: priceSpecification types and price types that are not what the buyer pays for one.
_NOT_THE_PRICE = re.compile(
    r"delivery|shipping|paymentcharge|listprice|msrp|srp$|strikethrough|suggested|invoice"
    r"|minimumadvertised|regularprice|installment|downpayment|deposit",
    re.IGNORECASE,
)
_LIST_PRICE = re.compile(r"listprice|msrp|srp$|strikethrough|suggested|regularprice", re.IGNORECASE)
_MAX_OFFERS = 200


@dataclass(frozen=True, slots=True)
class _Quote:
    """One price in a product's markup; `keys` are the offer's own address, sku and id."""

    price: Decimal | None
    text: str = ""
    currency: str | None = None
    list_price: Decimal | None = None
    availability: str | None = None
    keys: tuple[str, ...] = ()
    where: str = "price"


def types_of(item: Item) -> frozenset[str]:
    """The item's types in lower case without vocabulary: "http://schema.org/Product" -> product."""
    value = item.get("@type")
    names = value if isinstance(value, list) else [value]
    return frozenset(
        re.split(r"[/#:]", name.rstrip("/"))[-1].lower() for name in names if isinstance(name, str)
    )


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
    main = _main_items(items[:_MAX_OFFERS], page)
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


def _is_named(item: Item, page: Page) -> bool:
    name = _name_of(item)
    return bool(name) and any(same_name(name, title) for title in page.names)


def _identity(item: Item) -> str:
    return _name_of(item).casefold() or str(_text(item.get("sku")))


def _name_of(item: Item) -> str:
    offered = _first(item.get("itemOffered"))
    name = item.get("name") or (offered.get("name") if isinstance(offered, dict) else offered)
    return _text(name)


def _candidates_of(item: Item, page: Page, source: Source) -> list[Candidate]:
    name = _name_of(item)
    quotes = _fitting(_product_quotes(item), page)
    own = not name or not page.names or share_a_word(name, page.names)
    firm = len({quote.price for quote in quotes}) == 1
    return [
        Candidate(
            source=source,
            price=quote.price,
            currency=quote.currency,
            availability=quote.availability,
            list_price=quote.list_price,
            name=name or None,
            image=_text(item.get("image")) or None,
            where=f"{_type_name(item)}.{quote.where}",
            text=quote.text,
            firm=firm,
            own=own,
        )
        for quote in quotes
    ]


def _type_name(item: Item) -> str:
    value = _first(item.get("@type"))
    return re.split(r"[/#:]", value)[-1] if isinstance(value, str) else "item"


def _fitting(quotes: list[_Quote], page: Page) -> list[_Quote]:
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


def _merged(quotes: list[_Quote]) -> list[_Quote]:
    """One quote for each price: same price twice is no contradiction."""
    by_price: dict[Decimal | None, list[_Quote]] = {}
    for quote in quotes:
        by_price.setdefault(quote.price, []).append(quote)
    if len(by_price) > 1:
        # An offer without a price says nothing against those that have one.
        by_price.pop(None, None)
    return [
        replace(same[0], availability=best_availability([quote.availability for quote in same]))
        for same in by_price.values()
    ]


def _product_quotes(item: Item, depth: int = 3) -> list[_Quote]:
    """Prices of the item's own offers, else of its variants, else on the item itself."""
    currency = currency_from_markup(_text(item.get("priceCurrency")))
    quotes = [
        quote for offer in _items(item.get("offers")) for quote in _offer_quotes(offer, currency)
    ]
    if depth and not any(quote.price is not None for quote in quotes):
        quotes += [
            replace(quote, keys=(*quote.keys, *_keys(variant)))
            for variant in _items(item.get("hasVariant"))
            for quote in _product_quotes(variant, depth - 1)
        ]
    if not any(quote.price is not None for quote in quotes):
        quotes += _offer_quotes(item, currency)
    return quotes


def _offer_quotes(offer: Item, currency: str | None, depth: int = 3) -> list[_Quote]:
    """The prices of one offer; an aggregate answers with its lowest price."""
    currency = (
        currency_from_markup(_text(offer.get("priceCurrency") or offer.get("currency"))) or currency
    )
    base = _Quote(
        price=None,
        currency=currency,
        availability=availability_word(_text(offer.get("availability"))),
        keys=_keys(offer),
    )
    if "price" in offer and (quote := _quote(base, offer["price"], "offers.price")):
        return [replace(quote, list_price=_list_price(offer))]
    specified = _specified(base, offer)
    if specified:
        return [replace(specified, list_price=_list_price(offer))]
    inner = _items(offer.get("offers")) if depth else []
    nested = [quote for one in inner for quote in _offer_quotes(one, currency, depth - 1)]
    if low := _quote(base, _either(offer, "lowPrice", "lowprice"), "offers.lowPrice"):
        words = [base.availability, *(quote.availability for quote in nested)]
        return [replace(low, availability=best_availability(words)), *nested]
    return nested or [base]


def _quote(base: _Quote, value: Any, where: str) -> _Quote | None:
    """`base` with the price that `value` holds; None where it holds none."""
    value = _plain(value)
    if value is None:
        return None
    price, currency = read_marked_price(value, base.currency)
    if price is None:
        return None
    return replace(base, price=price, currency=currency, text=str(value)[:100], where=where)


def _specified(base: _Quote, offer: Item) -> _Quote | None:
    """The price of the first priceSpecification that is what one buyer pays for one piece."""
    for specification in _specifications(offer):
        if _NOT_THE_PRICE.search(_kind(specification)) or _is_for_some(specification):
            continue
        currency = currency_from_markup(_text(specification.get("priceCurrency")))
        value = _either(specification, "price", "minPrice")
        quote = _quote(
            replace(base, currency=currency or base.currency), value, "priceSpecification"
        )
        if quote:
            return quote
    return None


def _specifications(offer: Item) -> list[Item]:
    return _items(offer.get("priceSpecification"))


def _list_price(offer: Item) -> Decimal | None:
    """The price before a reduction, where a priceSpecification says so."""
    for specification in _specifications(offer):
        if _LIST_PRICE.search(_kind(specification)):
            return read_marked_price(_plain(specification.get("price")), None)[0]
    return None


def _kind(specification: Item) -> str:
    return f"{' '.join(types_of(specification))} {_text(specification.get('priceType'))}"


def _is_for_some(specification: Item) -> bool:
    """Whether the price is for members, for several pieces, or for a unit of measure."""
    if "validForMemberTier" in specification or "membershipPointsEarned" in specification:
        return True
    quantity = _first(specification.get("eligibleQuantity"))
    least = quantity.get("minValue") if isinstance(quantity, dict) else None
    return _text(least) not in {"", "0", "1"} or _unit_of_measure(specification)


def _unit_of_measure(specification: Item) -> bool:
    quantity = _first(specification.get("referenceQuantity"))
    code = quantity.get("unitCode") if isinstance(quantity, dict) else None
    return _text(code).upper() not in {"", "C62", "H87", "EA", "PCE"}


def _keys(offer: Item) -> tuple[str, ...]:
    """What an address may name the offer by."""
    keys = [
        _text(offer.get(key)) for key in ("url", "@id", "sku", "productID", "mpn", "gtin13", "gtin")
    ]
    return tuple(key for key in keys if len(key) > 3)


def _either(item: Item, *keys: str) -> Any:
    return next((item[key] for key in keys if item.get(key) is not None), None)


def _plain(value: Any) -> Any:
    """The text or number in a value that may be wrapped in a list or an object."""
    value = _first(value)
    if isinstance(value, dict):
        value = _first(_either(value, "@value", "value", "price", "amount", "name"))
    return value if isinstance(value, (str, int, Decimal)) and not isinstance(value, bool) else None


def _text(value: Any) -> str:
    """The value as one line of text, "" for what has none."""
    value = _first(value)
    if isinstance(value, dict):
        value = _either(value, "@value", "@id", "url", "contentUrl", "name")
    return str(value).strip()[:500] if isinstance(value, (str, int, Decimal)) else ""


def _first(value: Any) -> Any:
    return next(iter(value), None) if isinstance(value, list) else value


def _items(value: Any) -> list[Item]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values[:_MAX_OFFERS] if isinstance(one, dict)]
