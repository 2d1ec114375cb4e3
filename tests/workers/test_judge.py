"""What is believed of an extraction: here, of the price that is struck through."""

from dataclasses import fields
from decimal import Decimal

import pytest

from tracker_db.observation import Outcome
from tracker_db.services.runs import Run
from workers.extract import Extraction
from workers.judge import believe

NEVER_RUN = Run(**dict.fromkeys(field.name for field in fields(Run)))


@pytest.mark.parametrize(
    ("price", "currency", "list_price", "kept", "told"),
    [
        ("19.99", "EUR", "29.99", 2999, None),
        ("9.99", "EUR", "199.99", 19999, None),
        ("0", "EUR", "59.99", 5999, None),
        (
            "19.99",
            "EUR",
            "999999999999999",
            None,
            "999,999,999,999,999.00 EUR is left out",
        ),
        ("0", "EUR", "99999999999999999999", None, "too large"),
        ("0", "CLF", "999999999999999", None, "too large"),
        ("19.99", "EUR", "NaN", None, "not a price"),
        ("0", "EUR", "-5", None, "not a price"),
    ],
)
def test_a_list_price_that_cannot_be_is_left_out_and_the_price_is_kept(
    price, currency, list_price, kept, told
):
    found = Extraction(
        outcome=Outcome.OK,
        price=Decimal(price),
        currency=currency,
        list_price=Decimal(list_price),
    )
    result = believe(NEVER_RUN, found)
    assert (result.outcome, result.currency, result.list_price) == (Outcome.OK, currency, kept)
    assert (told or "") in (result.message or "")
    assert (told is None) == (result.message is None)
