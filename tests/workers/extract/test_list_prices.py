"""The list price stands beside the price, in its currency, or is none."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from workers.extract import extract

SPECIFIED = {"@type": "UnitPriceSpecification", "priceType": "https://schema.org/ListPrice"}


def list_price(body: str, head: str = "") -> Decimal | None:
    html = f"<html lang=en><title>Lamp</title>{head}<body><h1>Lamp</h1>{body}</html>"
    found = extract(html.encode(), url="https://shop.example/lamp")
    assert (found.price, found.currency) == (Decimal("19.99"), "EUR")
    return found.list_price


@pytest.mark.parametrize(
    ("struck", "expected"), [("€25.00", "25.00"), ("25,00 EUR", "25.00"), ("$25.00", None)]
)
def test_a_struck_price_in_another_currency_is_no_list_price(struck, expected):
    found = list_price(f"<p class=price><del>{struck}</del> <ins>€19.99</ins></p>")
    assert found == (expected and Decimal(expected))


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ({"price": "25.00", "priceCurrency": "EUR"}, "25.00"),
        ({"price": "25.00"}, "25.00"),
        ({"price": "25.00", "priceCurrency": "USD"}, None),
        ({"price": "$25.00"}, None),
    ],
)
def test_a_marked_list_price_in_another_currency_is_none(marked, expected):
    offer = {"price": "19.99", "priceCurrency": "EUR", "priceSpecification": SPECIFIED | marked}
    block = json.dumps({"@type": "Product", "name": "Lamp", "offers": offer})
    found = list_price(f'<script type="application/ld+json">{block}</script>')
    assert found == (expected and Decimal(expected))


@pytest.mark.parametrize(("currency", "expected"), [("EUR", "25.00"), ("USD", None)])
def test_an_original_price_of_open_graph_counts_in_the_same_currency(currency, expected):
    tags = {
        "product:price:amount": "19.99",
        "product:price:currency": "EUR",
        "product:original_price:amount": "25.00",
        "product:original_price:currency": currency,
    }
    head = "".join(f'<meta property="{name}" content="{value}">' for name, value in tags.items())
    assert list_price("", head) == (expected and Decimal(expected))


@pytest.mark.parametrize(("currency", "expected"), [("EUR", "25.00"), ("USD", None)])
def test_the_price_beside_a_sale_price_counts_in_the_same_currency(currency, expected):
    tags = {
        "product:sale_price:amount": "19.99",
        "product:sale_price:currency": "EUR",
        "product:price:amount": "25.00",
        "product:price:currency": currency,
    }
    head = "".join(f'<meta property="{name}" content="{value}">' for name, value in tags.items())
    assert list_price("", head) == (expected and Decimal(expected))
