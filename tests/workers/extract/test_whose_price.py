"""Markup of other products, lists and tariffs beside prices: the page's own price, or none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workers.extract import extract

# Name: (address, language, title, html, price and currency; None where the page has no one price
# or, with a remark, where reading it would be a guess).
PAGES = {
    "category with JSON-LD of its one product": (
        "a.example/c/lamps",
        "en",
        "Lamps | A",
        '<script type="application/ld+json">{"@type":"Product","name":"Arc Lamp","url":"https://a.example/p/arc-lamp","offers":{"@type":"Offer","price":"89","priceCurrency":"EUR"}}</script><h1>Lamps</h1><div class=card><a href=/p/arc-lamp><img></a><a href=/p/arc-lamp>Arc Lamp</a><span class=price>€89.00</span></div>',
        None,
    ),
    "category with microdata of its one product": (
        "a.example/c/lamps",
        "en",
        "Lamps | A",
        '<h1>Lamps</h1><div itemscope itemtype="http://schema.org/Product"><a itemprop=url href=/p/arc-lamp><img itemprop=image src=x.jpg><span itemprop=name>Arc Lamp</span></a><div itemprop=offers itemscope itemtype="http://schema.org/Offer"><meta itemprop=priceCurrency content=EUR><span itemprop=price content=89>€89.00</span></div></div>',
        None,
    ),
    "CollectionPage with one product": (
        "a.example/c/lamps",
        "en",
        "Lamps | A",
        '<script type="application/ld+json">{"@type":"CollectionPage","name":"Lamps","mainEntity":{"@type":"ItemList","itemListElement":[{"@type":"ListItem","item":{"@type":"Product","name":"Arc Lamp","offers":{"@type":"Offer","price":"89","priceCurrency":"EUR"}}}]}}</script><h1>Lamps</h1><div class=card><a href=/p/arc-lamp>Arc Lamp</a><span class=price>€89.00</span></div>',
        None,
    ),
    "AggregateOffer of a category": (
        "a.example/c/lamps",
        "en",
        "Lamps | A",
        '<script type="application/ld+json">{"@type":"Product","name":"Lamps","offers":{"@type":"AggregateOffer","lowPrice":"9.99","highPrice":"499","offerCount":120,"priceCurrency":"EUR"}}</script><h1>Lamps</h1><ul><li><a href=/p/a>A lamp</a> <b>€9.99</b><li><a href=/p/b>B lamp</a> <b>€19.99</b><li><a href=/p/c>C lamp</a> <b>€29.99</b></ul>',
        None,
    ),
    "home page that sells its hit": (
        "a.example/",
        "en",
        "A shop",
        "<h1>A shop</h1><div class=hero><h2>Arc Lamp</h2><span class=price>€89.00</span><a class=button href=/p/arc-lamp>Shop now</a></div>",
        None,
    ),
    "brand page with a start price": (
        "a.example/brands/acme",
        "en",
        "Acme",
        "<h1>Acme</h1><p>Founded 1920.</p><p>Prices from <b>€19.00</b></p><a href=/c/acme>Shop now</a>",
        None,
    ),
    "product without price, header promo": (
        "a.example/p/desk",
        "en",
        "Desk",
        "<div class=promo>Save $50 when you spend $500</div><h1>Desk</h1><p>Call for price</p><button>Add to cart</button>",
        None,
    ),
    "product without price, financing": (
        "a.example/p/desk",
        "en",
        "Desk",
        "<h1>Desk</h1><p>Finance from $29 per month</p><button>Add to cart</button>",
        None,
    ),
    "variants in JSON-LD, page shows the dear one": (
        "a.example/p/tee",
        "en",
        "Tee",
        '<script type="application/ld+json">{"@type":"Product","name":"Tee","offers":[{"@type":"Offer","price":"20","priceCurrency":"USD"},{"@type":"Offer","price":"24","priceCurrency":"USD"}]}</script><h1>Tee</h1><div class=price>$24.00</div><button>Add to cart</button>',
        ("24", "USD"),
    ),
    "JSON-LD old, page reduced": (
        "a.example/p/mug",
        "en",
        "Mug",
        '<script type="application/ld+json">{"@type":"Product","name":"Mug","offers":{"@type":"Offer","price":"20.00","priceCurrency":"USD"}}</script><h1>Mug</h1><div><s>$20.00</s> <b class=sale-price>$15.00</b></div><button>Add to cart</button>',
        ("15.00", "USD"),
    ),
    "JSON-LD without currency": (
        "a.example/p/mug",
        "en-GB",
        "Mug",
        '<script type="application/ld+json">{"@type":"Product","name":"Mug","offers":{"@type":"Offer","price":"20.00"}}</script><h1>Mug</h1><div class=price>£20.00</div><button>Add to cart</button>',
        ("20.00", "GBP"),
    ),
    "JSON-LD price with comma": (
        "a.example/p/bett",
        "de-DE",
        "Bett",
        '<script type="application/ld+json">{"@type":"Product","name":"Bett","offers":{"@type":"Offer","price":"1.299,00","priceCurrency":"EUR"}}</script><h1>Bett</h1><div class=preis>1.299,00 €</div>',
        ("1299.00", "EUR"),
    ),
    "meta price of another currency": (
        "a.example/p/mug",
        "de-DE",
        "Becher",
        '<meta property="product:price:amount" content="21.50"><meta property="product:price:currency" content="USD"><h1>Becher</h1><div class=preis>19,90 €</div><button>In den Warenkorb</button>',
        ("19.90", "EUR"),
    ),
    "meta price excluding tax": (
        "a.example/p/mug",
        "de-DE",
        "Becher",
        '<meta property="product:price:amount" content="16.72"><meta property="product:price:currency" content="EUR"><h1>Becher</h1><div class=preis>19,90 €</div><div>16,72 € netto</div>',
        ("19.90", "EUR"),
    ),
    "unit price markup only": (
        "a.example/p/floor",
        "de-DE",
        "Laminat",
        '<script type="application/ld+json">{"@type":"Product","name":"Laminat","offers":{"@type":"Offer","priceCurrency":"EUR","priceSpecification":[{"@type":"UnitPriceSpecification","price":"24.90","priceCurrency":"EUR"},{"@type":"UnitPriceSpecification","price":"9.96","priceCurrency":"EUR","referenceQuantity":{"@type":"QuantitativeValue","value":"1","unitCode":"MTK"}}]}}</script><h1>Laminat</h1><div>24,90 € / Paket</div><div>9,96 € / m²</div>',
        ("24.90", "EUR"),
    ),
    "two products compared": (
        "a.example/compare",
        "en",
        "Compare",
        "<h1>Compare</h1><table><tr><td>Lamp A</td><td>Lamp B</td></tr><tr><td class=price>$20.00</td><td class=price>$30.00</td></tr></table>",
        None,
    ),
    "gift finder": (
        "a.example/gifts",
        "en",
        "Gifts",
        "<h1>Gifts</h1><a href=/g/25>Under $25</a><a href=/g/50>Under $50</a>",
        None,
    ),
    "size guide": (
        "a.example/p/ring",
        "en",
        "Silver Ring",
        "<h1>Silver Ring</h1><div class=product-price>$<!-- -->120<!-- -->.00</div><button>Add to cart</button>",
        ("120.00", "USD"),
    ),
    "price in a button only": (
        "a.example/p/app",
        "en",
        "Font Pack",
        "<h1>Font Pack</h1><button>Buy for $39</button>",
        ("39", "USD"),
    ),
    "was is larger and first, same class": (
        "a.example/p/hat",
        "en",
        "Sun Hat",
        "<h1>Sun Hat</h1><div class=p><span>$40.00</span><span>$30.00</span></div><button>Add to cart</button>",
        None,
    ),
    "basket of one beside the product": (
        "a.example/p/hat",
        "en",
        "Sun Hat",
        "<div class=mini-cart><a href=/p/tie>Tie</a><span class=price>$22.00</span><div>Subtotal: $22.00</div></div><h1>Sun Hat</h1><div class=price>$30.00</div><button>Add to cart</button>",
        ("30.00", "USD"),
    ),
    "unavailable in your country": (
        "a.example/p/hat",
        "en",
        "Sun Hat",
        "<h1>Sun Hat</h1><p>This item does not ship to your location.</p><p>Sign up and get $10 off</p>",
        None,
    ),
    "protected by a password": (
        "a.example/password",
        "en",
        "Opening soon",
        "<h1>Opening soon</h1><p>Gift cards from $25 available now</p><button>Notify me</button>",
        None,
    ),
    "maintenance": (
        "a.example/p/x",
        "en",
        "We'll be back",
        "<h1>We will be back soon</h1><p>Meanwhile: 10% off orders over $50</p>",
        None,
    ),
    "insurance quote": (
        "ins.example/",
        "en",
        "Pet cover",
        "<h1>Pet cover</h1><p class=price>From £4.99 a month</p><button>Get a quote</button>",
        None,
    ),
    "phone tariff": (
        "tel.example/plans/m",
        "de-DE",
        "Tarif M",
        "<h1>Tarif M</h1><div class=price>19,99 €<span>/Monat</span></div><p>Anschlusspreis 39,99 €</p><button>Bestellen</button>",
        None,
    ),
    "related card inside the main column": (
        "a.example/p/pan",
        "en",
        "Steel Pan",
        "<main><h1>Steel Pan</h1><p>Out of stock</p><div class=alt><p>Try instead</p><a href=/p/iron-pan><img></a><a href=/p/iron-pan>Iron Pan</a><div class=price>$44.00</div><button>Add to cart</button></div></main>",
        None,
    ),
    "price beside an accessory offer": (
        "a.example/p/cam",
        "en",
        "Camera Z",
        "<h1>Camera Z</h1><div class=price>$899.00</div><div><label><input type=checkbox> Add memory card for $19.99</label></div><button>Add to cart</button>",
        ("899.00", "USD"),
    ),
    "refurbished beside new": (
        "a.example/p/pad",
        "en",
        "Tablet 10",
        "<h1>Tablet 10</h1><a href=/p/tablet-10-refurb>Refurbished from $199.00</a><div class=price>$329.00</div><button>Add to cart</button>",
        ("329.00", "USD"),
    ),
}


@pytest.mark.parametrize(
    ("address", "language", "title", "html", "expected"), PAGES.values(), ids=PAGES
)
def test_only_the_page_s_own_price_is_read(address, language, title, html, expected):
    page = f'<!doctype html><html lang="{language}"><title>{title}</title><body>{html}</html>'
    found = extract(page.encode(), url=f"https://{address}")
    price = None if found.price is None else (found.price, found.currency)
    assert price == (None if expected is None else (Decimal(expected[0]), expected[1]))
