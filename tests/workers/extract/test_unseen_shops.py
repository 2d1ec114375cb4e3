"""Pages after the manner of many shop systems, in our own words: their price, or none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workers.extract import extract

# Name: (address, language, title, html, price and currency; None where the page has no one price
# or, with a remark, where reading it would be a guess).
PAGES = {
    "woo subscription with a sign-up fee": (
        "tea.example/product/tea-club/",
        "en-US",
        "Tea Club - Leaf",
        '<body class="single-product woocommerce"><header class=site-header><a class=cart-contents>$0.00 <span class=count>0 items</span></a></header><div class="summary entry-summary"><h1 class="product_title entry-title">Tea Club</h1><p class=price><span class="woocommerce-Price-amount amount"><bdi><span class=woocommerce-Price-currencySymbol>$</span>25.00</bdi></span> <span class=subscription-details> / month and a <span class="woocommerce-Price-amount amount"><bdi>$10.00</bdi></span> sign-up fee</span></p><form class=cart><button>Sign up now</button></form></div>',
        None,  # shown: 25.00 USD
    ),
    "shopify dawn, sold out": (
        "s.example/products/vase",
        "en",
        "Stone Vase – Studio",
        '<script type="application/ld+json">{"@context":"http://schema.org/","@type":"Product","name":"Stone Vase","offers":[{"@type":"Offer","availability":"http://schema.org/OutOfStock","price":48.0,"priceCurrency":"USD","url":"https://s.example/products/vase?variant=9"}]}</script><div class=announcement-bar><p>Free shipping on orders over $75</p></div><div class=product__title><h1>Stone Vase</h1></div><div class="price price--large price--sold-out price--show-badge"><div class=price__container><div class=price__regular><span class="visually-hidden">Regular price</span><span class="price-item price-item--regular">$48.00 USD</span></div><div class=price__sale><span><s class="price-item price-item--regular"></s></span></div></div><span class="badge price__badge-sold-out">Sold out</span></div><product-recommendations><h2>You may also like</h2><ul><li><a href=/products/b>Bowl</a><span class="price-item price-item--regular">$22.00 USD</span></li></ul></product-recommendations>',
        ("48.00", "USD"),
    ),
    "magento 2 configurable, as low as": (
        "m.example/jacket.html",
        "en-US",
        "Proteus Jacket",
        '<div class="minicart-wrapper"><span class=price>$0.00</span></div><main><h1 class=page-title><span class=base data-ui-id=page-title-wrapper itemprop=name>Proteus Jacket</span></h1><div class=product-info-price><div class="price-box price-final_price" data-role=priceBox data-product-id=446><span class=normal-price><span class="price-container price-final_price tax weee"><span class=price-label>As low as</span><span id=product-price-446 data-price-amount=45 data-price-type=finalPrice class=price-wrapper><span class=price>$45.00</span></span></span></span></div></div><div class="product-options-bottom"><button id=product-addtocart-button>Add to Cart</button></div></main>',
        ("45.00", "USD"),
    ),
    "prestashop with a unit price": (
        "p.example/coffee.html",
        "fr-FR",
        "Café en grains 250 g",
        '<h1 class="h1 namne_details">Café en grains 250 g</h1><div class=product-prices><div class="product-price h5"><div class=current-price><span itemprop=price content=7.9>7,90 €</span></div><p class="product-unit-price sub">(31,60 € kg)</p></div><div class=tax-shipping-delivery-label>TTC <span>Livraison offerte dès 49,00 € d\'achat</span></div></div>',
        ("7.90", "EUR"),
    ),
    "shopware 6 graduated prices": (
        "w.example/Schrauben/SW1",
        "de-DE",
        "Schrauben 100 St. | W",
        '<h1 class=product-detail-name>Schrauben 100 St.</h1><div class=product-block-prices><table class="table product-block-prices-grid"><thead><tr><th>Anzahl</th><th>Stückpreis</th></tr></thead><tbody><tr><th>Bis <span>9</span></th><td><div>12,00 €*</div></td></tr><tr><th>Ab <span>10</span></th><td><div>11,00 €*</div></td></tr><tr><th>Ab <span>50</span></th><td><div>9,50 €*</div></td></tr></tbody></table></div><p class=product-detail-tax>Preise inkl. MwSt. zzgl. Versandkosten</p>',
        None,  # shown: 12.00 EUR
    ),
    "opencart 4, sale, tax and bulk": (
        "o.example/en-gb/product/apple/cinema",
        "en-GB",
        "Cinema Display",
        "<div class=dropdown><span>€</span> <a>£ Pound Sterling</a><a>$ US Dollar</a></div><div id=header-cart><button>0 item(s) - $0.00</button></div><div id=content><h1>Cinema Display</h1><ul class=list-unstyled><li><h2><span class=price-new>$110.00</span></h2></li><li><span class=price-old>$122.00</span></li><li>Ex Tax: $90.00</li><li>Price in reward points: 400</li><li><hr></li><li>10 or more $105.00</li><li>20 or more $77.00</li></ul><label>Large (+$30.00)</label></div>",
        ("110.00", "USD"),
    ),
    "bigcommerce, was and now": (
        "b.example/kettle/",
        "en",
        "Stove Kettle - B",
        '<h1 class=productView-title>Stove Kettle</h1><div class=productView-price><div class="price-section price-section--withoutTax rrp-price--withoutTax"><span>MSRP:</span> <span data-product-rrp-price-without-tax class="price price--rrp">$95.00</span></div><div class="price-section price-section--withoutTax non-sale-price--withoutTax"><span>Was:</span><span data-product-non-sale-price-without-tax class="price price--non-sale">$80.00</span></div><div class="price-section price-section--withoutTax"><span class="price-label"></span><span class=price-now-label>Now:</span><span data-product-price-without-tax class="price price--withoutTax price--main">$64.00</span></div><div class="price-section price-section--saving price"><span class=price>(You save</span><span data-product-price-saved class="price price--saving">$16.00</span><span class=price>)</span></div></div>',
        ("64.00", "USD"),
    ),
    "squarespace, from": (
        "q.example/shop/p/print",
        "en-US",
        "Harbour Print — Q",
        '<section class=ProductItem-details><h1 class=ProductItem-details-title>Harbour Print</h1><div class=ProductItem-product-price><div class=product-price>from $<span class=sqs-money-native>35.00</span></div></div><div class="product-variants"><select><option value="">Select Size</option><option>A4</option><option>A3</option></select></div><div class=sqs-add-to-cart-button>Add To Cart</div></section>',
        ("35.00", "USD"),
    ),
    "wix, data-hook names only": (
        "x.example/product-page/candle",
        "en",
        "Soy Candle | X",
        '<div data-hook=product-page><h1 data-hook=product-title class=_2qrJF>Soy Candle</h1><div class=_1sEcf><div data-hook=product-prices-wrapper><span class=_26qxh data-hook=sr-formatted-primary-price>Regular Price</span><span data-wix-price="£24.00" data-hook=formatted-primary-price class=_3dF9 style="text-decoration:line-through">£24.00</span><span data-hook=sr-formatted-secondary-price>Sale Price</span><span data-wix-price="£18.00" data-hook=formatted-secondary-price class=cfpn1d>£18.00</span></div></div><button data-hook=add-to-cart>Add to Cart</button></div>',
        ("18.00", "GBP"),
    ),
    "sfra, reduced": (
        "f.example/us/boot-123.html",
        "en-US",
        "Chelsea Boot | F",
        '<div class="product-detail product-wrapper"><h1 class=product-name>Chelsea Boot</h1><div class=prices><div class=price><span><del><span class="strike-through list"><span class=value content=199.00><span class=sr-only>Price reduced from</span>$199.00<span class=sr-only>to</span></span></span></del> <span class=sales><span class=value content=139.30>$139.30</span></span></span></div></div><div class=promotions><div class=callout>Extra 20% off $150+</div></div></div>',
        ("139.30", "USD"),
    ),
    "single-page application, state only": (
        "spa.example/p/trail-runner-5",
        "de",
        "Trail Runner 5 | Spa",
        '<meta property="og:title" content="Trail Runner 5"><div id=root></div><script>window.__INITIAL_STATE__={"product":{"id":"77","name":"Trail Runner 5","price":{"value":129.95,"currency":"EUR"},"rating":4.5},"recommendations":[{"name":"Wool Sock","price":{"value":9.95,"currency":"EUR"}}]}</script>',
        None,  # shown: 129.95 EUR
    ),
    "amp page": (
        "amp.example/amp/p/scarf",
        "en-GB",
        "Lambswool Scarf",
        '<main><h1>Lambswool Scarf</h1><amp-carousel><amp-img alt="Scarf 1"></amp-img></amp-carousel><p class=price>£<span [text]="state.price">24.50</span></p><form method=post action-xhr=/cart><input type=submit value="Add to bag"></form><section class=also><h3>More from this range</h3><amp-list><div class=item><a href=/amp/p/hat>Hat</a> £12.00</div></amp-list></section></main>',
        ("24.50", "GBP"),
    ),
    "marketplace with several sellers": (
        "mk.example/p/778",
        "de-DE",
        "Drohne Mini 4 | MK",
        "<h1>Drohne Mini 4</h1><div class=buybox><div class=seller-line>Verkauf durch FlugShop</div><div class=buybox-price>199,00 €</div><button>In den Warenkorb</button></div><div class=other-offers><h3>Weitere Angebote</h3><div>Neu (3) ab <span>189,00 €</span></div><ul><li>FotoMax <b>192,50 €</b> + 4,99 € Versand</li><li>HobbyKing <b>189,00 €</b> + 9,99 € Versand</li><li>ElektroX <b>205,00 €</b></li></ul></div>",
        ("199.00", "EUR"),
    ),
    "three plans": (
        "saas.example/pricing",
        "en",
        "Pricing – Sendly",
        '<h1>Simple pricing for every team</h1><div class=plans><div class=plan><h2>Starter</h2><div class=price>$9<span>/mo</span></div></div><div class="plan plan--popular"><h2>Team</h2><div class=price>$29<span>/mo</span></div></div><div class=plan><h2>Business</h2><div class=price>$99<span>/mo</span></div></div></div>',
        None,
    ),
    "bought together": (
        "bt.example/p/cam",
        "en",
        "Action Cam 7",
        "<h1>Action Cam 7</h1><span class=our-price>$249.00</span><button>Add to basket</button><div class=fbt><h3>Buy it with</h3><p>Total for all three items: <b>$312.97</b></p><ul><li>This item: Action Cam 7 <span>$249.00</span></li><li><a href=/p/card>Card 128 GB</a> <span>$28.99</span></li><li><a href=/p/case>Case</a> <span>$34.98</span></li></ul></div>",
        ("249.00", "USD"),
    ),
    "grocery, price per kilogram first": (
        "gr.example/p/grapes",
        "en-GB",
        "Red Grapes 500g",
        "<h1>Red Grapes 500g</h1><div class=pd__cost><span data-test-id=pd-unit-price class=pd__cost__unit-price-per-measure>£6.40/kg</span><div data-test-id=pd-retail-price class=pd__cost__retail-price>£3.20</div></div><div class=promo>Any 2 for £5.00</div><button>Add</button>",
        ("3.20", "GBP"),
    ),
    "electronic parts, quantity breaks": (
        "ep.example/part/LM358",
        "en",
        "LM358 Op Amp | EP",
        "<h1>LM358 Dual Op Amp</h1><table class=pricing><tr><th>Qty<th>Unit Price<th>Ext. Price</tr><tr><td>1<td>$0.52<td>$0.52</tr><tr><td>10<td>$0.41<td>$4.10</tr><tr><td>100<td>$0.30<td>$30.00</tr></table>",
        None,  # shown: 0.52 USD
    ),
    "warehouse club": (
        "wc.example/p/grill",
        "en-US",
        "Pellet Grill",
        "<h1>Pellet Grill</h1><div class=pricing-block><div><span>Member Price</span> <strong>$399.99</strong></div><div><span>Online Price</span> <strong>$449.99</strong></div></div><button>Add to Cart</button>",
        ("449.99", "USD"),
    ),
    "coupon on top": (
        "cp.example/p/lamp",
        "en-US",
        "Arc Lamp",
        "<h1>Arc Lamp</h1><div class=price-wrap><span class=product-price-value>$59.99</span></div><div class=promo-line>Price after coupon: <b>$49.99</b></div><div>Get $5.00 off your first order</div><button>Add to cart</button>",
        ("59.99", "USD"),
    ),
    "a price from": (
        "ft.example/de/fototapete-wald",
        "de-DE",
        "Fototapete Wald",
        "<h1>Fototapete Wald</h1><p class=preis>ab <b>29,90 €</b> <small>/ m²</small></p><p>Muster bestellen: 3,90 €</p>",
        None,  # shown: 29.90 EUR
    ),
    "variants only, each with its price": (
        "pf.example/de/duft",
        "de-DE",
        "Eau de Parfum Nuit",
        "<h1>Eau de Parfum Nuit</h1><div class=variants><label><input type=radio name=v>30 ml <span>38,00 €</span></label><label><input type=radio name=v>50 ml <span>59,00 €</span></label><label><input type=radio name=v>100 ml <span>84,00 €</span></label></div><button>In den Warenkorb</button>",
        None,
    ),
    "variants below the selected price": (
        "pf.example/de/duft2",
        "de-DE",
        "Eau de Parfum Jour",
        "<h1>Eau de Parfum Jour</h1><div class=product-price>59,00 €</div><div class=base-price>118,00 € / 100 ml</div><ul class=sizes><li>30 ml <span>38,00 €</span></li><li class=active>50 ml <span>59,00 €</span></li><li>100 ml <span>84,00 €</span></li></ul>",
        ("59.00", "EUR"),
    ),
    "auction house lot": (
        "au.example/lot/88",
        "en-US",
        "Lot 88: Brass Clock",
        "<h1>Lot 88: Brass Clock</h1><div class=bidbox><span>Current bid</span> <b>$230</b> <span>(14 bids)</span><div>Next minimum bid: $240</div><div>Estimate $300 - $500</div><div>Buyer's premium 25%</div><button>Place bid</button></div>",
        ("230", "USD"),
    ),
    "pre-order with a deposit": (
        "pre.example/p/game",
        "en-US",
        "Star Harbor (Deluxe)",
        '<script type="application/ld+json">{"@context":"https://schema.org","@type":"VideoGame","name":"Star Harbor (Deluxe)","offers":{"@type":"Offer","price":"69.99","priceCurrency":"USD","availability":"https://schema.org/PreOrder"}}</script><h1>Star Harbor (Deluxe)</h1><div class=cta><button>Pre-order for $69.99</button></div><p>Deposit due today: $10.00</p><p>Releases 12/05/2027</p>',
        ("69.99", "USD"),
    ),
    "sold out, price shown": (
        "so.example/bag",
        "en-GB",
        "Canvas Bag",
        '<h1>Canvas Bag</h1><p class=product__price>£45.00</p><p class="stock-status">Sold out</p><button disabled>Sold out</button>',
        ("45.00", "GBP"),
    ),
    "sold out, no price, looks below": (
        "so.example/dress",
        "en-GB",
        "Linen Dress",
        "<h1>Linen Dress</h1><p>Sold out</p><button>Notify me</button><h2>Complete the look</h2><div class=look><a href=/belt><img alt=Belt></a><div><a href=/belt>Leather Belt</a></div><div>£35.00</div></div>",
        None,
    ),
    "discontinued with its successor": (
        "ds.example/x100",
        "en",
        "Printer X100",
        "<h1>Printer X100</h1><p>This model has been discontinued.</p><div><p>Its replacement:</p><a href=/x200>Printer X200</a> <span class=price>$349.00</span></div>",
        None,
    ),
    "missing page with one suggestion": (
        "nf.example/p/old",
        "en",
        "Shop",
        "<h1>We can't find the page you're looking for</h1><h3>Popular right now</h3><div class=tile><a href=/p/mug>Mug</a><span class=price>$14.00</span></div>",
        None,
    ),
}


@pytest.mark.parametrize(
    ("address", "language", "title", "html", "expected"), PAGES.values(), ids=PAGES
)
def test_the_one_price_is_read_or_none(address, language, title, html, expected):
    page = f'<!doctype html><html lang="{language}"><title>{title}</title><body>{html}</html>'
    found = extract(page.encode(), url=f"https://{address}")
    price = None if found.price is None else (found.price, found.currency)
    assert price == (None if expected is None else (Decimal(expected[0]), expected[1]))
