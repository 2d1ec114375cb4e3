"""Microdata, RDFa, GoodRelations, meta tags and script data: the product's own price."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workers.extract import extract


def read(body: str, head: str = "", url: str = "https://shop.example/lamp"):
    html = f"<html><head><title>Desk lamp</title>{head}</head><body>{body}</body></html>"
    return extract(html.encode(), url=url)


THING = (
    '<div itemscope itemtype="http://schema.org/Product"><h1 itemprop="name">Desk lamp</h1>{}</div>'
)
OFFER = '<div itemprop="offers" itemscope itemtype="http://schema.org/Offer">{}</div>'
RELATED = (
    '<div itemscope itemtype="http://schema.org/Product"><span itemprop="name">Sofa</span>'
    '<div itemprop="offers" itemscope itemtype="http://schema.org/Offer"><i itemprop="price">7.00</i></div></div>'
)

MICRODATA = {
    "content attributes": OFFER.format(
        '<meta itemprop="price" content="1299.00"><meta itemprop="priceCurrency" content="EUR">'
    ),
    "text with a thousands dot": OFFER.format('<b itemprop="price">1.299,00 €</b>'),
    "superscript cents": OFFER.format('<b itemprop="price">€ 1299<sup>00</sup></b>'),
    "an offer that names no property": OFFER.replace('itemprop="offers" ', "").format(
        '<b itemprop="price">1299.00 €</b>'
    ),
    "a price straight in the product": '<b itemprop="price" content="1299">€ 1.299</b>',
    "a related product inside": OFFER.format('<b itemprop="price">1299.00 €</b>') + RELATED,
    "an aggregate in lower case": '<div itemprop="offers" itemscope itemtype="http://schema.org/AggregateOffer">'
    '<b itemprop="lowprice">1299.00 €</b></div>',
    "an old price beside, marked up too": OFFER.format(
        '<del itemprop="price">1.599,00 €</del> <b itemprop="price">1.299,00 €</b>'
    ),
}


@pytest.mark.parametrize("offer", MICRODATA.values(), ids=MICRODATA)
def test_microdata_is_read_in_the_product_s_own_scope(offer):
    found = read(THING.format(offer))
    assert (found.price, found.currency) == (1299, "EUR")


def test_a_related_product_before_the_page_s_own_is_passed_over():
    assert read(RELATED + THING.format(OFFER.format('<b itemprop="price">$12.00</b>'))).price == 12


def test_itemref_reaches_an_offer_elsewhere():
    product = '<div itemscope itemtype="http://schema.org/Product" itemref="o"><h1 itemprop="name">Desk lamp</h1></div>'
    assert (
        read(product + f'<div id="o">{OFFER.format("<b itemprop=price>$12.00</b>")}</div>').price
        == 12
    )


def test_a_list_of_products_has_no_price():
    cards = "".join(
        THING.replace("h1", "h2")
        .replace("Desk lamp", name)
        .format(OFFER.format(f'<b itemprop="price">${price}</b>'))
        for name, price in (("Sofa", 10), ("Chair", 20), ("Table", 30))
    )
    assert read("<h1>Furniture</h1>" + cards).price is None


def test_goodrelations_in_rdfa_is_read():
    found = read(
        '<div typeof="gr:Offering"><h1 property="gr:name">Desk lamp</h1><div rel="gr:hasPriceSpecification">'
        '<div typeof="gr:UnitPriceSpecification"><span property="gr:hasCurrencyValue" content="8.99"></span>'
        '<span property="gr:hasCurrency" content="USD"></span></div></div></div>'
    )
    assert (found.price, found.currency, found.extractor) == (Decimal("8.99"), "USD", "rdfa")


def test_schema_org_in_rdfa_is_read():
    found = read(
        '<div vocab="http://schema.org/" typeof="Product"><h1 property="name">Desk lamp</h1>'
        '<div property="offers" typeof="Offer"><span property="price" content="8.99">8.99</span>'
        '<span property="priceCurrency" content="USD"></span></div></div>'
    )
    assert (found.price, found.currency) == (Decimal("8.99"), "USD")


def meta(**contents: str) -> str:
    return "".join(
        f'<meta property="{name.replace("__", ":")}" content="{content}">'
        for name, content in contents.items()
    )


META = {
    "product": meta(product__price__amount="12.50", product__price__currency="GBP"),
    "open graph": meta(og__price__amount="12.50", og__price__currency="GBP"),
    "a thousands comma": meta(og__price__amount="12.50", og__price__currency="gbp"),
    "sale beside list": meta(
        product__price__amount="20.00",
        product__sale_price__amount="12.50",
        product__price__currency="GBP",
    ),
    "twitter": meta(twitter__label1="Price", twitter__data1="£12.50"),
}


@pytest.mark.parametrize("head", META.values(), ids=META)
def test_meta_tags_give_the_current_price(head):
    found = read("<h1>Desk lamp</h1>", head)
    assert (found.price, found.currency, found.extractor) == (Decimal("12.50"), "GBP", "meta")


def test_the_price_beside_a_sale_price_is_the_list_price():
    assert read("<h1>Desk lamp</h1>", META["sale beside list"]).list_price == 20


SCRIPTS = {
    "state": '<script>window.__STATE__ = {"product": {"name": "Desk lamp", "price": 12.5}}</script>',
    "data layer": "<script>dataLayer.push({'name': 'Desk lamp', 'price': '12.50', 'currency': 'EUR'})</script>",
    "escaped": '<script>x("{\\"name\\":\\"Desk lamp\\",\\"price\\":\\"12.50\\"}")</script>',
    "application/json": '<script type="application/json">{"title": "Desk lamp", "price": "12.50"}</script>',
    "data attribute": '<div data-price="12.50"></div>',
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_script_data_tells_which_seen_number_is_the_price(script):
    page = f"<h1>Desk lamp</h1><p>Ready on 11.50 or 13.50</p><p>12.50 €</p>{script}"
    assert read(page).price == Decimal("12.50")


def test_script_data_alone_is_no_proof():
    assert read("<h1>Desk lamp</h1>" + SCRIPTS["state"]).price is None
