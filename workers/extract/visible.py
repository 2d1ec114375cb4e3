"""Prices that people see: every place where the text holds one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from workers.extract.money_text import (
    edge_sign,
    has_cents,
    has_digit,
    holds_two,
    is_all_money,
    is_bare,
    is_sentence,
    is_signed,
)
from workers.extract.names import same_name
from workers.extract.page import UNSEEN, ancestors, following
from workers.extract.page_currency import expected_currency
from workers.extract.price_element import price_text_of
from workers.extract.price_text import parse_price
from workers.extract.visible_words import Role, class_roles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from workers.extract.candidate import Candidate
    from workers.extract.page import Element, Page

_MAX_TEXT = 300
_MAX_SPOTS = 120
#: Numbers looked at: no shop's page comes near, tables of them do.
_MAX_TEXTS = 10_000
#: Prices read after the title: enough to confirm the markup's, and to find one by comparing.
_FEW, _MANY = 4, 10
_MAX_CONTAINER = 40
#: What a container may add: a sign, cents, a short word.
_MAX_GROWTH = 12
_MAX_PARTS = 8
#: Where authors name an element; pages with generated classes name it for their tests.
_NAMING = ("class", "id", "data-testid", "data-test", "data-hook", "data-qa")
#: What the name of a part of a price says of the whole.
_OF_A_PART = frozenset({Role.PRICE, Role.CURRENT})
_NO_CONTAINER = frozenset({"body", "tr", "ul", "table", "form", "select"})

#: (position, element, text, whether it stands after the title)
_Text: TypeAlias = "tuple[int, Element, str, bool]"


@dataclass(slots=True)
class Spot:
    """A price at one place of the page, and what its surroundings make of it."""

    element: Element
    #: Position in document order.
    index: int
    price: Decimal
    #: ISO 4217, where the text says which; a bare "kr" says only that it is money.
    currency: str | None
    text: str
    #: Whether a currency stands beside the number.
    signed: bool
    roles: frozenset[Role] = frozenset()
    score: int = 0
    notes: tuple[str, ...] = ()

    @property
    def in_prose(self) -> bool:
        """Whether the price stands in the middle of a sentence."""
        return len(self.text) > _MAX_CONTAINER or is_sentence(self.text)


def find_spots(page: Page, marked: Sequence[Candidate] = ()) -> list[Spot]:
    """The places where a price stands in the text, in document order, unweighed.

    The product's own price is among the first after the title: the long tail of other products
    stays unread. Where a price of the markup (`marked`) is seen after the product's name, what
    stands before the name stays unread too.
    """
    if (title := _heading_of(page, marked)) is not None:
        spots = _spots(
            page, _texts_with_digits(following(title), page.position(title), title), _FEW
        )
        if {spot.price for spot in spots} & {one.price for one in marked}:
            return spots
    title = page.headings[-1] if page.headings else None
    texts = _texts_with_digits(page.root.iter(), 0, title)
    return _spots(page, texts, _MANY)


def _heading_of(page: Page, marked: Sequence[Candidate]) -> Element | None:
    """The heading that bears the name the markup gives, where there is one."""
    names = {one.name for one in marked if one.name and one.own}
    return next(
        (
            heading
            for heading, text in page.heading_texts.items()
            if any(same_name(text, name) for name in names)
        ),
        None,
    )


def _spots(page: Page, texts: Iterator[_Text], enough: int) -> list[Spot]:
    """The prices in `texts` up to the one after the title that is `enough`."""
    spots: dict[Element, Spot] = {}
    hint = expected_currency(page)
    known: dict[Element, bool] = {}
    for index, element, text, is_after in islice(texts, _MAX_TEXTS):
        spot = _spot(element, text, index, hint, known)
        if spot and spot.element not in spots:
            spots[spot.element] = spot
            enough -= is_after
            if len(spots) >= _MAX_SPOTS or enough <= 0:
                break
    return list(spots.values())


def _texts_with_digits(
    elements: Iterator[Element], first: int, title: Element | None
) -> Iterator[_Text]:
    """The short texts that hold a digit; `first` is the position of the first element."""
    is_after = False
    # The hottest loop of all: most texts are white space, so that is asked first.
    for index, element in enumerate(elements, first):
        is_after = is_after or element is title
        text = element.text
        if (
            text
            and not text.isspace()
            and len(text) < _MAX_TEXT
            and has_digit(text)
            and element.tag not in UNSEEN
        ):
            yield index, element, text, is_after
        text = element.tail
        if text and not text.isspace() and len(text) < _MAX_TEXT and has_digit(text):
            yield index, element.getparent(), text, is_after


def _spot(
    element: Element, text: str, index: int, hint: str | None, known: dict[Element, bool]
) -> Spot | None:
    signed, named = is_signed(text, hint), False
    roles: frozenset[Role] = frozenset()
    if not signed:
        if not is_bare(text):
            return None
        named = _is_named(element, known)
        if not named and not _sign_near(element):
            return None
    if len(text) < _MAX_CONTAINER and _may_be_split(element, text, signed):
        inner, (element, text) = element, _container(element, text)
        signed = is_signed(text, hint)
        roles = own_roles(inner) & _OF_A_PART if inner is not element else roles
    if not signed and (sign := _sign_touching(element)):
        text, signed = f"{sign} {text}", True
    price, currency = _read(text, hint) if signed or named else (None, None)
    if price is None:
        return None
    return Spot(
        element, index, price, currency if signed else None, text[:_MAX_TEXT].strip(), signed, roles
    )


@lru_cache(maxsize=2048)
def _read(text: str, hint: str | None) -> tuple[Decimal | None, str | None]:
    """`parse_price`, remembered: pages repeat their prices."""
    return parse_price(text, currency_hint=hint)


def _may_be_split(element: Element, text: str, signed: bool) -> bool:
    """Whether sign or cents may stand in an element beside."""
    if not signed:
        return True
    return not has_cents(text) and any(has_digit(piece) for piece in _pieces_near(element))


def own_roles(element: Element) -> frozenset[Role]:
    """The roles that the element's own class, id and test names give."""
    names = " ".join(filter(None, map(element.get, _NAMING)))
    if "-" in element.tag:  # a custom element's tag is a name like a class
        names += f" {element.tag}"
    return class_roles(names) if names else frozenset()


def _is_named(element: Element, known: dict[Element, bool]) -> bool:
    """Whether the element or one of the two around it is named as a price; remembers it."""
    for one in ancestors(element, 3):
        if one not in known:
            known[one] = Role.PRICE in own_roles(one)
        if known[one]:
            return True
    return False


def _sign_near(element: Element) -> bool:
    """Whether a piece of text next to the element is a currency."""
    return any(map(is_all_money, _pieces_near(element)))


def _sign_touching(element: Element) -> str:
    """The sign that the text right before or right after the element ends or begins with."""
    previous, parent = element.getprevious(), element.getparent()
    around = parent.text if previous is None and parent is not None else None
    before = previous.tail if previous is not None else around
    return edge_sign(before or "", element.tail or "")


def _pieces_near(element: Element) -> list[str]:
    """Short texts right beside the element, in it and around it."""
    pieces = [
        element.tail,
        *(child.text for child in element[:2]),
        *(child.tail for child in element[:2]),
    ]
    if (previous := element.getprevious()) is not None:
        pieces += [previous.text, previous.tail]
    if (following := element.getnext()) is not None:
        pieces += [following.text, following.tail]
    if (parent := element.getparent()) is not None:
        pieces += [parent.text, parent.tail]
    return [piece for piece in pieces if piece and len(piece) < 60 and not piece.isspace()]


def _container(element: Element, text: str) -> tuple[Element, str]:
    """The largest short element around that holds no second price: split prices in one."""
    best, size = element, 0
    for one in ancestors(element, 4):
        if len(one) > _MAX_PARTS:
            break
        around = price_text_of(one)
        if len(around) > _MAX_CONTAINER or one.tag in _NO_CONTAINER or holds_two(around):
            break
        if size and len(around) > size + _MAX_GROWTH:
            break
        best, text, size = one, around, len(around)
    return best, text
