"""Which candidate to believe: sources vote, and the page as people see it has the last word."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from tracker_db.observation import Outcome
from workers.extract.availability import is_unavailable
from workers.extract.beside import availability_of, currency_of, image_of, list_price_of, name_of
from workers.extract.candidate import Candidate, Extraction, Source
from workers.extract.contender import ENOUGH, LEAD, Contender, ranking
from workers.extract.page_currency import expected_currency
from workers.extract.page_kind import PageKind, page_kind
from workers.extract.selector import selected

if TYPE_CHECKING:
    from workers.extract.page import Page
    from workers.extract.visible import Spot

_NO_PRICE = "No price of one product was found. Check the address, or give a selector."
_SOLD_OUT = "The page says that the product cannot be bought now."
_KIND_OUTCOMES = {
    PageKind.BLOCKED: (
        Outcome.BLOCKED,
        "The site answered with a challenge or a refusal, not with the product.",
    ),
    PageKind.NOT_FOUND: (Outcome.NOT_FOUND, "The page says that it does not exist any more."),
    PageKind.LOGIN: (Outcome.NO_PRICE, "The page asks to sign in and shows no price."),
}
_FREE = re.compile(
    r"(?:for )?(?:free|gratis|kostenlos|gratuite?|gratuito|ingyenes|бесплатно)!?", re.IGNORECASE
)
_MAX_SHOWN = 40


def decide(page: Page, candidates: list[Candidate], spots: list[Spot]) -> Extraction:
    """The outcome for the page, with every candidate, its score and the reason for it."""
    ranked = ranking(candidates, spots, page)
    best = ranked[0] if ranked and ranked[0].score >= ENOUGH else None
    base = _base(page, candidates, _explained(ranked, candidates), best)
    if best:
        others = ranked[1:]
        if others and best.score - others[0].score < LEAD:
            return _ambiguous(base, best, others[0])
        currency = currency_of(best, page)
        list_price = list_price_of(best, others, currency)
        found = replace(base, list_price=list_price, extractor=_extractor(best))
        return _priced(found, best.price, currency)
    if any(one.price == 0 and one.own for one in candidates) and _says_free(page):
        currency = next((one.currency for one in candidates if one.currency), None)
        return _priced(base, Decimal(0), currency or expected_currency(page))
    offered = [one for one in ranked if one.candidates and one.score > 0]
    kind = page_kind(page)
    if len(offered) > 1 and kind not in _KIND_OUTCOMES:
        return _ambiguous(base, *offered[:2])
    return _unpriced(base, kind)


def decide_selected(page: Page, candidates: list[Candidate], selector: str) -> Extraction:
    """The user's own selector decides alone; markup adds only what it does not say."""
    said = next((one.currency for one in candidates if one.currency), None)
    found, message = selected(page, selector, said or expected_currency(page))
    base = _base(page, candidates, (*((found,) if found else ()), *candidates))
    if found is None:
        refused = _unpriced(base, page_kind(page))
        return refused if refused.outcome is Outcome.BLOCKED else replace(refused, message=message)
    base = replace(base, extractor=Source.SELECTOR.value)
    return _priced(base, found.price, found.currency or said or expected_currency(page))


def _base(
    page: Page,
    candidates: list[Candidate],
    shown: tuple[Candidate, ...],
    best: Contender | None = None,
) -> Extraction:
    return Extraction(
        Outcome.NO_PRICE,
        availability=availability_of(candidates, best),
        name=name_of(candidates, page),
        image=image_of(candidates, page),
        candidates=shown,
    )


def _priced(base: Extraction, price: Decimal | None, currency: str | None) -> Extraction:
    sold_out = is_unavailable(base.availability)
    return replace(
        base,
        outcome=Outcome.OUT_OF_STOCK if sold_out else Outcome.OK,
        price=price,
        currency=currency,
        message=_SOLD_OUT if sold_out else None,
    )


def _ambiguous(base: Extraction, best: Contender, other: Contender) -> Extraction:
    message = f"The page offers {best.price} and {other.price} alike. Pick one, or give a selector."
    return replace(base, outcome=Outcome.AMBIGUOUS, message=message)


def _unpriced(base: Extraction, kind: PageKind) -> Extraction:
    if kind not in _KIND_OUTCOMES and is_unavailable(base.availability):
        return replace(base, outcome=Outcome.OUT_OF_STOCK, message=_SOLD_OUT)
    outcome, message = _KIND_OUTCOMES.get(kind, (Outcome.NO_PRICE, _NO_PRICE))
    return replace(base, outcome=outcome, message=message)


def _says_free(page: Page) -> bool:
    """Whether "free" stands somewhere by itself, as a price would."""
    texts = (
        element.text for element in page.root.iter("span", "div", "p", "b", "strong", "td", "ins")
    )
    return any(_FREE.fullmatch(text.strip()) for text in texts if text and len(text) < 60)


def _extractor(best: Contender) -> str:
    sources = [candidate.source for candidate in best.candidates]
    return min(sources, key=list(Source).index, default=Source.VISIBLE).value


def _explained(ranked: list[Contender], candidates: list[Candidate]) -> tuple[Candidate, ...]:
    """Every candidate as it was judged, the best first; a seen amount is one candidate."""
    told = [candidate for one in ranked for candidate in _judged(one)]
    told += [replace(one, reason="holds no price") for one in candidates if not one.price]
    return tuple(told[:_MAX_SHOWN])


def _judged(one: Contender) -> list[Candidate]:
    reason = "; ".join(dict.fromkeys(one.notes))
    told = [replace(candidate, score=one.score, reason=reason) for candidate in one.candidates]
    if one.spots:
        spot = max(one.spots, key=lambda spot: spot.score)
        told.append(
            Candidate(
                source=Source.VISIBLE,
                price=one.price,
                currency=spot.currency,
                where=str(spot.element.tag),
                text=spot.text[:100],
                score=one.score,
                reason="; ".join((reason, *spot.notes)),
            )
        )
    return told
