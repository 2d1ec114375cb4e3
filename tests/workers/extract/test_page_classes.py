"""Page classes met in real shops, in our own small words: the price that counts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workers.extract import extract

# Name: (address, language, title, html, price, currency).
PAGES = {
    "a table of list price, price and saving": (
        "shop.example.co.uk/dp/B02",
        "en-GB",
        "Widget",
        '<h1><span id="btAsinTitle">Widget 500</span></h1><table class=product><tr><td class=priceBlockLabel>RRP:</td><td class=listprice>&pound;49.99</td></tr><tr id=actualPriceRow><td class=priceBlockLabelPrice>Price:</td><td><span id=actualPriceValue><b class=priceLarge>&pound;31.49</b></span> & FREE Delivery in the UK</td></tr><tr><td class=priceBlockLabel>You Save:</td><td class=price>&pound;18.50 (37%)</td></tr></table><div>12 new from &pound;29.00 3 used from &pound;15.00</div>',
        "31.49",
        "GBP",
    ),
    "an auction's bid, starting bid and postage": (
        "shop.example.com/itm/123",
        "en",
        "Old Lens",
        "<h1 id=itemTitle><span class=g-hdn>Details about </span>Old Lens</h1><div class=actPanel><div>Current bid:</div><span id=prcIsum_bidPrice class=notranslate>US $56.00</span> <div>[ <a>7 bids</a> ]</div><div>Starting bid: US $9.99</div><div id=fshippingCost>US $8.50 Economy Shipping</div><div>Approximately <span>EUR 51.20</span></div></div>",
        "56.00",
        "USD",
    ),
    "a sale price and the lowest of 30 days": (
        "shop.example.de/swift-schuh.html",
        "de-DE",
        "Swift Schuh - white",
        '<h1><span>Swift Sportswear</span><span>AIR - Sneaker low - white</span></h1><div><p><span class="_0x">ab 71,95 €</span> <span>inkl. MwSt.</span></p><p>Ursprünglich: <span class="x">119,95 €</span> <span>-40%</span></p><p>Letzter niedrigster Preis: <span>79,95 €</span></p></div>',
        "71.95",
        "EUR",
    ),
    "a monthly rate beside the price": (
        "shop.example.de/p/x",
        "de-DE",
        "Kühlschrank online kaufen",
        '<div itemscope itemtype="http://schema.org/Product"><h1 itemprop=name>Kühlschrank X</h1><div itemprop=offers itemscope itemtype="http://schema.org/Offer"><span class="p_strike">UVP 599,00 €</span><meta itemprop=price content="449.00"><meta itemprop=priceCurrency content=EUR><span class="p_price">449,00 €</span></div><span>ab 13,99 € mtl. in 48 Raten</span></div>',
        "449.00",
        "EUR",
    ),
    "whole, sign and cents apart": (
        "shop.example.com/p/1",
        "en",
        "GPU X",
        "<h1 class=product-title>GPU X 12GB</h1><div class=product-price><ul class=price><li class=price-was>$699.99</li><li class=price-current><span class=price-current-label></span>$<strong>649</strong><sup>.99</sup></li><li class=price-save>Save: 7%</li><li class=price-ship>Free Shipping</li></ul></div>",
        "649.99",
        "USD",
    ),
    "two prices by class names only": (
        "shop.example.com/t/x",
        "en",
        "Swift Air Shoe",
        '<h1 id=pdp_product_title>Swift Air</h1><h2>Men\'s Shoe</h2><div class="product-price is--current-price css-1" data-test=product-price-reduced>$89.97</div><div class="product-price css-2 is--striked-out" data-test=product-price>$120</div><span>25% off</span>',
        "89.97",
        "USD",
    ),
    "a price from which options go up": (
        "shop.example.com/listing/1",
        "en",
        "Ring",
        '<h1>Silver Ring</h1><div data-buy-box-region=price><p class="wt-text-title-larger"><span class=wt-screen-reader-only>Price:</span> US$ 35.00+</p><p class="wt-text-strikethrough"><span>Original Price:</span> US$ 50.00</p></div>',
        "35.00",
        "USD",
    ),
    "a classified ad above similar ads": (
        "shop.example.at/x",
        "de-AT",
        "Fahrrad Herren",
        "<h1>Fahrrad Herren 28 Zoll</h1><div><span>€ 250</span><span> VB</span></div><p>Gekauft 2019 um 899 Euro, wenig gefahren.</p><button>Nachricht schreiben</button><div>Ähnliche Anzeigen</div><div><a href=/1>Rad A <span>€ 90</span></a></div><div><a href=/2>Rad B <span>€ 120</span></a></div><div><a href=/3>Rad C<span>€ 190</span></a></div>",
        "250",
        "EUR",
    ),
    "a car's price and its rate": (
        "shop.example.pl/ogl/1",
        "pl",
        "Skoda Octavia 2018",
        '<h1>Skoda Octavia 2018</h1><div class=offer-price data-price="54 900"><span class=offer-price__number>54 900 <span class=offer-price__currency>PLN</span></span><span class=offer-price__details>Do negocjacji</span></div><div>Rata od 899 PLN/mies.</div><ul><li>Przebieg 120 000 km</li></ul>',
        "54900",
        "PLN",
    ),
    "a book's formats": (
        "www.bookshop.example/book/2",
        "en",
        "The Novel - Shop",
        '<h1>The Novel</h1><ul class=formats><li><a href="/h">Hardcover</a> <span>$28.00</span></li><li class=selected><a href=/p>Paperback</a> <span>$17.00</span></li><li><a href=/e>eBook</a> <span>$13.99</span></li></ul><div class=price-now><span class=price>$17.00</span></div><button>Add to cart</button>',
        "17.00",
        "USD",
    ),
    "price specifications in a list": (
        "s.example/product/cup/",
        "en-GB",
        "Cup - Shop",
        '<script type="application/ld+json">{"@context":"https://schema.org/","@type":"Product","name":"Cup","offers":[{"@type":"Offer","priceSpecification":[{"@type":"UnitPriceSpecification","price":"15.00","priceCurrency":"GBP","valueAddedTaxIncluded":false},{"@type":"UnitPriceSpecification","price":"20.00","priceCurrency":"GBP","priceType":"https://schema.org/ListPrice"}],"availability":"https://schema.org/InStock"}]}</script><h1 class="product_title">Cup</h1><p class=price><del><span class=amount><bdi>£20.00</bdi></span></del> <ins><span class=amount><bdi>£15.00</bdi></span></ins></p>',
        "15.00",
        "GBP",
    ),
    "the variant that the address names": (
        "s.example/products/tee?variant=222",
        "en",
        "Tee – Shop",
        '<script type="application/ld+json">{"@context":"http://schema.org/","@id":"/products/tee#product","@type":"ProductGroup","name":"Tee","hasVariant":[{"@type":"Product","@id":"/products/tee?variant=111#variant","name":"Tee - S","offers":{"@id":"/products/tee?variant=111#offer","@type":"Offer","price":"20.00","priceCurrency":"USD","url":"https://s.example/products/tee?variant=111"}},{"@type":"Product","@id":"/products/tee?variant=222#variant","name":"Tee - L","offers":{"@type":"Offer","price":"22.00","priceCurrency":"USD","url":"https://s.example/products/tee?variant=222"}}]}</script><h1>Tee</h1><div class=price><span class="price-item price-item--regular">$22.00</span></div>',
        "22.00",
        "USD",
    ),
    "variants, none of them named": (
        "s.example/products/tee",
        "en",
        "Tee – Shop",
        '<script type="application/ld+json">{"@context":"http://schema.org/","@type":"ProductGroup","name":"Tee","hasVariant":[{"@type":"Product","name":"Tee - S","offers":{"@type":"Offer","price":"20.00","priceCurrency":"USD"}},{"@type":"Product","name":"Tee - L","offers":{"@type":"Offer","price":"22.00","priceCurrency":"USD"}}]}</script><h1>Tee</h1><div class=price><span class="price-item price-item--regular">From $20.00</span></div>',
        "20.00",
        "USD",
    ),
    "a price beside tax, points and quantity": (
        "s.example/mouse",
        "en",
        "Mouse",
        '<div id=cart><button><span id=cart-total>0 item(s) - $0.00</span></button></div><div id=content><h1>Mouse</h1><ul class="list-unstyled"><li><span style="text-decoration: line-through;">$45.00</span></li><li><h2>$36.00</h2></li><li>Ex Tax: $30.00</li><li>Price in reward points: 400</li></ul><div>10 or more $33.00</div></div>',
        "36.00",
        "USD",
    ),
    "roubles with an old price and a saving": (
        "s.example.ru/catalog/drel/",
        "ru",
        "Дрель купить",
        '<h1>Дрель ударная 600 Вт</h1><div class="product-item-detail-price-old">4 990 руб.</div><div class="product-item-detail-price-current">3 990 руб.</div><div class="product-item-detail-economy-price">Экономия 1 000 руб.</div>',
        "3990",
        "RUB",
    ),
    "with and without tax by class names": (
        "b2b.example/x.html",
        "nl",
        "Pump",
        '<h1 class=page-title><span class=base>Pump</span></h1><div class=price-box><span class="price-container"><span class="price-wrapper price-including-tax" data-label="Incl. Tax" data-price-amount="121"><span class=price>€121.00</span></span><span data-label="Excl. Tax" class="price-wrapper price-excluding-tax" data-price-amount="100"><span class=price>€100.00</span></span></span></div>',
        "121",
        "EUR",
    ),
    "with and without tax by labels": (
        "s.example/p/inc",
        "en-GB",
        "Chair",
        "<h1>Chair</h1><div>£50.00 <small>Ex VAT</small></div><div>£60.00 <small>Inc VAT</small></div>",
        "60.00",
        "GBP",
    ),
    "an empty list price": (
        "s.example/bag/",
        "en",
        "Bag",
        '<h1 class=productView-title>Bag</h1><div class=productView-price><div class="price-section price-section--withoutTax rrp-price--withoutTax" style="display:none;">MSRP: <span data-product-rrp-price-without-tax class="price price--rrp"></span></div><div class="price-section price-section--withoutTax non-sale-price--withoutTax">Was: <span class="price price--non-sale">$80.00</span></div><div class="price-section price-section--withoutTax"><span class="price-label">Now:</span><span class="price price--withoutTax">$60.00</span></div></div>',
        "60.00",
        "USD",
    ),
    "cents in superscript, zloty": (
        "s.example.pl/1",
        "pl",
        "Kubek",
        "<h1>Kubek</h1><div class=price><span class=whole>69</span><sup>99</sup> zł</div><div>Najniższa cena z 30 dni: 59,99 zł</div>",
        "69.99",
        "PLN",
    ),
    "Arabic digits": (
        "s.example/ar/1",
        "ar-SA",
        "سماعة",
        '<h1>سماعة رأس</h1><div class="price">٢٩٩٫٥٠ ر.س</div>',
        "299.50",
        "SAR",
    ),
    "Persian digits, currency apart": (
        "s.example.ir/1",
        "fa-IR",
        "هدفون",
        "<h1>هدفون</h1><div class=price><span>۱٬۲۵۰٬۰۰۰</span> <span>ریال</span></div>",
        "1250000",
        "IRR",
    ),
    "Devanagari digits": (
        "s.example.in/1",
        "hi-IN",
        "Phone",
        "<h1>फ़ोन</h1><div class=price>₹१२,४९९</div>",
        "12499",
        "INR",
    ),
    "three decimals": (
        "s.example/kw/1",
        "en-KW",
        "Perfume",
        "<h1>Perfume</h1><div class=price>KWD 12.500</div>",
        "12.500",
        "KWD",
    ),
    "markup a hundred times too high": (
        "s.example/p/8",
        "de",
        "Cable",
        '<script type="application/ld+json">{"@type":"Product","name":"Cable","offers":{"@type":"Offer","price":"2600","priceCurrency":"EUR"}}</script><h1>Cable</h1><div class=price>26,00 €</div>',
        "26.00",
        "EUR",
    ),
    "markup twice the price": (
        "s.example/p/4",
        "en-GB",
        "Bed",
        '<div itemscope itemtype="http://schema.org/Product"><h1 itemprop=name>Bed</h1><div itemprop=offers itemscope itemtype="http://schema.org/Offer"><meta itemprop=price content="998.00"><meta itemprop=priceCurrency content=GBP><span class=price>£499.00</span></div></div>',
        "499.00",
        "GBP",
    ),
    "a current bid and an estimate": (
        "a.example/lot/6",
        "en-GB",
        "Vase - Lot 6",
        "<h1>Vase</h1><div>Current bid: <b>£420</b></div><div>Estimate: £500 - £800</div>",
        "420",
        "GBP",
    ),
    "a list price in Chinese": (
        "s.example.tw/1",
        "zh-TW",
        "杯子",
        "<h1>杯子</h1><div>建議售價 $590</div><div class=price>特價 $450</div>",
        "450",
        "TWD",
    ),
    "two split prices": (
        "s.example.ro/1",
        "ro",
        "Laptop",
        "<h1>Laptop</h1><p class=product-old-price>PRP: <s>3.999<sup>99</sup> Lei</s></p><p class=product-new-price>3.499<sup>99</sup> <span>Lei</span></p>",
        "3499.99",
        "RON",
    ),
}


@pytest.mark.parametrize(
    ("address", "language", "title", "html", "price", "currency"), PAGES.values(), ids=PAGES
)
def test_the_price_that_counts_is_read_with_its_currency(
    address, language, title, html, price, currency
):
    page = f'<!doctype html><html lang="{language}"><title>{title}</title>{html}</html>'
    found = extract(page.encode(), url=f"https://{address}")
    assert (found.price, found.currency) == (Decimal(price), currency)
