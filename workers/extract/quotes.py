"""What a schema.org product's offers cost: every price with what belongs to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from workers.extract.availability import availability_word, best_availability
from workers.extract.marked_price import read_marked_price
from workers.extract.page_currency import currency_from_markup

Item = dict[str, Any]

#: priceSpecification types and price types that are not what the buyer pays for one.
_NOT_THE_PRICE = re.compile(
    r"delivery|shipping|paymentcharge|listprice|msrp|srp$|strikethrough|suggested|invoice"
    r"|minimumadvertised|regularprice|installment|downpayment|deposit",
    re.IGNORECASE,
)
_LIST_PRICE = re.compile(r"listprice|msrp|srp$|strikethrough|suggested|regularprice", re.IGNORECASE)
_MAX_OFFERS = 200


@dataclass(frozen=True, slots=True)
class Quote:
    """One price in a product's markup; `keys` are the offer's own address, sku and id."""

    price: Decimal | None
    text: str = ""
    currency: str | None = None
    list_price: Decimal | None = None
    availability: str | None = None
    keys: tuple[str, ...] = ()
    where: str = "price"


def types_of(item: Item) -> frozenset[str]:
    """The item's types in lower case: "http://schema.org/Product" is "product"."""
    value = item.get("@type")
    names = value if isinstance(value, list) else [value]
    return frozenset(_local_name(name) for name in names if isinstance(name, str))


@lru_cache(maxsize=256)
def _local_name(name: str) -> str:
    return re.split(r"[/#:]", name.rstrip("/"))[-1].lower()


def product_quotes(item: Item, depth: int = 3) -> list[Quote]:
    """Prices of the item's own offers, else of its variants, else on the item itself."""
    currency = currency_from_markup(text_in(item.get("priceCurrency")))
    quotes = [
        quote for offer in _items(item.get("offers")) for quote in _offer_quotes(offer, currency)
    ]
    if depth and not any(quote.price is not None for quote in quotes):
        quotes += [
            replace(quote, keys=(*quote.keys, *_keys(variant)))
            for variant in _items(item.get("hasVariant"))
            for quote in product_quotes(variant, depth - 1)
        ]
    if not any(quote.price is not None for quote in quotes):
        quotes += _offer_quotes(item, currency)
    return quotes


def _offer_quotes(offer: Item, currency: str | None, depth: int = 3) -> list[Quote]:
    """The prices of one offer; an aggregate answers with its lowest price."""
    currency = (
        currency_from_markup(text_in(offer.get("priceCurrency") or offer.get("currency")))
        or currency
    )
    base = Quote(
        price=None,
        currency=currency,
        availability=availability_word(text_in(offer.get("availability"))),
        keys=_keys(offer),
    )
    prices = offer.get("price")
    values = prices if isinstance(prices, list) else [prices]
    read = [_quote(base, value, "offers.price") for value in values[:_MAX_OFFERS]]
    if quotes := [replace(one, list_price=_list_price(offer, one.currency)) for one in read if one]:
        return quotes
    specified = _specified(base, offer)
    if specified:
        return [replace(specified, list_price=_list_price(offer, specified.currency))]
    inner = _items(offer.get("offers")) if depth else []
    nested = [quote for one in inner for quote in _offer_quotes(one, currency, depth - 1)]
    if low := _quote(base, _either(offer, "lowPrice", "lowprice"), "offers.lowPrice"):
        words = [base.availability, *(quote.availability for quote in nested)]
        return [replace(low, availability=best_availability(words)), *nested]
    return nested or [base]


def _quote(base: Quote, value: Any, where: str) -> Quote | None:
    """`base` with the price that `value` holds; None where it holds none."""
    value = _plain(value)
    if value is None:
        return None
    price, currency = read_marked_price(value, base.currency)
    if price is None:
        return None
    return replace(base, price=price, currency=currency, text=str(value)[:100], where=where)


def _specified(base: Quote, offer: Item) -> Quote | None:
    """The price of the first priceSpecification that is what one buyer pays for one piece."""
    for specification in _specifications(offer):
        if _NOT_THE_PRICE.search(_kind(specification)) or _is_for_some(specification):
            continue
        currency = currency_from_markup(text_in(specification.get("priceCurrency")))
        value = _either(specification, "price", "minPrice")
        quote = _quote(
            replace(base, currency=currency or base.currency), value, "priceSpecification"
        )
        if quote:
            return quote
    return None


def _specifications(offer: Item) -> list[Item]:
    return _items(offer.get("priceSpecification"))


def _list_price(offer: Item, currency: str | None) -> Decimal | None:
    """The price before a reduction, where a priceSpecification says so in the same currency."""
    for specification in _specifications(offer):
        if _LIST_PRICE.search(_kind(specification)):
            written = currency_from_markup(text_in(specification.get("priceCurrency")))
            price, said = read_marked_price(_plain(specification.get("price")), written)
            return price if not currency or said in {None, currency} else None
    return None


def _kind(specification: Item) -> str:
    return f"{' '.join(types_of(specification))} {text_in(specification.get('priceType'))}"


def _is_for_some(specification: Item) -> bool:
    """Whether the price is for members, for several pieces, or for a unit of measure."""
    if "validForMemberTier" in specification or "membershipPointsEarned" in specification:
        return True
    quantity = first_of(specification.get("eligibleQuantity"))
    least = quantity.get("minValue") if isinstance(quantity, dict) else None
    return text_in(least) not in {"", "0", "1"} or _unit_of_measure(specification)


def _unit_of_measure(specification: Item) -> bool:
    quantity = first_of(specification.get("referenceQuantity"))
    code = quantity.get("unitCode") if isinstance(quantity, dict) else None
    return text_in(code).upper() not in {"", "C62", "H87", "EA", "PCE"}


def _keys(offer: Item) -> tuple[str, ...]:
    """What an address may name the offer by."""
    keys = [
        text_in(offer.get(key))
        for key in ("url", "@id", "sku", "productID", "mpn", "gtin13", "gtin")
    ]
    return tuple(key for key in keys if len(key) > 3)


def _either(item: Item, *keys: str) -> Any:
    return next((item[key] for key in keys if item.get(key) is not None), None)


def _plain(value: Any) -> Any:
    """The text or number in a value that may be wrapped in a list or an object."""
    value = first_of(value)
    if isinstance(value, dict):
        value = first_of(_either(value, "@value", "value", "price", "amount", "name"))
    return value if isinstance(value, (str, int, Decimal)) and not isinstance(value, bool) else None


def text_in(value: Any) -> str:
    """The value as one line of text, "" for what has none."""
    value = first_of(value)
    if isinstance(value, dict):
        value = _either(value, "@value", "@id", "url", "contentUrl", "name")
    return str(value).strip()[:500] if isinstance(value, (str, int, Decimal)) else ""


def first_of(value: Any) -> Any:
    """The first of a list, or the value that is none."""
    return next(iter(value), None) if isinstance(value, list) else value


def _items(value: Any) -> list[Item]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values[:_MAX_OFFERS] if isinstance(one, dict)]
