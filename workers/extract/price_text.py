"""Prices written for people: the amount and the currency that a text speaks of."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import islice
from typing import NamedTuple

from workers.extract.currencies import Currency, hinted_currency, resolve
from workers.extract.numerals import (
    MAX_LENGTH,
    Number,
    normalise,
    with_sign_last,
    without_measures,
)
from workers.extract.price_tokens import Mark, Token, tokenise

_OLD_PRICE = re.compile(
    r"""\b(?: was | were | [mr]?s?rp | list | reg(?:ular)? | retail | old | before | save | savings?
      | uvp | statt | war | vorher | avant | était | lieu[ ]de | antes | era | prima | dříve
      | původně | zamiast | wynosiła | regularna | tidigare ) \W* (?:price|preis|cena)? \W* $""",
    re.VERBOSE | re.IGNORECASE,
)
#: What follows the price of a measure ("1,99 €/kg"); a measure with its number is a bar by now.
_PER_MEASURE = re.compile(r" ?(?:/|per|pro|je|al) ?(?:\||kg|g|l|lt|ml|m2?|oz|lb)(?![^\W\d_])")
_BEFORE_NUMBER = re.compile(r"[ :.=*]{0,4}")
_AFTER_NUMBER = re.compile(r" ?(?:[.,] ?[-=]{1,3})?[*+]{0,2} ?")
_SIGNED = re.compile(r"(?:^|[^\w:.)])[-+]$")
_GLUED_RIGHT = re.compile(r"(?!(?:p|cents?)(?![A-Za-z]))[A-Za-z]")
_SUFFIX = re.compile(r"(?:(?P<thousands>[kKM])| ?(?P<cents>¢|cents?|(?<! )p))(?![^\W\d_])")
_RANGE = re.compile(r" ?(?:-|~|to|bis|до|a|à) ?")
_FREE = re.compile(r"(?:price ?:? ?)?free!?", re.IGNORECASE)
_PLAIN_NUMBER = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18})?")
_LARGEST = Decimal(10) ** 15
_THOUSANDS = {"k": 1000, "K": 1000, "M": 1_000_000}
_CENT_SIGNS = {"¢": "USD", "p": "GBP"}

#: Where three digits after a lone separator are fils or millimes. Dinars of the Gulf and of the
#: Levant write a point, those of the Maghreb write either; nobody writes the fils of IQD.
_THREE_DECIMALS = {"BHD": ".", "JOD": ".", "KWD": ".", "OMR": ".", "LYD": ".,", "TND": ".,"}


class _Offer(NamedTuple):
    """A number with the currencies written beside it, the nearest first."""

    number: Number
    currencies: tuple[Currency, ...]
    start: int  # of the number with its signs
    end: int


def parse_price(
    text: str, *, currency_hint: str | None = None
) -> tuple[Decimal | None, str | None]:
    """The amount (major units, 0 or more) and the ISO 4217 code that `text` speaks of.

    Of several numbers the one beside a currency wins, then one with cents, then the first; of a
    range the low end. Percentages, measures, dates and negative amounts are no prices. The hint
    (a code, a sign, or a text with one) says what a shared sign such as "$" means, and which
    currency a bare number has. What cannot be read gives None, nothing is raised, and nothing
    beyond the first 500 characters is read.
    """
    hint = hinted_currency(currency_hint[:MAX_LENGTH]) if currency_hint else None
    plain = normalise(text)
    if _FREE.fullmatch(plain):
        return Decimal(0), resolve((), hint)
    plain = with_sign_last(without_measures(plain))
    tokens = tokenise(plain, hint)
    offers = [offer for offer in _offers(plain, tokens) if _is_price(plain, offer)]
    if not offers:
        return None, resolve(_elsewhere(tokens), hint)
    best = min(_with_ranges(plain, offers), key=lambda offer: _rank(plain, offer))
    currency = resolve(best.currencies or _elsewhere(tokens), hint, cents=best.number.has_cents)
    return _amount(plain, best, currency)


def parse_machine_price(value: object, *, currency: str | None = None) -> Decimal | None:
    """The amount of a value meant for machines (JSON-LD, microdata, meta tags), in major units.

    There "1.250" is one and a quarter, whatever the currency; only a text that is no plain
    number is read as `parse_price` does. Negative, endless and absurd values give None.
    """
    if isinstance(value, str):
        text = value.strip()
        if not _PLAIN_NUMBER.fullmatch(text):
            return parse_price(text, currency_hint=currency)[0]
        value = Decimal(text)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    amount = Decimal(value)
    return amount if amount.is_finite() and 0 <= amount < _LARGEST else None


def _offers(text: str, tokens: list[Token]) -> list[_Offer]:
    """Each number with the currencies that stand beside it."""
    offers = []
    for index, token in enumerate(tokens):
        if isinstance(token, Number):
            before = _marks_before(text, tokens, index)
            after = _marks_after(text, tokens, index)
            currencies = tuple(mark.currency for mark in (*before, *after))
            start = before[-1].start if before else token.start
            end = after[-1].end if after else token.end
            offers.append(_Offer(token, currencies, start, end))
    return offers


def _marks_before(text: str, tokens: list[Token], index: int) -> list[Mark]:
    """The currencies before the number at `index`, the nearest first."""
    marks: list[Mark] = []
    right = tokens[index].start
    for position in range(index - 1, -1, -1):
        mark = tokens[position]
        if isinstance(mark, Number) or not _BEFORE_NUMBER.fullmatch(text, mark.end, right):
            break
        if _side(tokens, position) == "left":
            break
        marks.append(mark)
        right = mark.start
    return marks


def _marks_after(text: str, tokens: list[Token], index: int) -> list[Mark]:
    """The currencies behind the number at `index`, the nearest first."""
    marks: list[Mark] = []
    left = tokens[index].end
    for position in range(index + 1, len(tokens)):
        mark = tokens[position]
        if isinstance(mark, Number) or not _AFTER_NUMBER.fullmatch(text, left, mark.start):
            break
        if _side(tokens, position) == "right":
            break
        marks.append(mark)
        left = mark.end
    return marks


def _side(tokens: list[Token], position: int) -> str:
    """Which of the two numbers round a lone currency it belongs to ("" when there are not two)."""
    if not 0 < position < len(tokens) - 1:
        return ""
    left, mark, right = tokens[position - 1 : position + 2]
    if isinstance(mark, Number) or not (isinstance(left, Number) and isinstance(right, Number)):
        return ""
    touches_left, touches_right = left.end == mark.start, mark.end == right.start
    if touches_left != touches_right:
        return "left" if touches_left else "right"
    first_is_mark, last_is_mark = isinstance(tokens[0], Mark), isinstance(tokens[-1], Mark)
    if first_is_mark != last_is_mark:
        return "right" if first_is_mark else "left"
    return "right" if mark.currency.is_prefix else "left"


def _is_price(text: str, offer: _Offer) -> bool:
    """Whether it is neither signed ("-5 EUR", "+3 500 zł") nor part of a word ("5600X")."""
    before = text[: offer.start]
    if before in {"-", "- ", "+", "+ "} or _SIGNED.search(before):
        return False
    if offer.currencies or offer.number.has_cents:
        return True
    return not _GLUED_RIGHT.match(text, offer.number.end)


def _with_ranges(text: str, offers: list[_Offer]) -> list[_Offer]:
    """The offers, the low end of a range ("15 - 20 EUR") having the currency of its high end."""
    ranged = list(offers)
    for index in range(len(offers) - 2, -1, -1):
        low, high = offers[index].number, ranged[index + 1]
        between = text[low.end : high.start]
        if not ranged[index].currencies and _RANGE.fullmatch(between) and _spans(low, high.number):
            ranged[index] = ranged[index]._replace(currencies=high.currencies)
    return ranged


def _spans(low: Number, high: Number) -> bool:
    """Whether the two can be one range: "iPhone 15 - 999 EUR" is none."""
    return low.amount("") <= high.amount("") <= 10 * low.amount("")


def _rank(text: str, offer: _Offer) -> tuple[bool, bool, bool]:
    """Sorts the likelier price first; equals stay in the order of the text."""
    is_old = _OLD_PRICE.search(text[max(0, offer.start - 30) : offer.start])
    is_another = bool(is_old or _PER_MEASURE.match(text, offer.end))
    has_currency = bool(offer.currencies)
    return is_another, not has_currency, not (has_currency or offer.number.has_cents)


def _elsewhere(tokens: list[Token]) -> list[Currency]:
    """The first currency of the text that needs no number beside it."""
    marks = (t.currency for t in tokens if isinstance(t, Mark) and t.currency.stands_alone)
    return list(islice(marks, 1))


def _amount(text: str, offer: _Offer, currency: str | None) -> tuple[Decimal, str | None]:
    """The amount in major units: "99¢" is 0.99, "$1.5k" is 1500."""
    number = offer.number
    amount = number.amount(_THREE_DECIMALS.get(currency or "", ""))
    suffix = _SUFFIX.match(text, number.end)
    if suffix and suffix["cents"] and amount < 100 and not number.fraction:
        return amount / 100, currency or _CENT_SIGNS.get(suffix["cents"])
    if suffix and suffix["thousands"] and offer.currencies:
        return amount * _THOUSANDS[suffix["thousands"]], currency
    return amount, currency
