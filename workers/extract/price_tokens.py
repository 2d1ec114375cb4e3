"""A text cut into its numbers and currencies, what can be neither left out."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

from workers.extract.currencies import (
    SIGN_PATTERN,
    WORD_PATTERN,
    Currency,
    look_up,
    starts_with_currency,
)
from workers.extract.numerals import NUMBER_PATTERN, Number, read

_TOKEN = re.compile(
    rf"(?P<number>{NUMBER_PATTERN}) | (?P<currency>(?-x:{SIGN_PATTERN}|{WORD_PATTERN}))",
    re.VERBOSE,
)
_SPLIT_CENTS = re.compile(r"(?:(?P<point> ?[.,] ?)| )(?P<cents>[0-9]{2})(?![0-9])")
#: The "5" of "PS5 499 EUR", the "2.0" of "v2.0"; the "12.99" of "only12.99" is a price.
_WORD_DIGITS = re.compile(
    r"(?<=[A-Za-z])(?![0-9.,']*[.,][0-9]{2}(?![0-9.,]))[0-9]+(?:[.,'][0-9]+)*"
)


class Mark(NamedTuple):
    """A currency at its place in the text."""

    start: int
    end: int
    currency: Currency


Token: TypeAlias = Number | Mark


def tokenise(text: str, hint: Currency | None) -> list[Token]:
    """The numbers and the believable currencies of a normalised `text`, in order.

    A currency that may as well be a word or a unit ("K", "TOP") is believed when the text has
    no other words, when a number has cents, or when the hint says the same.
    """
    tokens: list[Token] = []
    has_words = False
    position = 0
    while match := _TOKEN.search(text, position):
        position = match.end()
        if match["number"]:
            if number := read(match):
                tokens.append(_with_split_cents(text, number, tokens))
                position = tokens[-1].end
        elif currency := look_up(match[0]):
            tokens.append(Mark(match.start(), position, currency))
        else:
            has_words = True
            digits = _WORD_DIGITS.match(text, position)
            position = digits.end() if digits else position
    return _believable(tokens, hint) if has_words else tokens


def _believable(tokens: list[Token], hint: Currency | None) -> list[Token]:
    if any(isinstance(token, Number) and token.has_cents for token in tokens):
        return tokens
    hinted = set(hint.codes) if hint else set()
    return [
        token
        for token in tokens
        if isinstance(token, Number)
        or not token.currency.weak
        or hinted.intersection(token.currency.codes)
    ]


def _with_split_cents(text: str, number: Number, before: list[Token]) -> Number:
    """`number` with the two digits set apart behind it: "36. 24", "$12 99"."""
    match = None if number.fraction else _SPLIT_CENTS.match(text, number.end)
    if not match:
        return number
    rest = text[match.end() :].lstrip()
    has_sign = (before and isinstance(before[-1], Mark)) or starts_with_currency(rest)
    is_alone = number.start == 0 and not rest
    if not _ends_a_price(rest) or not (match["point"] or has_sign or is_alone):
        return number
    return number._replace(end=match.end(), fraction=match["cents"], separator="")


def _ends_a_price(rest: str) -> bool:
    """Whether what follows is no further number, percent sign or word, unless a currency."""
    if not rest or starts_with_currency(rest):
        return True
    return not rest[0].isalnum() and rest[0] not in ".,%"
