"""The price tracker's tables: products and their plan, prices, alert rules, runs, outbox."""

from __future__ import annotations

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    DecimalField,
    IntegerField,
    TextField,
    UUIDField,
)
from playhouse.postgres_ext import BinaryJSONField

from tracker_db.fields import TimestampTZ, foreign_key, server_default, uuid_key
from tracker_db.models.base import BaseModel, stamp_updates

NOW = server_default("now()")

_REPLAN = """
        CREATE FUNCTION products_replan() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.next_run_at := NULL;
            NEW.due_at := NULL;
            NEW.attempts := 0;
            RETURN NEW;
        END $$
"""
_REPLAN_ON_EDIT = """
        CREATE TRIGGER products_replan BEFORE UPDATE OF schedule, timezone, active ON products
        FOR EACH ROW WHEN (OLD.run_id IS NULL AND (OLD.schedule, OLD.timezone, OLD.active)
            IS DISTINCT FROM (NEW.schedule, NEW.timezone, NEW.active))
        EXECUTE FUNCTION products_replan()
"""


class Product(BaseModel):
    """A page to check on its own cron schedule, and the plan of its next run.

    Prices are minor units. `next_run_at` is when the worker may claim it, or until when it is
    leased; `due_at` the nominal slot being run; `run_id` the fence of the run in hand.
    """

    id = uuid_key()
    url = TextField()
    name = TextField()
    image_url = TextField(null=True)
    active = BooleanField(constraints=[server_default("true")])
    schedule = TextField(constraints=[server_default("'0 9 * * *'")])
    created_at = TimestampTZ(constraints=[NOW])
    updated_at = TimestampTZ(constraints=[NOW])
    timezone = TextField(constraints=[server_default("'UTC'")])
    currency = TextField(null=True)
    selector = TextField(null=True)
    next_run_at = TimestampTZ(null=True)
    due_at = TimestampTZ(null=True)
    run_id = UUIDField(null=True)
    attempts = IntegerField(constraints=[server_default("0")])
    failures = IntegerField(constraints=[server_default("0")])
    last_price = BigIntegerField(null=True)
    last_currency = TextField(null=True)
    last_availability = TextField(null=True)
    last_list_price = BigIntegerField(null=True)
    suspect_price = BigIntegerField(null=True)
    suspect_currency = TextField(null=True)
    etag = TextField(null=True)
    last_modified = TextField(null=True)

    class Meta:
        """A save writes only what was changed: the worker's plan is never written back."""

        table_name = "products"
        only_save_dirty = True
        constraints = (SQL("CONSTRAINT products_url_unique UNIQUE (url)"),)
        extra_sql = (_REPLAN, _REPLAN_ON_EDIT)


# The worker's own columns are left out: the plan is no edit.
stamp_updates(Product, "url", "name", "active", "schedule", "timezone", "currency", "selector")
Product.add_index(SQL("CREATE INDEX idx_products_due ON products (next_run_at) WHERE active"))


class PriceRecord(BaseModel):
    """A price that was seen. `price` and `list_price` are minor units of `currency`."""

    id = uuid_key()
    product = foreign_key(
        Product, "price_records_product_id_products_id_fk", backref="price_records"
    )
    price = BigIntegerField()
    currency = TextField(constraints=[server_default("'USD'")])
    scraped_at = TimestampTZ(constraints=[NOW])
    availability = TextField(null=True)
    list_price = BigIntegerField(null=True)
    run_id = UUIDField(null=True)

    class Meta:
        """Named as the specification names it."""

        table_name = "price_records"
        constraints = (
            SQL("CONSTRAINT price_records_price_check CHECK (price >= 0)"),
            SQL("CONSTRAINT price_records_list_price_check CHECK (list_price >= 0)"),
        )


PriceRecord.add_index(
    SQL("CREATE INDEX idx_price_records_product_time ON price_records (product_id, scraped_at)")
)


class AlertRule(BaseModel):
    """When to tell. The plain rule is "at or below `target_price`" (minor units)."""

    id = uuid_key()
    product = foreign_key(Product, "alert_rules_product_id_products_id_fk", backref="alert_rules")
    target_price = BigIntegerField(null=True)
    active = BooleanField(constraints=[server_default("true")])
    created_at = TimestampTZ(constraints=[NOW])
    updated_at = TimestampTZ(constraints=[NOW])
    kind = TextField(constraints=[server_default("'target'")])
    currency = TextField(null=True)
    percent = DecimalField(7, 4, null=True)
    amount = BigIntegerField(null=True)
    reference = TextField(null=True)
    days = IntegerField(null=True)
    failures = IntegerField(null=True)
    state = BinaryJSONField(index=False, constraints=[server_default("'{}'")])

    class Meta:
        """The kinds and what each needs are checked by the database too."""

        table_name = "alert_rules"
        only_save_dirty = True
        constraints = (
            SQL(
                "CONSTRAINT alert_rules_kind_check CHECK (kind IN"
                " ('target', 'drop', 'new_low', 'back_in_stock', 'any_change', 'failing'))"
            ),
            SQL(
                "CONSTRAINT alert_rules_reference_check CHECK (reference IN"
                " ('last_alert', 'last_price', 'first_price', 'highest_since_alert'))"
            ),
            SQL(
                "CONSTRAINT alert_rules_needs_check CHECK (CASE kind"
                " WHEN 'target' THEN target_price IS NOT NULL"
                " WHEN 'drop' THEN num_nonnulls(percent, amount) = 1 AND reference IS NOT NULL"
                " WHEN 'new_low' THEN days IS NOT NULL"
                " WHEN 'failing' THEN failures IS NOT NULL"
                " ELSE true END)"
            ),
            SQL(
                "CONSTRAINT alert_rules_range_check CHECK ("
                " target_price >= 0 AND amount > 0 AND percent > 0 AND percent <= 100"
                " AND days > 0 AND failures > 0)"
            ),
        )


stamp_updates(
    AlertRule,
    *("target_price", "active", "kind", "currency", "percent", "amount", "reference", "days"),
    "failures",
)
AlertRule.add_index(SQL("CREATE INDEX idx_alert_rules_product ON alert_rules (product_id)"))


class RunLog(BaseModel):
    """One run of a product: how it ended, and what a person can do about a failure."""

    id = uuid_key()
    product = foreign_key(Product, "run_logs_product_id_products_id_fk", backref="run_logs")
    status = TextField()
    error_message = TextField(null=True)
    created_at = TimestampTZ(constraints=[NOW])
    due_at = TimestampTZ(null=True)
    run_id = UUIDField(null=True)
    attempt = IntegerField(constraints=[server_default("1")])
    missed = IntegerField(constraints=[server_default("0")])
    outcome = TextField(null=True)
    http_status = IntegerField(null=True)
    duration_ms = IntegerField(null=True)
    bytes = BigIntegerField(null=True)
    extractor = TextField(null=True)

    class Meta:
        """The unique slot is the belt to the fence's braces."""

        table_name = "run_logs"
        constraints = (
            SQL("CONSTRAINT run_logs_slot_unique UNIQUE (product_id, due_at, attempt)"),
            SQL("CONSTRAINT run_logs_status_check CHECK (status IN ('SUCCESS', 'FAILED'))"),
            SQL(
                "CONSTRAINT run_logs_outcome_check CHECK (outcome IN"
                " ('ok', 'not_modified', 'out_of_stock', 'no_price', 'ambiguous', 'blocked',"
                " 'not_found', 'http_error', 'timeout', 'too_large', 'refused', 'parse_error'))"
            ),
        )


RunLog.add_index(SQL("CREATE INDEX idx_run_logs_created_at ON run_logs (created_at)"))


class Host(BaseModel):
    """The budget of one host, shared by all workers."""

    host = TextField(primary_key=True)
    next_allowed_at = TimestampTZ(constraints=[NOW])
    deferred_until = TimestampTZ(constraints=[NOW])
    failures = IntegerField(constraints=[server_default("0")])
    closed_until = TimestampTZ(null=True)

    class Meta:
        """Hosts are rows of one table, not columns of products: many products share one."""

        table_name = "hosts"


class Outbox(BaseModel):
    """An alert for one channel, written with the observation that fired it."""

    id = uuid_key()
    dedupe_key = TextField()
    channel = TextField()
    product = foreign_key(
        Product, "outbox_product_id_products_id_fk", "SET NULL", backref="alerts", null=True
    )
    rule = foreign_key(
        AlertRule, "outbox_rule_id_alert_rules_id_fk", "SET NULL", backref="alerts", null=True
    )
    title = TextField()
    body = TextField()
    data = BinaryJSONField(index=False, constraints=[server_default("'{}'")])
    status = TextField(constraints=[server_default("'pending'")])
    attempts = IntegerField(constraints=[server_default("0")])
    next_attempt_at = TimestampTZ(constraints=[NOW])
    claim_id = UUIDField(null=True)
    last_error = TextField(null=True)
    created_at = TimestampTZ(constraints=[NOW])
    sent_at = TimestampTZ(null=True)

    class Meta:
        """One row for each alert and channel, whatever happens."""

        table_name = "outbox"
        constraints = (
            SQL("CONSTRAINT outbox_once_unique UNIQUE (dedupe_key, channel)"),
            SQL("CONSTRAINT outbox_status_check CHECK (status IN ('pending', 'sent', 'dead'))"),
        )


Outbox.add_index(
    SQL("CREATE INDEX idx_outbox_pending ON outbox (next_attempt_at) WHERE status = 'pending'")
)
Outbox.add_index(SQL("CREATE INDEX idx_outbox_product ON outbox (product_id)"))
Outbox.add_index(SQL("CREATE INDEX idx_outbox_rule ON outbox (rule_id)"))
Outbox.add_index(SQL("CREATE INDEX idx_outbox_created_at ON outbox (created_at)"))
