"""Which currency a page means: the codes of its markup, and what its country suggests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workers.extract.currencies import look_up

if TYPE_CHECKING:
    from workers.extract.page import Page

_EURO = "ad at be cy de ee es fi fr gr hr ie it lt lu lv mc me mt nl pt si sk sm va xk eu"
#: Country (ISO 3166, as top-level domain or language region) -> the currency of its shops.
_BY_COUNTRY = dict.fromkeys(_EURO.split(), "EUR") | {
    "ae": "AED", "al": "ALL", "am": "AMD", "ar": "ARS", "au": "AUD", "az": "AZN", "ba": "BAM",
    "bd": "BDT", "bg": "BGN", "bh": "BHD", "bo": "BOB", "br": "BRL", "by": "BYN", "ca": "CAD",
    "ch": "CHF", "cl": "CLP", "cn": "CNY", "co": "COP", "cr": "CRC", "cz": "CZK", "dk": "DKK",
    "do": "DOP", "dz": "DZD", "ec": "USD", "eg": "EGP", "gb": "GBP", "ge": "GEL", "gh": "GHS",
    "gt": "GTQ", "hk": "HKD", "hu": "HUF", "id": "IDR", "il": "ILS", "in": "INR", "iq": "IQD",
    "is": "ISK", "jo": "JOD", "jp": "JPY", "ke": "KES", "kr": "KRW", "kw": "KWD", "kz": "KZT",
    "lb": "LBP", "lk": "LKR", "ma": "MAD", "md": "MDL", "mk": "MKD", "mx": "MXN", "my": "MYR",
    "ng": "NGN", "no": "NOK", "np": "NPR", "nz": "NZD", "om": "OMR", "pa": "USD", "pe": "PEN",
    "ph": "PHP", "pk": "PKR", "pl": "PLN", "py": "PYG", "qa": "QAR", "ro": "RON", "rs": "RSD",
    "ru": "RUB", "sa": "SAR", "se": "SEK", "sg": "SGD", "sv": "USD", "th": "THB", "tn": "TND",
    "tr": "TRY", "tw": "TWD", "ua": "UAH", "uk": "GBP", "us": "USD", "uy": "UYU", "uz": "UZS",
    "ve": "VES", "vn": "VND", "za": "ZAR",
}  # fmt: skip
#: Top-level domains of countries that the whole world registers names under.
_NOT_A_COUNTRY = frozenset(
    {"co", "me", "io", "ai", "tv", "cc", "ws", "fm", "to", "la", "gg", "ly", "am", "is", "id"}
)
#: Languages spoken in one country only, as far as shops go.
_BY_LANGUAGE = {
    "ja": "JPY", "ko": "KRW", "he": "ILS", "iw": "ILS", "pl": "PLN", "cs": "CZK", "hu": "HUF",
    "da": "DKK", "sv": "SEK", "nb": "NOK", "no": "NOK", "tr": "TRY", "th": "THB", "vi": "VND",
    "uk": "UAH", "bg": "BGN", "ro": "RON", "is": "ISK", "id": "IDR", "kk": "KZT",
    "it": "EUR", "fi": "EUR", "el": "EUR", "sk": "EUR", "sl": "EUR", "et": "EUR", "lv": "EUR",
    "lt": "EUR", "hr": "EUR",
}  # fmt: skip
_REGION = re.compile(r"^[a-z]{2,3}[-_](?:[a-z]{4}[-_])?([a-z]{2})\b")


def currency_from_markup(text: str | None) -> str | None:
    """The ISO 4217 code that a currency field holds; None when it names none for sure."""
    written = (text or "").strip()
    if not written or len(written) > 12:
        return None
    found = look_up(written.upper()) or look_up(written)
    return found.codes[0] if found and len(found.codes) == 1 else None


def expected_currency(page: Page) -> str | None:
    """The currency that the page's country uses: what a bare `$` or `kr` means there."""
    for country in _countries(page):
        if country in _BY_COUNTRY:
            return _BY_COUNTRY[country]
    return _BY_LANGUAGE.get(page.language[:2])


def _countries(page: Page) -> list[str]:
    """Countries the page names, the surest first: domain, language region, Open Graph locale."""
    top = page.host.rpartition(".")[2]
    domain = "" if top in _NOT_A_COUNTRY else top
    return [domain, _region(page.language), _region((page.meta("og:locale") or "").lower())]


def _region(locale: str) -> str:
    found = _REGION.match(locale)
    return found[1] if found else ""
