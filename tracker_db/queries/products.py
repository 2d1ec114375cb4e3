"""Products: the list, and the one a person means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker_db.errors import InvalidInputError, NotFoundError
from tracker_db.links import normalise
from tracker_db.money import Money
from tracker_db.queries.rows import rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

#: So many of those that a text could mean are named in the error.
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product, its last price (minor units of `last_currency`) and its plan (UTC)."""

    id: UUID
    url: str
    name: str
    image_url: str | None
    active: bool
    schedule: str
    timezone: str
    currency: str | None
    selector: str | None
    next_run_at: datetime | None
    due_at: datetime | None
    running: bool
    attempts: int
    failures: int
    last_price: int | None
    last_currency: str | None
    last_availability: str | None
    last_list_price: int | None
    created_at: datetime
    checked_at: datetime | None
    last_error: str | None
    alerts: int

    @property
    def price(self) -> Money | None:
        """The last price that was believed."""
        if self.last_price is None or self.last_currency is None:
            return None
        return Money(self.last_price, self.last_currency)

    @property
    def state(self) -> str:
        """One word: paused, running, failing or ok; new before the first check."""
        if not self.active:
            return "paused"
        if self.running:
            return "running"
        if self.failures:
            return "failing"
        return "ok" if self.checked_at else "new"


_SELECT = """
SELECT p.id, p.url, p.name, p.image_url, p.active, p.schedule, p.timezone, p.currency, p.selector,
       p.next_run_at, p.due_at, p.run_id IS NOT NULL AND p.next_run_at > now(), p.attempts,
       p.failures, p.last_price, p.last_currency, p.last_availability, p.last_list_price,
       p.created_at, last.created_at, CASE WHEN p.failures > 0 THEN last.error_message END,
       (SELECT count(*) FROM alert_rules a WHERE a.product_id = p.id AND a.active)
FROM products p LEFT JOIN LATERAL (
    SELECT created_at, error_message FROM run_logs
    WHERE product_id = p.id AND due_at IS NOT NULL ORDER BY due_at DESC, attempt DESC LIMIT 1
) last ON true
"""

#: The best reading of a text comes first: an id, an address, a whole name, a part of either.
_READINGS = """
    SELECT id, CASE WHEN id::text = lower(%(text)s) THEN 1
                    WHEN url = %(url)s THEN 2
                    WHEN lower(name) = lower(%(text)s) THEN 3
                    ELSE 4 END AS reading
    FROM products
    WHERE url = %(url)s OR strpos(lower(name), lower(%(text)s)) > 0
       OR starts_with(id::text, lower(%(text)s))
"""


def every_product() -> list[ProductRow]:
    """All products by name."""
    return rows(ProductRow, f"{_SELECT} ORDER BY lower(p.name), p.id")


def some_products(ids: Sequence[UUID]) -> list[ProductRow]:
    """These products by name; ids that do not exist are left out."""
    return rows(
        ProductRow,
        f"{_SELECT} WHERE p.id = ANY(%(ids)s) ORDER BY lower(p.name), p.id",
        {"ids": list(ids)},
    )


def failing_products(limit: int) -> list[ProductRow]:
    """The products whose last check failed, the longest failing first."""
    return rows(
        ProductRow,
        f"{_SELECT} WHERE p.active AND p.failures > 0 ORDER BY p.failures DESC, p.id"
        " LIMIT %(limit)s",
        {"limit": limit},
    )


def product_at(url: str) -> ProductRow | None:
    """The product of a page, by its normalised URL."""
    return next(iter(rows(ProductRow, f"{_SELECT} WHERE p.url = %(url)s", {"url": url})), None)


def find_product(text: str) -> ProductRow:
    """The one product that `text` means: an id or its beginning, a URL, or a part of the name.

    Raises NotFoundError, or InvalidInputError that lists the products it could mean.
    """
    wanted = text.strip()
    found = rows(
        ProductRow,
        f"WITH r AS ({_READINGS}) {_SELECT} WHERE p.id IN (SELECT id FROM r"
        " WHERE reading = (SELECT min(reading) FROM r)) ORDER BY lower(p.name), p.id",
        {"text": wanted, "url": _url(wanted)},
    )
    if not found or not wanted:
        raise NotFoundError(f"No product matches {text!r}. See: tracker products list")
    if len(found) > 1:
        raise InvalidInputError(_ambiguous(text, found))
    return found[0]


def _url(text: str) -> str | None:
    try:
        return normalise(text)
    except InvalidInputError:
        return None


def _ambiguous(text: str, found: Sequence[ProductRow]) -> str:
    named = [f"  {str(row.id)[:8]}  {row.name}" for row in found[:_MOST_NAMED]]
    more = [f"  and {len(found) - _MOST_NAMED} more"] if len(found) > _MOST_NAMED else []
    return "\n".join([f"{text!r} matches {len(found)} products; which one?", *named, *more])
