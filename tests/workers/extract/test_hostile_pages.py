"""No bytes make extraction raise, and no page holds it: hostile pages end, in one process."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workers.extract import extract

#: Far above what any of them takes (none needs a second), so that a loaded machine passes too.
LIMIT_SECONDS = 30

START = "'<html><head><title>Lamp</title></head><body><h1>Lamp</h1>'"
LD = "'<script type=\"application/ld+json\">'"
# Python expressions, so that megabytes are made in the process that must survive them.
HOSTILE = {
    "nested div": f"{START} + '<div class=price>$5 ' * 30_000",
    "nested scopes": f"{START} + '<div itemscope itemtype=Product itemprop=offers>1' * 30_000",
    "nested rdfa": f"{START} + '<div typeof=\"gr:Offering\" property=price>1' * 30_000",
    "attributes on one tag": f"{START} + '<div ' + ' '.join(f'a{{i}}=1' for i in range(60_000)) + '>$5'",
    "formatting storm": f"{START} + '<b><i><u><font>' * 4_000 + '$5'",
    "misnested links": "''.join(f'<p><b><i><a href=x>{i} $5' for i in range(4_000))",
    "comments": "'<!--' * 100_000",
    "angle brackets": "'<' * 300_000",
    "options": f"{START} + '<select>' + '<option class=price>$5</option>' * 16_000",
    "five megabytes": f"{START} + '<p class=price>$5.00 <a href=x>word</a></p>' * 120_000",
    "spaces": f"{START} + '<p>' + ' ' * 3_000_000 + '$5</p>'",
    "one long word": f"{START} + '<p>$' + '1' * 2_000_000",
    "a million class names": f"{START} + '<p class=\"' + 'a ' * 500_000 + '\">$5</p>'",
    "headings": f"{START} + '<h1>Lamp</h1><h2>Lamp</h2>' * 30_000 + '$5'",
    "meta tags": f'{START} + \'<meta property="product:price:amount" content="1">\' * 50_000',
    "deep JSON": f"{START} + {LD} + '[' * 100_000",
    "deep offers": f"{START} + {LD} + '{{\"@type\":\"Product\",\"offers\":' * 900 + '1' + '}}' * 900",
    "broken JSON": f"{START} + {LD} + '{{\"a\":' * 300_000",
    "spaces in JSON": f"{START} + {LD} + '{{\"a\":1,' + ' ' * 1_900_000 + 'x'",
    "commas in JSON": f"{START} + {LD} + '{{\"a\":1' + ',' * 1_900_000 + 'x'",
    "entities in JSON": f"{START} + {LD} + '&quot;' * 300_000",
    "blocks of JSON-LD": f'{START} + ({LD} + \'{{"@type":"Product","offers":{{"price":1}}}}</script>\') * 5_000',
    "many offers": f'{START} + {LD} + \'{{"@type":"Product","offers":[\' + \'{{"price":1}},\' * 50_000 + \'1]}}\'',
    "script data": f'{START} + \'<script>\' + \'"name":"Lamp","price":"1",\' * 80_000 + \'</script><p>$1</p>\'',
    "references": f"{START} + '<i itemscope itemtype=Product itemref=\"' + ' '.join(map(str, range(30_000))) + '\"></i>'"
    " + ''.join(f'<i id={i} itemprop=price>{i}</i>' for i in range(20_000))",
    "properties": f"{START} + '<i itemprop=price>1</i>' * 160_000",
    "properties of RDFa": f"{START} + '<i property=price typeof=Offer>1</i>' * 120_000",
    "prices in attributes": f"{START} + '<i data-price=1>1</i>' * 200_000",
    "NUL bytes": "chr(0) * 3_000_000",
}

SCRIPT = """
    from workers.extract import extract
    found = extract(({page}).encode(), url="https://shop.example/lamp?v=1", selector={selector!r})
    print(found.outcome)
"""


def run(page: str, selector: str | None = None) -> str:
    code = textwrap.dedent(SCRIPT).format(page=page, selector=selector)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize("page", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_page_ends_in_a_clean_outcome(page):
    assert run(page) in {"ok", "no_price", "ambiguous", "parse_error"}


@pytest.mark.parametrize(
    ("page", "selector"),
    [
        ("'price ' * 500_000", r"regex:price\\D*([0-9.]+)"),
        ("'<p>price' * 300_000", r"regex:<p>[^<]*</p>.{0,80}?([0-9.,]+)"),
        ("'<p>1' * 30_000", "//p[last()]"),
        ("'<p>$' + '1,' * 1_000_000", "p"),
    ],
)
def test_a_selector_on_a_hostile_page_ends_too(page, selector):
    assert run(page, selector) in {"ok", "no_price", "parse_error"}


PAGE = b"""<html lang=en><head><title>Lamp</title><meta property="product:price:amount" content="5.00">
<script type="application/ld+json">{"@type": ["Product"], "name": "Lamp", "offers": [{"@type": "Offer",
"price": "5.00", "priceCurrency": "USD", "availability": "http://schema.org/InStock"}]}</script></head>
<body><h1>Lamp</h1><div itemscope itemtype="http://schema.org/Product"><span itemprop="price">$5<sup>00</sup>
</span><del>$9.00</del></div><div typeof="gr:Offering"><b property="gr:hasCurrencyValue">5</b></div>
<script>dataLayer.push({"price": "5.00"})</script><ul><li><a href=/a>$1</a></li></ul></body></html>"""


@given(
    st.lists(
        st.tuples(st.integers(0, len(PAGE)), st.integers(0, 40), st.binary(max_size=12)), max_size=8
    ),
    st.sampled_from([None, "text/html", "text/html; charset=utf-16", "image/png", "charset=\x00"]),
)
@example([(0, len(PAGE), b"")], None)
def test_a_mutated_page_never_raises(edits, content_type):
    page = PAGE
    for start, length, insert in edits:
        page = page[:start] + insert + page[start + length :]
    found = extract(page, url="https://shop.example/lamp", content_type=content_type)
    assert (found.price is None) == (
        found.outcome not in {"ok", "out_of_stock"}
    ) or found.outcome == "out_of_stock"


@given(st.binary(max_size=400), st.text(max_size=60))
def test_any_bytes_and_any_address_are_survived(body, url):
    extract(body, url=url)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["@type", "@id", "@graph", "name", "offers", "price", "lowPrice", "priceCurrency", "url", "sku",
             "hasVariant", "priceSpecification", "priceType", "availability", "itemOffered", "image", "mainEntity",
             "eligibleQuantity", "referenceQuantity", "minValue"]
        ),
        inner | st.sampled_from(["Product", "Offer", "AggregateOffer", "5.00", "EUR", "#a"]),
        max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
def test_any_json_ld_is_survived(value):
    block = json.dumps({"@type": "Product", "name": "Lamp", "offers": value, "image": value})
    block += json.dumps(value)
    extract(f'<script type="application/ld+json">{block}</script>'.encode(), url="")
