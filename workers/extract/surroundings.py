"""What stands around a price says whether it is the product's: each role has its weight."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from workers.extract.cards import link_of, rows_of_cards, stands_in_card
from workers.extract.label_words import label_roles
from workers.extract.money_text import SIGNS, holds_two
from workers.extract.names import same_name
from workers.extract.page import UNSEEN, ancestors, text_of
from workers.extract.related import end_of_product
from workers.extract.visible import own_roles
from workers.extract.visible_words import FAR_REACHING, Role

if TYPE_CHECKING:
    from workers.extract.page import Element, Page
    from workers.extract.visible import Spot

#: What each role adds to a price's score, and how that is told.
_WEIGHTS = {
    Role.PRICE: (3, "named as a price"),
    Role.LABELLED: (1, "called a price"),
    Role.CURRENT: (2, "named as the current price"),
    Role.OLD: (-9, "an old or list price"),
    Role.MAYBE_OLD: (-1, "perhaps a list price"),
    Role.SAVING: (-7, "a saving"),
    Role.RELATED: (-7, "among other products"),
    Role.BASKET: (-9, "the basket's"),
    Role.FURNITURE: (-5, "in a menu, header or footer"),
    Role.UNIT: (-5, "per unit"),
    Role.NET: (-3, "without tax"),
    Role.SHIPPING: (-8, "for shipping"),
    Role.INSTALMENT: (-8, "an instalment"),
    Role.MEMBER: (-5, "for members or points"),
    Role.OPTION: (-4, "an option's"),
    Role.BULK: (-4, "for several pieces"),
    Role.OTHER_OFFER: (-3, "another seller's or used"),
    Role.BID: (-8, "a starting bid or an estimate"),
    Role.BUY: (2, "where the product is bought"),
    Role.COUNT: (-2, "a count"),
    Role.ROW: (-8, "one of a row of cards"),
    Role.CARD: (-8, "beside a link to another product"),
    Role.TABLE: (-4, "one of a table of prices"),
    Role.PROSE: (-3, "inside a sentence"),
    Role.HIDDEN: (-6, "not shown"),
}
_SIGNED = 3
_BEFORE_TITLE = -4
#: The first price after the title is the likeliest, the fifth no more than any.
_FIRST_AFTER_TITLE = 4
#: A score that may win; whether such a price stands in a card is looked at then.
_FAIR = 3
#: By so much the best price leads those that need not be looked at.
_RIVAL = 2

_TAG_ROLES = (
    dict.fromkeys(UNSEEN, Role.HIDDEN)
    | dict.fromkeys(("del", "s", "strike"), Role.OLD)
    | dict.fromkeys(("nav", "footer", "aside"), Role.FURNITURE)
    | {"option": Role.OPTION}
)
_INLINE = frozenset({"span", "small", "sup", "sub", "b", "i", "em", "strong", "a", "font", "abbr"})
_DIGIT = re.compile(r"\d")
_HIDDEN_STYLE = re.compile(
    r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden", re.IGNORECASE
)
_NUMBER = re.compile(r"\d(?:[\d.,'\u2019\s]*\d)?\S?")
#: A number with its sign before or behind: the price, where a text holds other numbers too.
_SIGNED_NUMBER = re.compile(rf"{SIGNS}\s?{_NUMBER.pattern}|{_NUMBER.pattern}\s?{SIGNS}")
#: Ancestors asked for their roles; those of class names that do not reach far count this near.
_LEVELS = 12
_NEAR = 4
#: A heading in the breadcrumbs names the product far from its price.
_IN_BREADCRUMB = re.compile("breadcrumb", re.IGNORECASE)
_MAX_ELEMENTS = 2_000
#: A price and its regular price: so many elements apart at most, and so many times higher.
_CLOSE = 20
_MOST_REDUCED = 10
_FOR_EVERYBODY = frozenset({Role.PRICE, Role.LABELLED, Role.CURRENT, Role.BUY})
#: What a label says of both prices behind it.
_OF_RANGES = frozenset({Role.BID, Role.SHIPPING, Role.BULK, Role.SAVING})


def weigh(spots: list[Spot], page: Page, names: list[str], *, is_marked: bool) -> None:
    """Give every spot its roles, score and notes.

    `names` are the product's by the markup, `is_marked` says whether the markup has a price.
    """
    if not spots:
        return
    titles = _titles(page, names)
    around = {one for title in titles for one in ancestors(title, 200)}
    known: dict[Element, frozenset[Role]] = {}
    for spot in spots:
        spot.roles |= _surrounding_roles(spot.element, around, known) | _label_roles(spot)
        spot.roles |= {Role.PROSE} if spot.in_prose else set()
    _settle_regular_prices(spots)
    rows = rows_of_cards(spots, around)
    end = end_of_product(page, titles[0]) if titles and not is_marked else None
    for spot in spots:
        spot.roles |= {rows[spot.element]} if spot.element in rows else set()
        spot.roles |= {Role.RELATED} if end is not None and spot.index > end else set()
        said = [(points, note) for role, (points, note) in _WEIGHTS.items() if role in spot.roles]
        spot.notes = tuple(note for _, note in said)
        spot.score = sum(points for points, _ in said) + _SIGNED * spot.signed
    if titles:
        _weigh_by_place(spots, titles, page)
    _weigh_cards(spots, around, page)


# ------------------------------------------------------------------ roles by class, tag and label


def _surrounding_roles(
    element: Element, around: set[Element], known: dict[Element, frozenset[Role]]
) -> frozenset[Role]:
    """The roles of the element and its ancestors, up to what surrounds the title too."""
    roles: frozenset[Role] = frozenset()
    for level, one in enumerate(ancestors(element, _LEVELS)):
        if level and one in around:
            break
        if one not in known:
            known[one] = own_roles(one) | _tag_roles(one)
        roles |= known[one] if level < _NEAR else known[one] & FAR_REACHING
    return roles


def _tag_roles(element: Element) -> set[Role]:
    roles = set()
    if role := _TAG_ROLES.get(element.tag):
        roles.add(role)
    if style := element.get("style"):
        roles |= _style_roles(style)
    if (property_ := element.get("itemprop")) and "price" in property_.lower():
        roles.add(Role.PRICE)
    return roles


def _style_roles(style: str) -> set[Role]:
    roles = {Role.HIDDEN} if _HIDDEN_STYLE.search(style) else set()
    return roles | {Role.OLD} if "line-through" in style else roles


def _label_roles(spot: Spot) -> frozenset[Role]:
    """What the words around the number say, in the spot's own text and beside it."""
    number = _SIGNED_NUMBER.search(spot.text) or _NUMBER.search(spot.text)
    first, last = number.span() if number else (0, 0)
    before = f"{_text_before(spot.element)} {spot.text[:first]}"
    if holds_two(spot.text):
        return label_roles(before, "") & _OF_RANGES
    return label_roles(before, f"{spot.text[last:]} {_text_after(spot)}")


def _text_before(element: Element) -> str:
    """The words right before the element; what holds a number speaks of that number."""
    for one in ancestors(element, 3):
        previous = one.getprevious()
        while previous is not None and previous.tag in UNSEEN:
            previous = previous.getprevious()
        parent = one.getparent()
        text = ""
        if previous is not None:
            tail = previous.tail or ""
            text = text_of(previous, 200) if not tail or tail.isspace() else tail
        elif parent is not None:
            text = parent.text or ""
        if text and not text.isspace():
            return "" if _DIGIT.search(text) else text
    return ""


def _text_after(spot: Spot) -> str:
    """The words right after the number, on the same line."""
    element = spot.element
    if len(element) and (element.text or "").strip() == spot.text:
        return text_of(element[0], 60)
    for one in ancestors(element, 2):
        if one.tail and not one.tail.isspace():
            return one.tail[:60]
        following = one.getnext()
        if following is not None:
            return text_of(following, 60) if following.tag in _INLINE else ""
    return ""


def _settle_regular_prices(spots: list[Spot]) -> None:
    """A regular price is an old one where a lower price for everybody stands close to it."""
    plain = [spot for spot in spots if spot.roles <= _FOR_EVERYBODY]
    for spot in spots:
        if Role.MAYBE_OLD in spot.roles and any(_is_reduced(one, spot) for one in plain):
            spot.roles |= {Role.OLD}


def _is_reduced(one: Spot, regular: Spot) -> bool:
    is_close = abs(one.index - regular.index) <= _CLOSE
    return is_close and one.price < regular.price < one.price * _MOST_REDUCED


def _weigh_cards(spots: list[Spot], around: set[Element], page: Page) -> None:
    """Put back other products' prices among those that may win."""
    points, note = _WEIGHTS[Role.CARD]
    least = _FAIR
    for spot in sorted(spots, key=lambda spot: -spot.score):
        if spot.score < least:
            return
        if stands_in_card(spot, around, page):
            spot.roles |= {Role.CARD}
            spot.score += points
            spot.notes += (note,)
        else:
            least = max(least, spot.score - _RIVAL)


# ------------------------------------------------------------------ the title and what is near


def _weigh_by_place(spots: list[Spot], titles: list[Element], page: Page) -> None:
    """The product's price stands soon after its title, or in one block with it."""
    places = sorted(map(page.position, titles))
    around = {one for title in titles for one in ancestors(title, 5)}
    ranks = dict.fromkeys(places, 0)
    for spot in spots:
        if spot.score <= 0:
            continue
        place = max((index for index in places if index <= spot.index), default=None)
        if place is not None:
            spot.score += max(_FIRST_AFTER_TITLE - ranks[place], 0)
            ranks[place] += 1
        elif not any(one in around for one in ancestors(spot.element, 6)):
            spot.score += _BEFORE_TITLE
            spot.notes += ("before the title",)


def _titles(page: Page, names: list[str]) -> list[Element]:
    """The headings that name the product, else any text that does, else the first heading."""
    first = page.heading_texts.items()
    smaller: list[tuple[Element, str]] | None = None
    for name in (*names[:1], page.meta("og:title"), page.title):
        if not name:
            continue
        named = [one for one, text in first if same_name(text, name)]
        if not named or _IN_BREADCRUMB.search(named[0].get("class") or ""):
            smaller = _smaller_headings(page) if smaller is None else smaller
            named += [one for one, text in smaller if same_name(text, name)]
        if not named and (spoken := _spoken_name(page, name)) is not None:
            named = [spoken]
        if named:
            return named[:3]
    return page.headings[:1]


def _smaller_headings(page: Page) -> list[tuple[Element, str]]:
    """h2 and h3 with their text, without those that lead to other pages."""
    return [
        (one, text_of(one, 300))
        for one in islice(page.root.iter("h2", "h3"), 40)
        if not link_of(one) and not any(above.tag == "a" for above in ancestors(one, 4))
    ]


def _spoken_name(page: Page, name: str) -> Element | None:
    """The first element whose own text is the name, on pages that use no headings for it."""
    elements = page.root.iter("h4", "strong", "b", "span", "font", "td", "div", "p", "a")
    least, most = len(name) / 2, len(name) * 2
    for element in islice(elements, _MAX_ELEMENTS):
        text = element.text
        if text and least < len(text) < most and same_name(text, name):
            return element
    return None
