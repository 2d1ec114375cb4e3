"""Budgets of LLM calls: set, taken away, and told of once a window, whoever looks."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tracker_db.db import db, transaction
from tracker_db.errors import InvalidInputError
from tracker_db.models.budgets import Budget
from tracker_db.queries.costs import check_text, zone_named
from tracker_db.services.checked import to_insert

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from tracker_db.queries.budgets import BudgetRow
    from tracker_db.queries.costs import Spend

PERIODS = ("day", "week", "month")
THRESHOLDS = (50, 80, 100)
_MOST = Decimal(10) ** 12
_HIGHEST_THRESHOLD = 1000

# All that was reached is claimed and the highest is told: a jump over three thresholds is one
# alert, and a worker that saw less than another never tells of less after it.
_TELL = """
    WITH budget AS (
        SELECT id FROM budgets WHERE id = %(budget)s FOR KEY SHARE
    ), claimed AS (
        INSERT INTO budget_alerts (budget_id, window_start, threshold, spent_usd)
        SELECT id, %(since)s, threshold, %(spent)s
        FROM budget, unnest(%(reached)s) AS threshold ORDER BY threshold
        ON CONFLICT DO NOTHING RETURNING threshold
    ), told AS (
        INSERT INTO outbox (dedupe_key, channel, title, body, data)
        SELECT %(key)s, channel, %(title)s, %(body)s, %(data)s::jsonb
        FROM claimed CROSS JOIN unnest(%(channels)s::text[]) AS channel
        WHERE threshold = %(highest)s
        ON CONFLICT (dedupe_key, channel) DO NOTHING
    )
    SELECT count(*) FROM claimed WHERE threshold = %(highest)s
"""


def add(
    amount: Decimal,
    *,
    period: str = "month",
    timezone: str = "UTC",
    project: str | None = None,
    feature: str | None = None,
    user: str | None = None,
    thresholds: Sequence[int] = THRESHOLDS,
) -> UUID:
    """Set a budget of `amount` US dollars for each `period`; its id.

    It is about the calls of `project`, `feature` and `user`; None means any. `thresholds` are
    percentages of the amount. Raises InvalidInputError for what cannot be a budget.
    """
    _check(amount, period, thresholds)
    zone_named(timezone)
    for name, value in (("project", project), ("feature", feature), ("user", user)):
        if value is None:
            continue
        check_text(name, value)
        if not value.strip():
            raise InvalidInputError(f"The {name} of a budget cannot be empty.")
    values = {
        "amount_usd": amount,
        "period": period,
        "timezone": timezone,
        "project_id": project,
        "feature": feature,
        "user_id": user,
        "thresholds": sorted(set(thresholds)),
    }
    with transaction():
        _check_known(timezone)
        added: UUID = Budget.create(**to_insert(Budget, values)).id
        return added


def remove(budget_id: UUID) -> None:
    """Take a budget away. What it has told stays told."""
    with transaction():
        Budget.delete().where(Budget.id == budget_id).execute()


def tell(budget: BudgetRow, spend: Spend, channels: Sequence[str]) -> bool:
    """Write the alert of the highest threshold that was reached, once in its window.

    Every threshold that was reached is claimed with it, in one statement: whichever of many
    workers comes first tells, the others find it claimed. Whether this one told.
    """
    reached = budget.reached(spend.total_cost)
    if not reached:
        return False
    values = {
        "budget": str(budget.id),
        "since": budget.since,
        "spent": spend.total_cost,
        "reached": reached,
        "highest": reached[-1],
        "key": f"budget:{budget.id}:{budget.since.isoformat()}:{reached[-1]}",
        "channels": list(channels),
        **_message(budget, spend, reached[-1]),
    }
    with transaction():
        return bool(db.execute_sql(_TELL, values).fetchone()[0])


def _check(amount: Decimal, period: str, thresholds: Sequence[int]) -> None:
    if not (amount.is_finite() and 0 < amount <= _MOST):
        raise InvalidInputError(f"A budget is more than 0 and up to {_MOST} USD, got {amount}.")
    if period not in PERIODS:
        raise InvalidInputError(f"A budget is for a {', '.join(PERIODS)}; got {period!r}.")
    if not thresholds or not all(0 < t <= _HIGHEST_THRESHOLD for t in thresholds):
        raise InvalidInputError(
            f"Thresholds are percentages from 1 to {_HIGHEST_THRESHOLD}, got {list(thresholds)}."
        )


def _check_known(timezone: str) -> None:
    """A zone that only Python knows would keep every budget from being looked at."""
    query = "SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = %s)"
    if not db.execute_sql(query, (timezone,)).fetchone()[0]:
        raise InvalidInputError(f"PostgreSQL knows no time zone {timezone!r}.")


def _message(budget: BudgetRow, spend: Spend, threshold: int) -> dict[str, str]:
    unpriced = ""
    if spend.unpriced_count:
        unpriced = f"\nNot counted, as no price is known: calls {spend.unpriced_count}."
    return {
        "title": f"{threshold} % of a budget is spent: {budget.sentence}",
        "body": f"{spend.total_cost:f} of {budget.amount:f} USD are spent in the {budget.period}"
        f" until {budget.until:%Y-%m-%d %H:%M} UTC.{unpriced}",
        "data": json.dumps(_data(budget, spend, threshold)),
    }


def _data(budget: BudgetRow, spend: Spend, threshold: int) -> dict[str, Any]:
    return {
        "type": "alert.budget",
        "budget_id": str(budget.id),
        "threshold": threshold,
        "amount_usd": f"{budget.amount:f}",
        "spent_usd": f"{spend.total_cost:f}",
        "unpriced_calls": spend.unpriced_count,
        "window_start": budget.since.isoformat(),
        "window_end": budget.until.isoformat(),
        **budget.scope,
    }
