"""Which product a text means, and what is known about it."""

import pytest

from tracker_db.db import db
from tracker_db.errors import InvalidInputError, NotFoundError
from tracker_db.money import Money
from tracker_db.queries.products import every_product, find_product, some_products
from tracker_db.services import products
from tracker_db.services.products import ProductDraft


@pytest.fixture(autouse=True)
def shop(database):
    names = ["Kettle", "Kettle, red", "100% wool_sock", "Café grinder"]
    return {
        name: products.add(ProductDraft(url=f"https://shop.example/{n}", name=name))
        for n, name in enumerate(names)
    }


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("kettle", "Kettle"),
        ("RED", "Kettle, red"),
        ("café", "Café grinder"),
        ("CAFÉ", "Café grinder"),
        ("0% w", "100% wool_sock"),
        ("https://shop.example/3", "Café grinder"),
        ("Shop.example/3?utm_source=x", "Café grinder"),
    ],
)
def test_a_product_is_found_by_its_name_a_part_of_it_or_its_url(text, name):
    assert find_product(text).name == name


def test_a_product_is_found_by_its_id_and_by_the_beginning_of_it(shop):
    kettle = shop["Kettle"]
    for text in (str(kettle.id), str(kettle.id).upper(), f" {str(kettle.id)[:13]} "):
        assert find_product(text).id == kettle.id


def test_several_matches_are_listed():
    with pytest.raises(InvalidInputError) as refused:
        find_product("K")
    assert "'K' matches 3 products; which one?" in str(refused.value)
    assert "Kettle, red" in str(refused.value)


@pytest.mark.parametrize("text", ["", "  ", "toaster", "%", "_et"])
def test_what_matches_nothing_is_told(text):
    with pytest.raises(NotFoundError, match="tracker products list"):
        find_product("%%" if text == "%" else text)


def test_the_list_is_sorted_by_name_and_some_can_be_asked_for(shop):
    assert [row.name for row in every_product()] == sorted(shop, key=str.lower)
    assert [row.name for row in some_products([shop["Kettle"].id])] == ["Kettle"]


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ("active = false", "paused"),
        ("run_id = gen_random_uuid(), next_run_at = now() + interval '1 min'", "running"),
        ("run_id = gen_random_uuid(), next_run_at = now() - interval '1 min'", "new"),
        ("failures = 1", "failing"),
        ("failures = 0", "new"),
    ],
)
def test_the_state_is_one_word(columns, state):
    with db.connection_context():
        db.execute_sql(f"UPDATE products SET {columns} WHERE name = 'Kettle'")
    assert find_product("kettle").state == state


def test_a_product_tells_its_price_and_its_last_error():
    with db.connection_context():
        db.execute_sql("UPDATE products SET failures = 1, last_price = 1999, last_currency = 'EUR'")
        db.execute_sql(
            "INSERT INTO run_logs (product_id, status, error_message, due_at) SELECT id, 'FAILED',"
            " error, now() + at FROM products CROSS JOIN (VALUES ('later', interval '1 h'),"
            " ('earlier', interval '0')) AS e (error, at)"
        )
    row = find_product("kettle")
    assert (row.price, row.last_error) == (Money(1999, "EUR"), "later")
