"""The user's own CSS, XPath or regex for the price."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tracker_db.errors import SelectorError
from workers.extract.candidate import Candidate, Source
from workers.extract.page import css_query, find_all, is_element, xpath_query
from workers.extract.price_element import price_text_of
from workers.extract.price_text import parse_machine_price, parse_price

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workers.extract.page import Page

MAX_LENGTH = 500
_PREFIX = re.compile(r"^(css|xpath|regex):\s*", re.IGNORECASE)
#: An unlimited repeat around another takes exponential time on the wrong page.
_NESTED_REPEAT = re.compile(r"[+*}][^()\[\]]*\)[+*{]")
_UNLIMITED = re.compile(r"(?<!\\)(?:[+*]|\{\d*,\})")
_MAX_UNLIMITED = 2
#: A regex sees the source in windows, so that no repeat runs over the whole page.
_WINDOW = 2_000
_OVERLAP = 500
_MAX_SOURCE = 1_000_000
_MAX_MATCHES = 50
_QUERIES = {"css": css_query, "xpath": xpath_query}
_VALUE_ATTRIBUTES = ("content", "data-price", "value")


def check_selector(text: str) -> None:
    """Raise SelectorError when `text` is no CSS, XPath or regex that can be used.

    A selector may say what it is: `css:`, `xpath:` or `regex:`. Without that, one that
    begins with `/` or `(` is XPath and any other is CSS.
    """
    kind, expression = _kind_of(text)
    if kind == "regex":
        _pattern(expression)
    else:
        _QUERIES[kind](expression)


def selected(page: Page, selector: str, currency_hint: str | None) -> tuple[Candidate | None, str]:
    """The first match that holds a price, and the sentence that says why there is none."""
    matched = ""
    for text in _texts(page, selector):
        matched = matched or text
        price, currency = parse_price(text, currency_hint=currency_hint)
        if price is None:
            price = parse_machine_price(text, currency=currency_hint)
        if price is not None:
            found = Candidate(
                Source.SELECTOR, price, currency, where=selector, text=text[:100], reason="selected"
            )
            return found, ""
    if matched:
        return None, f"The selector {selector!r} matches {matched[:60]!r}, which holds no price."
    return None, f"The selector {selector!r} matches nothing on the page."


def _kind_of(text: str) -> tuple[str, str]:
    if not text.strip():
        raise SelectorError("The selector is empty.")
    if len(text) > MAX_LENGTH:
        raise SelectorError(f"The selector has {len(text)} characters; {MAX_LENGTH} are allowed.")
    said = _PREFIX.match(text)
    if said:
        return said[1].lower(), text[said.end() :].strip()
    return ("xpath" if text.lstrip().startswith(("/", "(", "./")) else "css"), text.strip()


def _pattern(expression: str) -> re.Pattern[str]:
    if _NESTED_REPEAT.search(expression) or len(_UNLIMITED.findall(expression)) > _MAX_UNLIMITED:
        raise SelectorError(
            f"The regex {expression!r} can take endless time: nest no repeats, "
            f"and use at most {_MAX_UNLIMITED} of * and +."
        )
    try:
        return re.compile(expression)
    except (re.error, OverflowError, RecursionError) as error:
        raise SelectorError(f"The regex {expression!r} cannot be read: {error}.") from error


def _texts(page: Page, selector: str) -> Iterator[str]:
    kind, expression = _kind_of(selector)
    if kind == "regex":
        yield from _regex_texts(page, _pattern(expression))
        return
    for one in find_all(_QUERIES[kind](expression), page)[:_MAX_MATCHES]:
        yield _text(one)


def _regex_texts(page: Page, pattern: re.Pattern[str]) -> Iterator[str]:
    source = page.source[:_MAX_SOURCE].decode("utf-8", errors="replace")
    for start in range(0, len(source), _WINDOW - _OVERLAP):
        match = pattern.search(source[start : start + _WINDOW])
        if match:
            yield next((group for group in match.groups() if group), match[0])


def _text(found: Any) -> str:
    """What a match says: its text, or the attribute that holds its value."""
    if not is_element(found):
        return str(found).strip()
    written = next((found.get(name) for name in _VALUE_ATTRIBUTES if found.get(name)), None)
    return (
        written
        if written and found.tag in {"meta", "input", "data"}
        else price_text_of(found) or written or ""
    )
