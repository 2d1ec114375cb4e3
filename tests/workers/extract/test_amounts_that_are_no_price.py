"""Amounts on pages that sell no one product: none is read."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workers.extract import extract

# Name: (address, language, title, html, price and currency; None where the page has no one price
# or, with a remark, where reading it would be a guess).
PAGES = {
    "list of one, whole card a link": (
        "a.example/collections/hats",
        "en",
        "Hats – A",
        "<h1>Hats</h1><div class=g><a class=k href=/products/cap><img src=c.jpg><span>Wool Cap</span><span>$28.00</span></a></div>",
        None,
    ),
    "list of one with a buy button": (
        "a.example/c/tents",
        "en",
        "Tents",
        "<h1>Tents</h1><section><article><a href=/p/dome><img src=d.jpg></a><h3><a href=/p/dome>Dome 2</a></h3><p>Light and dry.</p><span class=price>€189.00</span><button class=add-to-cart>Add to cart</button></article></section>",
        None,
    ),
    "list of one, price before the name": (
        "a.example/c/rugs",
        "en",
        "Rugs",
        "<h1>Rugs</h1><ul><li><b>£75.00</b> <a href=/p/jute-rug>Jute rug</a></li></ul>",
        None,
    ),
    "search without hits, one pick": (
        "a.example/find?term=zzz",
        "en",
        "Search",
        "<h1>No results for “zzz”</h1><p>You might like</p><div><a href=/p/pot><img></a><p>Pot</p><p>$12.00</p></div>",
        None,
    ),
    "wishlist of one": (
        "a.example/wishlist",
        "en",
        "My wishlist",
        "<h1>My wishlist</h1><table><tr><td><a href=/p/pen><img></a></td><td><a href=/p/pen>Pen</a></td><td>$8.00</td></tr></table>",
        None,
    ),
    "cart of one": (
        "a.example/cart",
        "en",
        "Your cart",
        "<h1>Your cart</h1><div><a href=/p/pen>Pen</a> <span>$8.00</span> x 1</div><div>Subtotal <span>$8.00</span></div><div>Total <span>$12.95</span></div>",
        None,
    ),
    "delivery page": (
        "a.example/delivery",
        "en-GB",
        "Delivery",
        "<h1>Delivery</h1><h2>Standard</h2><p>£3.95</p>",
        None,
    ),
    "donation": (
        "a.example/donate",
        "en",
        "Donate",
        "<h1>Make a difference</h1><div><button>$10</button><button>$25</button><button>$50</button></div>",
        None,
    ),
    "fees of a bank": (
        "a.example/account",
        "en",
        "Everyday Account",
        "<h1>Everyday Account</h1><p>Monthly fee</p><p>$5.00</p><p>ATM withdrawals $2.50</p>",
        None,
    ),
    "out of stock, JSON-LD zero": (
        "a.example/p/chair",
        "en",
        "Chair",
        '<script type="application/ld+json">{"@type":"Product","name":"Chair","offers":{"@type":"Offer","price":"0","priceCurrency":"EUR","availability":"OutOfStock"}}</script><h1>Chair</h1><p>Not available</p><h2>Customers also bought</h2><div><div>Desk</div><div>€99.00</div></div>',
        None,
    ),
    "JSON-LD of a related product only": (
        "a.example/p/lamp-red",
        "en",
        "Red Lamp",
        '<script type="application/ld+json">{"@type":"Product","name":"Blue Vase","url":"https://a.example/p/blue-vase","offers":{"@type":"Offer","price":"31.00","priceCurrency":"EUR"}}</script><h1>Red Lamp</h1><p>Temporarily out of stock</p>',
        None,
    ),
    "hotel room": (
        "a.example/hotel",
        "en",
        "Sea Hotel",
        "<h1>Sea Hotel</h1><table><tr><td>Single</td><td>€80</td></tr><tr><td>Double</td><td>€120</td></tr><tr><td>Suite</td><td>€220</td></tr></table>",
        None,
    ),
    "article about one product with a buy link": (
        "mag.example/reviews/phone-9",
        "en",
        "Phone 9 review: a fine phone",
        '<article><h1>Phone 9 review</h1><p>By Jo</p><div class=buy-link><a href="https://shop.example/phone9">$699.00 at Shop</a></div></article>',
        None,
    ),
    "recipe with a cost": (
        "food.example/recipes/soup",
        "en",
        "Pea Soup",
        "<h1>Pea Soup</h1><div>Serves 4</div><div>Cost per portion: £1.20</div>",
        None,
    ),
    "job advert": (
        "jobs.example/j/1",
        "en-GB",
        "Developer - Jobs",
        "<h1>Developer</h1><dl><dt>Salary</dt><dd>£55,000</dd></dl>",
        None,
    ),
    "crowdfunding": (
        "fund.example/p/1",
        "en",
        "Smart Pot",
        "<h1>Smart Pot</h1><div><b>$45,210</b> pledged of $20,000 goal</div><div>310 backers</div><div>Pledge $49 or more</div>",
        None,
    ),
    "sold out with a warranty price": (
        "a.example/p/radio",
        "en",
        "Radio",
        "<h1>Radio</h1><p>Sold out</p><label><input type=checkbox> Gift wrap $5.00</label>",
        None,
    ),
    "sold out, shipping price": (
        "a.example/p/radio2",
        "en",
        "Radio 2",
        "<h1>Radio 2</h1><p>Sold out</p><p>Shipping from $4.99</p>",
        None,
    ),
    "reviews that name prices": (
        "a.example/p/soap",
        "en",
        "Soap",
        "<h1>Soap</h1><p>Unavailable</p><div class=reviews><p>Worth every cent of the $9.50!</p></div>",
        None,
    ),
    "vendor page": (
        "mk.example/shop/anna",
        "en",
        "Anna's Shop",
        "<h1>Anna's Shop</h1><p>Since 2015</p><div class=item><a href=/i/1><img></a><p>Hat</p><p>€20.00</p></div>",
        None,
    ),
    "tracking page": (
        "a.example/track",
        "en",
        "Order 1234",
        "<h1>Order 1234</h1><p>Paid: $54.20</p><p>Shipped</p>",
        None,
    ),
}


@pytest.mark.parametrize(
    ("address", "language", "title", "html", "expected"), PAGES.values(), ids=PAGES
)
def test_an_amount_that_is_no_price_is_not_read(address, language, title, html, expected):
    page = f'<!doctype html><html lang="{language}"><title>{title}</title><body>{html}</html>'
    found = extract(page.encode(), url=f"https://{address}")
    price = None if found.price is None else (found.price, found.currency)
    assert price == (None if expected is None else (Decimal(expected[0]), expected[1]))
