"""Real, hand-labelled pages outside the repository: how often the price is right, and how fast."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from workers.extract import extract

DATA = os.environ.get("TRACKER_TEST_DATA")
pytestmark = pytest.mark.skipif(
    not DATA, reason="TRACKER_TEST_DATA names no folder with pages.jsonl"
)


@pytest.fixture(scope="module")
def verdicts() -> Counter[str]:
    counted: Counter[str] = Counter()
    folder = Path(DATA or "")
    with (folder / "pages.jsonl").open(encoding="utf-8") as labels:
        for label in map(json.loads, labels):
            body = gzip.decompress((folder / "pages" / f"{label['id']}.html.gz").read_bytes())
            found = extract(body, url=label["url"] or "", content_type=label["content_type"])
            counted.update(_verdict(found, label))
    return counted


def _verdict(found, label) -> list[str]:
    if label["price"] is None:
        return ["pages", "false price" if found.price is not None else "rightly none"]
    if found.price is None:
        return ["pages", "priced", "missing"]
    if found.price not in {Decimal(label["price"]), *map(Decimal, label["alt_prices"])}:
        return ["pages", "priced", "wrong"]
    currency = "currency right" if found.currency == label["currency"] else "currency wrong"
    return ["pages", "priced", "right", currency]


def test_at_least_93_in_100_prices_are_right(verdicts):
    assert verdicts["right"] >= 0.93 * verdicts["priced"], verdicts


def test_at_most_3_pages_in_100_give_a_wrong_or_a_false_price(verdicts):
    assert verdicts["wrong"] + verdicts["false price"] <= 0.03 * verdicts["pages"], verdicts


def test_at_least_97_in_100_currencies_are_right(verdicts):
    assert verdicts["currency right"] >= 0.97 * verdicts["right"], verdicts
