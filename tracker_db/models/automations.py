"""The CRM's automations, every message that goes out, and the addresses that get none."""

from __future__ import annotations

from peewee import SQL, BooleanField, CharField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField

from tracker_db.fields import PgEnum, TimestampTZ, foreign_key, server_default, uuid_key
from tracker_db.models.base import BaseModel, index
from tracker_db.models.crm import Customer

NOW = server_default("now()")

TRIGGERS = ("first_order", "segment_change", "days_since_order", "tag_added", "cart_abandoned")
ACTIONS = ("send_email", "add_tag", "remove_tag", "send_sms")
CHANNELS = ("email", "sms")
#: The way of a message, forward only, and from `bounced` on the other ends it can come to.
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
    index(Automation, _column)


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
    attempts = IntegerField(constraints=[server_default("0")])
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
    index(MessageLog, _column)
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
