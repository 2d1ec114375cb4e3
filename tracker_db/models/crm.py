"""The CRM's tables: a shop's customers, their orders, segments, and what the shop told us."""

from __future__ import annotations

from peewee import (
    SQL,
    BooleanField,
    CharField,
    DecimalField,
    IntegerField,
    TextField,
    UUIDField,
)
from playhouse.postgres_ext import BinaryJSONField

from tracker_db.fields import Array, PgEnum, TimestampTZ, foreign_key, server_default, uuid_key
from tracker_db.models.base import BaseModel, index

NOW = server_default("now()")
FALSE = server_default("false")

SEGMENTS = ("champion", "loyal", "potential", "new", "at_risk", "hibernating", "lost")
#: Shopify's OrderDisplayFinancialStatus.
FINANCIAL_STATUSES = (
    "pending",
    "authorized",
    "partially_paid",
    "paid",
    "partially_refunded",
    "refunded",
    "voided",
    "expired",
)


class Customer(BaseModel):
    """A shop's customer. Scores are 1 to 5, 5 the best; without orders they are NULL.

    Amounts are major units of the shop's currency.
    """

    id = uuid_key()
    shop_id = CharField(255)
    shopify_id = CharField(255)
    name = CharField(255, null=True)
    email = CharField(255, null=True)
    phone = CharField(50, null=True)
    rfm_r = IntegerField(null=True)
    rfm_f = IntegerField(null=True)
    rfm_m = IntegerField(null=True)
    segment = PgEnum("customer_segment", SEGMENTS, null=True)
    lifecycle_stage = CharField(100, null=True)
    tags = Array(TextField, null=True)
    total_spent = DecimalField(19, 4, null=True)
    order_count = IntegerField(null=True, constraints=[server_default("0")])
    avg_order_value = DecimalField(19, 4, null=True)
    first_order_at = TimestampTZ(null=True)
    last_order_at = TimestampTZ(null=True)
    created_at = TimestampTZ(constraints=[NOW])
    marketing_opted_out = BooleanField(constraints=[FALSE])
    timezone = TextField(null=True)
    scored_at = TimestampTZ(null=True)
    shopify_created_at = TimestampTZ(null=True)
    shopify_updated_at = TimestampTZ(null=True)
    deleted_at = TimestampTZ(null=True)

    class Meta:
        """Shopify's id is unique within a shop."""

        table_name = "customers"
        only_save_dirty = True
        constraints = (
            SQL("CONSTRAINT customers_shop_id_shopify_id_unique UNIQUE (shop_id, shopify_id)"),
            SQL(
                "CONSTRAINT customers_rfm_check CHECK (rfm_r BETWEEN 1 AND 5"
                " AND rfm_f BETWEEN 1 AND 5 AND rfm_m BETWEEN 1 AND 5)"
            ),
        )


for _column in ("shop_id", "shopify_id", "segment", "email"):
    index(Customer, _column)


class Order(BaseModel):
    """An order; `total_price` is major units of `currency`.

    `is_historical` orders came with a bulk import and start no automation. Those of an
    erased customer stay, without the customer.
    """

    id = uuid_key()
    shop_id = CharField(255)
    shopify_id = CharField(255)
    customer = foreign_key(
        Customer, "orders_customer_id_customers_id_fk", "SET NULL", backref="orders", null=True
    )
    total_price = DecimalField(19, 4, null=True)
    line_items = BinaryJSONField(index=False, null=True)
    financial_status = PgEnum("financial_status", FINANCIAL_STATUSES, null=True)
    created_at = TimestampTZ(constraints=[NOW])
    currency = CharField(3, null=True)
    is_historical = BooleanField(constraints=[FALSE])
    shopify_created_at = TimestampTZ(null=True)
    shopify_updated_at = TimestampTZ(null=True)

    class Meta:
        """Shopify's id is unique within a shop."""

        table_name = "orders"
        only_save_dirty = True
        constraints = (
            SQL("CONSTRAINT orders_shop_id_shopify_id_unique UNIQUE (shop_id, shopify_id)"),
            SQL("CONSTRAINT orders_total_price_check CHECK (total_price >= 0)"),
        )


for _column in ("shop_id", "customer_id", "created_at"):
    index(Order, _column)


class SegmentChange(BaseModel):
    """A customer moved from one segment to another; `run_id` is the scoring that moved them."""

    id = uuid_key()
    shop_id = CharField(255)
    customer = foreign_key(
        Customer, "segment_changes_customer_id_customers_id_fk", backref="segment_changes"
    )
    run_id = UUIDField()
    old_segment = PgEnum("customer_segment", SEGMENTS, null=True)
    new_segment = PgEnum("customer_segment", SEGMENTS, null=True)
    created_at = TimestampTZ(constraints=[NOW])

    class Meta:
        """A scoring moves a customer once."""

        table_name = "segment_changes"
        constraints = (SQL("CONSTRAINT segment_changes_once_unique UNIQUE (run_id, customer_id)"),)


index(SegmentChange, "customer_id")
index(SegmentChange, "shop_id", "created_at")


class RfmThresholds(BaseModel):
    """A shop's latest cut points, the 20, 40, 60 and 80 % of its customers with orders.

    Recency is whole days in the shop's time zone, the most first, as fewer are better; frequency
    a number of orders, monetary major units of the shop's currency, both the least first.
    """

    id = uuid_key()
    shop_id = CharField(255)
    run_id = UUIDField()
    as_of = TimestampTZ()
    recency = Array(IntegerField)
    frequency = Array(IntegerField)
    monetary = Array(DecimalField, {"max_digits": 19, "decimal_places": 4})
    created_at = TimestampTZ(constraints=[NOW])

    class Meta:
        """One row a shop: a single order is scored by the last run's cuts."""

        table_name = "rfm_thresholds"
        constraints = (
            SQL("CONSTRAINT rfm_thresholds_shop_id_unique UNIQUE (shop_id)"),
            SQL(
                "CONSTRAINT rfm_thresholds_cuts_check CHECK (cardinality(recency) = 4"
                " AND cardinality(frequency) = 4 AND cardinality(monetary) = 4)"
            ),
        )


class WebhookDelivery(BaseModel):
    """A webhook as it came in; `webhook_id` tells a repeated delivery from a new one."""

    id = uuid_key()
    shop_id = CharField(255)
    webhook_id = CharField(255)
    topic = CharField(255)
    payload = BinaryJSONField(index=False, null=True)
    status = TextField(constraints=[server_default("'received'")])
    error = TextField(null=True)
    created_at = TimestampTZ(constraints=[NOW])
    processed_at = TimestampTZ(null=True)

    class Meta:
        """What could not be processed stays, to be processed again."""

        table_name = "webhook_deliveries"
        constraints = (
            SQL(
                "CONSTRAINT webhook_deliveries_shop_id_webhook_id_unique"
                " UNIQUE (shop_id, webhook_id)"
            ),
            SQL(
                "CONSTRAINT webhook_deliveries_status_check CHECK (status IN"
                " ('received', 'processed', 'failed'))"
            ),
        )
