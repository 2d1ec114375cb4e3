"""Prices in rows of like elements: cards of a listing, tables of tiers and variants."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from workers.extract.names import address_words, is_elsewhere, words
from workers.extract.page import ancestors, text_of
from workers.extract.visible_words import Role

if TYPE_CHECKING:
    from workers.extract.page import Element, Page
    from workers.extract.visible import Spot

_ROW_LENGTH = 3
#: A card is small; what holds more is a section of the page.
_CARD_LEVELS = 8
_CARD_CHARS = 500
#: In a table of list price, saving and shipping the remaining row is the price itself.
_NO_TIER = frozenset(
    {Role.OLD, Role.SAVING, Role.SHIPPING, Role.UNIT, Role.NET, Role.BULK, Role.INSTALMENT}
)

#: The text of a single card: a name, a line about it, its prices.
_ONE_CARD_CHARS = 200
#: Addresses of pictures, and of pages that a product's own price has beside it.
_NO_PRODUCT = re.compile(
    r"""
    \.(?:jpe?g|png|gif|webp|avif|svg|pdf)(?:$|\?) | ^(?:mailto|tel):
    | review | rating | bewertung | avis | brand | marke | marque | marca | manufactur | hersteller
    | seller | vendor | store | author | artist | log-?in | sign-?in | account | wish | compare
    | mail | print | share | friend | help | info | size | guide | deliver | shipping | versand
    | livraison | stock | categor
    """,
    re.VERBOSE | re.IGNORECASE,
)

_Row: TypeAlias = "dict[Element, list[Spot]]"


def rows_of_cards(spots: list[Spot], around: set[Element]) -> dict[Element, Role]:
    """ROW or TABLE for prices in three or more siblings of one make that each hold prices."""
    cells: _Row = {}
    for spot in spots:
        for one in ancestors(spot.element, _CARD_LEVELS):
            if one in around or one.getparent() is None:
                break
            cells.setdefault(one, []).append(spot)
    rows: dict[tuple[Element, str, str], _Row] = {}
    for cell, held in cells.items():
        make = (cell.getparent(), cell.tag, cell.get("class") or "")
        rows.setdefault(make, {})[cell] = held
    found: dict[Element, Role] = {}
    parts = (part for row in rows.values() if len(row) > 1 for part in _parts(row))
    for row in parts:
        if len(row) > 1 and (role := _row_role(row)):
            for cell in row.values():
                found |= {spot.element: role for spot in cell if spot.element not in found}
    return found


def stands_in_card(spot: Spot, around: set[Element], page: Page) -> bool:
    """Whether a link to another page, in a small block without the title, leads up to the price.

    The link holds the price or a picture, or has the name of something else.
    """
    for one in ancestors(spot.element, _CARD_LEVELS):
        if one in around or len(text_of(one, _ONE_CARD_CHARS + 1)) > _ONE_CARD_CHARS:
            return False
        if one.tag == "a" and _leads_away(one, page):
            return True
        links = islice(one.iter("a"), 3)
        if any(_names_another(link, page) and _is_before(link, spot, page) for link in links):
            return True
    return False


def _names_another(link: Element, page: Page) -> bool:
    if not _leads_away(link, page):
        return False
    if next(link.iter("img", "picture"), None) is not None:
        return True
    name = words(text_of(link, 200))
    in_address = address_words(link.get("href") or "")
    return any(len(one) > 2 for one in name & in_address) and not any(
        name <= words(own) for own in page.names
    )


def _leads_away(link: Element, page: Page) -> bool:
    """Whether the link leads to another page that may be a product's."""
    href = (link.get("href") or "").strip()
    if not href or href.startswith(("#", "javascript:")) or _NO_PRODUCT.search(href):
        return False
    return is_elsewhere(page.absolute(href) or href, page.url, page.canonical)


def _is_before(link: Element, spot: Spot, page: Page) -> bool:
    return page.position(link) <= spot.index


def _parts(row: _Row) -> tuple[_Row, _Row]:
    """The cells that lead to other pages, and those that do not."""
    linked = {cell for cell in row if link_of(cell)}
    return (
        {cell: spots for cell, spots in row.items() if cell in linked},
        {cell: spots for cell, spots in row.items() if cell not in linked},
    )


def _row_role(row: _Row) -> Role | None:
    """Cards lead to other pages; a table of prices is one product's, by quantity or variant."""
    cells = list(row)[:_ROW_LENGTH]
    if any(len(text_of(cell, _CARD_CHARS + 1)) > _CARD_CHARS for cell in cells):
        return None
    links = {link for cell in cells if (link := link_of(cell))}
    if len(links) == len(cells):
        return Role.ROW
    prices = {spot.price for cell in row.values() for spot in cell if not spot.roles & _NO_TIER}
    return Role.TABLE if len(prices) >= _ROW_LENGTH else None


def link_of(cell: Element) -> str:
    """Where the first link in the cell leads to; "" when to this page or nowhere."""
    for link in islice(cell.iter("a"), 3):
        href = (link.get("href") or "").strip()
        if href and not href.startswith(("#", "javascript:")):
            return href
    return ""
