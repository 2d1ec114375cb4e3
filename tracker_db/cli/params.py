"""What people type as an argument: amounts of money and percentages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import click

from tracker_db.errors import CurrencyError, InvalidInputError
from tracker_db.money import currency_code

_AMOUNT = re.compile(r"(?:([A-Za-z]{3})\s*)?(\d+(?:[.,]\d+)?)(?:\s*([A-Za-z]{3}))?")
#: 1,299 is a thousand to one reader and a fraction to the other.
_UNCLEAR = re.compile(r"\d{1,3}[,]\d{3}")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in major units, with its currency if one was typed."""

    value: Decimal
    currency: str | None = None

    def currency_beside(self, shown: str | None, fallback: str | None) -> str | None:
        """The currency that was typed, else the page's, else the fallback.

        Raises InvalidInputError where the page's is another: no rule compares two currencies.
        """
        if self.currency and shown and self.currency != shown:
            raise InvalidInputError(
                f"The page's price is in {shown}; an alert in {self.currency} would never be met."
            )
        return self.currency or shown or fallback


class AmountType(click.ParamType):
    """`19.99`, `19,99`, `19.99 EUR` or `EUR 19.99`; never a guess."""

    name = "amount"

    def convert(
        self, value: str | Amount, param: click.Parameter | None, ctx: click.Context | None
    ) -> Amount:
        """Read an amount, or fail with wrong use."""
        if isinstance(value, Amount):
            return value
        try:
            return read_amount(value)
        except (ValueError, CurrencyError) as error:
            self.fail(str(error), param, ctx)


class PercentType(click.ParamType):
    """`10%`, or an amount for a drop by so much."""

    name = "percent-or-amount"

    def convert(
        self,
        value: str | Decimal | Amount,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Decimal | Amount:
        """A Decimal for a percentage, an Amount for an amount."""
        if not isinstance(value, str):
            return value
        if not value.strip().endswith("%"):
            return AMOUNT.convert(value, param, ctx)
        try:
            return Decimal(value.strip().rstrip("%").strip().replace(",", "."))
        except InvalidOperation:
            self.fail(f"{value!r} is not a percentage. Write one such as 10%.", param, ctx)


AMOUNT = AmountType()
PERCENT = PercentType()


def read_amount(text: str) -> Amount:
    """The amount that `text` is; ValueError or CurrencyError says what is wrong with it."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or _UNCLEAR.fullmatch(found[2]):
        raise ValueError(f"{text!r} is not an amount. Write one such as 19.99 or '19.99 EUR'.")
    if found[1] and found[3]:
        raise ValueError(f"{text!r} names two currencies. Write one of them.")
    currency = found[1] or found[3]
    value = Decimal(found[2].replace(",", "."))
    return Amount(value, currency_code(currency) if currency else None)
