"""`tracker products`: listing, showing, editing, pausing, resuming and removing."""

import csv
import io
import json

import pytest

from tracker_db.db import db
from tracker_db.models.price import PriceRecord, Product


def rows(model):
    with db.connection_context():
        return list(model.select())


@pytest.fixture
def kettle(run_tracker, shop):
    run_tracker("add", shop.put("/kettle"), "--target", "15")
    return rows(Product)[0]


def test_without_products_the_list_says_how_to_add_one(run_tracker):
    listed = run_tracker("products", "list")
    assert (listed.stdout, "tracker add" in listed.stderr) == ("", True)
    assert run_tracker("products", "list", "--json").stdout == "[]\n"


def test_the_list_is_a_table_for_people(run_tracker, kettle):
    heading, line = run_tracker("products", "list").stdout.splitlines()
    assert heading.split("  ")[0] == "ID"
    assert line.startswith(str(kettle.id)[:8])
    assert "19.99 EUR  InStock  ok" in line
    assert line.endswith("Kettle")


def test_the_list_is_json_and_csv_for_programs(run_tracker, kettle):
    (product,) = json.loads(run_tracker("products", "list", "--json").stdout)
    (row,) = csv.DictReader(io.StringIO(run_tracker("products", "list", "--csv").stdout))
    for found in (product, row):
        assert (found["id"], found["price"], found["currency"]) == (str(kettle.id), "19.99", "EUR")
    assert list(product) == list(row)


def test_show_tells_what_there_is_to_know(run_tracker, kettle):
    shown = run_tracker("products", "show", "kett").stdout
    for fact in (str(kettle.id), kettle.url, "19.99 EUR", "0 9 * * *", "at or below 15.00 EUR"):
        assert fact in shown
    (alert,) = json.loads(run_tracker("products", "show", "kett", "--json").stdout)["alerts"]
    assert alert["when"] == "at or below 15.00 EUR"


def test_an_unknown_product_fails_and_says_where_to_look(run_tracker):
    assert "tracker products list" in run_tracker("products", "show", "x", exit_code=1).stderr


def test_an_ambiguous_name_is_wrong_use_and_lists_what_it_could_be(run_tracker, shop, kettle):
    run_tracker("add", shop.put("/red", name="Red kettle"))
    refused = run_tracker("products", "pause", "kettl", exit_code=2)
    assert "Red kettle" in refused.stderr
    assert all(product.active for product in rows(Product))


def test_edit_changes_what_is_given(run_tracker, kettle):
    run_tracker("products", "edit", "kettle", "--name", "Pot", "--schedule", "@hourly")
    (product,) = rows(Product)
    assert (product.name, product.schedule, product.timezone) == ("Pot", "@hourly", "UTC")


def test_an_empty_selector_or_currency_takes_it_away(run_tracker, kettle):
    run_tracker("products", "edit", "kettle", "--selector", ".price", "--currency", "EUR")
    run_tracker("products", "edit", "kettle", "--selector", "", "--currency", "")
    (product,) = rows(Product)
    assert (product.selector, product.currency) == (None, None)


@pytest.mark.parametrize(
    "options",
    [(), ("--schedule", "* * *"), ("--selector", "p["), ("--url", "ftp://x"), ("--name", " ")],
)
def test_a_bad_edit_is_wrong_use_and_changes_nothing(run_tracker, kettle, options):
    run_tracker("products", "edit", "kettle", *options, exit_code=2)
    assert rows(Product)[0].updated_at == kettle.updated_at


def test_pause_and_resume(run_tracker, kettle):
    run_tracker("products", "pause", "kettle")
    assert (rows(Product)[0].active, rows(Product)[0].next_run_at) == (False, None)
    assert "next check" in run_tracker("products", "resume", "kettle").stdout
    assert rows(Product)[0].active


def test_remove_asks_first_and_takes_yes_for_an_answer(run_tracker, kettle):
    assert "--yes" in run_tracker("products", "remove", "kettle", exit_code=2).stderr
    assert len(rows(Product)) == 1
    run_tracker("products", "remove", "kettle", "kettle", "--yes")
    assert (rows(Product), rows(PriceRecord)) == ([], [])


def test_one_unknown_name_among_several_changes_nothing(run_tracker, kettle):
    run_tracker("products", "pause", "kettle", "toaster", exit_code=1)
    assert rows(Product)[0].active
