"""A shop: customers in every segment, and their orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tracker_db import rfm
from tracker_db.models.crm import Customer, Order, RfmThresholds, SegmentChange, WebhookDelivery
from tracker_db.schema.seed import automations
from tracker_db.schema.seed.names import SHOP, person
from tracker_db.schema.seed.rows import Row, Size, Table, dice_of, id_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_GOODS = (("Linen shirt", "49.00"), ("Wool socks", "14.50"), ("Canvas bag", "38.00"))
#: How often people order, in days between two orders, and how long they stay.
_HABITS = ((12, 9), (30, 6), (60, 4), (45, 2), (90, 1), (20, 1), (1, 0))


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
    """Customers, thresholds, orders, webhooks, changes, and all that has to do with messages.

    A shop that was scored before stays as of then: who is new is scored by those thresholds.
    """
    scored = RfmThresholds.get_or_none(RfmThresholds.shop_id == SHOP)
    until = scored.as_of if scored else until
    numbers = range(size.customers)
    buyers = {n: _buyer(_orders(n, until), until) for n in numbers}
    cuts = _cuts_of(scored) if scored else _cuts([buyer for buyer in buyers.values() if buyer])
    customers = (_customer(n, buyers[n], cuts, until) for n in numbers)
    yield Table(Customer, customers, size.customers)
    yield Table(RfmThresholds, [_thresholds(cuts, until)], 1)
    orders = (_order(n, order) for n in numbers for order in _orders(n, until))
    yield Table(Order, orders, size.customers * 2)
    newest = ((n, order) for n in numbers[::5] for order in _orders(n, until)[-1:])
    deliveries = (_delivery(n, order) for n, order in newest)
    yield Table(WebhookDelivery, deliveries, size.customers // 5)
    changes = (_change(n, buyers[n], cuts, until) for n in numbers[::5] if buyers[n])
    yield Table(SegmentChange, changes, size.customers // 5)
    bought = {number: buyer.first for number, buyer in buyers.items() if buyer}
    yield from automations.tables(size, bought, until)


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
        "shop_id": SHOP,
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
        "shop_id": SHOP,
        "run_id": id_of("scoring"),
        "as_of": until,
        "created_at": until,
    } | cuts


def _order(number: int, order: _Order) -> Row:
    return {
        "id": id_of("order", order.number),
        "shop_id": SHOP,
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


def _delivery(number: int, order: _Order) -> Row:
    """The webhook of an order; some came before their customer."""
    failed = number % 50 == 0
    return {
        "id": id_of("delivery", order.number),
        "shop_id": SHOP,
        "webhook_id": str(id_of("webhook", order.number)),
        "topic": "orders/create",
        "payload": {"id": 5_000_000 + order.number, "total_price": str(order.total)},
        "status": "failed" if failed else "processed",
        "error": "There is no such customer yet." if failed else None,
        "created_at": order.at,
        "processed_at": None if failed else order.at + timedelta(seconds=1),
    }


def _change(number: int, buyer: _Buyer | None, cuts: dict[str, list[Any]], until: datetime) -> Row:
    return {
        "id": id_of("change", number),
        "shop_id": SHOP,
        "customer_id": id_of("customer", number),
        "run_id": id_of("scoring"),
        "old_segment": None,
        "new_segment": _figures(buyer, cuts)["segment"],
        "created_at": until,
    }
