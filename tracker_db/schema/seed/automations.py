"""What a shop sends: the usual automations, messages, and who wants none any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from tracker_db.models.automations import Automation, MessageLog, Suppression
from tracker_db.schema.seed.names import SHOP, person
from tracker_db.schema.seed.rows import Row, Size, Table, dice_of, id_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FATES = ("sent", "delivered", "opened", "clicked", "converted", "bounced")


class _Automation(NamedTuple):
    """Sends mail, or sets a tag. Nobody at the seeded addresses waits for mail: it is off."""

    name: str
    trigger: str
    config: Row
    delay: int
    unit: str
    tag: str | None = None


_AUTOMATIONS = (
    _Automation("Welcome", "first_order", {}, 1, "hours"),
    _Automation("Abandoned cart", "cart_abandoned", {}, 2, "hours"),
    _Automation(
        "Repurchase", "days_since_order", {"days": 30, "segments": ["loyal", "new"]}, 0, "days"
    ),
    _Automation(
        "Win-back",
        "days_since_order",
        {"days": 90, "segments": ["at_risk", "hibernating"]},
        0,
        "days",
    ),
    _Automation("VIP", "segment_change", {"toSegment": "champion"}, 0, "days", tag="vip"),
)


def tables(size: Size, bought: Mapping[int, datetime], until: datetime) -> Iterator[Table]:
    """Automations, messages, suppressions; `bought` is when customers bought something first.

    Everybody who did is welcomed.
    """
    automations = (_automation(automation, until) for automation in _AUTOMATIONS)
    yield Table(Automation, automations, len(_AUTOMATIONS))
    messages = (_message(n, first + timedelta(hours=1)) for n, first in bought.items())
    yield Table(MessageLog, messages, size.customers)
    suppressions = (_suppression(n, until) for n in range(0, size.customers, 40))
    yield Table(Suppression, suppressions, size.customers // 40)


def _automation(automation: _Automation, until: datetime) -> Row:
    return {
        "id": id_of("automation", automation.name),
        "shop_id": SHOP,
        "name": automation.name,
        "trigger_type": automation.trigger,
        "trigger_config": automation.config,
        "delay_value": automation.delay,
        "delay_unit": automation.unit,
        "action_type": "add_tag" if automation.tag else "send_email",
        "action_config": {"tag": automation.tag} if automation.tag else {},
        "enabled": False,
        "created_at": until - timedelta(days=730),
    }


def _message(number: int, at: datetime) -> Row:
    dice = dice_of("message", number)
    fate = dice.choice(_FATES)
    reached = _FATES.index(fate) if fate != "bounced" else 0
    moments = [at + timedelta(minutes=dice.randint(1, 9) * 5**step) for step in range(5)]
    known = [moment if step <= reached else None for step, moment in enumerate(moments)]
    return {
        "id": id_of("message", number),
        "shop_id": SHOP,
        "customer_id": id_of("customer", number),
        "automation_id": id_of("automation", "Welcome"),
        "channel": "email",
        "subject": "Welcome to the demo shop",
        "status": fate,
        "event_key": f"first_order:{number}",
        "created_at": at,
        "scheduled_at": at,
        "attempts": 1,
        **dict(zip(("sent_at", "delivered_at", "opened_at", "clicked_at"), known, strict=False)),
        "converted_at": known[4],
    }


def _suppression(number: int, until: datetime) -> Row:
    return {
        "id": id_of("suppression", number),
        "shop_id": SHOP,
        "channel": "email",
        "address": person(number)[1],
        "reason": ("unsubscribe", "hard_bounce", "complaint")[number // 40 % 3],
        "created_at": until - timedelta(days=number % 60),
    }
