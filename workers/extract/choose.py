"""Which candidate to believe: sources vote, and the page as people see it has the last word."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from tracker_db.observation import Outcome
from workers.extract.availability import best_availability, is_unavailable
from workers.extract.candidate import Candidate, Extraction, Source
from workers.extract.page_currency import expected_currency
from workers.extract.page_kind import PageKind, page_kind
from workers.extract.visible_words import Role

if TYPE_CHECKING:
    from workers.extract.page import Page
    from workers.extract.visible import Spot

#: How far a source is trusted by itself. One needs _ENOUGH to win: markup that nothing on
#: the page contradicts does, embedded data only with support.
_TRUST = {
    Source.JSON_LD: 6,
    Source.MICRODATA: 6,
    Source.RDFA: 5,
    Source.META: 5,
    Source.EMBEDDED_JSON: 2,
}
_ENOUGH = 4
#: The winner must lead by this much; else the page says two things.
_LEAD = 2
#: A visible price with this score stands where the product's own price stands.
_STRONG_SPOT = 8
_CLEAR_SPOT = 6
_FAIR_SPOT = 3
#: What a shown price is that markup may mistake for the price.
_NOT_NOW = frozenset({Role.OLD, Role.BID})
#: What keeps a shown price from speaking for the product.
_NOT_THIS = frozenset(Role) - {
    Role.PRICE,
    Role.CURRENT,
    Role.BUY,
    Role.NET,
    Role.MAYBE_OLD,
    Role.COUNT,
    Role.PROSE,
}


@dataclass(slots=True)
class _Contender:
    """One amount and everything that speaks for or against it."""

    price: Decimal
    candidates: list[Candidate] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    score: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, points: int, note: str) -> None:
        self.score += points
        self.notes.append(note)

    @property
    def best_spot(self) -> int | None:
        return max((spot.score for spot in self.spots), default=None)


def decide(page: Page, candidates: list[Candidate], spots: list[Spot]) -> Extraction:
    """The outcome for the page, every candidate with its score and the reason for it."""
    kind = page_kind(page)
    contenders = _contenders(candidates, spots)
    _weigh(contenders, spots, kind)
    ranking = sorted(contenders, key=lambda one: -one.score)
    availability = _availability(candidates)
    shown = _explained(ranking, candidates)
    base = Extraction(
        Outcome.NO_PRICE,
        availability=availability,
        candidates=shown,
        name=_name(candidates, page),
        image=_image(candidates, page),
    )
    return _outcome(base, ranking, kind, page)


def _contenders(candidates: list[Candidate], spots: list[Spot]) -> list[_Contender]:
    by_price: dict[Decimal, _Contender] = {}
    for candidate in candidates:
        if candidate.price:
            by_price.setdefault(candidate.price, _Contender(candidate.price)).candidates.append(
                candidate
            )
    for spot in spots:
        if spot.price:
            by_price.setdefault(spot.price, _Contender(spot.price)).spots.append(spot)
    return list(by_price.values())


def _weigh(contenders: list[_Contender], spots: list[Spot], kind: PageKind) -> None:
    main = _main_spot(spots)
    if main and len(contenders) == 1 and Role.PROSE not in main.roles:
        contenders[0].add(3, "the only price on the page")
    list_prices = {c.list_price for one in contenders for c in one.candidates if c.list_price}
    for one in contenders:
        _weigh_markup(one)
        _weigh_sight(one, main, kind)
        if one.price in list_prices:
            one.add(-5, "given as the list price elsewhere")


def _weigh_markup(one: _Contender) -> None:
    for source in dict.fromkeys(candidate.source for candidate in one.candidates):
        best = next(c for c in one.candidates if c.source is source)
        one.add(_TRUST[source], f"{source} says so")
        if not best.firm:
            low = best.where.endswith("lowPrice")
            one.add(-1 if low else -4, "the lowest of several" if low else "one of several")
        if not best.own:
            one.add(-2, "names another product")


def _weigh_sight(one: _Contender, main: Spot | None, kind: PageKind) -> None:
    seen = one.best_spot
    if not one.candidates:
        _weigh_sight_only(one, main, kind)
    elif seen is None:
        if main is not None and main.score >= _CLEAR_SPOT:
            one.add(-5, "not on the page, which shows another price")
    elif seen >= _STRONG_SPOT:
        one.add(4, "shown as the price")
    elif seen > 0 or any(not _NOT_THIS & spot.roles for spot in one.spots):
        one.add(2, "shown on the page")
    elif any(_NOT_NOW & spot.roles for spot in one.spots):
        one.add(-5, "shown as an old price")


def _weigh_sight_only(one: _Contender, main: Spot | None, kind: PageKind) -> None:
    if main is None or main.price != one.price or kind is not PageKind.OTHER:
        one.add(0, "seen only")
        return
    one.add(min(main.score - 2, 8), "the main price seen")


def _main_spot(spots: list[Spot]) -> Spot | None:
    """The best spot, if no other amount is as well placed."""
    ranked = sorted(spots, key=lambda spot: -spot.score)
    if not ranked or ranked[0].score < _FAIR_SPOT:
        return None
    other = next((spot.score for spot in ranked if spot.price != ranked[0].price), 0)
    stands_alone = not {Role.ROW, Role.TABLE} & ranked[0].roles
    return ranked[0] if stands_alone and ranked[0].score - other >= 2 else None


def _outcome(base: Extraction, ranking: list[_Contender], kind: PageKind, page: Page) -> Extraction:
    if not ranking or ranking[0].score < _ENOUGH:
        return _without_price(base, kind)
    best, *others = ranking
    if others and best.score - others[0].score < _LEAD:
        return replace(
            base,
            outcome=Outcome.AMBIGUOUS,
            message=f"The page offers {best.price} and {others[0].price} alike. Pick one, or give a selector.",
        )
    outcome = Outcome.OUT_OF_STOCK if is_unavailable(base.availability) else Outcome.OK
    return replace(
        base,
        outcome=outcome,
        price=best.price,
        currency=_currency(best, page),
        list_price=_list_price(best, ranking),
        extractor=_extractor(best),
        message="The page says that the product cannot be bought now."
        if outcome is Outcome.OUT_OF_STOCK
        else None,
    )


def _without_price(base: Extraction, kind: PageKind) -> Extraction:
    outcome, message = {
        PageKind.BLOCKED: (
            Outcome.BLOCKED,
            "The site answered with a challenge or a refusal, not with the product.",
        ),
        PageKind.NOT_FOUND: (Outcome.NOT_FOUND, "The page says that it does not exist any more."),
    }.get(
        kind,
        (
            Outcome.NO_PRICE,
            "No price of one product was found. Check the address, or give a selector.",
        ),
    )
    if outcome is Outcome.NO_PRICE and is_unavailable(base.availability):
        outcome, message = (
            Outcome.OUT_OF_STOCK,
            "The page says that the product cannot be bought now, and shows no price.",
        )
    return replace(base, outcome=outcome, message=message)


def _extractor(best: _Contender) -> str:
    sources = [candidate.source for candidate in best.candidates]
    return min(sources, key=list(Source).index, default=Source.VISIBLE).value


def _currency(best: _Contender, page: Page) -> str | None:
    """The markup's currency; else the one written beside the price; else the country's."""
    marked = [
        c.currency
        for c in sorted(best.candidates, key=lambda c: list(Source).index(c.source))
        if c.currency
    ]
    seen = [
        spot.currency
        for spot in sorted(best.spots, key=lambda s: -s.score)
        if spot.currency and spot.signed
    ]
    return next(iter(marked or seen), None) or expected_currency(page)


def _availability(candidates: list[Candidate]) -> str | None:
    for source in Source:
        words = [c.availability for c in candidates if c.source is source and c.own]
        if any(words):
            return best_availability(words)
    return None


def _list_price(best: _Contender, ranking: list[_Contender]) -> Decimal | None:
    """What the markup calls the list price, else a struck-out price beside the best one."""
    marked = [c.list_price for c in best.candidates if c.list_price]
    struck = [
        one.price
        for one in ranking
        for spot in one.spots
        if Role.OLD in spot.roles
        and not {Role.ROW, Role.TABLE} & spot.roles
        and Role.RELATED not in spot.roles
    ]
    return next((price for price in (*marked, *struck) if price > best.price), None)


def _name(candidates: list[Candidate], page: Page) -> str | None:
    return next((c.name for c in candidates if c.name and c.own), None) or next(
        iter(page.names), None
    )


def _image(candidates: list[Candidate], page: Page) -> str | None:
    return next((c.image for c in candidates if c.image and c.own), None) or page.meta("og:image")


def _explained(ranking: list[_Contender], candidates: list[Candidate]) -> tuple[Candidate, ...]:
    told: list[Candidate] = [replace(c, reason="holds no price") for c in candidates if not c.price]
    for one in ranking:
        reason = "; ".join(dict.fromkeys(one.notes))
        told += [replace(c, score=one.score, reason=reason) for c in one.candidates]
        if one.spots:
            spot = max(one.spots, key=lambda spot: spot.score)
            seen = Candidate(
                Source.VISIBLE,
                one.price,
                spot.currency,
                text=spot.text[:100],
                where=str(spot.element.tag),
                score=one.score,
            )
            told.append(replace(seen, reason="; ".join([reason, *spot.notes])))
    return tuple(sorted(told, key=lambda c: -c.score)[:40])
