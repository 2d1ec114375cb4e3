"""The CRM's tables: what their specification names, and what they refuse."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from peewee import IntegrityError

from tracker_db.db import db
from tracker_db.errors import InvalidInputError
from tracker_db.models.automations import Automation, MessageLog, Suppression
from tracker_db.models.crm import (
    Customer,
    Order,
    RfmThresholds,
    SegmentChange,
    WebhookDelivery,
)

SHOP = "shop.myshopify.com"
#: From the specification; the vocabularies are complete, as a value cannot be taken back.
ENUMS = {
    "action_type": "send_email add_tag remove_tag send_sms",
    "customer_segment": "champion loyal potential new at_risk hibernating lost",
    "financial_status": "pending authorized partially_paid paid partially_refunded refunded voided expired",
    "message_channel": "email sms",
    "message_status": "queued sending sent delivered opened clicked converted bounced complained failed suppressed cancelled",
    "trigger_type": "first_order segment_change days_since_order tag_added cart_abandoned",
}
#: The thirteen indexes of the specification.
INDEXES = """
    automations_enabled_idx automations_shop_id_idx
    customers_email_idx customers_segment_idx customers_shop_id_idx customers_shopify_id_idx
    message_logs_automation_id_idx message_logs_customer_id_idx message_logs_shop_id_idx
    message_logs_status_idx
    orders_created_at_idx orders_customer_id_idx orders_shop_id_idx
""".split()
FOREIGN_KEYS = {
    "message_logs_automation_id_automations_id_fk",
    "message_logs_customer_id_customers_id_fk",
    "orders_customer_id_customers_id_fk",
}
TABLES = "customers orders automations message_logs suppressions segment_changes rfm_thresholds webhook_deliveries".split()


def customer(**values):
    return Customer.create(**{"shop_id": SHOP, "shopify_id": uuid4().hex} | values)


def automation(**values):
    known = {"shop_id": SHOP, "name": "Welcome", "trigger_type": "first_order"}
    return Automation.create(**known | {"action_type": "send_email"} | values)


def message(**values):
    return MessageLog.create(**{"shop_id": SHOP, "channel": "email", "status": "queued"} | values)


def test_the_six_enums_have_their_full_vocabularies_in_order(catalog):
    query = """
        SELECT typname, string_agg(enumlabel, ' ' ORDER BY enumsortorder)
        FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid
        WHERE typname <> 'canvas_node_types' GROUP BY 1
    """
    assert dict(catalog(query)) == ENUMS


@pytest.mark.parametrize("name", INDEXES)
def test_an_index_of_the_specification_is_a_plain_btree_on_its_column(catalog, name):
    table, column = next((t, name[len(t) + 1 : -4]) for t in TABLES if name.startswith(f"{t}_"))
    definition = f"CREATE INDEX {name} ON public.{table} USING btree ({column})"
    assert catalog("SELECT indexdef FROM pg_indexes WHERE indexname = %s", name) == [(definition,)]


def test_the_three_foreign_keys_let_a_customer_be_erased(catalog):
    query = "SELECT conname FROM pg_constraint WHERE contype = 'f' AND confdeltype = 'n'"
    assert {name for (name,) in catalog(query)} >= FOREIGN_KEYS


def test_every_table_has_its_shop(catalog):
    query = """
        SELECT table_name FROM information_schema.columns
        WHERE column_name = 'shop_id' AND is_nullable = 'NO' AND character_maximum_length = 255
    """
    assert {table for (table,) in catalog(query)} == set(TABLES)


def test_money_is_numeric_19_4(catalog):
    query = """
        SELECT column_name FROM information_schema.columns
        WHERE (numeric_precision, numeric_scale) = (19, 4) ORDER BY 1
    """
    found = [column for (column,) in catalog(query)]
    assert found == ["avg_order_value", "total_price", "total_spent"]
    assert customer(total_spent=Decimal("999999999999999.9999")).total_spent == Decimal(
        "999999999999999.9999"
    )


def test_rows_of_nothing_but_the_specifications_columns_are_taken(connected):
    buyer = customer()
    order = Order.create(shop_id=SHOP, shopify_id="1", customer=buyer, total_price=Decimal("9.95"))
    sent = message(customer=buyer, automation=automation(), status="sent")
    assert (buyer.order_count, buyer.segment, buyer.marketing_opted_out) == (0, None, False)
    assert (order.is_historical, sent.attempts) == (False, 0)
    assert list(buyer.orders) == [order]
    assert list(buyer.messages) == [sent]


def test_an_erased_customer_leaves_orders_and_messages_without_a_name(connected):
    buyer = customer()
    order = Order.create(shop_id=SHOP, shopify_id="1", customer=buyer)
    sent = message(customer=buyer, automation=automation())
    SegmentChange.create(shop_id=SHOP, customer=buyer, run_id=uuid4(), new_segment="new")
    buyer.delete_instance()
    assert Order.get_by_id(order.id).customer_id is None
    assert MessageLog.get_by_id(sent.id).customer_id is None
    assert SegmentChange.select().count() == 0


def test_an_automation_writes_to_a_customer_once_for_an_event(connected):
    key = {"customer": customer(), "automation": automation(), "event_key": "first_order:1"}
    message(**key)
    with pytest.raises(IntegrityError, match="message_logs_once_unique"):
        message(**key)


def test_messages_that_answer_no_event_have_keys_of_their_own(connected):
    to = {"customer": customer(), "automation": automation()}
    assert message(**to).event_key != message(**to).event_key


def test_an_address_is_suppressed_once_whatever_its_case(connected):
    Suppression.create(shop_id=SHOP, channel="email", address="Ann@x.example", reason="manual")
    with pytest.raises(IntegrityError, match="suppressions_address_unique"):
        Suppression.create(shop_id=SHOP, channel="email", address="ann@X.example", reason="manual")


#: (model, values, what the database calls the rule they break)
REFUSED = [
    (Customer, {"shopify_id": "1", "rfm_r": 0}, "customers_rfm_check"),
    (Customer, {"shopify_id": "1", "rfm_m": 6}, "customers_rfm_check"),
    (Order, {"shopify_id": "1", "total_price": Decimal("-0.01")}, "orders_total_price_check"),
    (Suppression, {"channel": "sms", "address": "1", "reason": "x"}, "suppressions_reason_check"),
    (
        RfmThresholds,
        {
            "run_id": uuid4(),
            "as_of": "2026-01-01T00:00Z",
            "recency": [1],
            "frequency": [1] * 4,
            "monetary": [1] * 4,
        },
        "rfm_thresholds_cuts_check",
    ),
    (
        WebhookDelivery,
        {"webhook_id": "1", "topic": "orders/paid", "status": "lost"},
        "webhook_deliveries_status_check",
    ),
    (
        Automation,
        {
            "name": "x",
            "trigger_type": "tag_added",
            "action_type": "add_tag",
            "delay_unit": "weeks",
        },
        "automations_delay_check",
    ),
]


@pytest.mark.parametrize(("model", "values", "rule"), REFUSED, ids=[rule for *_, rule in REFUSED])
def test_what_cannot_be_is_refused(connected, model, values, rule):
    with pytest.raises(IntegrityError, match=rule):
        model.create(shop_id=SHOP, **values)


#: Models and the columns that may not be the same twice.
UNIQUE = [
    (Customer, {"shopify_id": "1"}),
    (Order, {"shopify_id": "1"}),
    (Automation, {"name": "x", "trigger_type": "tag_added", "action_type": "add_tag"}),
    (WebhookDelivery, {"webhook_id": "1", "topic": "orders/paid"}),
]


@pytest.mark.parametrize(("model", "values"), UNIQUE)
def test_a_key_is_unique_within_a_shop_only(connected, model, values):
    model.create(shop_id=SHOP, **values)
    model.create(shop_id="other", **values)
    with pytest.raises(IntegrityError, match="_unique"), db.atomic():
        model.create(shop_id=SHOP, **values)


def test_a_word_outside_the_vocabulary_is_refused_before_it_is_sent(connected):
    with pytest.raises(InvalidInputError, match="segment must be one of champion"):
        customer(segment="best")
