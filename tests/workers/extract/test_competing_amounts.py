"""Amounts that compete on a product's page: the one to pay is read, or none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workers.extract import extract

# Name: (address, language, title, html, price and currency; None where the page has no one price
# or, with a remark, where reading it would be a guess).
PAGES = {
    "JSON-LD price, page shows unit of it": (
        "a.example/p/oil",
        "de-DE",
        "Olivenöl 500 ml",
        '<script type="application/ld+json">{"@type":"Product","name":"Olivenöl 500 ml","offers":{"@type":"Offer","price":"8.99","priceCurrency":"EUR"}}</script><h1>Olivenöl 500 ml</h1><div class=price>8,99 €</div><div class=unit>17,98 €/l</div>',
        ("8.99", "EUR"),
    ),
    "JSON-LD in cents": (
        "a.example/p/mat",
        "en",
        "Yoga Mat",
        '<script type="application/ld+json">{"@type":"Product","name":"Yoga Mat","offers":{"@type":"Offer","price":4500,"priceCurrency":"USD"}}</script><h1>Yoga Mat</h1><span class=money>$45.00</span><button>Add to cart</button>',
        ("45.00", "USD"),
    ),
    "microdata of cards, product without": (
        "a.example/p/tent",
        "en",
        "Dome Tent",
        '<h1>Dome Tent</h1><div class=amount>€189.00</div><h2>More tents</h2><div itemscope itemtype="https://schema.org/Product"><a itemprop=url href=/p/tunnel-tent><span itemprop=name>Tunnel Tent</span></a><span itemprop=offers itemscope itemtype="https://schema.org/Offer"><meta itemprop=priceCurrency content=EUR><span itemprop=price content="249.00">€249.00</span></span></div><button>Add to cart</button>',
        ("189.00", "EUR"),
    ),
    "loyalty price first": (
        "a.example/p/milk",
        "en-GB",
        "Milk 2L",
        "<h1>Milk 2L</h1><div class=offer><span>£1.25 Clubcard Price</span></div><div class=std><span>£1.65</span></div><div>£0.83/litre</div>",
        None,  # shown: 1.65 GBP
    ),
    "price with strike by style, new in red": (
        "a.example/p/kit",
        "fr-FR",
        "Kit de perçage",
        '<h1>Kit de perçage</h1><p><span style="text-decoration: line-through;">59,90 €</span> <span style="color:red">44,90 €</span> soit -25%</p><p>Frais de port : 5,90 €</p>',
        ("44.90", "EUR"),
    ),
    "weekly rent of furniture": (
        "a.example/p/sofa",
        "en-GB",
        "Sofa Milo",
        "<h1>Sofa Milo</h1><p class=weekly>£12.50 per week for 156 weeks</p><p>Cash price <b>£899.99</b></p><p>Total payable £1,950.00</p>",
        ("899.99", "GBP"),
    ),
    "used and new": (
        "a.example/b/novel",
        "en-US",
        "Novel",
        "<h1>Novel</h1><div class=cond><span>Used - Good</span> <b>$6.29</b></div><div class=cond><span>New</span> <b>$14.99</b></div><button>Add to cart</button>",
        None,  # shown: 14.99 USD
    ),
    "price with currency code far off": (
        "a.example/p/hub",
        "en",
        "USB Hub",
        "<h1>USB Hub</h1><div class=price-box><div class=row><span class=label>Price</span></div><div class=row><span class=value>39.90</span></div><div class=row><span class=cur>EUR</span></div></div>",
        ("39.90", "EUR"),
    ),
    "kroner with dash": (
        "a.example/no/p/lue",
        "nb-NO",
        "Lue",
        "<h1>Lue</h1><div class=pris>349,-</div><div>Før 499,-</div><button>Legg i handlekurv</button>",
        ("349", "NOK"),
    ),
    "forint with spaces": (
        "a.example/hu/p",
        "hu-HU",
        "Fúró",
        '<h1>Fúró</h1><div class="ar">12 990 Ft</div><div>Eredeti ár: 15 990 Ft</div><button>Kosárba</button>',
        ("12990", "HUF"),
    ),
    "dong": (
        "a.example/ao-thun",
        "vi-VN",
        "Áo thun",
        "<h1>Áo thun</h1><div class=pr>249.000₫</div><del>350.000₫</del><button>Mua ngay</button>",
        ("249000", "VND"),
    ),
    "won": (
        "a.example/goods/12",
        "ko-KR",
        "머그컵",
        "<h1>머그컵</h1><strong class=total>15,900원</strong><span>배송비 3,000원</span><button>장바구니</button>",
        ("15900", "KRW"),
    ),
    "real with pix": (
        "a.example.br/p",
        "pt-BR",
        "Tênis",
        "<h1>Tênis</h1><div class=p>R$ 299,90</div><div>R$ 284,90 no Pix</div><div>10x de R$ 29,99</div><button>Comprar</button>",
        None,  # shown: 299.90 BRL
    ),
    "peso without decimals": (
        "tienda.example.co/p",
        "es-CO",
        "Licuadora",
        "<h1>Licuadora</h1><p class=precio>$ 189.900</p><p>Antes: $ 249.900</p>",
        ("189900", "COP"),
    ),
    "rand": (
        "a.example.za/p",
        "en-ZA",
        "Braai Grid",
        "<h1>Braai Grid</h1><div class=price>R 1 299.00</div><button>Add to cart</button>",
        ("1299.00", "ZAR"),
    ),
    "cookie banner with an h1": (
        "a.example/p/scale",
        "en",
        "Kitchen Scale",
        "<div class=consent><h1>We value your privacy</h1><p>Accept</p></div><div><h1>Kitchen Scale</h1><p class=price>£19.00</p></div>",
        ("19.00", "GBP"),
    ),
    "house for sale": (
        "homes.example/h/1",
        "en-GB",
        "3 bed house for sale",
        "<h1>3 bed house for sale</h1><p class=price>£325,000</p><p>Mortgage: £1,402 per month</p>",
        ("325000", "GBP"),
    ),
    "car with a monthly price first": (
        "cars.example/c/1",
        "en-GB",
        "Kia Picanto 2019",
        "<h1>Kia Picanto 2019</h1><div class=hero><b>£149 per month</b></div><div class=cash><b>£7,495</b> cash price</div><a>Reserve now</a>",
        ("7495", "GBP"),
    ),
    "course with seats": (
        "edu.example/course",
        "en",
        "Pottery Course",
        "<h1>Pottery Course</h1><p>Early bird: $180 until 1 March</p><p>Full price: $220</p>",
        ("220", "USD"),
    ),
    "price drop note": (
        "a.example/p/jeans",
        "en-US",
        "Slim Jeans",
        "<h1>Slim Jeans</h1><div>Price dropped $20</div><div class=x1>$59.50</div><div class=x2>Orig. $79.50</div><button>Add to cart</button>",
        ("59.50", "USD"),
    ),
    "split price, sign first, unnamed": (
        "a.example/p/fan",
        "es-ES",
        "Ventilador",
        "<h1>Ventilador</h1><div class=q><i>€</i><b>49</b><small>,95</small></div><button>Añadir a la cesta</button>",
        ("49.95", "EUR"),
    ),
    "split price, sign behind, no separator": (
        "a.example/p/fan2",
        "de-DE",
        "Ventilator",
        "<h1>Ventilator</h1><div class=pricebox><span class=integer>49</span><span class=fraction>95</span><span class=currency>€</span></div>",
        ("49.95", "EUR"),
    ),
    "split price, thousands in a part": (
        "a.example/p/tv",
        "es-ES",
        "Televisor",
        "<h1>Televisor</h1><div class=precio-final><span>1.299</span><span class=decimales>,00</span><span>€</span></div>",
        ("1299.00", "EUR"),
    ),
    "spec table and a long title": (
        "a.example/p/laptop-15",
        "en-GB",
        "Ultra Laptop 15.6 inch FHD Ryzen 7 16GB RAM 512GB SSD Windows 11 Home Silver 2024 Model with Backpack",
        "<h1>Ultra Laptop 15.6 inch FHD Ryzen 7 16GB RAM 512GB SSD Windows 11 Home Silver 2024 Model with Backpack</h1><table><tr><th>Screen</th><td>15.6 in</td></tr><tr><th>Price</th><td>£649.00</td></tr><tr><th>Weight</th><td>1.7 kg</td></tr></table>",
        ("649.00", "GBP"),
    ),
    "spec table, price among costs": (
        "a.example/p/printer",
        "en-GB",
        "Laser Printer",
        "<h1>Laser Printer</h1><table><tr><th>Price</th><td>£149.00</td></tr><tr><th>Delivery</th><td>£4.95</td></tr><tr><th>Cost per page</th><td>£0.02</td></tr></table>",
        ("149.00", "GBP"),
    ),
    "ticket shop, fee in the total": (
        "tix.example/e",
        "en-US",
        "Rock Show",
        "<h1>Rock Show</h1><div>Price: $40.00</div><div>Fees: $7.50</div><div>Total: $47.50</div>",
        None,  # shown: 40.00 USD
    ),
    "compare at, no strike": (
        "a.example/p/knife",
        "en",
        "Chef Knife",
        "<h1>Chef Knife</h1><div>Compare at $90.00</div><div>Our price: $60.00</div><div>You save $30.00 (33%)</div>",
        ("60.00", "USD"),
    ),
    "sold for": (
        "a.example/lot/2",
        "en",
        "Lot 2: Ring",
        "<h1>Lot 2: Ring</h1><div>Sold for $1,200</div><div>Estimate $800 - $1,000</div>",
        None,  # shown: 1200 USD
    ),
    "app with in-app purchases": (
        "app.example/a",
        "en",
        "Note App",
        "<h1>Note App</h1><p>Free</p><p>In-app purchases $0.99 - $49.99 per item</p>",
        None,  # shown: 0 USD
    ),
    "newsletter coupon popup": (
        "a.example/p/vase",
        "en",
        "Glass Vase",
        "<div class=popup><h2>Get $10 off</h2></div><h1>Glass Vase</h1><div class=val>$38.00</div><button>Add to cart</button>",
        ("38.00", "USD"),
    ),
    "gift wrap and warranty options": (
        "a.example/p/clock",
        "en",
        "Wall Clock",
        "<h1>Wall Clock</h1><div>$54.00</div><label><input type=checkbox> Gift wrap ($5.00)</label><label><input type=checkbox> 2-year warranty $9.00</label><button>Add to cart</button>",
        ("54.00", "USD"),
    ),
}


@pytest.mark.parametrize(
    ("address", "language", "title", "html", "expected"), PAGES.values(), ids=PAGES
)
def test_the_price_to_pay_is_read_or_none(address, language, title, html, expected):
    page = f'<!doctype html><html lang="{language}"><title>{title}</title><body>{html}</html>'
    found = extract(page.encode(), url=f"https://{address}")
    price = None if found.price is None else (found.price, found.currency)
    assert price == (None if expected is None else (Decimal(expected[0]), expected[1]))
