"""The CRM's tables: customers, their orders, automations, and every message that goes out."""

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
from tracker_db.models.base import BaseModel

NOW = server_default("now()")
ZERO = server_default("0")
FALSE = server_default("false")

SEGMENTS = ("champion", "loyal", "potential", "new", "at_risk", "hibernating", "lost")
TRIGGERS = ("first_order", "segment_change", "days_since_order", "tag_added", "cart_abandoned")
ACTIONS = ("send_email", "add_tag", "remove_tag", "send_sms")
CHANNELS = ("email", "sms")
#: The way of a message, forward only; the last four are where it ends without being read.
MESSAGE_STATUSES = (
    "queued",
    "sending",
    "sent",
    "delivered",
    "opened",
    "clicked",
    "converted",
    "bounced",
    "complained",
    "failed",
    "suppressed",
    "cancelled",
)
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
    order_count = IntegerField(null=True, constraints=[ZERO])
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
    Customer.add_index(SQL(f"CREATE INDEX customers_{_column}_idx ON customers ({_column})"))


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
    Order.add_index(SQL(f"CREATE INDEX orders_{_column}_idx ON orders ({_column})"))


class Automation(BaseModel):
    """What is done when something happens, after a delay of `delay_value` `delay_unit`."""

    id = uuid_key()
    shop_id = CharField(255)
    name = CharField(255)
    trigger_type = PgEnum("trigger_type", TRIGGERS)
    trigger_config = BinaryJSONField(index=False, null=True)
    delay_value = IntegerField(null=True)
    delay_unit = CharField(50, null=True)
    action_type = PgEnum("action_type", ACTIONS)
    action_config = BinaryJSONField(index=False, null=True)
    email_template_id = CharField(255, null=True)
    enabled = BooleanField(constraints=[server_default("true")])
    last_run_at = TimestampTZ(null=True)
    created_at = TimestampTZ(constraints=[NOW])

    class Meta:
        """A shop calls each of its automations differently."""

        table_name = "automations"
        only_save_dirty = True
        constraints = (
            SQL("CONSTRAINT automations_shop_id_name_unique UNIQUE (shop_id, name)"),
            SQL(
                "CONSTRAINT automations_delay_check CHECK (delay_value >= 0"
                " AND delay_unit IN ('minutes', 'hours', 'days'))"
            ),
        )


for _column in ("shop_id", "enabled"):
    Automation.add_index(SQL(f"CREATE INDEX automations_{_column}_idx ON automations ({_column})"))


class MessageLog(BaseModel):
    """A message and what became of it: the outbox of the automations, and their history.

    `event_key` says which event the message answers: one automation writes to one customer
    once for each. A message that answers none has a key of its own.
    """

    id = uuid_key()
    shop_id = CharField(255)
    customer = foreign_key(
        Customer,
        "message_logs_customer_id_customers_id_fk",
        "SET NULL",
        backref="messages",
        null=True,
    )
    automation = foreign_key(
        Automation,
        "message_logs_automation_id_automations_id_fk",
        "SET NULL",
        backref="messages",
        null=True,
    )
    channel = PgEnum("message_channel", CHANNELS)
    subject = CharField(500, null=True)
    status = PgEnum("message_status", MESSAGE_STATUSES)
    sent_at = TimestampTZ(null=True)
    opened_at = TimestampTZ(null=True)
    clicked_at = TimestampTZ(null=True)
    created_at = TimestampTZ(constraints=[NOW])
    event_key = TextField(constraints=[server_default("gen_random_uuid()")])
    scheduled_at = TimestampTZ(constraints=[NOW])
    attempts = IntegerField(constraints=[ZERO])
    next_attempt_at = TimestampTZ(null=True)
    claim_id = UUIDField(null=True)
    last_error = TextField(null=True)
    skip_reason = TextField(null=True)
    provider_message_id = TextField(null=True)
    delivered_at = TimestampTZ(null=True)
    converted_at = TimestampTZ(null=True)

    class Meta:
        """Written before it is sent, once for each event."""

        table_name = "message_logs"
        only_save_dirty = True
        constraints = (
            SQL(
                "CONSTRAINT message_logs_once_unique UNIQUE (automation_id, customer_id, event_key)"
            ),
        )


for _column in ("shop_id", "customer_id", "automation_id", "status"):
    MessageLog.add_index(
        SQL(f"CREATE INDEX message_logs_{_column}_idx ON message_logs ({_column})")
    )
MessageLog.add_index(
    SQL(
        "CREATE INDEX message_logs_queued_idx ON message_logs (scheduled_at)"
        " WHERE status = 'queued'"
    )
)


class Suppression(BaseModel):
    """An address that gets no more messages on a channel, whatever its case, and why."""

    id = uuid_key()
    shop_id = CharField(255)
    channel = PgEnum("message_channel", CHANNELS)
    address = CharField(255)
    reason = TextField()
    created_at = TimestampTZ(constraints=[NOW])

    class Meta:
        """The reasons that mail providers tell apart."""

        table_name = "suppressions"
        constraints = (
            SQL(
                "CONSTRAINT suppressions_reason_check CHECK (reason IN"
                " ('hard_bounce', 'complaint', 'unsubscribe', 'manual'))"
            ),
        )


Suppression.add_index(
    SQL(
        "CREATE UNIQUE INDEX suppressions_address_unique ON suppressions"
        " (shop_id, channel, lower(address))"
    )
)


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


for _columns in ("customer_id", "shop_id, created_at"):
    SegmentChange.add_index(
        SQL(
            f"CREATE INDEX segment_changes_{_columns.split(',')[0]}_idx"
            f" ON segment_changes ({_columns})"
        )
    )


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
