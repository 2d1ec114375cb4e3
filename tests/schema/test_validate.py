"""Schemas: what they leave out, give back and are called."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tracker_db.db import db
from tracker_db.errors import InvalidInputError
from tracker_db.models.price import PriceRecord, Product
from tracker_db.schema import validate
from tracker_db.schema.validate import insert_schema, row_schema, update_schema

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)


def test_the_schemas_are_exported_beside_the_models():
    assert validate.NewProduct is insert_schema(Product)
    assert validate.ProductUpdate is update_schema(Product)
    assert validate.ProductRow is row_schema(Product)
    assert {"NewEvent", "EventRow", "NewCustomer", "NewTask"} <= set(dir(validate))


def test_the_schema_of_no_model_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'NewNothing'"):
        _ = validate.NewNothing


def test_what_the_server_fills_in_may_be_left_out_and_stays_left_out():
    new = validate.NewProduct(url="https://shop.example/lamp", name="Lamp")
    assert new.given() == {"url": "https://shop.example/lamp", "name": "Lamp"}


def test_an_update_takes_any_columns_but_the_key():
    assert validate.ProductUpdate(active=False).given() == {"active": False}
    with pytest.raises(InvalidInputError, match="products takes no column id"):
        validate.ProductUpdate(id=uuid.uuid4())


def test_a_generated_column_is_read_and_never_written():
    assert "total_tokens" in validate.CostAggregateRow.model_fields
    for schema in (validate.NewCostAggregate, validate.CostAggregateUpdate):
        assert "total_tokens" not in schema.model_fields


def test_a_row_becomes_its_schema_and_json(database):
    with db.connection_context():
        product = Product.create(url="https://shop.example/lamp", name="Lamp")
        price = PriceRecord.create(product=product, price=1999)
    row = validate.PriceRecordRow.of(price)
    assert (row.product_id, row.price, row.currency) == (product.id, 1999, "USD")
    assert validate.PriceRecordRow.model_validate_json(row.model_dump_json()) == row


def test_json_is_given_back_from_any_depth_that_python_can_write():
    assert validate.EventUpdate(metadata=_nested(300)).given() == {"metadata": _nested(300)}
    with pytest.raises(InvalidInputError, match="metadata must not be nested so deeply"):
        validate.EventUpdate(metadata=_nested(100_000))


@pytest.mark.parametrize("offset", [timedelta(hours=23, minutes=59), timedelta(microseconds=1)])
def test_a_moment_is_in_utc_as_postgresql_does_not_read_every_offset(offset):
    moment = NOON.astimezone(timezone(offset))
    due_at = validate.ProductUpdate(due_at=moment).due_at
    assert (due_at, due_at.utcoffset()) == (moment, timedelta(0))


def _nested(depth):
    inner = []
    for _ in range(depth):
        inner = [inner]
    return inner
