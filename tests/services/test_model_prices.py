"""Setting prices and aliases: what could never price a call is refused."""

from datetime import UTC, datetime
from decimal import Decimal, localcontext

import pytest

from tracker_db.db import db
from tracker_db.errors import InvalidInputError
from tracker_db.llm.pricing import Rate
from tracker_db.llm.table import Alias, Match
from tracker_db.services.prices import set_alias, set_price

pytestmark = pytest.mark.usefixtures("database")


def rate(price=1, **conditions):
    return Rate(unit="input_tokens", price=Decimal(price), **conditions)


def price(provider="openai", model="gpt-x", **fields):
    prices = {"input_per_million": Decimal(2), "output_per_million": Decimal(8)}
    set_price(provider, model, effective=datetime(2026, 1, 1, tzinfo=UTC), **prices | fields)


def stored(columns, table="model_pricing"):
    with db.connection_context():
        return db.execute_sql(f"SELECT {columns} FROM {table}").fetchall()


@pytest.mark.parametrize("name", ["", " ", "\t\n", "x" * 201, "a\x00b"], ids=repr)
@pytest.mark.parametrize("field", ["provider", "model", "project"])
def test_a_name_that_no_call_can_have_gets_no_price(field, name):
    with pytest.raises(InvalidInputError, match=field):
        price(**{field: name})
    assert stored("id") == []


@pytest.mark.parametrize("field", ["provider", "model", "pattern"])
def test_an_alias_names_a_provider_a_model_and_a_pattern(field):
    names = {"provider": "openai", "model": "gpt-x", "pattern": "ft:"} | {field: ""}
    with pytest.raises(InvalidInputError):
        set_alias(Alias(match=Match.PREFIX, **names))
    assert stored("id", "model_aliases") == []


NEVER = {
    "the same case twice": ([rate(1), rate(2)], "two rates for input_tokens in the same case"),
    "batches twice": (
        [rate(1, when={"processing": "batch"}), rate(2, when={"processing": "batch"})],
        "two rates",
    ),
    "a list for a condition": (
        [rate(when={"processing": ["batch"]}), rate(when={"processing": ["batch"]})],
        "two rates",
    ),
    "a condition that no call has": ([rate(when={"tier": "flex"})], "depends on tier; of a call"),
}


@pytest.mark.parametrize(("rates", "reason"), NEVER.values(), ids=NEVER)
def test_a_rate_that_could_never_apply_is_refused(rates, reason):
    with pytest.raises(InvalidInputError, match=reason):
        price(rates=rates)
    assert stored("id") == []


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1", "1E+13", "1E-31"])
def test_an_amount_that_is_no_price_is_refused(amount):
    with pytest.raises(InvalidInputError, match="not a price"):
        price(input_per_million=Decimal(amount))
    with pytest.raises(InvalidInputError, match="is not a price"):
        price(rates=[rate(amount)])


def test_a_price_is_kept_exactly_whatever_the_callers_decimal_context():
    with localcontext(prec=3):
        price(input_per_million=Decimal("1.23456789"))
    assert stored("input_price_per_1k") == [(Decimal("0.00123456789"),)]


def test_spaces_around_a_name_are_not_part_of_it():
    price(" OpenAI ", " gpt-x ")
    assert stored("provider, model") == [("openai", "gpt-x")]
