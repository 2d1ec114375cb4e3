"""Budgets of LLM calls, and what was spent of them in the window they are in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker_db.errors import InvalidInputError, NotFoundError
from tracker_db.queries.costs import total
from tracker_db.queries.rows import rows

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from uuid import UUID

    from tracker_db.queries.costs import Spend


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A budget in US dollars and its window: `since` until `until`, excluded.

    `told` is the highest threshold (percent) that was reached in this window, None before.
    """

    id: UUID
    amount: Decimal
    period: str
    timezone: str
    project: str | None
    feature: str | None
    user: str | None
    thresholds: list[int]
    since: datetime
    until: datetime
    told: int | None

    @property
    def scope(self) -> dict[str, str]:
        """What its calls have in common (dimension -> value)."""
        named = {"project": self.project, "feature": self.feature, "user": self.user}
        return {name: value for name, value in named.items() if value is not None}

    @property
    def sentence(self) -> str:
        """The budget in words."""
        scope = " and ".join(f"{name} {value}" for name, value in self.scope.items())
        return f"{self.amount:f} USD a {self.period} for {scope or 'everything'}"

    def spent(self) -> Spend:
        """What was spent in the window, exact at this instant."""
        return total(self.since, self.until, zone=self.timezone, where=self.scope)

    def reached(self, spent: Decimal) -> list[int]:
        """The thresholds that `spent` US dollars have reached, lowest first."""
        return sorted(t for t in self.thresholds if spent * 100 >= self.amount * t)


_SELECT = """
    SELECT b.id, b.amount_usd, b.period, b.timezone, b.project_id, b.feature, b.user_id,
           b.thresholds, since, until,
           (SELECT max(threshold) FROM budget_alerts
            WHERE budget_id = b.id AND window_start = since)
    FROM budgets b,
         LATERAL (SELECT ('1 ' || period)::interval AS one) AS length,
         LATERAL date_trunc(period, coalesce(%(now)s, now()) AT TIME ZONE timezone) AS present,
         generate_series(0, %(before)s) AS ago,
         LATERAL (SELECT present - ago * one AS begun) AS begins,
         LATERAL (SELECT begun AT TIME ZONE timezone AS since,
                         (begun + one) AT TIME ZONE timezone AS until) AS ends
    WHERE (ago = 0 OR b.created_at < until)
"""


def every_budget(now: datetime | None = None, *, before: int = 0) -> list[BudgetRow]:
    """All budgets, the oldest first, with the windows of `now` (the database's clock).

    With `before`, each also as it was in so many windows before, from when it was set on.
    """
    values = {"now": now, "before": before}
    return rows(BudgetRow, f"{_SELECT} ORDER BY b.created_at, b.id, since", values)


def find_budget(text: str) -> BudgetRow:
    """The one budget whose id begins with `text`. Raises NotFoundError, InvalidInputError."""
    wanted = text.strip().lower()
    where = "AND starts_with(b.id::text, %(text)s) ORDER BY b.created_at, b.id"
    found = rows(BudgetRow, f"{_SELECT} {where}", {"now": None, "before": 0, "text": wanted})
    if not found or not wanted:
        raise NotFoundError(f"No budget has the id {text!r}. See: tracker budgets list")
    if len(found) > 1:
        named = "\n".join(f"  {row.id}  {row.sentence}" for row in found[:10])
        raise InvalidInputError(
            f"{text!r} is the beginning of {len(found)} budgets; which one?\n{named}"
        )
    return found[0]
