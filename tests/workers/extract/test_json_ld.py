"""JSON-LD in the shapes that shops write: one product's price, or none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workers.extract import extract

URL = "https://shop.example/lamp?variant=42"


def read(*blocks: str, url: str = URL, body: str = ""):
    scripts = "".join(f'<script type="application/ld+json">{block}</script>' for block in blocks)
    html = f"<html><head><title>Desk lamp</title>{scripts}</head><body><h1>Desk lamp</h1>{body}</body></html>"
    return extract(html.encode(), url=url)


OFFER = '"offers": {"@type": "Offer", "price": "19.90", "priceCurrency": "EUR"}'
PRODUCT = f'{{"@type": "Product", "name": "Desk lamp", {OFFER}}}'

# What stands in the script -> the price; each shape was met on a real page.
SHAPES = {
    "plain": PRODUCT,
    "type in lower case": PRODUCT.replace('"Product"', '"product"'),
    "type as a list": PRODUCT.replace('"Product"', '["Product", "Car"]'),
    "type as an address": PRODUCT.replace('"Product"', '"http://schema.org/Product"'),
    "a car": PRODUCT.replace('"Product"', '"Car"'),
    "an event": PRODUCT.replace('"Product"', '"MusicEvent"'),
    "in a graph": f'{{"@graph": [{{"@type": "WebSite", "name": "Shop"}}, {PRODUCT}]}}',
    "as main entity": f'{{"@type": "ItemPage", "mainEntity": {PRODUCT}}}',
    "in a list": f"[{PRODUCT}]",
    "offers as a list": PRODUCT.replace(OFFER, f'"offers": [{OFFER[10:]}]'),
    "offers by reference": '{"@graph": [{"@type": "Product", "name": "Desk lamp", "offers": {"@id": "#o"}},'
    ' {"@id": "#o", "@type": "Offer", "price": "19.90", "priceCurrency": "EUR"}]}',
    "an offer without a product": '{"@type": "Offer", "price": "19.90", "priceCurrency": "EUR",'
    ' "itemOffered": {"name": "Desk lamp"}}',
    "a price specification": '{"@type": "Product", "name": "Desk lamp", "offers": {"@type": "Offer",'
    ' "priceSpecification": {"price": "19.90", "priceCurrency": "EUR"}}}',
    "list price and sale price": '{"@type": "Product", "name": "Desk lamp", "offers": {"@type": "Offer",'
    ' "priceSpecification": [{"@type": "UnitPriceSpecification", "priceType": "https://schema.org/ListPrice",'
    ' "price": 29.9, "priceCurrency": "EUR"}, {"@type": "UnitPriceSpecification", "price": 19.9,'
    ' "priceCurrency": "EUR"}]}}',
    "members' price last": '{"@type": "Product", "name": "Desk lamp", "offers": {"@type": "Offer",'
    ' "priceSpecification": [{"price": 9.9, "priceCurrency": "EUR", "validForMemberTier": {"name": "Club"}},'
    ' {"price": 19.9, "priceCurrency": "EUR"}]}}',
    "an aggregate": '{"@type": "Product", "name": "Desk lamp", "offers": {"@type": "AggregateOffer",'
    ' "lowPrice": "19.90", "highPrice": "19.90", "priceCurrency": "EUR"}}',
    "an aggregate with bare offers": '{"@type": "Product", "name": "Desk lamp", "offers": {"@type":'
    ' "AggregateOffer", "lowPrice": "19.90", "priceCurrency": "EUR", "offers": [{"@type": "Offer",'
    ' "url": "/lamp?variant=42"}, {"@type": "Offer", "url": "/lamp?variant=43"}]}}',
    "numbers as text with a comma": PRODUCT.replace("19.90", "19,90"),
    "the currency inside the price": PRODUCT.replace("19.90", "19,90 €").replace(
        ', "priceCurrency": "EUR"', ""
    ),
    "CDATA": f"//<![CDATA[\n{PRODUCT}\n//]]>",
    "an HTML comment": f"<!-- {PRODUCT} -->",
    "a trailing comma": PRODUCT[:-1] + ",}",
    "a semicolon behind": PRODUCT + ";",
    "a raw line break in a text": PRODUCT.replace("Desk lamp", "Desk\nlamp"),
    "a byte order mark": "\ufeff" + PRODUCT,
    "two objects in one script": '{"@type": "WebSite"}' + PRODUCT,
    "escaped quotes": PRODUCT.replace('"', "&quot;"),
}


@pytest.mark.parametrize("block", SHAPES.values(), ids=SHAPES)
def test_a_product_is_read_in_every_shape(block):
    found = read(block)
    assert (found.price, found.currency, found.extractor) == (Decimal("19.9"), "EUR", "json_ld")


def test_the_list_price_is_told_apart():
    assert read(SHAPES["list price and sale price"]).list_price == Decimal("29.9")


VARIANTS = """{"@type": "ProductGroup", "name": "Desk lamp", "hasVariant": [
  {"@type": "Product", "sku": "L-41", "offers": {"@type": "Offer", "price": 10, "priceCurrency": "USD",
   "url": "https://shop.example/lamp?variant=41"}},
  {"@type": "Product", "sku": "L-42", "offers": {"@type": "Offer", "price": 12, "priceCurrency": "USD",
   "url": "https://shop.example/lamp?variant=42"}}]}"""


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/lamp?variant=42",
        "https://shop.example/lamp#L-42",
        "https://shop.example/p/L-42",
    ],
)
def test_the_variant_in_the_address_is_the_one_priced(url):
    assert read(VARIANTS, url=url).price == 12


def test_variants_that_nothing_tells_apart_are_ambiguous():
    found = read(VARIANTS, url="https://shop.example/lamp")
    assert (found.outcome, found.price) == ("ambiguous", None)
    assert {one.price for one in found.candidates} == {10, 12}


NONE = {
    "a price of 0 that nobody calls free": PRODUCT.replace("19.90", "0"),
    "an object without a price": PRODUCT.replace('"19.90"', "{}"),
    "a negative price": PRODUCT.replace("19.90", "-5"),
    "NaN": PRODUCT.replace('"19.90"', "NaN"),
    "only shipping": '{"@type": "Product", "name": "Desk lamp", "offers": {"priceSpecification":'
    ' {"@type": "DeliveryChargeSpecification", "price": 4.9, "priceCurrency": "EUR"}}}',
    "a related product only": '{"@type": "Product", "name": "Desk lamp", "isRelatedTo": '
    + PRODUCT
    + "}",
    "three products of a list": "["
    + ",".join(PRODUCT.replace("Desk lamp", name) for name in ("Sofa", "Chair", "Table"))
    + "]",
    "a breadcrumb": '{"@type": "BreadcrumbList", "price": 3}',
    "not JSON": "product: 19.90",
    "nested without end": "[" * 100_000,
}


@pytest.mark.parametrize("block", NONE.values(), ids=NONE)
def test_no_price_is_made_up(block):
    assert read(block).price is None


def test_the_main_product_is_the_one_with_the_page_s_name():
    other = PRODUCT.replace("Desk lamp", "Garden chair").replace("19.90", "7.00")
    assert read(other, PRODUCT).price == Decimal("19.90")


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("https://schema.org/InStock", "InStock"),
        ("http://schema.org/OutOfStock", "OutOfStock"),
        ("in stock", "InStock"),
        ("PreOrder", "PreOrder"),
        ("schema:SoldOut", "SoldOut"),
        ("perhaps", None),
    ],
)
def test_availability_is_one_of_schema_org_s_words(written, word):
    block = PRODUCT.replace('"Offer",', f'"Offer", "availability": "{written}",')
    assert read(block).availability == word


def test_a_sold_out_product_keeps_its_price_and_says_so():
    found = read(PRODUCT.replace('"Offer",', '"Offer", "availability": "OutOfStock",'))
    assert (found.outcome, found.price) == ("out_of_stock", Decimal("19.90"))


def test_free_is_a_price_where_the_page_says_free():
    found = read(PRODUCT.replace("19.90", "0"), body="<p class=price>Free</p>")
    assert (found.outcome, found.price, found.currency) == ("ok", 0, "EUR")
