"""Prices that people see: found by their text, weighed by what stands around them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from workers.extract.candidate import Candidate, Source
from workers.extract.names import same_name
from workers.extract.page_currency import expected_currency
from workers.extract.page import UNSEEN, ancestors, text_of
from workers.extract.price_element import price_text_of
from workers.extract.price_text import parse_price
from workers.extract.visible_words import FAR_REACHING, Role, class_roles, label_roles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workers.extract.page import Element, Page

_DIGIT = re.compile(r"\d")
#: A number and nothing else: its currency, if any, stands in another element.
_BARE = re.compile(r"\W{0,40}\d[\d.,'\u2019\s-]{0,20}\W{0,40}")
#: Something that can be a currency; the parser decides.
_MONEY = re.compile(
    r"[$€£¥₹₽₴₪₩₺₫฿₱₦₸₡₲₵﷼]|円|元|원|บาท|(?<![^\W\d_])(?:[A-Z]{3}|Rs|[kK]r|zł|zl|Kč|Ft|[lL]ei|L\.?E|S\.?R|TL|[kK]n"
    r"|D[hH]s?|[рР](?:уб)?|грн|тг|лв|сум|сом|ман|дин|ден|б\.р|RM|Rp|KM|R|Fr|SFr|Lt|Ls|euros?|EURO?"
    r"|ج\.م|ر\.س|د\.إ|د\.ك|درهم|ريال|جنيه|دينار|ש\"ח|ש״ח)(?![^\W\d_])"
)
#: The crowns of four countries: a currency, though not which.
_KRONA = re.compile(r"(?<!\w)kr\.?(?!\w)", re.IGNORECASE)
#: From the first to the last digit, and the signs right around them.
_DIGITS = re.compile(r"[^\d]*?([$€£¥₹]?\s?\d(?:.*\d)?\S?)", re.DOTALL)
_MAX_TEXT = 300
_MAX_SPOTS = 300
_MAX_CONTAINER = 40
#: What a container may add: a sign, cents, a short word.
_MAX_GROWTH = 12
_NO_CONTAINER = frozenset({"body", "tr", "ul", "table", "form", "select"})
_LEVELS = 12
_ROW_LENGTH = 3
_NEAR = 4


@dataclass(slots=True)
class Spot:
    """A price at one place of the page."""

    element: Element
    #: Position in document order.
    index: int
    price: Decimal
    currency: str | None
    text: str
    #: Whether a currency stands beside the number.
    signed: bool
    roles: frozenset[Role] = frozenset()
    #: ROW or TABLE where siblings of the same make hold prices too.
    row: Role | None = None
    score: int = 0
    notes: list[str] = field(default_factory=list)


def find_spots(page: Page) -> list[Spot]:
    """Every place where a price stands in the text, in document order, unweighed."""
    spots: dict[Element, Spot] = {}
    hint = expected_currency(page)
    for index, element, text in _texts_with_digits(page.root):
        if len(spots) >= _MAX_SPOTS:
            break
        if (spot := _spot(element, text, index, hint)) and spot.element not in spots:
            spots[spot.element] = spot
    return list(spots.values())


def _texts_with_digits(root: Element) -> Iterator[tuple[int, Element, str]]:
    has_digit = _DIGIT.search
    for index, element in enumerate(root.iter()):
        if element.tag not in UNSEEN:
            text = element.text
            if text and len(text) < _MAX_TEXT and has_digit(text):
                yield index, element, text
        tail = element.tail
        if tail and len(tail) < _MAX_TEXT and has_digit(tail):
            yield index, element.getparent(), tail


def _spot(element: Element, text: str, index: int, hint: str | None) -> Spot | None:
    named = False
    if not _MONEY.search(text):
        if not _BARE.fullmatch(text.strip()):
            return None
        named = any(Role.PRICE in _own_roles(one) for one in ancestors(element, 3))
        if not named and not _sign_near(element):
            return None
    if len(text) < _MAX_CONTAINER:
        element = _container(element)
        text = price_text_of(element)
    price, currency = parse_price(text)
    signed = currency is not None or bool(_KRONA.search(text))
    if price is None or not (signed or named):
        return None
    if hint and hint != currency and signed:
        price, currency = parse_price(text, currency_hint=hint)
    return Spot(element, index, price or Decimal(0), currency, text[:_MAX_TEXT].strip(), signed)


def _sign_near(element: Element) -> bool:
    """Whether a piece of text next to the element can be a currency."""
    pieces = [element.tail]
    if (previous := element.getprevious()) is not None:
        pieces += [previous.text, previous.tail]
    if (following := element.getnext()) is not None:
        pieces.append(following.text)
    if (parent := element.getparent()) is not None:
        pieces += [parent.text, parent.tail]
    if len(element):
        pieces.append(element[0].text)
    return any(len(piece) < _MAX_CONTAINER and _MONEY.search(piece) for piece in pieces if piece)


def _container(element: Element) -> Element:
    """The largest short element around that holds no second price: split prices in one."""
    best, size = element, 0
    for one in ancestors(element, 4):
        text = price_text_of(one)
        if len(text) > _MAX_CONTAINER or one.tag in _NO_CONTAINER or _holds_two(text):
            break
        if size and len(text) > size + _MAX_GROWTH:
            break
        best, size = one, len(text)
    return best


_CENTS = re.compile(r"\d[.,]\d{2}(?!\d)")
_SIGNS = re.compile(r"[$€£¥₹₽₴₪₩₺฿]|\b[A-Z]{3}\b|zł|Kč|kr\b|руб")


def _holds_two(text: str) -> bool:
    return len(_CENTS.findall(text)) > 1 or len(_SIGNS.findall(text)) > 1


# ------------------------------------------------------------------ weighing

#: What each role adds to a price's score, and why it does.
_WEIGHTS = {
    Role.PRICE: (3, "named as a price"),
    Role.CURRENT: (2, "named as the current price"),
    Role.OLD: (-9, "an old or list price"),
    Role.MAYBE_OLD: (-1, "perhaps a list price"),
    Role.SAVING: (-7, "a saving"),
    Role.RELATED: (-7, "in a list of other products"),
    Role.BASKET: (-9, "the basket's"),
    Role.FURNITURE: (-5, "in a menu, header or footer"),
    Role.BUY: (2, "where the product is bought"),
    Role.UNIT: (-5, "per unit"),
    Role.NET: (-3, "without tax"),
    Role.SHIPPING: (-8, "for shipping"),
    Role.INSTALMENT: (-8, "an instalment"),
    Role.MEMBER: (-5, "for members or points"),
    Role.OPTION: (-4, "an option's"),
    Role.OTHER_OFFER: (-3, "another seller's or used"),
    Role.BID: (-8, "a starting bid or an estimate"),
    Role.COUNT: (-2, "a count"),
    Role.ROW: (-8, "one of a row of prices"),
    Role.TABLE: (-4, "one of a table of prices"),
    Role.PROSE: (-3, "inside a sentence"),
    Role.HIDDEN: (-6, "not shown"),
}
_OLD_TAGS = frozenset({"del", "s", "strike"})
_FURNITURE_TAGS = frozenset({"nav", "footer", "aside"})
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_STRUCK_STYLE = re.compile(r"line-through", re.IGNORECASE)


def _own_roles(element: Element) -> frozenset[Role]:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return class_roles(names) if len(names) > 1 else frozenset()


def _tag_roles(element: Element) -> set[Role]:
    style = element.get("style") or ""
    return {
        role
        for role, holds in (
            (Role.OLD, element.tag in _OLD_TAGS or _STRUCK_STYLE.search(style)),
            (Role.FURNITURE, element.tag in _FURNITURE_TAGS),
            (Role.OPTION, element.tag == "option"),
            (Role.HIDDEN, element.tag in UNSEEN or _HIDDEN_STYLE.search(style)),
            (Role.PRICE, "price" in (element.get("itemprop") or "").lower()),
        )
        if holds
    }


def _roles(element: Element, around: set[Element]) -> set[Role]:
    """What the element and its surroundings say, up to what surrounds the title too."""
    roles: set[Role] = set()
    for level, one in enumerate(ancestors(element, _LEVELS)):
        if one in around and level:
            break
        found = _own_roles(one) | _tag_roles(one)
        roles |= found if level < _NEAR else found & FAR_REACHING
    return roles


def _shape_roles(spot: Spot) -> set[Role]:
    roles = {spot.row} if spot.row else set()
    return roles | {Role.PROSE} if len(spot.text) > _MAX_CONTAINER else roles


def _label_roles(spot: Spot) -> frozenset[Role]:
    """What the words around the number say, in the spot's own text and beside it."""
    if _holds_two(spot.text):
        return frozenset()
    first, last = _DIGITS.match(spot.text).span(1) if _DIGITS.match(spot.text) else (0, 0)
    before, after = spot.text[:first], spot.text[last:]
    return label_roles(
        f"{_text_before(spot.element)} {before}", f"{after} {_text_after(spot.element)}"
    )


def _text_before(element: Element) -> str:
    """The last words before the element, out of its own block."""
    for one in ancestors(element, 3):
        previous = one.getprevious()
        while previous is not None and previous.tag in UNSEEN:
            previous = previous.getprevious()
        if previous is not None:
            return (
                text_of(previous, 200) if not previous.tail or previous.tail.isspace() else ""
            ) + (previous.tail or "")
        parent = one.getparent()
        if parent is not None and parent.text and not parent.text.isspace():
            return parent.text
    return ""


def _text_after(element: Element) -> str:
    for one in ancestors(element, 2):
        if one.tail and not one.tail.isspace():
            return one.tail[:60]
        following = one.getnext()
        if following is not None:
            return text_of(following, 60)
    return ""


def weigh(spots: list[Spot], page: Page, names: list[str]) -> None:
    """Give every spot its score and its notes; `names` are the product's by the markup."""
    titles = _titles(page, names)
    around = {one for title in titles for one in ancestors(title, 200)}
    _mark_repeated(spots, around)
    for spot in spots:
        spot.roles = frozenset(
            _roles(spot.element, around) | _label_roles(spot) | _shape_roles(spot)
        )
        spot.notes = [_WEIGHTS[role][1] for role in spot.roles]
        spot.score = sum(_WEIGHTS[role][0] for role in spot.roles)
        spot.score += 3 if spot.signed else 0
    if titles and spots:
        _weigh_by_place(spots, titles, page)


def _weigh_by_place(spots: list[Spot], titles: list[Element], page: Page) -> None:
    """The product's price stands soon after its title, or in one block with it."""
    places = [index for index, element in enumerate(page.root.iter()) if element in titles]
    around = {one for title in titles for one in ancestors(title, 5)}
    ranks = dict.fromkeys(places, 0)
    for spot in spots:
        if spot.score <= 0:
            continue
        place = max((index for index in places if index <= spot.index), default=None)
        if place is not None:
            spot.score += max(4 - ranks[place], 0)
            ranks[place] += 1
        elif not any(one in around for one in ancestors(spot.element, 6)):
            spot.score -= 4
            spot.notes.append("before the title")


def _titles(page: Page, names: list[str]) -> list[Element]:
    """The headings that name the product, else the page's first, else any text that does."""
    for name in (*names[:2], page.meta("og:title"), page.title):
        if not name:
            continue
        named = [one for one in _headings(page) if same_name(text_of(one, 300), name)]
        if named:
            return named[:3]
        spoken = _spoken_name(page, name)
        if spoken is not None:
            return [spoken]
    return page.headings[:1]


def _spoken_name(page: Page, name: str) -> Element | None:
    """The first element whose own text is the name, on pages that use no headings."""
    for element in page.root.iter("h4", "strong", "b", "span", "font", "td", "div", "p", "a"):
        text = element.text
        if text and 8 < len(text) < 200 and same_name(text, name) and len(text) > len(name) / 2:
            return element
    return None


def _headings(page: Page) -> list[Element]:
    """Headings, without the smaller ones that lead to other pages."""
    smaller = islice(page.root.iter("h2", "h3"), 40)
    return [*page.headings, *(one for one in smaller if not _link(one) and not _is_linked(one))]


def _is_linked(element: Element) -> bool:
    return any(one.tag == "a" for one in ancestors(element, 4))


def _mark_repeated(spots: list[Spot], around: set[Element]) -> None:
    """Mark prices in rows: three or more siblings of one make that each hold prices."""
    rows: dict[tuple[Element, str, str], dict[Element, list[Spot]]] = {}
    for spot in spots:
        for one in ancestors(spot.element, _LEVELS):
            parent = one.getparent()
            if parent is None or one in around:
                break
            row = rows.setdefault((parent, one.tag, one.get("class") or ""), {})
            row.setdefault(one, []).append(spot)
    for row in rows.values():
        if len(row) >= _ROW_LENGTH and (role := _row_role(row)):
            for spot in (spot for cell in row.values() for spot in cell):
                spot.row = spot.row or role


def _row_role(row: dict[Element, list[Spot]]) -> Role | None:
    """Cards lead to other pages; a table of prices is one product's, by quantity or variant."""
    links = {link for cell in list(row)[:_ROW_LENGTH] if (link := _link(cell))}
    if len(links) >= _ROW_LENGTH:
        return Role.ROW
    prices = {spots[0].price for spots in row.values()}
    return Role.TABLE if len(prices) >= _ROW_LENGTH else None


def _link(cell: Element) -> str:
    """Where the first link in (or around) the cell leads to; "" when to this page."""
    for link in islice(cell.iter("a"), 3):
        href = (link.get("href") or "").strip()
        if href and not href.startswith(("#", "javascript:")):
            return href
    return ""
