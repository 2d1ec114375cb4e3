"""Page classes that show a price which is not one product's: none is read."""

from __future__ import annotations

import pytest

from workers.extract import extract

# Name: (address, title, html).
PAGES = {
    "a sentence in a review": (
        "blog.example/2019/05/my-camera",
        "My camera review",
        "<h1>My camera review</h1><p>I paid $450.00 for this camera.</p><p>Posted on May 3</p>",
    ),
    "another product under its heading": (
        "s.example/p/gone2",
        "Widget - Shop",
        "<h1>Widget</h1><p>This product is no longer available.</p><h2>You may also like</h2><div><a href=/a>Gadget</a><span class=price>$25.00</span></div>",
    ),
    "a page about postage": (
        "s.example/shipping",
        "Shipping | Shop",
        "<h1>Shipping</h1><p>Standard shipping costs $4.99</p><p>Free over $50.00</p><table><tr><td>Express</td><td>$12.99</td></tr></table>",
    ),
    "an estimate alone": (
        "a.example/lot/5",
        "Vase, Ming - Lot 5",
        "<h1>Vase, Ming</h1><div>Estimate: £500 - £800</div><div>Starting price £300</div>",
    ),
    "a protection plan": (
        "s.example/zz2",
        "Washer",
        "<h1>Washer</h1><p>Discontinued</p><label>Add 3-year protection $49.99</label>",
    ),
    "gift cards of a brand": (
        "s.example/brand/acme",
        "Acme | Shop",
        "<h1>Acme</h1><p>Gift cards from $10</p>",
    ),
    "a forum's offer in words": (
        "f.example/t/1",
        "WTS: Canon lens - Forum",
        "<h1>WTS: Canon lens</h1><div class=post>Selling my lens, $350 shipped, firm.</div>",
    ),
    "a category of one": (
        "s.example/product-category/mugs/",
        "Mugs Archives - Shop",
        '<h1 class=page-title>Mugs</h1><p class=woocommerce-result-count>Showing the single result</p><ul class="products columns-4"><li class="product type-product"><a href=/product/mug/><h2 class=woocommerce-loop-product__title>Blue Mug</h2><span class=price><bdi>£5.00</bdi></span></a></li></ul>',
    ),
    "a carousel under a sold-out product": (
        "s.example/p/i",
        "Plate",
        "<h1>Plate</h1><p>Currently unavailable.</p><div class=carousel><div class=item><a href=/1>Bowl</a><span class=price>$9.00</span></div></div>",
    ),
}


@pytest.mark.parametrize(("address", "title", "html"), PAGES.values(), ids=PAGES)
def test_no_price_is_read(address, title, html):
    page = f'<!doctype html><html lang="en"><title>{title}</title>{html}</html>'
    assert extract(page.encode(), url=f"https://{address}").price is None
