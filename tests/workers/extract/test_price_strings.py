"""Rates on the collected price strings (TRACKER_TEST_DATA), by where they come from."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from tracker_db.money import CURRENCIES
from workers.extract.price_text import parse_price

DATA = os.environ.get("TRACKER_TEST_DATA")
pytestmark = pytest.mark.skipif(not DATA, reason="TRACKER_TEST_DATA is not set")

#: What a source starts with, and the least share of its amounts to be right. The rows that
#: price-parser itself fails on include five without any digit; monetize refuses ranges and takes
#: 19.12.89 for an amount.
LEAST_RIGHT = {
    "price-parser": 0.99,
    "price-parser, known failures": 0.85,
    "RubyMoney/monetize": 0.80,
    "babel/CLDR": 0.98,
    "Node Intl/ICU": 0.98,
    "corpus": 0.99,
    "jez500/pricebuddy": 0.99,
    "zytedata/zyte-parsers": 0.99,
}


def group(row):
    if row["source"].startswith("scrapinghub/price-parser"):
        return "price-parser, known failures" if row.get("xfail") else "price-parser"
    return next(name for name in LEAST_RIGHT if row["source"].startswith(name))


@pytest.fixture(scope="module")
def rows():
    with (Path(DATA) / "price_strings.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize("name", LEAST_RIGHT)
def test_amounts_are_right_as_often_as_promised(rows, name):
    ours = [row for row in rows if group(row) == name]
    wrong = [
        row["raw"]
        for row in ours
        if parse_price(row["raw"], currency_hint=row["currency_hint"])[0]
        != (None if row["amount"] is None else Decimal(row["amount"]))
    ]
    assert len(wrong) <= (1 - LEAST_RIGHT[name]) * len(ours), wrong


def test_a_currency_given_by_its_code_is_always_found(rows):
    hinted = [
        (row, parse_price(row["raw"], currency_hint=row["currency_hint"] or row["currency"]))
        for row in rows
        if row["currency"] in CURRENCIES and row["amount"] is not None
    ]
    assert [
        (row["raw"], row["currency"], code)
        for row, (_, code) in hinted
        if code != row["currency"]
    ] == []  # fmt: skip
