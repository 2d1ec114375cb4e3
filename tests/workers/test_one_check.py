"""One check against a real shop on loopback: what is fetched, believed, kept and told."""

import threading
from datetime import timedelta
from ipaddress import ip_network

import pytest
from werkzeug import Response

from tracker_db.config import Settings
from tracker_db.db import db, transaction
from tracker_db.models.price import AlertRule, Host, Outbox, PriceRecord, Product, RunLog
from tracker_db.services import runs
from workers.check import Checker
from workers.fetch import Client
from workers.pipeline import Pipeline

SETTINGS = Settings(
    threads=2, allow_nets=(ip_network("127.0.0.0/8"),), host_delay_seconds=0, fetch_seconds=5
)
JSON_LD = """<html lang="en"><head><title>Kettle</title><script type="application/ld+json">
{"@context": "https://schema.org", "@type": "Product", "name": "Kettle", "image": "/kettle.jpg",
 "offers": {"@type": "Offer", "price": "%s", "priceCurrency": "%s",
            "availability": "https://schema.org/%s"}}
</script></head><body><h1>Kettle</h1></body></html>"""

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop(httpserver):
    """A shop with one product, whose page a test can change."""
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    with db.connection_context():
        Product.create(url=httpserver.url_for("/kettle"), name="Kettle")
    return httpserver


@pytest.fixture
def check():
    with Client(SETTINGS) as client:
        line = Pipeline(Checker(client, SETTINGS), SETTINGS, threading.Event())

        def run():
            with transaction():
                db.execute_sql("UPDATE products SET next_run_at = now() WHERE run_id IS NULL")
            line.run(runs.claim(10, timedelta(seconds=60)))
            with db.connection_context():
                return RunLog.select().order_by(RunLog.created_at.desc()).get()

        yield run
        line.close()


def page(price, currency="EUR", availability="InStock", **headers):
    body = JSON_LD % (price, currency, availability)
    return Response(body, headers=headers, content_type="text/html; charset=utf-8")


def show(shop, response):
    shop.clear_all_handlers()
    shop.expect_request("/robots.txt").respond_with_data("", status=404)
    shop.expect_request("/kettle").respond_with_response(response)


def records():
    with db.connection_context():
        return [
            (record.price, record.currency)
            for record in PriceRecord.select().order_by(PriceRecord.scraped_at)
        ]


def product():
    with db.connection_context():
        return Product.get()


def test_a_price_is_read_and_kept_with_how_it_was_found(shop, check):
    show(shop, page("14.99"))
    log = check()
    assert (log.status, log.outcome, log.http_status, log.extractor) == (
        "SUCCESS", "ok", 200, "json_ld",
    )  # fmt: skip
    assert log.bytes > 100
    assert records() == [(1499, "EUR")]
    assert product().image_url == shop.url_for("/kettle.jpg")


def test_an_unchanged_page_is_a_success_and_the_last_price_is_recorded_again(shop, check):
    show(shop, page("14.99", ETag='"v1"'))
    check()
    seen = []

    def unchanged(request):
        seen.append(request.headers.get("If-None-Match"))
        return Response(status=304)

    shop.clear_all_handlers()
    shop.expect_request("/robots.txt").respond_with_data("", status=404)
    shop.expect_request("/kettle").respond_with_handler(unchanged)
    assert check().outcome == "not_modified"
    assert check().outcome == "not_modified"
    assert seen == ['"v1"', '"v1"']
    assert records() == [(1499, "EUR")] * 3


def test_a_page_that_gave_no_price_is_read_in_full_the_next_time(shop, check):
    show(shop, page("14.99"))
    check()
    show(shop, page("", availability="OutOfStock", ETag='"v2"'))
    assert check().outcome == "out_of_stock"
    # A 304 would repeat 14.99, which that page did not say.
    assert product().etag is None
    assert records() == [(1499, "EUR")]


def test_a_price_below_the_smallest_coin_is_none(shop, check):
    show(shop, page("0.004"))
    assert check().outcome == "no_price"
    assert records() == []


@pytest.mark.parametrize(
    ("response", "outcome", "says"),
    [
        (Response("gone", 404), "not_found", "404"),
        (Response("no", 403), "blocked", "403"),
        (Response("oops", 500), "http_error", "500"),
        (Response("<html><body><p>About us</p></body></html>", content_type="text/html"), "no_price", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_failure_is_logged_with_its_outcome_and_is_never_a_price(
    shop, check, response, outcome, says
):
    show(shop, response)
    log = check()
    assert (log.status, log.outcome) == ("FAILED", outcome)
    assert log.error_message
    assert says in log.error_message
    assert records() == []


def test_a_private_address_is_refused_without_being_asked(shop, check, monkeypatch):
    with transaction():
        db.execute_sql("UPDATE products SET url = 'http://169.254.169.254/latest/'")
    log = check()
    assert (log.status, log.outcome) == ("FAILED", "refused")


def test_a_jump_is_believed_when_the_next_check_sees_it_again(shop, check):
    show(shop, page("14.99"))
    check()
    show(shop, page("0.49", ETag='"v2"'))
    log = check()
    assert product().etag is None  # it must be seen again, not be answered with a 304
    assert (log.status, log.outcome) == ("FAILED", "ambiguous")
    assert "14.99 EUR" in log.error_message
    assert "0.49 EUR" in log.error_message
    assert records() == [(1499, "EUR")]
    assert check().outcome == "ok"
    assert records() == [(1499, "EUR"), (49, "EUR")]


def test_a_jump_that_was_a_glitch_leaves_no_trace_in_the_prices(shop, check):
    for price in ("14.99", "1499", "14.99", "1499", "14.99"):
        show(shop, page(price))
        check()
    assert records() == [(1499, "EUR")] * 3


def test_another_currency_waits_for_a_second_look_too(shop, check):
    show(shop, page("14.99"))
    check()
    show(shop, page("15.99", "USD"))
    assert check().outcome == "ambiguous"
    assert check().outcome == "ok"
    assert records() == [(1499, "EUR"), (1599, "USD")]


def test_a_price_without_a_currency_says_how_to_give_it_one(shop, check):
    body = JSON_LD.replace('"priceCurrency": "%s",', "") % ("14.99", "InStock")
    show(shop, Response(body, content_type="text/html; charset=utf-8"))
    log = check()
    assert log.outcome == "ambiguous"
    assert "--currency" in log.error_message
    with transaction():
        db.execute_sql("UPDATE products SET currency = 'CHF'")
    assert check().outcome == "ok"
    assert records() == [(1499, "CHF")]


def test_out_of_stock_and_back_tells_once_and_no_price_alert_fires_meanwhile(shop, check):
    with db.connection_context():
        for values in ({"kind": "back_in_stock"}, {"target_price": 1500, "currency": "EUR"}):
            AlertRule.create(product=Product.get(), **values)
    for availability in ("OutOfStock", "OutOfStock", "InStock", "InStock"):
        show(shop, page("14.99", availability=availability))
        check()
    with db.connection_context():
        kinds = sorted(alert.data["type"] for alert in Outbox.select())
    assert kinds == ["alert.back_in_stock", "alert.target"]


def test_a_price_at_which_it_could_not_be_bought_is_no_reference_for_a_drop(shop, check):
    with db.connection_context():
        AlertRule.create(product=Product.get(), kind="drop", percent=10, reference="last_price")
    told = []
    for price, availability in (("99", "OutOfStock"), ("50", "InStock"), ("40", "InStock")):
        show(shop, page(price, availability=availability))
        check()
        with db.connection_context():
            told.append(Outbox.select().count())
    assert told == [0, 0, 1]


def test_failures_in_a_row_tell_once(shop, check):
    with db.connection_context():
        AlertRule.create(product=Product.get(), kind="failing", failures=2)
    show(shop, Response("gone", 404))
    for _ in range(4):
        check()
    with db.connection_context():
        assert Outbox.select().count() == 1


def test_a_busy_server_that_names_a_time_is_left_alone_until_then(shop, check):
    show(shop, Response("later", 429, headers={"Retry-After": "900"}))
    assert check().outcome == "blocked"
    with db.connection_context():
        host = Host.get()
    assert product().next_run_at > host.next_allowed_at + timedelta(minutes=14)
    assert host.closed_until > host.next_allowed_at + timedelta(minutes=14)


def test_a_selector_that_cannot_be_read_fails_with_its_own_message(shop, check):
    show(shop, page("14.99"))
    with transaction():
        db.execute_sql("UPDATE products SET selector = 'div[['")
    log = check()
    assert log.outcome == "parse_error"
    assert "div[[" in log.error_message
