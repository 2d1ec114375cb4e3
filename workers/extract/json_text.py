"""JSON as pages really write it: wrapped, truncated at the wrong place, with stray commas."""

from __future__ import annotations

import html
import json
import re
from decimal import Decimal
from typing import Any

#: Scripts above this size are not product data.
MAX_CHARS = 2_000_000
# Runs of spaces are bounded: an unbounded one takes quadratic time on a page full of them.
_WRAPPING = re.compile(
    r"^(?://|/\*)?\s{0,9}<!\[CDATA\[\s{0,9}(?:\*/)?|(?://|/\*)?\s{0,9}\]\]>\s{0,9}(?:\*/)?;?$"
)
_COMMENT_MARKS = re.compile(r"^<!--|(?://\s{0,9})?-->$")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_LINE_COMMENT = re.compile(r"^[ \t]*//.*$", re.MULTILINE)

_DECODER = json.JSONDecoder(strict=False, parse_float=Decimal, parse_constant=lambda _: None)


def load_values(text: str) -> list[Any]:
    """Every JSON value in `text`, one after the other; [] where nothing can be read."""
    if len(text) > MAX_CHARS:
        return []
    text = _unwrap(text)
    for attempt in (lambda: text, lambda: _repair(text), lambda: _repair(html.unescape(text))):
        values = _values(attempt())
        if values:
            return values
    return []


def _unwrap(text: str) -> str:
    text = text.strip().lstrip("\ufeff")
    if not any(mark in text for mark in ("<!", "]]>", "-->")):
        return text
    for wrapping in (_WRAPPING, _COMMENT_MARKS, _WRAPPING):
        text = wrapping.sub("", text).strip()
    return text


def _repair(text: str) -> str:
    return _LINE_COMMENT.sub("", _TRAILING_COMMA.sub("", text)).strip()


def _values(text: str) -> list[Any]:
    values, position = [], 0
    while position < len(text):
        try:
            value, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        values.append(value)
        while position < len(text) and text[position] in " \t\r\n;,":
            position += 1
    return values
