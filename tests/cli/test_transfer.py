"""`tracker import` and `tracker export`: all rows or none, and errors with their place."""

import json
from datetime import timedelta

import pytest

from tracker_db.db import db
from tracker_db.models.price import AlertRule, Product
from tracker_db.services import alert_rules, products, runs
from tracker_db.services.products import ProductDraft

CSV = """url,name,schedule,timezone,currency,selector,target,active
https://shop.example/kettle,"Kettle, red",@hourly,Europe/Berlin,EUR,.price,19.99,true
shop.example/pan?utm_source=x,,,,,,"24,50 USD",no
"""
JSON = """[{"url": "https://shop.example/kettle", "target": 19.90, "currency": "EUR"},
"https://shop.example/pan"]"""
LIST = """# my wish list
https://shop.example/kettle

shop.example/pan
"""


@pytest.fixture
def file(tmp_path):
    def write(text, name="products.txt"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def rows(model, *order):
    with db.connection_context():
        return list(model.select().order_by(*order))


def urls():
    return [product.url for product in rows(Product, Product.url)]


def test_csv_gives_every_column(run_tracker, file):
    assert "Imported 2 products" in run_tracker("import", file(CSV)).stdout
    kettle, pan = rows(Product, Product.url)
    assert (kettle.name, kettle.schedule, kettle.timezone) == (
        "Kettle, red", "@hourly", "Europe/Berlin",
    )  # fmt: skip
    assert (kettle.currency, kettle.selector, kettle.active) == ("EUR", ".price", True)
    assert (pan.url, pan.active) == ("https://shop.example/pan", False)
    targets = {rule.product_id: (rule.target_price, rule.currency) for rule in rows(AlertRule)}
    assert targets == {kettle.id: (1999, "EUR"), pan.id: (2450, "USD")}


@pytest.mark.parametrize(
    "text",
    [
        JSON,
        LIST,
        "url\nshop.example/kettle\nshop.example/pan\n",
        "\ufeffurl;name\r\nshop.example/kettle;A\r\nshop.example/pan;B\r\n",
        '["shop.example/kettle", {"url": "shop.example/pan", "active": true, "name": null}]',
        '\ufeff [\n\t"shop.example/kettle" ,"shop.example/pan"\n] ',
    ],
)
def test_the_kind_of_file_is_told_by_its_content(run_tracker, file, text):
    run_tracker("import", file(text))
    assert urls() == ["https://shop.example/kettle", "https://shop.example/pan"]


def test_imported_products_are_due_at_once(run_tracker, file):
    run_tracker("import", file(LIST))
    assert len(runs.claim(10, timedelta(seconds=60))) == 2


BAD = """url,schedule,target
shop.example/kettle,@hourly,5 EUR
ftp://shop.example/pan,,
shop.example/pot,61 * * * *,

shop.example/lid,,cheap
shop.example/cup,,5
shop.example/jug,,5 EUR,extra
"""


def test_one_bad_row_imports_nothing_and_every_fault_has_its_line(run_tracker, file):
    failed = run_tracker("import", file(BAD), exit_code=2)
    assert rows(Product) == []
    for place, reason in [
        ("line 3", "ftp"),
        ("line 4", "61"),
        ("line 6", "not an amount"),
        ("line 7", "currency"),
        ("line 8", "4 cells"),
    ]:
        assert any(place in line and reason in line for line in failed.stderr.splitlines())
    assert "Nothing was imported: 5 rows" in failed.stderr


def test_bad_rows_can_be_left_out(run_tracker, file):
    done = run_tracker("import", file(BAD), "--skip-bad")
    assert "Imported 1 product." in done.stdout
    assert urls() == ["https://shop.example/kettle"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("url,prise\nshop.example/a,5\n", "unknown column 'prise'"),
        ("url,URL\nshop.example/a,shop.example/b\n", "the column 'url' stands there twice"),
        ('[{"url": "shop.example/a", "prise": 5}]', "item 1 (line 1): unknown column 'prise'"),
        ('[\n "shop.example/a",\n {"name": "Kettle"}\n]', "item 2 (line 3): there is no url"),
        ('["shop.example/a"] "shop.example/b"', "not valid JSON"),
        ('[{"name": "Kettle"}]', "item 1 (line 1): there is no url"),
        ("[5]", "item 1 (line 1): neither a URL nor an object"),
        ('[{"url": ', "not valid JSON"),
        (b"\xff\xfe\x00", "not UTF-8"),
        ('url,name\nshop.example/a,"open\n', "line 2"),
        ('[{"url": "shop.example/a", "active": "maybe"}]', "true or false"),
    ],
)
def test_a_file_that_cannot_be_used_is_wrong_use(run_tracker, file, text, reason):
    assert reason in run_tracker("import", file(text), exit_code=2).stderr
    assert rows(Product) == []


def test_what_is_tracked_already_or_stands_there_twice_is_left_out_and_told(run_tracker, file):
    products.add(ProductDraft(url="https://shop.example/kettle", name="Kettle"))
    again = "shop.example/kettle\nshop.example/pan\nSHOP.example/pan#top\n"
    done = run_tracker("import", file(again))
    assert "Imported 1 product." in done.stdout
    assert "line 1: left out; it is tracked already as 'Kettle'" in done.stderr
    assert "line 3: left out; it is the page of line 2" in done.stderr


def test_the_standard_input_can_be_imported(run_tracker):
    run_tracker("import", "-", input=LIST)
    assert len(rows(Product)) == 2


@pytest.mark.parametrize("form", ["--csv", "--json"])
def test_what_is_exported_can_be_imported(run_tracker, file, form):
    run_tracker("import", file(CSV))
    before = [(p.url, p.name, p.schedule, p.timezone, p.currency, p.selector, p.active)
              for p in rows(Product, Product.url)]  # fmt: skip
    exported = run_tracker("export", form).stdout
    with db.connection_context():
        Product.delete().execute()
    run_tracker("import", file(exported))
    assert before == [(p.url, p.name, p.schedule, p.timezone, p.currency, p.selector, p.active)
                      for p in rows(Product, Product.url)]  # fmt: skip
    assert sorted(rule.target_price for rule in rows(AlertRule)) == [1999, 2450]


def test_alerts_that_do_not_go_along_are_told(run_tracker, file):
    run_tracker("import", file(CSV))
    alert_rules.add(rows(Product)[0].id, alert_rules.any_change())
    assert "1 alert left out" in run_tracker("export").stderr


def test_an_empty_export_can_be_imported_too(run_tracker, file):
    assert run_tracker("export").stdout.startswith("url,name,")
    assert json.loads(run_tracker("export", "--json").stdout) == []
    assert "Imported 0 products" in run_tracker("import", file(run_tracker("export").stdout)).stdout
