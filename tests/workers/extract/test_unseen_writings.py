"""Prices written in many ways, behind walls and in other scripts, in our own words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workers.extract import extract

# Name: (address, language, title, html, price and currency; None where the page has no one price
# or, with a remark, where reading it would be a guess).
PAGES = {
    "captcha": (
        "ca.example/p/1",
        "en",
        "ca.example",
        "<h4>Click the button below to continue shopping</h4><form action=/errors/validateCaptcha><button>Continue shopping</button></form><a>Conditions of Use</a>",
        None,
    ),
    "region chooser": (
        "rc.example/p/boots",
        "en",
        "Choose your region",
        "<h1>Choose your region</h1><ul><li><a href=/us>United States (USD $)</a></li><li><a href=/eu>Europe (EUR €)</a></li></ul><p>Free delivery over $100 in the US and over 90 € in Europe</p>",
        None,
    ),
    "age gate over the product": (
        "ag.example/whisky-12",
        "en-GB",
        "Highland 12 Year Old",
        "<div class=age-gate><h1>Are you over 18?</h1><button>Yes</button><button>No</button></div><main><h1>Highland 12 Year Old</h1><div class=price-holder><span class=price>£42.50</span><span class=ppl>£60.71 per litre</span></div></main>",
        ("42.50", "GBP"),
    ),
    "cookie wall with a paid way out": (
        "cw.example/test/monitor-27",
        "de-DE",
        "Monitor 27 | CW",
        "<div class=wall><h1>Weiterlesen mit Werbung oder im Abo</h1><p>Mit Abo werbefrei für nur</p><p class=abo-price><b>4,99 €</b>/Monat</p><button>Abonnieren</button></div>",
        None,
    ),
    "trade shop, price behind a login": (
        "b2.example/valve",
        "en-GB",
        "Ball Valve 22mm",
        "<h1>Ball Valve 22mm</h1><p><a href=/login>Log in to see your price</a></p><p>RRP <span>£24.00</span></p><p>Free delivery over £150</p>",
        None,
    ),
    "currency switcher, hidden ones": (
        "cs.example/p/ring",
        "en",
        "Opal Ring",
        '<h1>Opal Ring</h1><div class=price><span class="cur cur-usd">$50.00</span><span class="cur cur-eur" style="display:none">€46.00</span><span class="cur cur-gbp" style="display:none">£39.00</span></div>',
        ("50.00", "USD"),
    ),
    "three currencies shown": (
        "cs.example/p/ring2",
        "en",
        "Onyx Ring",
        "<h1>Onyx Ring</h1><table><tr><td>USD</td><td>$50.00</td></tr><tr><td>EUR</td><td>€46.00</td></tr><tr><td>GBP</td><td>£39.00</td></tr></table>",
        None,  # shown: 50.00 USD
    ),
    "without tax large, with tax small": (
        "vt.example/drill",
        "en-GB",
        "Cordless Drill",
        "<h1>Cordless Drill</h1><div class=prices><span class=price-ex-vat>£100.00</span> <span>ex VAT</span><br><span class=price-inc-vat>£120.00</span> <span>inc VAT</span></div>",
        ("120.00", "GBP"),
    ),
    "instalments before the price": (
        "in.example/p/watch",
        "en-US",
        "Field Watch",
        "<h1>Field Watch</h1><p>4 interest-free payments of $24.75 with <img alt=Klarna></p><p>or as low as $9/mo</p><div class=price>$99.00</div>",
        ("99.00", "USD"),
    ),
    "gift card amounts": (
        "gc.example/gift-card",
        "en-US",
        "Gift Card",
        "<h1>Gift Card</h1><fieldset><legend>Denominations</legend><label>$10.00</label><label>$25.00</label><label>$50.00</label><label>$100.00</label></fieldset><button>Add to cart</button>",
        None,
    ),
    "so far from free shipping": (
        "fs.example/p/soap",
        "en-US",
        "Oat Soap",
        "<div class=free-ship>You are $75.00 away from free shipping</div><h1>Oat Soap</h1><div>$24.00</div><p>Ships free over $75</p><p>Estimated delivery: $5.95</p><button>Add to bag</button>",
        ("24.00", "USD"),
    ),
    "lowest price of thirty days, Italian": (
        "ob.example/it/scarpa",
        "it-IT",
        "Scarpa Corsa",
        "<h1>Scarpa Corsa</h1><div class=prezzi><span class=p1>44,90 €</span> <span class=p2><s>59,90 €</s></span><small>Prezzo più basso degli ultimi 30 giorni: 39,90 €</small></div>",
        ("44.90", "EUR"),
    ),
    "price in words": (
        "wd.example/p/pie",
        "en",
        "Apple Pie",
        "<h1>Apple Pie</h1><p>Price: twelve dollars. Call 555-0123 to order; serves 8. Since 1998.</p>",
        None,
    ),
    "Arabic digits with an old price": (
        "eg.example/ar/p/1",
        "ar-EG",
        "خلاط كهربائي",
        "<h1>خلاط كهربائي</h1><div class=pr><div class=now>١٬٢٤٩٫٠٠ ج.م.</div><div class=was>١٬٤٩٩٫٠٠ ج.م.</div><div>وفر ٢٥٠٫٠٠ ج.م.</div></div>",
        ("1249.00", "EGP"),
    ),
    "Indian grouping": (
        "ind.example/p/tv",
        "en-IN",
        "Smart TV 55",
        "<h1>Smart TV 55</h1><div><span>M.R.P.:</span> <span>₹1,49,900</span></div><div><span>Deal of the Day:</span> <span class=a1>₹1,24,999</span></div><div>EMI starts at ₹6,060</div><button>Buy now</button>",
        ("124999", "INR"),
    ),
    "Swiss apostrophe and a dash": (
        "swi.example/velo",
        "de-CH",
        "Velo City 3",
        "<h1>Velo City 3</h1><div class=preisblock><span>CHF 2'450.–</span> <span class=alt>statt CHF 2'890.–</span></div>",
        ("2450", "CHF"),
    ),
    "yen, with and without tax": (
        "jpn.example/item/1",
        "ja",
        "鉄のフライパン",
        "<h1>鉄のフライパン</h1><div class=item-price>12,800円<span>(税込)</span></div><div>税抜 11,637円</div><div>128ポイント</div>",
        ("12800", "JPY"),
    ),
    "dinar with three decimals": (
        "kwt.example/en/p/oud",
        "en-KW",
        "Oud Oil",
        "<h1>Oud Oil</h1><div class=product-price><span>KD</span> <span>12.750</span></div><div class=old-price>KD 15.000</div>",
        ("12.750", "KWD"),
    ),
    "price in attributes only": (
        "at.example/p/stol",
        "sv-SE",
        "Stol Ek",
        '<h1>Stol Ek</h1><product-price class=price data-price="1899.00" data-currency="SEK"></product-price>',
        None,  # shown: 1899.00 SEK
    ),
    "price in the title only": (
        "ti.example/p/desk",
        "en-GB",
        "Buy Oak Desk for £249 | Ti",
        '<meta name=description content="Oak Desk, only £249 with free delivery."><h1>Oak Desk</h1><p>Solid oak, 120 cm.</p>',
        None,  # shown: 249 GBP
    ),
    "sign and cents raised": (
        "sup.example/p/1",
        "en-US",
        "Garden Hose",
        "<h1>Garden Hose</h1><div class=price-format><div class=price-format__large><span class=hash><sup>$</sup></span><span>24</span><sup>95</sup></div></div>",
        ("24.95", "USD"),
    ),
    "one card of an unnamed class": (
        "one.example/c/lanterns",
        "en",
        "Lanterns | One",
        '<h1>Lanterns</h1><p>1 item</p><div class=grid><div class=x1><a href=/p/storm><img alt="Storm Lantern"><div>Storm Lantern</div></a><div class=price>$25.00</div></div></div>',
        None,
    ),
    "whole, point and cents by class only": (
        "sp.example/p/9",
        "de-DE",
        "Akkuschrauber",
        "<h1>Akkuschrauber</h1><div class=u12><span class=price__int>149</span><span class=price__sep>,</span><span class=price__frac>95</span><span class=price__cur>€</span></div>",
        ("149.95", "EUR"),
    ),
    "rent or buy": (
        "rb.example/p/cello",
        "en-US",
        "Cello 4/4",
        "<h1>Cello 4/4</h1><div class=box><div>Rent for $45.00 per month</div><div>Buy for <b>$1,450.00</b></div></div>",
        None,  # shown: 1450.00 USD
    ),
    "price on application": (
        "poa.example/p/yacht",
        "en-GB",
        "Yacht 40",
        "<h1>Yacht 40</h1><p>Price on application</p><p>Mooring fees from £90 a night</p>",
        None,
    ),
    "trade-in credit": (
        "td.example/phone",
        "en-US",
        "Phone 12 Pro",
        "<h1>Phone 12 Pro</h1><p>Get up to $400 trade-in credit</p><div class=current_price>From $799.00</div><p>or $33.29/mo. for 24 mo.</p>",
        ("799.00", "USD"),
    ),
    "event ticket with a fee": (
        "ev.example/e/1",
        "en-GB",
        "Jazz Night",
        "<h1>Jazz Night</h1><p>Sat 12 Dec, 19:30</p><div class=ticket><span>General admission</span> <span class=ticket-price>£22.00</span> <small>+ £2.20 booking fee</small></div>",
        ("22.00", "GBP"),
    ),
}


@pytest.mark.parametrize(
    ("address", "language", "title", "html", "expected"), PAGES.values(), ids=PAGES
)
def test_the_price_is_read_as_written_or_none(address, language, title, html, expected):
    page = f'<!doctype html><html lang="{language}"><title>{title}</title><body>{html}</html>'
    found = extract(page.encode(), url=f"https://{address}")
    price = None if found.price is None else (found.price, found.currency)
    assert price == (None if expected is None else (Decimal(expected[0]), expected[1]))
