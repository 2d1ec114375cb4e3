"""A picked price is found again by a selector that knows nothing of the price itself."""

from decimal import Decimal

import pytest

from workers.extract import extract
from workers.extract.propose import propose_selector

URL = "https://shop.example/pan"

#: The page with {} where the price stands -> the selector proposed for it; written by hand.
PAGES = [
    ('<h1>Pan</h1><p id="now">€{}</p><p>€24.00</p>', "#now"),
    ('<h1>Pan</h1><p itemprop="price">€{}</p><p>€24.00</p>', "[itemprop=price]"),
    ('<h1>Pan</h1><p class="cost small">€{}</p><p class="cost large">€24.00</p>', "p.small"),
    (
        '<h1>Pan</h1><div id="main"><b class="x">€{}</b></div><div><b class="x">€24.00</b></div>',
        "#main b.x",
    ),
    ("<h1>Pan</h1><div><p>€24.00</p></div><div><p>€{}</p></div>", "/html/body/div[2]/p"),
    (
        '<meta property="product:price:amount" content="{}"><h1>Pan</h1><p>€24.00</p>',
        "//meta[@property='product:price:amount']/@content",
    ),
    (
        '<script>x = {{"salePrice": "{}", "listPrice": "24.00"}}</script><h1>Pan</h1>',
        r'regex:"salePrice"\s{0,5}:\s{0,5}"?(\d[\d.,]{0,20})',
    ),
]


def page(template, price):
    return f"<!doctype html><title>Pan</title>{template.format(price)}".encode()


@pytest.mark.parametrize(("template", "selector"), PAGES)
def test_the_steadiest_selector_is_proposed(template, selector):
    assert propose_selector(page(template, "19.49"), Decimal("19.49"), url=URL) == selector


@pytest.mark.parametrize(("template", "selector"), PAGES)
def test_it_finds_the_next_price_too(template, selector):
    found = extract(page(template, "17.25"), url=URL, selector=selector)
    assert found.price == Decimal("17.25")


def test_a_price_that_is_not_on_the_page_has_no_selector():
    assert propose_selector(page(PAGES[0][0], "19.49"), Decimal(5), url=URL) is None


def test_a_body_that_is_no_page_has_no_selector():
    assert propose_selector(b"%PDF-1.7", Decimal(5), url=URL, content_type="image/png") is None
