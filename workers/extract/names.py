"""Whether two texts name the same product, and whether an address names this page."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

_WORD = re.compile(r"\w+")
#: A product's number in an address: a word of four or more characters with a digit.
_NUMBERED = re.compile(r"(?=\D*\d)\w{4,40}")
#: Share of the shorter name's words that the longer one must have.
_SAME = 0.6


@lru_cache(maxsize=512)
def words(text: str) -> frozenset[str]:
    """The words of a name in lower case, at most the first 300 characters of it."""
    return frozenset(_WORD.findall(text[:300].lower()))


def same_name(one: str, other: str) -> bool:
    """Whether most words of the shorter name stand in the longer one."""
    a, b = words(one), words(other)
    shorter = min(len(a), len(b))
    return shorter > 0 and len(a & b) >= shorter * _SAME


def share_a_word(one: str, others: list[str]) -> bool:
    """Whether any word of three or more characters stands in one of `others` too."""
    telling = {word for word in words(one) if len(word) > 2}
    return not telling or any(telling & words(other) for other in others)


def same_address(one: str, other: str) -> bool:
    """Whether two addresses have the same path and no query value contradicts."""
    a, b = _address(one), _address(other)
    if a is None or b is None or a[0] != b[0]:
        return False
    return all(b[1].get(key, value) == value for key, value in a[1].items())


def asks_for(url: str, other: str) -> bool:
    """Whether `url` has the path of `other` and every query value of it, of which there is one."""
    a, b = _address(url), _address(other)
    if a is None or b is None or a[0] != b[0] or not b[1]:
        return False
    return all(a[1].get(key) == value for key, value in b[1].items())


def is_elsewhere(address: str, *own: str) -> bool:
    """Whether the address is none of a page's `own`, and has no product number in common."""
    if any(same_address(address, one) for one in own):
        return False
    shared = address_words(address) & frozenset().union(*map(address_words, own))
    return not any(_NUMBERED.fullmatch(word) for word in shared)


def address_words(url: str) -> frozenset[str]:
    """Every word of an address's path, query and fragment: where ids and sku stand."""
    return frozenset(_WORD.findall(unquote(url[:2000]).lower())) | frozenset(
        re.findall(r"[\w.-]+", unquote(url[:2000]).lower())
    )


def _address(url: str) -> tuple[str, dict[str, str]] | None:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    path = unquote(parts.path).rstrip("/").lower()
    return (path, dict(parse_qsl(parts.query, max_num_fields=50))) if path else None
