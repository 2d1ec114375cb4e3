"""Numbers in text: every script's digits and separators brought to one form, then read."""

from __future__ import annotations

import html
import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

MAX_LENGTH = 500
_MAX_WHOLE_DIGITS = 12

#: What a decimal point becomes that cannot be a thousands separator.
_POINT = "·"
_LOOK_ALIKES = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u02bb\u02bc\u00b4\u2032\uff07\u066c", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u061c\u2060\ufeff\u00ad", None),
        **dict.fromkeys("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", None),
        "\N{ARABIC DECIMAL SEPARATOR}": _POINT,
        "\N{ARABIC COMMA}": ",",
        "\N{REVERSED COMMA}": ",",
    }
)
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_RAISED_CENTS = re.compile(rf"(?<=\d)(?<![.,]\d\d)[.,]?([{_RAISED}]{{2}})(?![{_RAISED}])")
_FOOTNOTE = re.compile(rf"[{_RAISED}]+")
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
_SPACES = re.compile(r"\s+")

_WHOLE = r"""
    (?P<whole>
        [0-9]{1,3} (?P<group>[ .,']) [0-9]{3} (?: (?P=group) [0-9]{3} )* (?![0-9])
      | [0-9]{1,2} (?: ,[0-9]{2} )+ ,[0-9]{3} (?![0-9])  # 12,34,567 as in India
      | [0-9]+
    )"""
#: For a verbose pattern; "excess" is what makes 1.2.3 no number.
NUMBER_PATTERN = rf"""(?:
      (?<![0-9]) [.,·]{{1,2}} (?P<cents_only>[0-9]{{1,2}}) (?![0-9.,'·])  # .75
    | {_WHOLE}
      (?: (?P<point>[.,·]) (?P<fraction>[0-9]+) )?
      (?P<excess> (?: [.,'·][0-9]+ )+ )? )"""
_START = r"(?<![0-9.,'·])"
#: A number, or a short range such as 10-20, to be part of the pattern for what is no price.
_FIGURE = (
    rf"(?:{_START}[0-9]{{1,2}}-)?"
    rf"{_START}[0-9]{{1,3}}(?:(?:[ .,'][0-9]{{3}})+|[0-9]*)(?:[.,·][0-9]+)?"
)
_UNITS = r"""
    [GMTk]B | [Gg]b | [cmk]m | [mc]?l | [KkMm]?g | KG | oz | ft | lbs? | inch(?:es)? | mAh | kWh
  | [KkMG]?Hz | pcs? | pieces? | packs? | Stück | Stk | шт | [Xx\u00d7] | min | hours? | days?
  | months? | years? | stars? | reviews? | ratings?
  | lakhs? | crores? | million | mio | mln | тыс"""
_NO_PRICE = re.compile(
    rf"""(?= [0-9+#] ) (?:
      {_FIGURE} [ ]? (?: % | (?:{_UNITS}) (?![^\W\d_]) | [Ee] [+-]? [0-9]+ | [万萬만억] )
    | \# [0-9]+
    # dates, times, codes such as 25-09
    | {_START} [0-9]{{1,4}} (?P<mark>[./-]) [0-9]{{1,2}} (?P=mark) [0-9]{{2,4}} (?![0-9])
    | {_START} [0-9]{{1,2}} (?: :[0-9]{{2}} ){{1,2}} (?![0-9])
    | {_START} [0-9]{{1,6}} -0[0-9]* (?![0-9.,])
    # telephones: +49 (0)30 123456, 0800 123 456, 555-123-4567
    | \+ [ ]? \(? [0-9]{{1,3}} [ )(-] [ )(0-9-]{{6,20}} (?![0-9])
    | {_START} (?<![0-9][ ]) 0[0-9]{{2,4}} (?: [ -][0-9]{{2,4}} ){{1,4}} (?![0-9])
    | {_START} [0-9]{{2,6}} (?: -[0-9]{{2,6}} ){{2,4}} (?![0-9])
    )""",
    re.VERBOSE,
)
#: The currency between whole and cents: "35€99", "1250€ 60", "45.319,€90".
_SIGN_AS_POINT = re.compile(
    rf"""(?<![0-9]) (?<![0-9][.,·]) {_WHOLE} [.,]?
    (?: (?P<sign>[$£]) (?P<cents>[0-9]{{2}})
      | (?P<euro>€) (?P<part>[0-9]{{1,3}})
      | [ ]? (?P<apart>€) [ ]? (?P<rest>[0-9]{{2}}) )
    (?! [0-9.,·] | [ ]? % )""",
    re.VERBOSE,
)


def normalise(text: str) -> str:
    """`text`, cut to 500 characters, with ASCII digits, plain spaces, quotes and dashes."""
    text = text[:MAX_LENGTH].replace("`", "'")
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = _plain(text)
    return _SPACES.sub(" ", text).strip()


def without_measures(text: str) -> str:
    """`text` without percentages, measures, dates, times, codes and telephone numbers."""
    return _NO_PRICE.sub(" | ", text)


def with_sign_last(text: str) -> str:
    """`text` with a currency sign that stands for the decimal point moved: "35€99"."""
    return _SIGN_AS_POINT.sub(_put_sign_last, text)


def _plain(text: str) -> str:
    text = _RAISED_CENTS.sub(lambda cents: _POINT + unicodedata.normalize("NFKC", cents[1]), text)
    text = _FOOTNOTE.sub(" ", text).translate(_LOOK_ALIKES)
    text = unicodedata.normalize("NFKC", text)[:MAX_LENGTH]
    return _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)


def _put_sign_last(match: re.Match[str]) -> str:
    sign = match["sign"] or match["euro"] or match["apart"]
    # A second euro sign would make the digits behind the first the next price.
    if match["apart"] and match.string.count("€") > 1:
        return match[0]
    fraction = match["cents"] or match["part"] or match["rest"]
    return f"{match['whole']}{_POINT}{fraction} {sign}"


class Number(NamedTuple):
    """A number as found in a text; `separator` may be grouping or a decimal point."""

    start: int
    end: int
    whole: str
    fraction: str
    separator: str  # of "1.250", where only the currency can tell; "" when it is sure

    @property
    def has_cents(self) -> bool:
        """Whether exactly two decimals are written, as prices have."""
        return len(self.fraction) == 2

    def amount(self, decimal_separators: str) -> Decimal:
        """Its value, an unsure separator being a decimal point if among those given."""
        if self.separator and self.separator in decimal_separators:
            return Decimal(f"{self.whole[:-3]}.{self.whole[-3:]}")
        return Decimal(f"{self.whole}.{self.fraction}")


def read(match: re.Match[str]) -> Number | None:
    """The number a match of `NUMBER_PATTERN` stands for; None when it is none (1.2.3, 007)."""
    if match["cents_only"]:
        return Number(match.start(), match.end(), "0", match["cents_only"], "")
    group, point, fraction = match["group"] or "", match["point"], match["fraction"] or ""
    parts = re.split(r"[ .,']", match["whole"])
    whole = "".join(parts)
    if match["excess"] or len(whole) > _MAX_WHOLE_DIGITS or _is_malformed(group, point, fraction):
        return None
    unsure = group if len(parts) == 2 and not fraction and group in ".," else ""
    if unsure and parts[0] == "0":  # 0.125 cannot be grouping
        whole, fraction, unsure = parts[0], parts[1], ""
    if whole[0] == "0" and len(whole) > (2 if fraction else 1):
        return None
    return Number(match.start(), match.end(), whole, fraction, unsure)


def _is_malformed(group: str, point: str | None, fraction: str) -> bool:
    """One sign as both separators is believed only before cents: 1.299.00."""
    return bool(point) and point == group and len(fraction) != 2
