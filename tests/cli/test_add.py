"""`tracker add`: what is looked at, asked, stored and said."""

import json
from decimal import Decimal

import pytest

from tracker_db import config
from tracker_db.cli.text import moment
from tracker_db.db import db
from tracker_db.models.price import AlertRule, Outbox, PriceRecord, Product, RunLog
from tracker_db.services import products

NO_PRICE = "<!doctype html><title>About us</title><h1>About us</h1><p>Since 1999.</p>"
TWO_PRICES = """<!doctype html><title>Pan</title><h1>Pan</h1><div><p class="price small">€19.49</p>
<p class="price large">€24.00</p><button>Add to cart</button></div>"""


def rows(model):
    with db.connection_context():
        return list(model.select())


def test_a_page_is_looked_at_once_and_its_price_recorded(run_tracker, shop):
    done = run_tracker("add", shop.put("/kettle"))
    (product,), (price,), (log,) = rows(Product), rows(PriceRecord), rows(RunLog)
    assert done.stdout.startswith(f"Tracking Kettle ({product.id})\n  Kettle · 19.99 EUR · InStock")
    assert (price.price, price.currency, price.availability) == (1999, "EUR", "InStock")
    assert (log.status, log.outcome) == ("SUCCESS", "ok")
    assert product.run_id is None
    assert product.next_run_at > log.created_at
    assert shop.asked == ["/robots.txt", "/kettle"]


def test_a_target_that_is_met_already_is_told_at_once(run_tracker, shop):
    done = run_tracker("add", shop.put("/kettle"), "--target", "20")
    (alert,) = rows(Outbox)
    assert (alert.title, alert.status) == ("Kettle: 19.99 EUR", "pending")
    assert "met already" in done.stderr


def test_a_target_that_is_not_met_waits(run_tracker, shop):
    run_tracker("add", shop.put("/kettle"), "--target", "15,50")
    (rule,) = rows(AlertRule)
    assert (rule.target_price, rule.currency, rows(Outbox)) == (1550, "EUR", [])


def test_a_page_without_a_price_is_shown_to_the_language_model_where_one_is_set(
    run_tracker, shop, httpserver, monkeypatch
):
    text = "This kettle is made of steel and holds 2 litres. " * 10
    shop.pages["/kettle"] = (
        f"<!doctype html><title>Kettle</title><h1>Kettle</h1><p>{text}It is yours for 15.50 Euro."
    )
    content = json.dumps({"price": "15.50", "currency": "EUR"})
    answer = {"choices": [{"message": {"content": content}}], "usage": {"prompt_tokens": 9}}
    httpserver.expect_request("/v1/chat/completions", "POST").respond_with_json(answer)
    monkeypatch.setenv("TRACKER_LLM_URL", httpserver.url_for("/v1"))
    monkeypatch.setenv("TRACKER_LLM_MODEL", "small")
    config.settings.cache_clear()
    run_tracker("pricing", "set", "localhost", "small", "--input", "0", "--output", "0")
    done = run_tracker("add", shop.url("/kettle"), "--yes")
    (price,), (log,) = rows(PriceRecord), rows(RunLog)
    assert (price.price, price.currency, log.extractor) == (1550, "EUR", "model")
    assert "The language model reads 15.50 EUR on the page." in done.stderr


def test_all_that_is_given_is_stored(run_tracker, shop):
    run_tracker(
        "add", shop.put("/kettle"), "--name", "My kettle", "--schedule", "@hourly",
        "--timezone", "Europe/Berlin", "--currency", "eur", "--selector", "h1 + p, script",
        "--yes",
    )  # fmt: skip
    (product,) = rows(Product)
    assert (product.name, product.schedule, product.timezone) == (
        "My kettle", "@hourly", "Europe/Berlin",
    )  # fmt: skip
    assert (product.currency, product.selector) == ("EUR", "h1 + p, script")


def test_the_same_page_again_names_its_product_and_adds_no_second(run_tracker, shop):
    url = shop.put("/kettle")
    run_tracker("add", url)
    done = run_tracker("add", f"{url}?utm_source=mail#reviews")
    (product,) = rows(Product)
    assert done.stdout == f"Already tracked as 'Kettle' ({product.id}).\n"


def test_the_same_page_again_with_a_target_adds_the_alert(run_tracker, shop):
    url = shop.put("/kettle")
    run_tracker("add", url)
    done = run_tracker("add", url, "--target", "15")
    assert "Added the alert: at or below 15.00 EUR." in done.stdout
    assert "with this alert" in run_tracker("add", url, "--target", "15.00").stdout
    assert [rule.target_price for rule in rows(AlertRule)] == [1500]


def test_an_alert_that_could_never_fire_is_refused(run_tracker, shop):
    url = shop.put("/kettle")
    run_tracker("add", url)
    assert "never be met" in run_tracker("add", url, "--target", "15 USD", exit_code=2).stderr
    assert rows(AlertRule) == []


def test_the_same_page_again_with_another_schedule_says_how_to_edit(run_tracker, shop):
    url = shop.put("/kettle")
    run_tracker("add", url)
    refused = run_tracker("add", url, "--schedule", "@hourly", exit_code=2)
    assert "tracker products edit" in refused.stderr
    assert rows(Product)[0].schedule == "0 9 * * *"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--schedule", "61 * * * *"), "61"),
        (("--timezone", "Europe/Brelin"), "Europe/Berlin"),
        (("--currency", "EURO"), "ISO 4217"),
        (("--selector", "p["), "selector"),
        (("--target", "cheap"), "not an amount"),
        (("--target", "-5"), "not an amount"),
        (("--target", "1,299"), "not an amount"),
        (("--target", "5 USD"), "would never be met"),
    ],
)
def test_wrong_use_is_told_and_nothing_is_stored(run_tracker, shop, options, reason):
    refused = run_tracker("add", shop.put("/kettle"), *options, exit_code=2)
    assert reason in refused.stderr
    assert rows(Product) == []


def test_a_page_without_a_price_needs_a_person_or_a_yes(run_tracker, shop):
    shop.pages["/about"] = NO_PRICE
    refused = run_tracker("add", shop.url("/about"), exit_code=2)
    assert "--yes" in refused.stderr
    assert rows(Product) == []
    done = run_tracker("add", shop.url("/about"), "--yes")
    assert "No price yet (no_price)" in done.stderr
    assert rows(RunLog)[0].status == "FAILED"


def test_a_page_that_is_not_there_is_not_added_even_with_a_yes(run_tracker, shop):
    failed = run_tracker("add", shop.url("/gone"), "--yes", exit_code=1)
    assert "Nothing was added" in failed.stderr
    assert rows(Product) == []


def test_a_private_address_is_refused_naming_the_setting(run_tracker, monkeypatch):
    failed = run_tracker("add", "http://10.0.0.1/kettle", "--yes", exit_code=1)
    assert "TRACKER_ALLOW_NETS" in failed.stderr
    assert rows(Product) == []


def test_a_price_without_a_currency_needs_one(run_tracker, shop):
    url = shop.put("/kettle", currency=None)
    assert "--currency" in run_tracker("add", url, "--yes", exit_code=2).stderr
    run_tracker("add", url, "--currency", "SEK")
    assert rows(PriceRecord)[0].currency == "SEK"


def test_a_product_that_is_out_of_stock_is_tracked_without_a_question(run_tracker, shop):
    done = run_tracker("add", shop.put("/kettle", availability="OutOfStock"))
    assert "OutOfStock" in done.stdout
    assert rows(Product)[0].last_availability == "OutOfStock"


def test_a_name_from_a_page_cannot_steer_the_terminal(run_tracker, shop):
    done = run_tracker("add", shop.put("/kettle", name="Kettle\x1b[2J [bold]red[/bold]"))
    listed = run_tracker("products", "list").stdout
    for output in (done.stdout, done.stderr, listed):
        assert "\x1b" not in output
    assert "[bold]red[/bold]" in listed


def test_a_name_from_a_page_cannot_be_a_formula_in_a_spreadsheet(run_tracker, shop):
    run_tracker("add", shop.put("/kettle", name='=HYPERLINK("http://evil.example","Kettle")'))
    assert rows(Product)[0].name.startswith("HYPERLINK")


def test_a_first_look_that_failed_tells_when_it_is_tried_again(run_tracker):
    nobody_listens = "http://127.0.0.1:1/kettle"
    done = run_tracker("add", nobody_listens, "--yes", "--schedule", "0 0 1 1 *")
    assert rows(Product)[0].attempts == 1
    assert f"next check {moment(rows(Product)[0].next_run_at)} (0 0 1 1 *, UTC)" in done.stdout


def test_a_page_with_several_prices_is_settled_by_picking_one(run_tracker, shop):
    shop.pages["/pan"] = TWO_PRICES
    run_tracker("add", shop.url("/pan"), "--yes")
    listed = run_tracker("products", "pick", "pan", exit_code=2).stderr
    numbers = {line.split()[1]: line.split()[0] for line in listed.splitlines() if "€" in line}
    done = run_tracker("products", "pick", "pan", "--number", numbers["24.00"])
    assert "24.00 EUR" in done.stdout
    assert rows(PriceRecord)[-1].price == 2400
    # The choice is for good: the next price is read at the same place.
    shop.pages["/pan"] = TWO_PRICES.replace("24.00", "22.00")
    run_tracker("run", "pan")
    assert rows(Product)[0].last_price == 2200


def test_a_number_that_is_not_listed_is_wrong_use(run_tracker, shop):
    shop.pages["/pan"] = TWO_PRICES
    run_tracker("add", shop.url("/pan"), "--yes")
    assert (
        "none of them" in run_tracker("products", "pick", "pan", "--number", 9, exit_code=2).stderr
    )
    assert rows(Product)[0].selector is None


def test_products_add_is_the_same_command(run_tracker, shop):
    run_tracker("products", "add", shop.put("/kettle"))
    assert [product.name for product in rows(Product)] == ["Kettle"]


def test_a_product_added_by_a_script_is_the_same_product(run_tracker, shop):
    url = shop.put("/kettle")
    products.add(products.ProductDraft(url=url, name="Kettle", target=Decimal(5), currency="EUR"))
    assert "Already tracked" in run_tracker("add", url).stdout
