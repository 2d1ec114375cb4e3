"""Products: what is written when they are added, edited, paused, resumed and removed."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tracker_db.crontab import next_fire
from tracker_db.db import db, transaction
from tracker_db.errors import (
    AlreadyExistsError,
    CurrencyError,
    InvalidInputError,
    NotFoundError,
    ScheduleError,
)
from tracker_db.models.price import AlertRule, PriceRecord, Product, RunLog
from tracker_db.observation import Outcome
from tracker_db.services import products, runs
from tracker_db.services.complete import complete
from tracker_db.services.products import ProductDraft
from tracker_db.services.runs import Result
from tracker_db.services.slots import Policy
from workers.judge import judge

URL = "https://shop.example/kettle"
LEASE = timedelta(seconds=60)
POLICY = Policy(max_attempts=3, retry_seconds=60, spread_seconds=0, catch_up="coalesce")
MISSING = "7f3b0c9e-0000-4000-8000-000000000000"

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def kettle():
    return products.add(ProductDraft(url=URL, name="Kettle", currency="EUR"))


def stored():
    with db.connection_context():
        return Product.get()


def rows(model):
    with db.connection_context():
        return list(model.select())


def write(**values):
    with db.connection_context():
        Product.update(values).execute()


def take(product):
    (run,) = runs.claim_now([product.id], LEASE)
    return run


def finish(run):
    found = Result(outcome=Outcome.OK, price=1999, currency="EUR", etag='"old page"')
    return complete([(run, found)], decide=judge, channels=(), policy=POLICY)


def test_a_new_product_is_planned_for_the_next_slot_of_its_schedule():
    before = datetime.now(UTC)
    product = products.add(ProductDraft(url=URL, schedule="30 6 * * *", timezone="Europe/Berlin"))
    assert product.due_at == next_fire("30 6 * * *", "Europe/Berlin", before)
    assert product.next_run_at == product.due_at
    assert stored().due_at == product.due_at


def test_a_product_that_is_due_now_can_be_claimed_now():
    product = products.add(ProductDraft(url=URL, due_now=True))
    (run,) = runs.claim(10, LEASE)
    assert run.product_id == product.id


def test_a_paused_product_has_no_plan():
    assert products.add(ProductDraft(url=URL, active=False)).next_run_at is None


def test_a_name_is_one_line_without_control_characters():
    product = products.add(ProductDraft(url=URL, name=" Kettle\x1b[31m\n red\u202e "))
    assert product.name == "Kettle [31m red"


def test_a_product_without_a_name_is_named_after_its_page():
    assert products.add(ProductDraft(url=URL)).name == "shop.example/kettle"


def test_a_target_is_stored_in_minor_units_of_its_currency():
    products.add(ProductDraft(url=URL, target=Decimal("1.234"), target_currency="kwd"))
    (rule,) = rows(AlertRule)
    assert (rule.kind, rule.target_price, rule.currency) == ("target", 1234, "KWD")


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("url", "ftp://shop.example/", InvalidInputError),
        ("schedule", "61 * * * *", ScheduleError),
        ("timezone", "Europe/Brelin", ScheduleError),
        ("currency", "EURO", CurrencyError),
        ("name", "\x00 \n", InvalidInputError),
        ("target", Decimal(-1), InvalidInputError),
        ("target", Decimal("NaN"), InvalidInputError),
    ],
)
def test_a_bad_value_is_refused_and_nothing_is_stored(field, value, error):
    values = {"url": URL, "currency": "EUR", field: value}
    with pytest.raises(error):
        products.add(ProductDraft(**values))
    assert rows(Product) == []


def test_a_target_needs_a_currency():
    with pytest.raises(InvalidInputError, match="--currency"):
        products.add(ProductDraft(url=URL, target=Decimal(5)))


def test_the_same_page_twice_names_the_product_that_has_it(kettle):
    with pytest.raises(AlreadyExistsError, match=f"'Kettle' .{kettle.id}"):
        products.add(ProductDraft(url="SHOP.example/kettle?utm_source=x#top"))
    assert len(rows(Product)) == 1


def test_many_are_added_all_or_none(kettle):
    with pytest.raises(AlreadyExistsError):
        products.add_all([ProductDraft(url="https://shop.example/pan"), ProductDraft(url=URL)])
    assert [product.id for product in rows(Product)] == [kettle.id]


def test_another_schedule_is_planned_at_once(kettle):
    edited = products.edit(kettle.id, schedule="@hourly")
    assert edited.due_at == next_fire("@hourly", "UTC", datetime.now(UTC))
    assert stored().updated_at > kettle.updated_at


def test_another_name_leaves_the_plan_as_it_is(kettle):
    write(attempts=2)
    assert products.edit(kettle.id, name="Red kettle").attempts == 2
    assert stored().next_run_at == kettle.next_run_at


def test_the_same_values_again_change_nothing(kettle):
    products.edit(kettle.id, url=URL, schedule=kettle.schedule, currency="eur")
    assert stored().updated_at == kettle.updated_at


@pytest.mark.parametrize(
    "change", [{"url": "https://shop.example/pan"}, {"selector": ".price"}, {"currency": "USD"}]
)
def test_another_page_or_price_forgets_what_was_read(kettle, change):
    write(etag='"a"', last_modified="today", suspect_price=1, suspect_currency="EUR")
    edited = products.edit(kettle.id, **change)
    assert (edited.etag, edited.last_modified) == (None, None)
    assert (edited.suspect_price, edited.suspect_currency) == (None, None)


def test_a_run_that_reads_what_is_no_longer_meant_loses_its_claim(kettle):
    run = take(kettle)
    products.edit(kettle.id, selector=".price")
    assert finish(run) == set()
    assert stored().etag is None
    (again,) = runs.claim(10, LEASE)
    assert (again.due_at, again.selector) == (run.due_at, ".price")


def test_another_schedule_leaves_a_run_in_hand_its_lease(kettle):
    run = take(kettle)
    held = stored().next_run_at
    products.edit(kettle.id, schedule="@hourly")
    assert stored().next_run_at == held
    assert finish(run) == {run.run_id}


def test_a_url_that_another_product_has_is_refused(kettle):
    pan = products.add(ProductDraft(url="https://shop.example/pan"))
    with pytest.raises(AlreadyExistsError, match="'Kettle'"):
        products.edit(pan.id, url=URL)


def test_of_two_edits_to_one_url_at_once_the_second_is_refused(kettle):
    pan = products.add(ProductDraft(url="https://shop.example/pan"))
    with ThreadPoolExecutor(1) as pool:
        with transaction():
            products.edit(kettle.id, url="https://shop.example/pot")
            second = pool.submit(products.edit, pan.id, url="https://shop.example/pot")
            _wait_until_blocked()
        with pytest.raises(AlreadyExistsError, match="'Kettle'"):
            second.result()


def test_of_two_overlapping_imports_at_once_the_second_is_refused_without_a_deadlock():
    kettle, pan = ProductDraft(url=URL, name="Kettle"), ProductDraft(url="https://shop.example/pan")
    with ThreadPoolExecutor(1) as pool:
        with transaction():
            products.add(kettle)
            second = pool.submit(products.add_all, [pan, kettle])
            _wait_until_blocked()
            products.add(pan)
        with pytest.raises(AlreadyExistsError, match="'Kettle'"):
            second.result()


def _wait_until_blocked():
    waiting = "SELECT FROM pg_locks WHERE transactionid = pg_current_xact_id()::xid AND NOT granted"
    while not db.execute_sql(waiting).rowcount:
        time.sleep(0.01)


def test_what_is_not_the_users_to_edit_is_refused(kettle):
    with pytest.raises(InvalidInputError, match="last_price"):
        products.edit(kettle.id, last_price=1)


def test_products_added_together_come_back_in_the_order_they_were_given():
    urls = [f"https://shop.example/{name}" for name in ("pan", "kettle", "pot")]
    assert [
        product.url for product in products.add_all(ProductDraft(url=url) for url in urls)
    ] == urls


def test_a_bad_schedule_leaves_the_product_as_it_was(kettle):
    with pytest.raises(ScheduleError):
        products.edit(kettle.id, name="Pan", schedule="0 25 * * *")
    assert stored().name == "Kettle"


def test_a_paused_product_is_not_due_and_a_resumed_one_is_planned(kettle):
    assert products.pause(kettle.id).next_run_at is None
    resumed = products.resume(kettle.id)
    assert resumed.active
    assert resumed.due_at == next_fire(kettle.schedule, "UTC", datetime.now(UTC))


def test_a_removed_product_takes_its_history_along(kettle):
    finish(take(kettle))
    assert products.remove(kettle.id).name == "Kettle"
    assert (rows(Product), rows(PriceRecord), rows(RunLog)) == ([], [], [])


@pytest.mark.parametrize("write", [products.pause, products.resume, products.remove, products.edit])
def test_a_product_that_is_not_there_is_told(write):
    with pytest.raises(NotFoundError, match="tracker products list"):
        write(MISSING)


def test_an_edit_inside_a_callers_transaction_is_undone_with_it(kettle):
    with transaction():
        products.edit(kettle.id, name="Pan")
        db.rollback()
    assert stored().name == "Kettle"
