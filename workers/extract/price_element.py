"""The text of a price element whose parts are split over several elements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from workers.extract.page import UNSEEN

if TYPE_CHECKING:
    from workers.extract.page import Element

_OLD_TAGS = frozenset({"del", "s", "strike"})
_MINOR = re.compile(r"^\s*\d{2}\b")
_WHOLE = re.compile(r"(?:^|[^\d.,])\d[\d\s]{0,3}(?:[.,\s]\d{3})*$|^\d+$")
#: Class words of an element that holds the digits after the decimal point.
_CENTS = re.compile(r"cent|decimal|fraction|minor|kopeck|penn", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_MAX_PARTS = 40
_MAX_CHARS = 200

#: (element, whether in cents, whether hidden from screen readers, whether its tail is meant)
_Part: TypeAlias = "tuple[Element, bool, bool, bool]"


def price_text_of(element: Element, enough: int = _MAX_CHARS) -> str:
    """The element's text with a decimal point where superscript cents stand for one.

    At most the first 40 pieces and 200 characters are read: a price is short. Who asks only
    whether there are more than `enough` characters gets no more than it takes to see that.
    """
    if not len(element):
        return " ".join((element.text or "")[: 2 * _MAX_CHARS].split())[:_MAX_CHARS]
    joined = ""
    for piece, is_cents in _pieces(element, enough):
        joined += _glue(joined, piece, is_cents) + piece
        if len(joined) > _MAX_CHARS:
            break
    return " ".join(joined.split())[:_MAX_CHARS]


def _pieces(element: Element, enough: int) -> list[tuple[str, bool]]:
    """Texts in document order with whether each holds cents; struck-out text is left out."""
    spoken: list[tuple[str, bool]] = []
    hidden: list[tuple[str, bool]] = []
    told, size = False, 0
    stack: list[_Part] = [(element, False, False, False)]
    while stack and len(spoken) + len(hidden) < _MAX_PARTS:
        node, cents, aria, is_tail = stack.pop()
        text = node.tail if is_tail else node.text
        if text and not text.isspace():
            (hidden if aria else spoken).append((text, cents))
            if not aria:
                told = told or _DIGIT.search(text) is not None
                size += len(" ".join(text.split()))
                if told and size > enough:
                    break
        if not is_tail and len(node):
            _push_children(stack, node, cents, aria)
    # A price written twice, once for screen readers, once split up for the eye.
    return spoken if told else hidden or spoken


def _push_children(stack: list[_Part], node: Element, cents: bool, aria: bool) -> None:
    for child in reversed(node[:_MAX_PARTS]):
        if child.tail:
            stack.append((child, cents, aria, True))
        if child.tag not in UNSEEN and child.tag not in _OLD_TAGS:
            is_cents = cents or child.tag == "sup" or bool(_CENTS.search(child.get("class") or ""))
            stack.append((child, is_cents, aria or child.get("aria-hidden") == "true", False))


def _glue(joined: str, piece: str, is_cents: bool) -> str:
    """What belongs between what was read and the next piece."""
    if (
        is_cents
        and _MINOR.match(piece)
        and joined.rstrip()[-1:].isdigit()
        and _WHOLE.search(joined.rstrip())
    ):
        return "."
    if piece.lstrip()[:1] in {".", ","} or joined.rstrip()[-1:] in {".", ","}:
        return ""
    return " "
