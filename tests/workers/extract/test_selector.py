"""The user's own selector: it decides alone, and bad ones are refused when they are saved."""

from __future__ import annotations

import pytest

from tracker_db.errors import SelectorError
from workers.extract import check_selector, extract

PAGE = """<html><head><title>Desk lamp</title>
<script type="application/ld+json">{"@type": "Product", "name": "Desk lamp", "offers": {"price": 99,
"priceCurrency": "EUR", "availability": "InStock"}}</script></head><body><h1>Desk lamp</h1>
<p id=now class=price>€ 99.00</p><p id=used>used: <b>12,50</b></p><meta itemprop=price content="13.00">
<script>var p = {"refurbished": 55.25};</script></body></html>"""


def read(selector: str, page: str = PAGE):
    return extract(page.encode(), url="https://shop.example/lamp", selector=selector)


@pytest.mark.parametrize(
    ("selector", "price"),
    [
        ("#used b", "12.50"),
        ("css: #used b", "12.50"),
        ("//p[@id='used']/b", "12.50"),
        ("//p[@id='used']/b/text()", "12.50"),
        ("xpath:string(//p[@id='used']/b)", "12.50"),
        ("xpath:number('12.5')", "12.50"),
        ("meta[itemprop=price]", "13.00"),
        (r'regex:"refurbished":\s*([\d.]+)', "55.25"),
    ],
)
def test_the_selected_price_is_the_price(selector, price):
    found = read(selector)
    assert (f"{found.price:.2f}", found.currency, found.extractor) == (price, "EUR", "selector")


def test_availability_and_name_still_come_from_the_markup():
    found = read("#used b")
    assert (found.availability, found.name) == ("InStock", "Desk lamp")


@pytest.mark.parametrize(
    ("selector", "says"),
    [("#gone", "matches nothing"), ("h1", "holds no price"), ("regex:nowhere", "matches nothing")],
)
def test_a_selector_without_a_price_gives_none_and_says_why(selector, says):
    found = read(selector)
    assert (found.outcome, found.price) == ("no_price", None)
    assert says in found.message


def test_a_challenge_page_is_blocked_whatever_the_selector():
    page = "<html><head><title>Just a moment...</title></head><body></body></html>"
    assert read("#used b", page).outcome == "blocked"


BAD = {
    "empty": " ",
    "too long": "a" * 501,
    "broken CSS": "p[",
    "broken XPath": "//p[",
    "unknown XPath function": "//p[doc('file:///etc/passwd')]",
    "a file by document()": "document('file:///etc/passwd')",
    "EXSLT": "//p[re:test(., '1')]",
    "broken regex": "regex:(",
    "nested repeats": "regex:(a+)+$",
    "too many repeats": "regex:.*.*.*.*x",
}


@pytest.mark.parametrize("selector", BAD.values(), ids=BAD)
def test_a_bad_selector_is_refused(selector):
    with pytest.raises(SelectorError):
        check_selector(selector)


@pytest.mark.parametrize("selector", ["p.price", "//p/b", "(//p)[2]", "regex:price: ([0-9.]+)"])
def test_a_good_selector_is_accepted(selector):
    check_selector(selector)
