"""What a schema says about values it does not take: words a person understands."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from tracker_db.errors import InvalidInputError
from tracker_db.schema import validate

#: (schema, values, what the message says)
MISTAKES = [
    ("NewProduct", {"url": "x"}, "products.name is missing"),
    ("NewProduct", {"url": "x", "name": None}, "products.name must not be NULL"),
    ("NewProduct", {"url": "x", "nmae": "y"}, "no column nmae; did you mean name?"),
    ("ProductUpdate", {"name": "a\0"}, "name must not contain a NUL character"),
    ("ProductUpdate", {"active": "perhaps"}, "active must be true or false (got 'perhaps')"),
    ("ProductUpdate", {"attempts": 2**31}, "attempts must be 2147483647 or less"),
    ("ProductUpdate", {"due_at": "2026-03-29T12:00"}, "due_at needs a time zone"),
    ("ProductUpdate", {"due_at": 1732186200}, "due_at must be a datetime, or its ISO 8601 text"),
    ("ProductUpdate", {"run_id": "7"}, "run_id must be a UUID (got '7')"),
    ("PriceRecordUpdate", {"price": -1}, "price must be 0 or more (got -1)"),
    ("PriceRecordUpdate", {"price": 1.5}, "price must be a whole number"),
    ("EventUpdate", {"input_tokens": -1}, "input_tokens must be 0 or more (got -1)"),
    ("EventUpdate", {"verified_cost_usd": 0.1}, "must be a Decimal: a float is not exact"),
    ("EventUpdate", {"metadata": {"a": float("nan")}}, "metadata must not contain NaN: JSON does"),
    ("PromptEmbeddingUpdate", {"embedding": [1]}, "must not have fewer than 1536 items"),
    ("CustomerUpdate", {"segment": "best"}, "'hibernating' or 'lost' (got 'best')"),
    ("CustomerUpdate", {"phone": "0" * 51}, "phone must have at most 50 characters"),
    ("CustomerUpdate", {"rfm_r": 6}, "rfm_r must be 5 or less (got 6)"),
    ("CustomerUpdate", {"total_spent": Decimal("0.00001")}, "must have at most 4 decimals"),
    ("CustomerUpdate", {"total_spent": Decimal(10) ** 15}, "at most 15 digits before the point"),
    ("SuppressionUpdate", {"reason": "dislike"}, "'unsubscribe' or 'manual' (got 'dislike')"),
    ("CanvasNodeUpdate", {"position": {"x": 1, "y": True}}, "position must have a number y"),
    ("CanvasNodeUpdate", {"position": [1, 2]}, "position must be a JSON object"),
    ("EventUpdate", {"metadata": {1: 2}}, "must be JSON: text, numbers"),
    ("EventUpdate", {"metadata": "\ud800"}, "must not contain half of a surrogate pair"),
    ("EventUpdate", {"verified_cost_usd": Decimal("1E-16384")}, "and 16383 after it"),
    ("BudgetUpdate", {"thresholds": []}, "thresholds must not have fewer than 1 items"),
    ("BudgetUpdate", {"thresholds": [50, 0]}, "thresholds.1 must be more than 0 (got 0)"),
    ("CustomerUpdate", {"tags": ["vip", None]}, "customers.tags.1 must not be NULL"),
    ("RfmThresholdsUpdate", {"recency": [1, 2]}, "recency must not have fewer than 4 items"),
]


@pytest.mark.parametrize(("schema", "values", "said"), MISTAKES)
def test_a_mistake_is_named_in_words(schema, values, said):
    with pytest.raises(InvalidInputError, match=re.escape(said)):
        getattr(validate, schema)(**values)


def test_all_mistakes_are_named_at_once():
    with pytest.raises(InvalidInputError, match=r"url is missing; .*name is missing"):
        validate.NewProduct()


def test_a_list_of_a_thousand_mistakes_makes_a_short_message():
    with pytest.raises(InvalidInputError, match=r"and 1526 more$") as caught:
        validate.PromptEmbeddingUpdate(embedding=[None] * 1536)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("schema", "column"),
    [
        ("SessionUpdate", "token"),
        ("UserUpdate", "password_hash"),
        ("AccountUpdate", "id_token"),
        ("VerificationUpdate", "value"),
    ],
)
def test_a_secret_is_not_repeated_in_the_message(schema, column):
    with pytest.raises(InvalidInputError, match=f"{column} must be text") as caught:
        getattr(validate, schema)(**{column: b"hunter2"})
    assert "hunter2" not in str(caught.value)
