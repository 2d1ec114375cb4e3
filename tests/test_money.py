"""Money: ISO 4217 codes and exponents, rounding, refusals, and how an amount reads."""

from __future__ import annotations

from decimal import Decimal

import iso4217
import pytest

from tracker_db.errors import CurrencyError, InvalidInputError
from tracker_db.money import CURRENCIES, RETIRED, Money, currency_code, exponent

PUBLISHED = {currency.code: currency.exponent for currency in iso4217.Currency}
#: Metals, bond units, test codes: ISO gives them no minor unit, nothing is priced in them.
NO_MINOR_UNIT = set("XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX".split())


def test_the_currency_table_is_the_published_one():
    assert set(PUBLISHED) - NO_MINOR_UNIT == CURRENCIES


def test_every_exponent_is_the_published_one():
    assert {code: exponent(code) for code in CURRENCIES} == {
        code: digits for code, digits in PUBLISHED.items() if code not in NO_MINOR_UNIT
    }


def test_retired_codes_are_no_longer_published():
    assert not RETIRED & set(PUBLISHED)


@pytest.mark.parametrize("written", ["eur", " EUR ", "Eur"])
def test_a_code_is_read_in_any_case(written):
    assert currency_code(written) == "EUR"


@pytest.mark.parametrize("written", ["", "€", "EURO", "XXX", "US", "EU R", "１２３"])
def test_what_is_no_currency_is_refused_by_name(written):
    with pytest.raises(CurrencyError, match="is not an ISO 4217 currency code"):
        currency_code(written)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("19.99", "USD", 1999),
        ("19.99", "usd", 1999),
        ("1500", "JPY", 1500),
        ("1.250", "KWD", 1250),
        ("1.2345", "CLF", 12345),
        ("4.6", "BHD", 4600),
        ("0", "EUR", 0),
        ("-0", "EUR", 0),
        ("24999000", "IDR", 2_499_900_000),  # over the end of a 4-byte integer
        ("1.005", "USD", 101),  # half up, not to even
        ("1.015", "USD", 102),
        ("2.5", "JPY", 3),
        ("1.004" + "9" * 40, "USD", 100),  # rounded once, however many digits
        ("1E-400", "USD", 0),
        ("92233720368547758.07", "USD", 2**63 - 1),
    ],
)
def test_an_amount_becomes_minor_units(amount, currency, minor):
    assert Money.of(Decimal(amount), currency).minor == minor


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_price_is_refused(amount):
    with pytest.raises(InvalidInputError, match="is not a price"):
        Money.of(Decimal(amount), "USD")


@pytest.mark.parametrize("amount", ["92233720368547758.08", "1E+19", "1E+400", "9" * 60])
def test_an_amount_beyond_bigint_is_refused(amount):
    with pytest.raises(InvalidInputError, match="too large"):
        Money.of(Decimal(amount), "USD")


def test_an_unknown_currency_is_refused_before_anything_is_made():
    with pytest.raises(CurrencyError):
        Money.of(Decimal(1), "ABC")


@pytest.mark.parametrize("code", sorted(CURRENCIES | RETIRED))
def test_minor_units_read_back_as_the_same_amount(code):
    money = Money.of(Decimal(1234), code)
    assert money.amount == 1234
    assert Money.of(money.amount, code) == money
    assert -money.amount.as_tuple().exponent == exponent(code)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(123456789, "USD"), "1,234,567.89 USD"),
        (Money(5, "EUR"), "0.05 EUR"),
        (Money(0, "EUR"), "0.00 EUR"),
        (Money(1500, "JPY"), "1,500 JPY"),
        (Money(1250, "KWD"), "1.250 KWD"),
        (Money(2**63 - 1, "USD"), "92,233,720,368,547,758.07 USD"),
    ],
)
def test_money_is_shown_with_its_currencys_decimals(money, text):
    assert str(money) == text


def test_different_currencies_are_never_equal():
    assert Money(100, "USD") != Money(100, "EUR")


def test_money_has_no_order_across_currencies():
    with pytest.raises(TypeError):
        assert Money(100, "USD") < Money(200, "EUR")
