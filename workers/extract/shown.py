"""What a page shows to people, as one text, and the prices in it: for readers other than ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workers.extract.page import UNSEEN, ancestors
from workers.extract.price_text import parse_price
from workers.extract.visible import find_spots, own_roles
from workers.extract.visible_words import Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from workers.extract.page import Element, Page

_SPACE = re.compile(r"\s+")
_HIDDEN_STYLE = re.compile(
    r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden", re.IGNORECASE
)
_NUMBER = re.compile(r"\d[\d.,'\u2019 ]{0,20}")
_DIGIT = re.compile(r"\d")
#: How far from a number its currency may stand, in characters.
_NEAR = 8


def shown_text(page: Page, limit: int) -> str:
    """The first `limit` characters of what people see, one space where space or tags stand."""
    pieces, size = [], 0
    for piece in _pieces(page.root):
        pieces.append(_SPACE.sub(" ", piece).strip())
        size += len(pieces[-1]) + 1
        if size > limit:
            break
    return " ".join(pieces)[:limit]


def shown_prices(page: Page, limit: int) -> set[tuple[Decimal, str | None]]:
    """Every (amount in major units, currency where it is said) that people see as a price.

    Read as far as `shown_text` goes with the same limit, and where elements split a price.
    """
    found = {(spot.price, spot.currency) for spot in find_spots(page) if _is_shown(spot.element)}
    for text in _numbers(shown_text(page, limit)):
        price, currency = parse_price(text)
        if price is not None and currency:
            found.add((price, currency))
    return found


def _numbers(text: str) -> Iterator[str]:
    """Each number with what stands right beside it, up to the next number."""
    for number in _NUMBER.finditer(text):
        start, end = number.span()
        before = _DIGIT.split(text[max(0, start - _NEAR) : start])[-1]
        yield before + number[0] + _DIGIT.split(text[end : end + _NEAR])[0]


def _pieces(root: Element) -> Iterator[str]:
    """The texts of elements that are shown, in document order."""
    stack = [(root, False)]
    while stack:
        element, is_after = stack.pop()
        text = element.tail if is_after else element.text
        if text and not text.isspace():
            yield text
        if not is_after:
            for child in reversed(element):
                stack.append((child, True))
                if not _is_hidden(child):
                    stack.append((child, False))


def _is_shown(element: Element) -> bool:
    return not any(map(_is_hidden, ancestors(element)))


def _is_hidden(element: Element) -> bool:
    return (
        element.tag in UNSEEN
        or element.get("hidden") is not None
        or bool(_HIDDEN_STYLE.search(element.get("style") or ""))
        or Role.HIDDEN in own_roles(element)
    )
