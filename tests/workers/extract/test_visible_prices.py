"""Prices in the text alone: the product's own, whatever stands around it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workers.extract import extract

CART = '<form action="/cart"><button>Add to cart</button></form>'


def read(body: str, *, url: str = "https://shop.example/desk-lamp", lang: str = "en"):
    html = f'<html lang="{lang}"><head><title>Desk lamp | Shop</title></head><body>{body}</body></html>'
    return extract(html.encode(), url=url)


def product(block: str) -> str:
    return f"<div class=product><h1>Desk lamp</h1>{block}{CART}</div>"


# What stands under the title -> the price is 1299 or 12.99, by the fixture's own sense.
BLOCKS = {
    "plain": ("<p class=price>€ 12.99</p>", "12.99"),
    "sign behind": ("<p class=price>12,99 €</p>", "12.99"),
    "sign in its own element": ("<p class=price><span>€</span><span>12,99</span></p>", "12.99"),
    "sign in the next element": ("<p><b>12.99</b> <i>EUR</i></p>", "12.99"),
    "superscript cents": ("<p class=price>€12<sup>99</sup></p>", "12.99"),
    "cents in a named element": ('<p class=price>€<b>12</b><span class="cents">99</span></p>', "12.99"),
    "comma before small cents": ("<p class=price>€ 12,<small>99</small></p>", "12.99"),
    "a dash for no cents": ("<p class=price>€ 1299,-</p>", "1299"),
    "thousands dot": ("<p class=price>1.299,00 €</p>", "1299.00"),
    "thousands space": ("<p class=price>1 299,00 €</p>", "1299.00"),
    "thousands apostrophe": ("<p class=price>CHF 1'299.00</p>", "1299.00"),
    "a comment inside": ("<p class=price>€12<!-- x -->.99</p>", "12.99"),
    "twice, once for screen readers": (
        "<p class=price><span class=sr>€12.99</span><span aria-hidden=true>€12<sup>99</sup></span></p>",
        "12.99",
    ),
    "struck price first": ("<p class=price><del>€ 20.00</del> <ins>€ 12.99</ins></p>", "12.99"),
    "old price by class": ('<p class="old-price">€ 20.00</p><p class="new-price">€ 12.99</p>', "12.99"),
    "old price by camel case": ('<p class="oldPrice">€ 20.00</p><p class="actualPrice">€ 12.99</p>', "12.99"),
    "old price by label": ("<p>Was: €20.00</p><p>Now: €12.99</p>", "12.99"),
    "list price by label": ("<p>RRP € 20.00</p><p class=price>€ 12.99</p>", "12.99"),
    "old price by style": (
        '<p class=price style="text-decoration: line-through">€ 20.00</p><p class=price>€ 12.99</p>',
        "12.99",
    ),
    "a saving": ("<p class=price>€ 12.99</p><p>You save: € 7.01</p>", "12.99"),
    "a price per kilogram": ("<p>€ 51.96 / kg</p><p class=price>€ 12.99</p>", "12.99"),
    "an instalment": ("<p>€ 1.09 per month</p><p class=price>€ 12.99</p>", "12.99"),
    "shipping": ("<p class=price>€ 12.99</p><p>Shipping: € 4.90</p>", "12.99"),
    "a shipping threshold": ("<p>Free shipping on orders over €50</p><p class=price>€ 12.99</p>", "12.99"),
    "a members' price": ('<p class="member-price">€ 9.99</p><p class=price>€ 12.99</p>', "12.99"),
    "points": ('<p class=price>€ 12.99</p><p class="loyalty-points">€ 1.29</p>', "12.99"),
    "an option's surcharge": (
        "<select><option>Small</option><option>Large + € 3.50</option></select><p class=price>€ 12.99</p>",
        "12.99",
    ),
    "without tax beside with tax": ("<p>excl. VAT <b class=price>€ 10.74</b></p><p>incl. VAT <b class=price>€ 12.99</b></p>", "12.99"),
    "hidden": ('<p class=price style="display: none">€ 99.00</p><p class=price>€ 12.99</p>', "12.99"),
}  # fmt: skip


@pytest.mark.parametrize(("block", "price"), BLOCKS.values(), ids=BLOCKS)
def test_the_product_s_own_price_is_read(block, price):
    found = read(product(block))
    assert found.price == Decimal(price)
    assert found.currency in {"EUR", "CHF"}


def card(name: str, price: str) -> str:
    return f'<li class=card><a href="/{name}"><img src=x>{name}</a><span class=price>€ {price}</span></li>'


CARDS = "<ul>" + "".join(card(f"item-{n}", f"{n}.00") for n in range(20, 28)) + "</ul>"
PRICE = "<p class=price>€ 12.99</p>"

AROUND = {
    "a basket in the header": "<header><a class=minicart>0,00 €</a></header>" + product(PRICE),
    "a menu of gifts": "<nav><a href=/g>Gifts under €20</a></nav>" + product(PRICE),
    "related products after": product(PRICE) + f"<h2>You may also like</h2>{CARDS}",
    "related products before": f"<div class=related>{CARDS}</div>" + product(PRICE),
    "two related products": product(PRICE)
    + "<div class=upsell>"
    + card("sofa", "99.00")
    + card("bed", "89.00")
    + "</div>",
    "the same price twice": product(PRICE) + f"<div class=sticky-bar>Desk lamp {PRICE}</div>",
}


@pytest.mark.parametrize("body", AROUND.values(), ids=AROUND)
def test_prices_elsewhere_on_the_page_are_passed_over(body):
    assert read(body).price == Decimal("12.99")


NONE = {
    "a category": f"<h1>Lamps</h1>{CARDS}",
    "a search": (f"<h1>Results for lamp</h1>{CARDS}", "https://shop.example/search?q=lamp"),
    "a shop's home page": (f"<h1>Welcome</h1>{CARDS}", "https://shop.example/"),
    "an article": "<article><h1>Desk lamp review</h1><p>It first cost about $199 in the shops of 2016, and now "
    "sells for as little as $99 at some, which we think is a fair price for such a lamp.</p></article>",
    "only related prices": f"<div class=product><h1>Desk lamp</h1><p>Sold out</p></div><div class=related>{CARDS}</div>",
    "numbers without a currency": product("<p>Model 1299, 60 W, 4.5 stars</p>"),
    "a weight": product("<p>Weight: 3.5 pounds</p>"),
    "two prices alike": product("<div><p class=price>€ 12.99</p><p class=price>€ 15.99</p></div>"),
    "an empty body": "",
}


@pytest.mark.parametrize("page", NONE.values(), ids=NONE)
def test_a_page_that_is_not_one_price_gives_none(page):
    body, url = page if isinstance(page, tuple) else (page, "https://shop.example/desk-lamp")
    assert read(body, url=url).price is None


@pytest.mark.parametrize(
    ("text", "url", "lang", "currency"),
    [
        ("$12.99", "https://shop.example/lamp", "en", "USD"),
        ("$12.99", "https://shop.ca/lamp", "en", "CAD"),
        ("$12.99", "https://shop.example/lamp", "en-AU", "AUD"),
        ("$12.990", "https://tienda.cl/lampara", "es", "CLP"),
        ("129 kr", "https://butik.se/lampa", "sv", "SEK"),
        ("129 kr", "https://butikk.no/lampe", "nb", "NOK"),
        ("£12.99", "https://shop.example/lamp", "en", "GBP"),
        ("12,99 zł", "https://sklep.example/lampa", "pl", "PLN"),
        ("₹ 1,299.00", "https://shop.in/lamp", "en", "INR"),
        ("US$ 12.99", "https://shop.ca/lamp", "en", "USD"),
    ],
)
def test_a_shared_sign_means_the_country_s_currency(text, url, lang, currency):
    assert read(product(f"<p class=price>{text}</p>"), url=url, lang=lang).currency == currency
