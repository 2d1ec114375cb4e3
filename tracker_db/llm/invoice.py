"""A provider's invoice as CSV: what it bills by day and, where it says so, by model."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from tracker_db.errors import InvalidInputError
from tracker_db.llm.providers import provider_name

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The columns, each by the names it may have.
_COLUMNS = {
    "day": ("day", "date"),
    "provider": ("provider",),
    "model": ("model",),
    "cost": ("cost_usd", "amount_usd", "cost", "amount"),
}
#: Days and US dollars beyond these are mistakes.
_DAYS = (date(2000, 1, 1), date(2999, 12, 31))
_MOST = 10**12


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """US dollars billed for one (UTC) day; `model` is None on an invoice without models.

    A credit is negative.
    """

    day: date
    provider: str
    model: str | None
    cost: Decimal


def read_invoice(text: str) -> list[InvoiceLine]:
    """The lines of a CSV with the columns day, provider, cost_usd and perhaps model.

    Raises InvalidInputError, naming the line, for anything that cannot be read: an invoice is
    compared as a whole or not at all.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        names = _names(reader.fieldnames or ())
        lines = [_line(row, names, reader.line_num) for row in reader]
    except csv.Error as error:
        raise InvalidInputError(f"Line {reader.line_num} is not CSV: {error}.") from None
    if not lines:
        raise InvalidInputError("The invoice has no lines.")
    return lines


def _names(header: Iterable[str]) -> dict[str, str]:
    """The file's own name of each column it has."""
    own = {name.strip().lower(): name for name in header}
    names = {
        column: next((own[name] for name in known if name in own), "")
        for column, known in _COLUMNS.items()
    }
    missing = [column for column, name in names.items() if not name and column != "model"]
    if missing:
        raise InvalidInputError(
            f"The invoice has no {', no '.join(missing)} column;"
            " it needs day, provider and cost_usd, and may have model."
        )
    return names


def _line(row: dict[str, str], names: dict[str, str], number: int) -> InvoiceLine:
    if None in row:
        raise InvalidInputError(
            f"Line {number} has more cells than the header; write amounts without commas."
        )
    cells = {column: (row.get(name) or "").strip() for column, name in names.items()}
    try:
        day, cost = date.fromisoformat(cells["day"]), Decimal(cells["cost"])
    except (ValueError, InvalidOperation):
        day, cost = date.min, Decimal("NaN")
    if not (_DAYS[0] <= day <= _DAYS[1] and cost.is_finite() and abs(cost) <= _MOST):
        raise InvalidInputError(
            f"Line {number} needs a day such as 2026-05-04 and an amount such as 12.50,"
            f" got {cells['day']!r} and {cells['cost']!r}."
        )
    if not cells["provider"] or (names["model"] and not cells["model"]):
        raise InvalidInputError(f"Line {number} lacks a provider or a model.")
    return InvoiceLine(day, provider_name(cells["provider"]), cells["model"] or None, cost)
