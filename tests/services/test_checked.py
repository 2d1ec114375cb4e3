"""What the database would not take is refused by the services in words, and nothing changes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tracker_db.db import db
from tracker_db.errors import InvalidInputError
from tracker_db.llm.table import Alias, Match
from tracker_db.models.budgets import Budget
from tracker_db.models.price import Product
from tracker_db.models.pricing import ModelAlias, ModelPricing
from tracker_db.services import budgets, products
from tracker_db.services.prices import set_alias, set_price
from tracker_db.services.products import ProductDraft

URL = "https://shop.example/kettle"
NOW = datetime(2026, 3, 29, tzinfo=UTC)
PRICES = {"input_per_million": Decimal(1), "output_per_million": Decimal(2)}

#: (what is done, what is said)
REFUSED = [
    (lambda: products.add(ProductDraft(url=URL, selector="a\0")), "products.selector .* NUL"),
    (lambda: products.add(ProductDraft(url=URL, image_url="\ud800")), "products.image_url .* half"),
    (lambda: budgets.add(Decimal(5), project="a\0"), "cannot be a project"),
    (lambda: set_price("openai", "\ud800", effective=NOW, **PRICES), "model_pricing.model .* half"),
    (
        lambda: set_price("openai", "x", effective=NOW.replace(tzinfo=None), **PRICES),
        "model_pricing.effective_date needs a time zone",
    ),
    (lambda: set_alias(Alias("openai", Match.EQUALS, "a\0", "x")), "model_aliases.pattern .* NUL"),
]


@pytest.mark.parametrize(("do", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_the_database_would_not_take_is_refused_in_words(database, do, said):
    with pytest.raises(InvalidInputError, match=said):
        do()
    with db.connection_context():
        for model in (Product, Budget, ModelPricing, ModelAlias):
            assert model.select().count() == 0


def test_an_edit_that_the_database_would_not_take_changes_nothing(database):
    product = products.add(ProductDraft(url=URL, selector=".price"))
    with pytest.raises(InvalidInputError, match=r"products\.selector .* NUL"):
        products.edit(product.id, name="Kettle", selector="a\0")
    with db.connection_context():
        found = Product.get()
    assert (found.name, found.selector) == (product.name, ".price")
