"""Products with a price for every day, the checks that found them, and alert rules.

Their shop does not exist, so they are paused: a worker lets them be.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from tracker_db.models.price import AlertRule, PriceRecord, Product, RunLog
from tracker_db.observation import Outcome
from tracker_db.schema.seed.rows import Row, Size, Table, dice_of, id_of, made

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

_MAKERS = "Nordlys Kestrel Aurelia Brightwell Tanager Ombra Halden Mirado".split()
_THINGS = (
    ("desk lamp", 3900),
    ("espresso machine", 34900),
    ("noise-cancelling headphones", 24900),
    ("mechanical keyboard", 12900),
    ("cordless drill", 9900),
    ("running shoes", 11900),
    ("air purifier", 17900),
    ("4K monitor", 39900),
    ("rain jacket", 14900),
    ("cast-iron pan", 5900),
    ("e-reader", 15900),
)
_CURRENCIES = ("USD", "EUR", "GBP")
_SCHEDULE = "0 9 * * *"
#: How long the products have been there: longer than any size's history.
_TRACKED = timedelta(days=365)


class _Check(NamedTuple):
    """One daily check; `price` is None when it failed."""

    day: int
    at: datetime
    run_id: UUID
    price: int | None
    milliseconds: int


def tables(size: Size, until: datetime) -> Iterator[Table]:
    """Products, prices (minor units), run logs, alert rules.

    Histories that are there already end when they ended: longer ones begin earlier.
    """
    known = Product.get_or_none(Product.id == id_of("product", 0))
    until = known.created_at + _TRACKED if known else until
    numbers = range(size.products)
    checks = size.products * size.days
    yield Table(Product, (_product(number, until) for number in numbers), size.products)
    prices = (
        _price(number, check)
        for number in numbers
        for check in _checks(number, size, until)
        if check.price is not None
    )
    yield Table(PriceRecord, prices, checks)
    runs = (_run(n, check) for n in numbers for check in _checks(n, size, until))
    yield Table(RunLog, runs, checks)
    rules = (_rule(number, until) for number in numbers[::2])
    yield Table(AlertRule, rules, size.products // 2)


def _currency(number: int) -> str:
    return _CURRENCIES[number % len(_CURRENCIES)]


def _checks(number: int, size: Size, until: datetime) -> Iterator[_Check]:
    """Backwards from the last day, so that a longer history begins with a shorter one."""
    return islice(_endless_checks(number, until), size.days)


def _endless_checks(number: int, until: datetime) -> Iterator[_Check]:
    dice = dice_of("price", number)
    price = _usual_price(number)
    day = 0
    while True:
        at = until - timedelta(days=day, hours=15)
        failed = day > 0 and dice.random() < 0.03
        run_id = id_of("run", number, day)
        yield _Check(day, at, run_id, None if failed else price, dice.randint(180, 1900))
        if dice.random() < 0.12:
            price = round(_usual_price(number) * dice.uniform(0.8, 1.15) / 100) * 100 - 1
        day += 1


def _usual_price(number: int) -> int:
    return _THINGS[number % len(_THINGS)][1] + 500 * (number // len(_THINGS) % 9)


def _product(number: int, until: datetime) -> Row:
    maker, thing = _MAKERS[number % len(_MAKERS)], _THINGS[number % len(_THINGS)][0]
    name = f"{maker} {thing} {100 + number}"
    slug = name.lower().replace(" ", "-")
    return {
        "id": id_of("product", number),
        "url": f"https://shop.example/{slug}",
        "name": name,
        "image_url": f"https://shop.example/images/{slug}.jpg",
        "active": False,
        "schedule": _SCHEDULE,
        "currency": _currency(number),
        **made(until - _TRACKED),
        "last_price": _usual_price(number),
        "last_currency": _currency(number),
        "last_availability": "InStock",
    }


def _price(number: int, check: _Check) -> Row:
    return {
        "id": id_of("price", number, check.day),
        "product_id": id_of("product", number),
        "price": check.price,
        "currency": _currency(number),
        "scraped_at": check.at,
        "availability": "InStock",
        "run_id": check.run_id,
    }


def _run(number: int, check: _Check) -> Row:
    found = check.price is not None
    return {
        "id": id_of("run_log", number, check.day),
        "product_id": id_of("product", number),
        "status": "SUCCESS" if found else "FAILED",
        "outcome": (Outcome.OK if found else Outcome.TIMEOUT).value,
        "error_message": None if found else "The page did not answer in time.",
        "created_at": check.at,
        "due_at": check.at,
        "run_id": check.run_id,
        "http_status": 200 if found else None,
        "duration_ms": check.milliseconds,
        "extractor": "json_ld" if found else None,
    }


def _rule(number: int, until: datetime) -> Row:
    return {
        "id": id_of("alert_rule", number),
        "product_id": id_of("product", number),
        "kind": "target",
        "target_price": _usual_price(number) * 9 // 10,
        "currency": _currency(number),
        **made(until - timedelta(days=20)),
    }
