"""When sources disagree: the page as people see it decides, and doubt gives no price."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workers.extract import Source, extract
from workers.extract.candidate import Candidate


def ld(price: str, currency: str = "EUR", extra: str = "") -> str:
    return (
        '<script type="application/ld+json">{"@type": "Product", "name": "Desk lamp", "offers":'
        f' {{"@type": "Offer", "price": "{price}", "priceCurrency": "{currency}"{extra}}}}}</script>'
    )


def meta(price: str, currency: str = "EUR") -> str:
    return (
        f'<meta property="product:price:amount" content="{price}">'
        f'<meta property="product:price:currency" content="{currency}">'
    )


def read(head: str, body: str, url: str = "https://shop.example/desk-lamp"):
    html = f"<html><head><title>Desk lamp</title>{head}</head><body><h1>Desk lamp</h1>{body}</body></html>"
    return extract(html.encode(), url=url)


NOW = '<p class="price">€ 80.00</p>'
# head, body -> 80: what the buyer pays, whatever the markup says.
CONTRADICTIONS = {
    "markup holds the list price": (ld("100.00"), f'<p class="old-price">€ 100.00</p>{NOW}'),
    "markup holds twice the price": (ld("160.00"), NOW),
    "markup holds the price without tax": (ld("67.23"), f"<p>excl. VAT € 67.23</p>{NOW}"),
    "markup holds an auction's start": (
        ld("10.00") + meta("80.00"),
        f"<p>Starting bid € 10.00</p>{NOW}",
    ),
    "JSON-LD old, meta new": (ld("100.00") + meta("80.00"), f"<p><del>€ 100.00</del></p>{NOW}"),
    "meta is in another currency": (ld("80.00") + meta("93.10", "USD"), NOW),
    "meta has no tax": (ld("80.00") + meta("67.23"), NOW),
    "JSON-LD lost its comma": (ld("8000"), NOW),
}


@pytest.mark.parametrize(("head", "body"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_markup_that_the_page_contradicts_loses(head, body):
    found = read(head, body)
    assert (found.price, found.currency) == (80, "EUR")


def test_markup_is_believed_where_the_page_shows_no_price():
    assert read(ld("80.00"), "<p>Loading...</p>").price == 80


def test_two_markups_that_nothing_decides_between_are_ambiguous():
    found = read(ld("80.00") + meta("95.00"), "<p>Loading...</p>")
    assert (found.outcome, found.price) == ("ambiguous", None)
    assert "80" in found.message
    assert "95" in found.message


def test_a_sign_that_contradicts_the_markup_s_currency_wins():
    assert read(ld("80.00", "USD"), NOW).currency == "EUR"


def test_a_sign_that_can_mean_the_markup_s_currency_agrees_with_it():
    assert read(ld("80.00", "CAD"), '<p class="price">$80.00</p>').currency == "CAD"


def test_the_struck_price_is_the_list_price():
    found = read(ld("80.00"), f"<p class=price><del>€ 100.00</del></p>{NOW}")
    assert (found.price, found.list_price) == (80, 100)


def test_every_candidate_says_why_it_won_or_lost():
    found = read(ld("100.00"), f'<p class="old-price">€ 100.00</p>{NOW}')
    reasons = {(one.source, one.price): one.reason for one in found.candidates}
    assert "old" in reasons[Source.JSON_LD, Decimal(100)]
    assert "the main price seen" in reasons[Source.VISIBLE, Decimal(80)]
    assert all(isinstance(one, Candidate) and one.reason for one in found.candidates)


def test_the_same_page_always_gives_the_same_answer():
    head, body = CONTRADICTIONS["markup holds the list price"]
    assert read(head, body) == read(head, body)


@pytest.mark.parametrize(
    ("line", "availability", "outcome"),
    [
        ('<p class="stock">Out of stock</p>', "OutOfStock", "out_of_stock"),
        ('<p class="availability">Ausverkauft</p>', "OutOfStock", "out_of_stock"),
        ('<p class="stock">In stock</p>', "InStock", "ok"),
        ('<p class="stock">Other sizes are sold out</p>', None, "ok"),
        ("<p>nothing</p>", None, "ok"),
    ],
)
def test_the_stock_line_is_read_where_markup_is_silent(line, availability, outcome):
    found = read("", f"{NOW}{line}")
    assert (found.availability, found.outcome) == (availability, outcome)


def test_markup_s_availability_goes_before_the_stock_line():
    head = ld("80.00", extra=', "availability": "https://schema.org/InStock"')
    assert read(head, f"{NOW}<p class=stock>Out of stock</p>").availability == "InStock"


def test_name_and_image_come_with_the_price():
    head = ld("80.00").replace('"name"', '"image": ["https://shop.example/lamp.jpg"], "name"')
    found = read(head, NOW)
    assert (found.name, found.image) == ("Desk lamp", "https://shop.example/lamp.jpg")


@pytest.mark.parametrize(
    ("head", "image", "address"),
    [
        ("", "/i/lamp.jpg", "https://shop.example/i/lamp.jpg"),
        ("", "//cdn.example/lamp.jpg", "https://cdn.example/lamp.jpg"),
        ('<base href="/de/">', "lamp.jpg", "https://shop.example/de/lamp.jpg"),
        ("", "data:image/gif;base64,R0", None),
        ("", "http://[", None),
    ],
)
def test_the_image_is_an_absolute_address(head, image, address):
    assert read(f'{head}<meta property="og:image" content="{image}">', NOW).image == address


def state(price: str) -> str:
    product = f'{{"product": {{"name": "Desk lamp", "price": "{price}", "currency": "EUR"}}}}'
    return f'<script id="__NEXT_DATA__" type="application/json">{product}</script>'


@pytest.mark.parametrize(("price", "currency"), [("80.00", "EUR"), ("65.00", None)])
def test_a_script_names_the_currency_of_the_price_that_it_agrees_with(price, currency):
    seen = read(state(price), '<span class="product-price">80.00</span>')
    assert (seen.price, seen.currency) == (Decimal("80.00"), currency)
