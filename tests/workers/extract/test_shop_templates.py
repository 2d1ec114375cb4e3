"""The markup that well-known shop systems write, in our own small words: the price that counts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workers.extract import extract

# Name: (address, page, price or None).
TEMPLATES = {
    "Shopify": (
        "https://shop.example/products/mug?variant=2",
        (
            '<title>Mug – Shop</title><meta property="og:type" content="product"><meta property="'
            'og:price:amount" content="12.00"><meta property="og:price:currency" content="USD"><b'
            'ody><h1>Mug</h1><div class="price price--on-sale"><div class="price__container"><div'
            ' class="price__regular"><span class="visually-hidden">Regular price</span><span clas'
            's="price-item price-item--regular">$20.00 USD</span></div><div class="price__sale"><'
            'span class="visually-hidden">Regular price</span><span><s class="price-item price-it'
            'em--regular">$20.00 USD</s></span><span class="visually-hidden">Sale price</span><sp'
            'an class="price-item price-item--sale price-item--last">$12.00 USD</span></div><smal'
            'l class="unit-price caption hidden"><span>Unit price</span><span class="price-item p'
            'rice-item--last"><span>$1.00</span>/<span>per</span> <span>oz</span></span></small><'
            "/div></div><form action=/cart/add><button>Add to cart</button></form><script>var met"
            'a = {"product":{"id":1,"variants":[{"id":1,"price":1500,"name":"Mug - S"},{"id":2,"p'
            'rice":1200,"name":"Mug - L"}]}};</script>'
        ),
        "12.00",
    ),
    "Shopify without Open Graph": (
        "https://shop.example/products/mug?variant=2",
        (
            '<title>Mug – Shop</title><meta property="og:type" content="product"><meta property="'
            'x:price:amount" content="12.00"><meta property="x:price:currency" content="USD"><bod'
            'y><h1>Mug</h1><div class="price price--on-sale"><div class="price__container"><div c'
            'lass="price__regular"><span class="visually-hidden">Regular price</span><span class='
            '"price-item price-item--regular">$20.00 USD</span></div><div class="price__sale"><sp'
            'an class="visually-hidden">Regular price</span><span><s class="price-item price-item'
            '--regular">$20.00 USD</s></span><span class="visually-hidden">Sale price</span><span'
            ' class="price-item price-item--sale price-item--last">$12.00 USD</span></div><small '
            'class="unit-price caption hidden"><span>Unit price</span><span class="price-item pri'
            'ce-item--last"><span>$1.00</span>/<span>per</span> <span>oz</span></span></small></d'
            "iv></div><form action=/cart/add><button>Add to cart</button></form><script>var meta "
            '= {"product":{"id":1,"variants":[{"id":1,"price":1500,"name":"Mug - S"},{"id":2,"pri'
            'ce":1200,"name":"Mug - L"}]}};</script>'
        ),
        "12.00",
    ),
    "WooCommerce, reduced": (
        "https://shop.example/product/mug/",
        (
            '<html lang="en-GB"><title>Mug - Shop</title><body class="single-product"><header cla'
            'ss="site-header"><a class="cart-contents"><span class="woocommerce-Price-amount amou'
            'nt"><bdi><span class="woocommerce-Price-currencySymbol">&pound;</span>0.00</bdi></sp'
            'an> <span class="count">0 items</span></a></header><div class="product type-product"'
            '><div class="summary entry-summary"><h1 class="product_title entry-title">Mug</h1><p'
            ' class="price"><del aria-hidden="true"><span class="woocommerce-Price-amount amount"'
            '><bdi><span class="woocommerce-Price-currencySymbol">&pound;</span>20.00</bdi></span'
            '></del> <span class="screen-reader-text">Original price was: &pound;20.00.</span><in'
            's aria-hidden="true"><span class="woocommerce-Price-amount amount"><bdi><span class='
            '"woocommerce-Price-currencySymbol">&pound;</span>18.00</bdi></span></ins><span class'
            '="screen-reader-text">Current price is: &pound;18.00.</span></p><form class="cart"><'
            'button class="single_add_to_cart_button">Add to basket</button></form></div><section'
            ' class="related products"><h2>Related products</h2><ul class="products"><li class="p'
            'roduct"><a href=/product/a><h2>A</h2><span class="price"><span class="amount"><bdi>&'
            'pound;45.00</bdi></span></span></a></li><li class="product"><a href=/product/b><h2>B'
            '</h2><span class="price"><span class="amount"><bdi>&pound;15.00</bdi></span></span><'
            '/a></li><li class="product"><a href=/product/c><h2>C</h2><span class="price"><bdi>&p'
            "ound;16.00</bdi></span></a></li></ul></section></div>"
        ),
        "18.00",
    ),
    "WooCommerce, a range": (
        "https://shop.example/product/mug/",
        (
            '<html lang="en-GB"><title>Mug - Shop</title><body class="single-product"><div class='
            '"product type-product"><h1 class="product_title entry-title">Mug</h1><p class="price'
            '"><span class="amount"><bdi>&pound;10.00</bdi></span> – <span class="amount"><bdi>&p'
            "ound;20.00</bdi></span></p></div>"
        ),
        None,
    ),
    "WooCommerce, a range with JSON-LD": (
        "https://shop.example/product/mug/",
        (
            '<script type="application/ld+json">{"@context":"https://schema.org/","@graph":[{"@ty'
            'pe":"BreadcrumbList"},{"@type":"Product","@id":"https://x.com/product/mug/#product",'
            '"name":"Mug","url":"https://x.com/product/mug/","offers":[{"@type":"AggregateOffer",'
            '"lowPrice":"10.00","highPrice":"20.00","offerCount":"2","priceCurrency":"GBP","avail'
            'ability":"http://schema.org/InStock"}]}]}</script><html lang="en-GB"><title>Mug - Sh'
            'op</title><body class="single-product"><div class="product type-product"><h1 class="'
            'product_title entry-title">Mug</h1><p class="price"><span class="amount"><bdi>&pound'
            ';10.00</bdi></span> – <span class="amount"><bdi>&pound;20.00</bdi></span></p></div>'
        ),
        "10.00",
    ),
    "a price split for the eye and blank for screen readers": (
        "https://shop.example/dp/B0",
        (
            '<title>Great Mug</title><body><div id="dp"><div id="centerCol"><h1 id="title"><span '
            'id="productTitle">Great Mug</span></h1><div id="corePriceDisplay_desktop_feature_div'
            '"><span class="a-size-large savingPriceOverride">-20%</span><span class="a-price pri'
            'ceToPay"><span class="a-offscreen"> </span><span aria-hidden="true"><span class="a-p'
            'rice-symbol">$</span><span class="a-price-whole">15<span class="a-price-decimal">.</'
            'span></span><span class="a-price-fraction">99</span></span></span><span class="a-siz'
            'e-small">List Price: <span class="a-price a-text-price" data-a-strike="true"><span c'
            'lass="a-offscreen">$19.99</span><span aria-hidden="true">$19.99</span></span></span>'
            '</div></div><div id="rightCol"><div id="buybox"><span class="a-price"><span class="a'
            '-offscreen">$15.99</span><span aria-hidden="true"><span class="a-price-symbol">$</sp'
            'an><span class="a-price-whole">15<span class="a-price-decimal">.</span></span><span '
            'class="a-price-fraction">99</span></span></span><div id="availability"><span class="'
            'a-size-medium a-color-success">In Stock</span></div><span>$6.99 delivery Monday</spa'
            "n></div></div></div>"
        ),
        "15.99",
    ),
    "Magento 2": (
        "https://shop.example/mug.html",
        (
            '<title>Mug</title><body><div class="page-wrapper"><h1 class="page-title"><span class'
            '="base" itemprop="name">Mug</span></h1><div class="product-info-price"><div class="p'
            'rice-box price-final_price"><span class="special-price"><span class="price-container'
            ' price-final_price"><span class="price-label">Special Price</span><span class="price'
            '-wrapper" data-price-amount="45" data-price-type="finalPrice"><span class="price">$4'
            '5.00</span></span></span></span><span class="old-price"><span class="price-container'
            '"><span class="price-label">Regular Price</span><span class="price-wrapper" data-pri'
            'ce-amount="60"><span class="price">$60.00</span></span></span></span></div></div></d'
            "iv>"
        ),
        "45.00",
    ),
    "Magento 1, whose regular price is the price": (
        "https://shop.example/mug.html",
        (
            '<title>Mug</title><body><h1>Mug</h1><div class="price-box"><span class="regular-pric'
            'e"><span class="price">$45.00</span></span></div>'
        ),
        "45.00",
    ),
    "PrestaShop": (
        "https://x.fr/mug.html",
        (
            '<html lang="fr"><title>Mug</title><body><h1>Mug</h1><div class="product-prices"><div'
            ' class="product-discount"><span class="regular-price">29,90 €</span></div><div class'
            '="product-price has-discount"><div class="current-price"><span class="current-price-'
            'value" content="23.92">23,92 €</span><span class="discount discount-percentage">Écon'
            'omisez 20%</span></div></div><div class="tax-shipping-delivery-label">TTC</div></div'
            ">"
        ),
        "23.92",
    ),
    "Shopware": (
        "https://x.de/mug",
        (
            '<html lang="de-DE"><title>Becher</title><body><h1 class="product-detail-name">Becher'
            '</h1><p class="product-detail-price"> 1.299,00 €* </p><div class="product-detail-pri'
            'ce-unit"><span>Inhalt:</span> 0.5 Liter <span class="price-unit-reference-content">('
            '2.598,00 €* / 1 Liter)</span></div><p class="product-detail-tax">Preise inkl. MwSt. '
            "zzgl. Versandkosten</p>"
        ),
        "1299.00",
    ),
    "an auction house": (
        "https://shop.example/itm/1",
        (
            '<title>Lens</title><body><h1 class="x-item-title__mainTitle"><span>Lens</span></h1><'
            'div class="x-price-primary"><span class="ux-textspans">US $120.50</span></div><div c'
            'lass="x-additional-info">was <span class="ux-textspans ux-textspans--STRIKETHROUGH">'
            'US $150.00</span></div><div class="ux-labels-values--shipping"><span>US $12.00</span'
            "> Standard Shipping</div>"
        ),
        "120.50",
    ),
    "a price beside its old one and its price an ounce": (
        "https://shop.example/ip/1",
        (
            '<title>Mug</title><body><h1 itemprop="name">Mug</h1><span itemprop="price" aria-hidd'
            'en="false">Now $12.97</span><div>Was <span class="strike">$19.97</span></div><div>$0'
            ".25/oz</div>"
        ),
        "12.97",
    ),
    "no class names, only test names": (
        "https://shop.example/p/1",
        (
            '<title>Mug</title><body><h1>Mug</h1><span data-test="product-price">$8.00</span> <sp'
            "an>Reg $10.00</span> <span>Save $2.00 (20% off)</span><div>Or 4 payments of $2.00 wi"
            "th Zip</div>"
        ),
        "8.00",
    ),
    "whole, decimals and currency in three elements": (
        "https://shop.example/se/sv/p/mugg",
        (
            '<html lang="sv-SE"><title>Mugg</title><body><h1>Mugg</h1><span class="pip-price"><sp'
            'an aria-hidden="true"><span class="pip-price__integer">1 299</span><span class="pip-'
            'price__decimal"></span><span class="pip-price__currency">kr</span></span><span class'
            '="pip-price__sr-text">Pris 1 299 kr</span></span>'
        ),
        "1299",
    ),
    "Japan": (
        "https://x.jp/1",
        (
            '<html lang="ja"><title>マグカップ</title><body><h1>マグカップ</h1><p class="price">¥1,980 <sma'
            "ll>(税込)</small></p><p>送料 ¥500</p>"
        ),
        "1980",
    ),
    "Brazil, with instalments": (
        "https://shop.example.br/1",
        (
            '<html lang="pt-BR"><title>Caneca</title><body><h1>Caneca</h1><p>De <s>R$ 79,90</s></'
            'p><p class="price">Por R$ 59,90</p><p>ou 3x de R$ 19,97 sem juros</p>'
        ),
        "59.90",
    ),
    "India, two prices that nothing names": (
        "https://x.in/1",
        (
            '<html lang="en-IN"><title>Phone</title><body><h1>Phone</h1><div class="_30jeq3">₹1,2'
            '4,999</div><div class="_3I9">₹1,39,900</div><div class="_3Ay">10% off</div>'
        ),
        None,
    ),
    "Switzerland": (
        "https://x.ch/1",
        (
            '<html lang="de-CH"><title>Tasse</title><body><h1>Tasse</h1><span class="price">CHF 1'
            "’299.–</span>"
        ),
        "1299",
    ),
    "a list in JSON-LD": (
        "https://shop.example/mugs",
        (
            '<script type="application/ld+json">{"@type":"ItemList","itemListElement":[{"@type":"'
            'ListItem","item":{"@type":"Product","name":"A","offers":{"price":5}}},{"@type":"List'
            'Item","item":{"@type":"Product","name":"B","offers":{"price":5}}}]}</script><title>M'
            "ugs</title><h1>Mugs</h1>"
        ),
        None,
    ),
    "sold out, related products priced": (
        "https://shop.example/mug",
        (
            '<title>Mug</title><h1>Mug</h1><p class="stock out-of-stock">Out of stock</p><section'
            " class=related><h2>Related</h2><div><a href=/a>A</a> <span class=price>$5</span></di"
            "v><div><a href=/b>B</a> <span class=price>$7</span></div></section>"
        ),
        None,
    ),
    "an article": (
        "https://shop.example/blog/best-mugs",
        (
            '<title>Best mugs</title><meta property="og:type" content="article"><h1>Best mugs of '
            "2024</h1><p>Buy it for <b>$25.00</b></p>"
        ),
        None,
    ),
    "two cards": (
        "https://shop.example/c",
        (
            "<title>Sale</title><h1>Sale</h1><div><a href=/a>Mug A</a><span class=price>$5.00</sp"
            "an></div><div><a href=/b>Mug B</a><span class=price>$5.00</span></div>"
        ),
        None,
    ),
    "a home page": (
        "https://shop.example/",
        "<title>Shop</title><h1>Welcome</h1><p>Free shipping over $50</p>",
        None,
    ),
    "a price in page state only": (
        "https://shop.example/mug",
        (
            '<title>Mug | X</title><h1>Mug</h1><div id=__next></div><script id="__NEXT_DATA__" ty'
            'pe="application/json">{"props":{"product":{"name":"Mug","price":{"amount":"12.50","c'
            'urrency":"EUR"}}}}</script>'
        ),
        None,
    ),
}


@pytest.mark.parametrize(("url", "page", "price"), TEMPLATES.values(), ids=TEMPLATES)
def test_the_price_that_counts_is_read(url, page, price):
    found = extract(page.encode(), url=url)
    assert found.price == (None if price is None else Decimal(price))
