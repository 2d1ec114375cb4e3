"""Alert rules, and what they have told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker_db.errors import InvalidInputError, NotFoundError
from tracker_db.money import Money
from tracker_db.queries.rows import rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule; `target_price` and `amount` are minor units of `currency`."""

    id: UUID
    product_id: UUID
    product: str
    kind: str
    active: bool
    currency: str | None
    target_price: int | None
    percent: Decimal | None
    amount: int | None
    reference: str | None
    days: int | None
    failures: int | None
    told: int
    told_at: datetime | None

    @property
    def sentence(self) -> str:
        """What the rule waits for, in words."""
        return _SENTENCES[self.kind](self)


_SENTENCES = {
    "target": lambda rule: f"at or below {_money(rule, rule.target_price)}",
    "drop": lambda rule: f"down by {_drop(rule)} from {_reference(rule)}",
    "new_low": lambda rule: f"the lowest in {rule.days} days",
    "back_in_stock": lambda _: "back in stock",
    "any_change": lambda _: "any change of the price",
    "failing": lambda rule: f"{rule.failures} failed checks in a row",
}

_SELECT = """
SELECT a.id, a.product_id, p.name, a.kind, a.active, a.currency, a.target_price, a.percent,
       a.amount, a.reference, a.days, a.failures, count(DISTINCT o.dedupe_key), max(o.created_at)
FROM alert_rules a JOIN products p ON p.id = a.product_id LEFT JOIN outbox o ON o.rule_id = a.id
"""
_ORDER = "GROUP BY a.id, p.id ORDER BY lower(p.name), a.created_at, a.id"


def every_rule(product_id: UUID | None = None) -> list[RuleRow]:
    """The rules of a product, or all of them, by the product's name."""
    return rows(
        RuleRow,
        f"{_SELECT} WHERE %(product)s::uuid IS NULL OR a.product_id = %(product)s {_ORDER}",
        {"product": product_id},
    )


def find_rule(text: str) -> RuleRow:
    """The one rule whose id begins with `text`. Raises NotFoundError, InvalidInputError."""
    wanted = text.strip().lower()
    found = rows(
        RuleRow, f"{_SELECT} WHERE starts_with(a.id::text, %(text)s) {_ORDER}", {"text": wanted}
    )
    if not found or not wanted:
        raise NotFoundError(f"No alert rule has the id {text!r}. See: tracker alerts list")
    if len(found) > 1:
        raise InvalidInputError(_ambiguous(text, found))
    return found[0]


def _ambiguous(text: str, found: Sequence[RuleRow]) -> str:
    named = [f"  {row.id}  {row.product}: {row.sentence}" for row in found[:10]]
    return "\n".join([f"{text!r} is the beginning of {len(found)} rules; which one?", *named])


def _money(rule: RuleRow, minor: int | None) -> str:
    return str(minor) if rule.currency is None else str(Money(minor or 0, rule.currency))


def _drop(rule: RuleRow) -> str:
    return _money(rule, rule.amount) if rule.percent is None else f"{rule.percent.normalize():f} %"


def _reference(rule: RuleRow) -> str:
    return f"the {(rule.reference or '').replace('_', ' ')}"
