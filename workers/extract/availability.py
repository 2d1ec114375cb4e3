"""schema.org's words for whether a product can be bought."""

from __future__ import annotations

import re

from tracker_db.observation import UNAVAILABLE

_NOT_LETTERS = re.compile(r"[^a-z]")

#: What markup writes, in lower-case letters only -> schema.org ItemAvailability.
_WORDS = {
    "instock": "InStock",
    "in": "InStock",
    "available": "InStock",
    "availablefororder": "InStock",
    "true": "InStock",
    "yes": "InStock",
    "instoreonly": "InStoreOnly",
    "onlineonly": "OnlineOnly",
    "limitedavailability": "LimitedAvailability",
    "lowstock": "LimitedAvailability",
    "limited": "LimitedAvailability",
    "madetoorder": "MadeToOrder",
    "preorder": "PreOrder",
    "presale": "PreSale",
    "backorder": "BackOrder",
    "backordered": "BackOrder",
    "availableforbackorder": "BackOrder",
    "reserved": "Reserved",
    "outofstock": "OutOfStock",
    "oos": "OutOfStock",
    "out": "OutOfStock",
    "notinstock": "OutOfStock",
    "unavailable": "OutOfStock",
    "notavailable": "OutOfStock",
    "false": "OutOfStock",
    "no": "OutOfStock",
    "soldout": "SoldOut",
    "sold": "SoldOut",
    "discontinued": "Discontinued",
}
#: With several offers the product is as available as its best offer; this order decides.
_BEST_FIRST = list(dict.fromkeys(_WORDS.values()))


def availability_word(value: object) -> str | None:
    """schema.org's word for a URL, a word or a phrase of markup; None when unknown."""
    if not isinstance(value, str):
        return None
    last = re.split(r"[/#:]", value.strip()[:200].rstrip("/"))[-1]
    return _WORDS.get(_NOT_LETTERS.sub("", last.lower()))


def best_availability(words: list[str | None]) -> str | None:
    """The best of the words that were said; None when none was."""
    said = [word for word in words if word]
    return min(said, key=_BEST_FIRST.index, default=None)


def is_unavailable(word: str | None) -> bool:
    """Whether the word means that nobody can buy the product now."""
    return word in UNAVAILABLE
