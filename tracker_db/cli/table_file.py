"""Rows of a CSV, a JSON array or a list of URLs, each with its place in the file."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = ("url", "name", "schedule", "timezone", "currency", "selector", "target", "active")

_ITEM_START = re.compile(r"\s*\[?\s*")
_SPACES_AND_COMMA = re.compile(r"[\s,]*")


class BadFileError(Exception):
    """The file as a whole cannot be read."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one row gives, empty cells left out; `place` is where a person finds it."""

    place: str
    values: dict[str, Any]
    fault: str = ""

    def checked(self) -> dict[str, Any]:
        """The values; BadFileError when the row is not one."""
        if self.fault:
            raise BadFileError(self.fault)
        return self.values


def read_rows(content: bytes) -> list[Row]:
    """The rows of a file, whose kind is told by its content. Raises BadFileError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFileError(f"it is not UTF-8 text ({error.reason}).") from None
    start = text.lstrip()
    if start.startswith(("[", "{")):
        return list(_json_rows(text))
    first = start.partition("\n")[0].lower()
    if "url" in {name.strip(' "\r') for name in first.replace(";", ",").split(",")}:
        return list(_csv_rows(text, ";" if first.count(";") > first.count(",") else ","))
    return list(_url_rows(text))


def _csv_rows(text: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    try:
        for cells in reader:
            if not header:
                header = [cell.strip().lower() for cell in cells]
                if fault := _unknown(header) or _repeated(header):
                    raise BadFileError(fault)
            elif any(cell.strip() for cell in cells):
                yield _csv_row(header, cells, f"line {reader.line_num}")
    except csv.Error as error:
        raise BadFileError(f"line {reader.line_num}: {error}.") from None


def _csv_row(header: list[str], cells: list[str], place: str) -> Row:
    if len(cells) > len(header):
        return Row(place, {}, f"{len(cells)} cells, but the header has {len(header)}.")
    filled = zip(header, (cell.strip() for cell in cells), strict=False)
    return Row(place, {name: cell for name, cell in filled if cell})


def _json_rows(text: str) -> Iterator[Row]:
    try:
        for n, (item, start) in enumerate(_json_items(text), 1):
            line = text.count("\n", 0, start) + 1
            values = {"url": item} if isinstance(item, str) else item
            yield _json_row(values, f"item {n} (line {line})")
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadFileError(f"it is not valid JSON: {error}.") from None


def _json_items(text: str) -> Iterator[tuple[object, int]]:
    """Each item of the array, or the one value there is, with the position where it begins."""
    decoder = json.JSONDecoder(parse_float=Decimal)
    json.loads(text)  # all of it, so that nothing is between the items but spaces and commas
    start = _ITEM_START.match(text).end()  # type: ignore[union-attr]
    while start < len(text) and text[start] != "]":
        item, end = decoder.raw_decode(text, start)
        yield item, start
        start = _SPACES_AND_COMMA.match(text, end).end()  # type: ignore[union-attr]


def _json_row(item: object, place: str) -> Row:
    if not isinstance(item, dict):
        return Row(place, {}, "neither a URL nor an object.")
    values = {name: _text(one) for name, one in item.items() if one is not None and one != ""}
    return Row(place, values, _unknown(list(item)))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _url_rows(text: str) -> Iterator[Row]:
    for n, line in enumerate(text.splitlines(), 1):
        url = line.strip()
        if url and not url.startswith("#"):
            yield Row(f"line {n}", {"url": url})


def _unknown(names: list[str]) -> str:
    """What is wrong with these columns; empty if nothing."""
    unknown = [name for name in names if name not in COLUMNS]
    return f"unknown column {unknown[0]!r}; there are {', '.join(COLUMNS)}." if unknown else ""


def _repeated(names: list[str]) -> str:
    twice = next((name for name in names if names.count(name) > 1), None)
    return f"the column {twice!r} stands there twice." if twice else ""
