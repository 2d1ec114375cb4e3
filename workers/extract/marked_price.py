"""A price as markup gives it: a plain number most often, a text for people at times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workers.extract.price_text import parse_machine_price, parse_price

if TYPE_CHECKING:
    from decimal import Decimal

_MAX_CHARS = 100


def read_marked_price(value: object, currency: str | None) -> tuple[Decimal | None, str | None]:
    """The amount (major units) and the currency: `currency` if given, else what the value says."""
    if isinstance(value, str):
        value = value.strip()[:_MAX_CHARS]
    price = parse_machine_price(value, currency=currency)
    if price is not None and currency is None and isinstance(value, str):
        currency = parse_price(value)[1]
    return price, currency
