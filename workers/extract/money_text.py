"""What a short text says of money: signs, currency words, bare numbers, two prices."""

from __future__ import annotations

import re
from functools import lru_cache

from workers.extract.currencies import look_up
from workers.extract.label_words import PRICE_WORD

#: Digits of the scripts that shops write in; `\d` costs twice the time.
has_digit = re.compile("[0-9\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\uff10-\uff19]").search
#: A number and nothing else: its currency, if any, stands in another element.
_BARE = re.compile(r"\W{0,9}\d[\d.,'\u2019\u066b\u066c\s-]{0,20}\W{0,9}")
SIGNS = "[$€£¥₹₽₴₪₩₺₫฿₱₦₸₡₲₵﷼円元원]"
_SIGN = re.compile(SIGNS)
#: "349,-": money, whatever the currency.
_ROUND = re.compile(r"\d[.,] ?[-\u2013\u2014]{1,2}\s*$")
_LETTER = r"[^\W\d_]"
#: A word right after a number: a currency, if the table knows it.
_WORD_AFTER = re.compile(rf"""\d[\s.,-]{{0,4}}({_LETTER}(?:{_LETTER}|[."'״]){{0,6}})""")
#: A whole word right before a number, in a text read backwards: so a search begins at digits,
#: which are few, and not at every letter.
_WORD_BEFORE = re.compile(
    rf"""\d\s{{0,3}}[.:]?((?:{_LETTER}|[."'״]){{0,6}}{_LETTER})(?!{_LETTER})"""
)
_ONLY_MONEY = re.compile(r"[\W\d]{0,20}?([^\s\d]{1,7})\W{0,20}")
_CENTS = re.compile(r"\d[.,]\d{2}(?!\d)")

_WORD = re.compile(rf"{_LETTER}+")
#: Words that are a weight more often than money.
_WEIGHTS = frozenset({"pound", "pounds"})
#: In a longer text a word beside a number is hardly ever a currency.
_MAX_WORDED = 120
#: A longer text is no price alone.
_MAX_BARE = 40


def holds_two(text: str) -> bool:
    """Whether the text holds two prices."""
    return len(_CENTS.findall(text)) > 1 or len(_SIGN.findall(text)) > 1


@lru_cache(maxsize=2048)
def is_signed(text: str, hint: str | None) -> bool:
    """Whether a currency stands in the text: a sign anywhere, a word right beside a number."""
    if _SIGN.search(text) or _ROUND.search(text):
        return True
    if len(text) > _MAX_WORDED or is_bare(text):
        return False
    before = [word[::-1] for word in _WORD_BEFORE.findall(text[::-1])]
    if any(map(_is_currency, (*_WORD_AFTER.findall(text), *before))):
        return True
    return any(len(word) == 1 and _means(word, hint) for word in before)


def _means(letter: str, hint: str | None) -> bool:
    """Whether the letter is how the page's country writes its currency: "R 1 299" in ZA."""
    found = look_up(letter)
    return found is not None and hint in found.codes


def is_sentence(text: str) -> bool:
    """Whether words stand before the sign: "gift cards from $10", not "your price is $5"."""
    sign = _SIGN.search(text)
    if sign is None or PRICE_WORD.search(text, 0, sign.start()):
        return False
    before, after = (
        len(_WORD.findall(part)) for part in (text[: sign.start()], text[sign.end() :])
    )
    return before > 2 or (before == 2 and after >= 2)


@lru_cache(maxsize=2048)
def is_bare(text: str) -> bool:
    """Whether the text is a number and nothing else."""
    return len(text) <= _MAX_BARE and _BARE.fullmatch(text.strip()) is not None


@lru_cache(maxsize=4096)
def _is_currency(word: str) -> bool:
    found = look_up(word)
    return found is not None and not found.weak and word not in _WEIGHTS


def is_all_money(text: str) -> bool:
    """Whether the text is a currency and nothing else but digits and marks."""
    found = _ONLY_MONEY.fullmatch(text)
    return found is not None and (bool(_SIGN.search(found[1])) or _is_currency(found[1]))


def has_cents(text: str) -> bool:
    """Whether a number with two decimals stands in the text."""
    return _CENTS.search(text) is not None


def edge_sign(before: str, after: str) -> str:
    """The sign that the text before a number ends with, or the one after it begins with."""
    found = _SIGN.search(before.rstrip()[-1:]) or _SIGN.search(after.lstrip()[:1])
    return found[0] if found else ""
