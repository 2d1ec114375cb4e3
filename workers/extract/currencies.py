"""How currencies are written on pages: signs, abbreviations and words, each with its ISO codes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tracker_db.money import CURRENCIES, RETIRED, exponent
from workers.extract.currency_spellings import SHARED, UNIQUE

if TYPE_CHECKING:
    from collections.abc import Iterable

_HINT_LENGTH = 200

#: Codes that are English words or makers' names too ("TOP 10", "AMD 5600").
_WORDS = frozenset("ALL AMD BAM COU CUP GEL MOP PEN SOS TOP TRY".split())
#: Words that mean a currency only right beside a price with cents, or alone with a number.
_WEAK_WORDS = _WORDS | {"Re", "pound", "Le", "man", "ден", "Nu", "LE", "UM", "RF", "VT", "FG"}
_LOWER_CODES = "eur usd gbp pln chf czk sek nok dkk huf ron aud cad nzd inr jpy cny brl mxn rub uah"

#: Signs written before the amount almost everywhere.
_PREFIXED = frozenset("$ £ ¥ ₹ ₩ ₪ ₱ ₦ R$ US$ C$ A$".split())


class Currency(NamedTuple):
    """A currency as written in a text."""

    spelling: str
    codes: tuple[str, ...]  # the ISO 4217 codes it can mean
    default: str | None  # the one it means when nothing else is known
    weak: bool  # easily something else: believed only right beside a price

    @property
    def is_prefix(self) -> bool:
        """Whether it is usually written before the amount."""
        return self.spelling in _PREFIXED

    @property
    def stands_alone(self) -> bool:
        """Whether it says the currency of a whole text, away from the number too."""
        is_abbreviation = self.spelling.isascii() and self.spelling.isalpha()
        return not self.weak and (
            len(self.spelling) == 3 and self.spelling.isupper()
            if is_abbreviation
            else self.spelling == self.spelling.upper()
        )


def _is_weak(spelling: str) -> bool:
    return spelling in _WEAK_WORDS or (len(spelling) == 1 and "A" <= spelling <= "z")


def _spellings() -> dict[str, Currency]:
    shared: dict[str, list[str]] = {}
    for line in SHARED.strip().splitlines():
        spelling, *codes = line.split()
        shared.setdefault(spelling, []).extend(codes)
    for line in UNIQUE.strip().splitlines():
        code, *spellings = line.split()
        shared |= {spelling: [code] for spelling in spellings}
    shared |= {code: [code] for code in CURRENCIES | RETIRED}
    for code in _LOWER_CODES.split():
        shared |= {code: [code.upper()], code.title(): [code.upper()]}
    return {spelling: _currency(spelling, codes) for spelling, codes in shared.items()}


def _currency(spelling: str, codes: list[str]) -> Currency:
    default = None if codes[0] == "-" else codes[0]
    return Currency(
        spelling, tuple(code for code in codes if code != "-"), default, _is_weak(spelling)
    )


_SPELLINGS = _spellings()
_LETTER = r"[^\W\d_]"


def _sign_pattern() -> str:
    """A pattern for the spellings that are not plain words, longest first."""
    word = re.compile(rf"{_LETTER}+(?:\.{_LETTER}+)*")
    # Chinese, Japanese and Korean write no space between a word and the currency.
    unspaced = re.compile(r"[\u3000-\u9fff\uac00-\ud7af]+")
    signs = [s for s in _SPELLINGS if not word.fullmatch(s) or unspaced.fullmatch(s)]
    firsts = re.escape("".join(sorted({sign[0] for sign in signs})))
    choices = "|".join(_bounded(s) for s in sorted(signs, key=len, reverse=True))
    # "US $5" is one sign; a single letter before " $" is not ("a $5 coupon").
    spaced = rf"(?<!{_LETTER})(?:US|AU|CA|NZ|HK|NT|SG)\ \$"
    return rf"(?=[{firsts}])(?:{spaced}|{choices})"


def _bounded(sign: str) -> str:
    """A sign with a letter at its edge ("R$", "$U") is none beside another letter."""
    before = rf"(?<!{_LETTER})" if sign[0].isalpha() and sign[0].isascii() else ""
    after = rf"(?!{_LETTER})" if sign[-1].isalpha() and sign[-1].isascii() else ""
    return before + re.escape(sign) + after


SIGN_PATTERN = _sign_pattern()
WORD_PATTERN = rf"{_LETTER}+(?:\.{_LETTER}+)*\.?"
_TOKEN = re.compile(rf"{SIGN_PATTERN}|{WORD_PATTERN}")


def look_up(written: str) -> Currency | None:
    """The currency that a sign or a word (with or without its full stop) stands for."""
    return (
        _SPELLINGS.get(written)
        or _SPELLINGS.get(written.rstrip("."))
        or _SPELLINGS.get(written.replace(" ", ""))
    )


def starts_with_currency(text: str) -> bool:
    """Whether the first thing in `text` is a currency."""
    match = _TOKEN.match(text)
    return match is not None and look_up(match[0]) is not None


@lru_cache(maxsize=512)
def hinted_currency(hint: str) -> Currency | None:
    """The currency a hint speaks of: a code in any case, a sign, or the first one in a text."""
    whole = hint.strip()
    exact = look_up(whole.upper()) if len(whole) == 3 else None
    if exact or (exact := look_up(whole)):
        return exact
    found = (look_up(match[0]) for match in _TOKEN.finditer(hint[:_HINT_LENGTH]))
    return next((currency for currency in found if currency and currency.stands_alone), None)


def resolve(
    written: Iterable[Currency], hint: Currency | None, *, cents: bool = False
) -> str | None:
    """The ISO 4217 code meant by currencies written beside a price, the nearest first.

    The first one rules; a clearer one that agrees with it ("$5 CAD") or the hint makes a shared
    sign precise, and so do cents: "¥12.50" cannot be yen. Without any the hint decides.
    """
    found = list(written)
    if not found:
        return hint.default if hint else None
    first, *others = found
    clear = [c.default for c in (*others, hint) if c and len(c.codes) == 1]
    if agreed := next((code for code in clear if code in first.codes), None):
        return agreed
    if cents and first.default and exponent(first.default) == 0:
        return next((code for code in first.codes if exponent(code)), first.default)
    return first.default
