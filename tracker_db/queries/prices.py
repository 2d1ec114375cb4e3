"""Prices: the history of a product, and what it says about the price of today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker_db.observation import UNAVAILABLE
from tracker_db.queries.rows import rows

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A price that was seen: minor units of `currency`, at `scraped_at` (UTC)."""

    scraped_at: datetime
    price: int
    currency: str
    availability: str | None
    list_price: int | None

    @property
    def buyable(self) -> bool:
        """Whether the page did not say that the product is unavailable."""
        return self.availability not in UNAVAILABLE


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a window of history says about the last price of one currency (minor units).

    Each price holds until the next record, or until now, and counts by that time. Prices at which
    nothing could be bought do not count. `cheaper_than` is the share of the time (0 to 1) in
    which the price was above `price`, `at_or_below` the share in which it was not; both are None
    while no time has passed. `lowest_at` is when the lowest price was last seen.
    """

    currency: str
    price: int
    lowest: int
    lowest_at: datetime
    highest: int
    average: Decimal
    at_or_below: Decimal | None
    cheaper_than: Decimal | None
    since: datetime


_HISTORY = """
SELECT scraped_at, price, currency, availability, list_price FROM price_records
WHERE product_id = %(product)s AND scraped_at >= coalesce((
    SELECT max(scraped_at) FROM price_records
    WHERE product_id = %(product)s AND scraped_at <= now() - make_interval(days => %(days)s)
), '-infinity')
ORDER BY scraped_at, id
"""

_STATISTICS = f"""
WITH seen AS MATERIALIZED ({_HISTORY}), spans AS (
    SELECT price, currency, availability, scraped_at,
           greatest(scraped_at, now() - make_interval(days => %(days)s)) AS since,
           greatest(lead(scraped_at, 1, now()) OVER (ORDER BY scraped_at), scraped_at) AS until
    FROM seen
), buyable AS (
    SELECT price, currency, scraped_at, since, extract(epoch FROM until - since) AS seconds,
           last_value(price) OVER (PARTITION BY currency ORDER BY scraped_at
               ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS latest,
           min(price) OVER (PARTITION BY currency) AS lowest
    FROM spans WHERE coalesce(availability <> ALL(%(unavailable)s), true)
)
SELECT currency, min(latest), min(lowest),
       max(greatest(scraped_at, since)) FILTER (WHERE price = lowest),
       max(price),
       coalesce(sum(price * seconds) / nullif(sum(seconds), 0), min(latest)),
       sum(seconds) FILTER (WHERE price <= latest) / nullif(sum(seconds), 0),
       coalesce(sum(seconds) FILTER (WHERE price > latest), 0) / nullif(sum(seconds), 0),
       min(since)
FROM buyable GROUP BY currency ORDER BY max(scraped_at) DESC
"""  # fmt: skip


def history(product_id: UUID, *, days: int = 3650) -> list[PriceRow]:
    """The prices of the last `days` days, oldest first, with the one they began with."""
    return rows(PriceRow, _HISTORY, {"product": product_id, "days": days})


def statistics(product_id: UUID, *, days: int = 3650) -> list[Statistics]:
    """What the last `days` days say, one for each currency, the one seen last first."""
    parameters = {"product": product_id, "days": days, "unavailable": list(UNAVAILABLE)}
    return rows(Statistics, _STATISTICS, parameters)
