"""Each amount on a page, and the points for and against its being the price."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workers.extract.candidate import Source
from workers.extract.page_kind import PageKind, page_kind
from workers.extract.sells import lets_buy
from workers.extract.visible_words import Role

if TYPE_CHECKING:
    from decimal import Decimal

    from workers.extract.candidate import Candidate
    from workers.extract.page import Page
    from workers.extract.visible import Spot

#: How far a source is trusted by itself. ENOUGH lets markup win that nothing contradicts;
#: what scripts carry needs to be seen on the page too.
_TRUST = {
    Source.JSON_LD: 6,
    Source.MICRODATA: 6,
    Source.RDFA: 5,
    Source.META: 5,
    Source.EMBEDDED_JSON: 2,
}
#: The points an amount needs to be believed.
ENOUGH = 4
#: The winner must lead by this much; else the page says two things.
LEAD = 2

_LOWEST_OF_SEVERAL = -1
_ONE_OF_SEVERAL = -4
_OTHER_NAME = -3
_SHOWN_AS_PRICE = 4
_SHOWN = 2
_SHOWN_AS_OTHER = -5
_NOT_SHOWN = -5
_LIST_PRICE = -5
_ONLY_PRICE = 3
#: What a seen price scores without its words: signed, and somewhere after the title.
_SPOT_BASE = 2
_MAX_FOR_SIGHT = 8
_NOTHING_SOLD = -4

#: A spot's score when it is surely, clearly or perhaps where the price stands.
_STRONG_SPOT, _CLEAR_SPOT, _FAIR_SPOT = 8, 6, 3
#: What a shown price is that markup may mistake for the price.
_NOT_NOW = frozenset({Role.OLD, Role.BID, Role.NET})
_ROWS = frozenset({Role.ROW, Role.TABLE, Role.CARD})
_OTHERS = frozenset({Role.ROW, Role.CARD, Role.RELATED})
#: What says that it is a price for something.
_NAMED = frozenset({Role.PRICE, Role.CURRENT, Role.BUY, Role.LABELLED, Role.NET})
_OF_A_SALE = frozenset({Role.OLD, Role.SAVING, Role.NET, Role.UNIT})
#: So many elements round a price.
_NEAR = 20
_HARMLESS = frozenset(
    {
        Role.PRICE,
        Role.LABELLED,
        Role.CURRENT,
        Role.BUY,
        Role.NET,
        Role.MAYBE_OLD,
        Role.COUNT,
        Role.PROSE,
    }
)


@dataclass(slots=True)
class Contender:
    """One amount, who offers it, where it is seen, and its points with their reasons."""

    price: Decimal
    candidates: list[Candidate] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    score: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, points: int, note: str) -> None:
        """Count `points` and remember why."""
        self.score += points
        self.notes.append(note)


def ranking(candidates: list[Candidate], spots: list[Spot], page: Page) -> list[Contender]:
    """Every amount of the page with its points, the likeliest price first."""
    contenders = _contenders(candidates, spots)
    main = _main_spot(spots)
    list_prices = {one.list_price for one in candidates if one.list_price}
    is_marked = any(one.own for one in candidates)
    for one in contenders:
        _weigh_markup(one)
        if one.candidates:
            _weigh_sight(one, main)
        elif main is None or main.price != one.price:
            one.add(0, "seen only")
        else:
            _weigh_main_sight(one, main, page, is_sold=is_marked or _is_for_sale(main, spots))
        if one.price in list_prices:
            one.add(_LIST_PRICE, "given as the list price elsewhere")
    if main and len(contenders) == 1 and Role.PROSE not in main.roles:
        contenders[0].add(_ONLY_PRICE, "the only price on the page")
    return sorted(contenders, key=lambda one: -one.score)


def _contenders(candidates: list[Candidate], spots: list[Spot]) -> list[Contender]:
    by_price: dict[Decimal, Contender] = {}
    for candidate in candidates:
        if candidate.price:
            one = by_price.setdefault(candidate.price, Contender(candidate.price))
            one.candidates.append(candidate)
    for spot in spots:
        if spot.price:
            by_price.setdefault(spot.price, Contender(spot.price)).spots.append(spot)
    return list(by_price.values())


def _main_spot(spots: list[Spot]) -> Spot | None:
    """The best spot, if no other amount is nearly as well placed."""
    ranked = sorted(spots, key=lambda spot: -spot.score)
    if not ranked or ranked[0].score < _FAIR_SPOT or ranked[0].roles & _ROWS:
        return None
    other = next((spot.score for spot in ranked if spot.price != ranked[0].price), 0)
    return ranked[0] if ranked[0].score - other >= LEAD else None


def _weigh_markup(one: Contender) -> None:
    for source in dict.fromkeys(candidate.source for candidate in one.candidates):
        best = next(c for c in one.candidates if c.source is source)
        one.add(_TRUST[source], f"{source} says so")
        if not best.firm and best.where.endswith("lowPrice"):
            one.add(_LOWEST_OF_SEVERAL, "the lowest of several")
        elif not best.firm:
            one.add(_ONE_OF_SEVERAL, "one of several")
        if not best.own:
            one.add(_OTHER_NAME, "names another product")


def _weigh_sight(one: Contender, main: Spot | None) -> None:
    seen = max((spot.score for spot in one.spots), default=None)
    if seen is None:
        if main is not None and main.score >= _CLEAR_SPOT:
            one.add(_NOT_SHOWN, "not on the page, which shows another price")
    elif _shown_as_another(one):
        one.add(_SHOWN_AS_OTHER, "shown among other products only")
    elif main and main.price != one.price and all(_NOT_NOW & spot.roles for spot in one.spots):
        one.add(_SHOWN_AS_OTHER, "shown as an old price, a starting bid or without tax")
    elif seen >= _STRONG_SPOT:
        one.add(_SHOWN_AS_PRICE, "shown as the price")
    elif seen > 0 or any(spot.roles <= _HARMLESS for spot in one.spots):
        one.add(_SHOWN, "shown on the page")
    elif any(spot.roles & _NOT_NOW for spot in one.spots):
        one.add(_SHOWN_AS_OTHER, "shown as an old price")


def _shown_as_another(one: Contender) -> bool:
    """Whether only cards show the price of what is no product of this page, or a whole list."""
    if not all(spot.roles & _OTHERS for spot in one.spots):
        return False
    return all(not found.own or found.where.endswith("lowPrice") for found in one.candidates)


def _weigh_main_sight(one: Contender, main: Spot, page: Page, *, is_sold: bool) -> None:
    """What no markup speaks of must be the main price of a page that sells one thing."""
    if not {Role.PRICE, Role.BUY} <= main.roles and (kind := page_kind(page)) != PageKind.OTHER:
        one.add(0, f"seen on a page of another kind ({kind})")
    elif is_sold or lets_buy(page):
        one.add(min(main.score - _SPOT_BASE, _MAX_FOR_SIGHT), "the main price seen")
    else:
        one.add(_NOTHING_SOLD, "an amount that nobody calls a price, on a page that sells nothing")


def _is_for_sale(main: Spot, spots: list[Spot]) -> bool:
    """Whether the amount is called a price, or stands beside an old price, a saving or tax."""
    if main.roles & _NAMED:
        return True
    near = (spot for spot in spots if abs(spot.index - main.index) <= _NEAR)
    return any(spot.roles & _OF_A_SALE for spot in near)
