"""A shop: customers in every segment, their orders, the usual automations and messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from tracker_db import rfm
from tracker_db.models.automations import Automation, MessageLog, Suppression
from tracker_db.models.crm import (
    Customer,
    Order,
    RfmThresholds,
    SegmentChange,
)
from tracker_db.schema.seed.names import person
from tracker_db.schema.seed.rows import Row, Size, Table, dice_of, id_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOP = "demo-shop.myshopify.com"
_GOODS = (("Linen shirt", "49.00"), ("Wool socks", "14.50"), ("Canvas bag", "38.00"))
#: How often people order, in days between two orders, and how long they stay.
_HABITS = ((12, 9), (30, 6), (60, 4), (45, 2), (90, 1), (20, 1), (1, 0))
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


@dataclass(frozen=True, slots=True)
class _Order:
    number: int
    at: datetime
    goods: list[dict[str, Any]]
    total: Decimal
    status: str

    @property
    def counts(self) -> bool:
        return self.status in {"paid", "partially_refunded"}


@dataclass(frozen=True, slots=True)
class _Buyer:
    """A customer with orders that count: days since the last, how many, how much together."""

    days: int
    count: int
    total: Decimal
    first: datetime
    last: datetime


def tables(size: Size, until: datetime) -> Iterator[Table]:
    """Customers, thresholds, orders, automations, messages, changes, suppressions.

    A shop that was scored before stays as of then: who is new is scored by those thresholds.
    """
    scored = RfmThresholds.get_or_none(RfmThresholds.shop_id == _SHOP)
    until = scored.as_of if scored else until
    numbers = range(size.customers)
    buyers = {n: _buyer(_orders(n, until), until) for n in numbers}
    cuts = _cuts_of(scored) if scored else _cuts([buyer for buyer in buyers.values() if buyer])
    customers = (_customer(n, buyers[n], cuts, until) for n in numbers)
    yield Table(Customer, customers, size.customers)
    yield Table(RfmThresholds, [_thresholds(cuts, until)], 1)
    orders = (_order(n, order) for n in numbers for order in _orders(n, until))
    yield Table(Order, orders, size.customers * 2)
    automations = (_automation(automation, until) for automation in _AUTOMATIONS)
    yield Table(Automation, automations, len(_AUTOMATIONS))
    yield Table(MessageLog, _messages(buyers), size.customers)
    changes = (_change(n, buyers[n], cuts, until) for n in numbers[::5] if buyers[n])
    yield Table(SegmentChange, changes, size.customers // 5)
    suppressions = (_suppression(n, until) for n in numbers[::40])
    yield Table(Suppression, suppressions, size.customers // 40)


def _orders(number: int, until: datetime) -> list[_Order]:
    """Newest last."""
    dice = dice_of("orders", number)
    pause, most = _HABITS[number % len(_HABITS)]
    at = until - timedelta(days=dice.choice((2, 9, 25, 70, 200)), minutes=dice.randint(1, 1400))
    orders = []
    for place in range(dice.randint(min(most, 1), most)):
        goods = [
            _goods(*dice.choice(_GOODS), dice.randint(1, 4)) for _ in range(dice.randint(1, 3))
        ]
        total = sum((Decimal(item["price"]) * item["quantity"] for item in goods), Decimal())
        status = dice.choices(("paid", "partially_refunded", "refunded"), (92, 4, 4))[0]
        orders.append(_Order(number * 100 + place, at, goods, total, status))
        at -= timedelta(days=dice.randint(pause // 2, pause * 2), minutes=dice.randint(1, 600))
    return orders[::-1]


def _goods(title: str, price: str, quantity: int) -> dict[str, Any]:
    return {"title": title, "price": price, "quantity": quantity}


def _buyer(orders: list[_Order], until: datetime) -> _Buyer | None:
    paid = [order for order in orders if order.counts]
    if not paid:
        return None
    total = sum((order.total for order in paid), Decimal())
    return _Buyer((until - paid[-1].at).days, len(paid), total, paid[0].at, paid[-1].at)


def _cuts(buyers: list[_Buyer]) -> dict[str, list[Any]]:
    return {
        "recency": [-days for days in rfm.cuts(-buyer.days for buyer in buyers)],
        "frequency": rfm.cuts(buyer.count for buyer in buyers),
        "monetary": rfm.cuts(buyer.total for buyer in buyers),
    }


def _cuts_of(scored: RfmThresholds) -> dict[str, list[Any]]:
    return {name: getattr(scored, name) for name in ("recency", "frequency", "monetary")}


def _scores(buyer: _Buyer, cuts: dict[str, list[Any]]) -> tuple[int, int, int]:
    return (
        rfm.score(-buyer.days, [-days for days in cuts["recency"]]),
        rfm.score(buyer.count, cuts["frequency"]),
        rfm.score(buyer.total, cuts["monetary"]),
    )


def _customer(
    number: int, buyer: _Buyer | None, cuts: dict[str, list[Any]], until: datetime
) -> Row:
    name, address = person(number)
    came = (buyer.first if buyer else until) - timedelta(hours=1)
    return {
        "id": id_of("customer", number),
        "shop_id": _SHOP,
        "shopify_id": str(700_000 + number),
        "name": name,
        "email": address,
        "tags": ["newsletter"] if number % 3 else [],
        "timezone": "Europe/Paris",
        "created_at": came,
        "shopify_created_at": came,
        "scored_at": until if buyer else None,
        **_figures(buyer, cuts),
    }


def _figures(buyer: _Buyer | None, cuts: dict[str, list[Any]]) -> Row:
    """What follows from the orders; without any, nothing does."""
    r, f, m = _scores(buyer, cuts) if buyer else (None, None, None)
    return {
        "rfm_r": r,
        "rfm_f": f,
        "rfm_m": m,
        "segment": rfm.segment(r, f, m) if r and f and m else None,
        "order_count": buyer.count if buyer else 0,
        "total_spent": buyer.total if buyer else Decimal(),
        "avg_order_value": round(buyer.total / buyer.count, 4) if buyer else None,
        "first_order_at": buyer.first if buyer else None,
        "last_order_at": buyer.last if buyer else None,
    }


def _thresholds(cuts: dict[str, list[Any]], until: datetime) -> Row:
    return {
        "id": id_of("cuts"),
        "shop_id": _SHOP,
        "run_id": id_of("scoring"),
        "as_of": until,
        "created_at": until,
    } | cuts


def _order(number: int, order: _Order) -> Row:
    return {
        "id": id_of("order", order.number),
        "shop_id": _SHOP,
        "shopify_id": str(5_000_000 + order.number),
        "customer_id": id_of("customer", number),
        "total_price": order.total,
        "currency": "EUR",
        "line_items": order.goods,
        "financial_status": order.status,
        "is_historical": True,
        "created_at": order.at,
        "shopify_created_at": order.at,
        "shopify_updated_at": order.at,
    }


def _automation(automation: _Automation, until: datetime) -> Row:
    return {
        "id": id_of("automation", automation.name),
        "shop_id": _SHOP,
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


def _messages(buyers: dict[int, _Buyer | None]) -> Iterator[Row]:
    """The welcome of everybody who ever bought something."""
    for number, buyer in buyers.items():
        if buyer:
            yield _message(number, buyer.first + timedelta(hours=1))


def _message(number: int, at: datetime) -> Row:
    dice = dice_of("message", number)
    fate = dice.choice(_FATES)
    reached = _FATES.index(fate) if fate != "bounced" else 0
    moments = [at + timedelta(minutes=dice.randint(1, 9) * 5**step) for step in range(5)]
    known = [moment if step <= reached else None for step, moment in enumerate(moments)]
    return {
        "id": id_of("message", number),
        "shop_id": _SHOP,
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


def _change(number: int, buyer: _Buyer | None, cuts: dict[str, list[Any]], until: datetime) -> Row:
    return {
        "id": id_of("change", number),
        "shop_id": _SHOP,
        "customer_id": id_of("customer", number),
        "run_id": id_of("scoring"),
        "old_segment": None,
        "new_segment": _figures(buyer, cuts)["segment"],
        "created_at": until,
    }


def _suppression(number: int, until: datetime) -> Row:
    return {
        "id": id_of("suppression", number),
        "shop_id": _SHOP,
        "channel": "email",
        "address": person(number)[1],
        "reason": ("unsubscribe", "hard_bounce", "complaint")[number // 40 % 3],
        "created_at": until - timedelta(days=number % 60),
    }
