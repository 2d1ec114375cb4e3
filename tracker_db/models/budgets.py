"""What LLM calls may cost, and what was told about it."""

from __future__ import annotations

from peewee import SQL, CompositeKey, IntegerField, TextField

from tracker_db.fields import (
    Array,
    Dollars,
    TimestampTZ,
    foreign_key,
    server_default,
    uuid_key,
)
from tracker_db.models.base import BaseModel

NOW = server_default("now()")


class Budget(BaseModel):
    """US dollars that the calls of a project, feature and user may cost in each period.

    NULL means any. A period begins at midnight in `timezone`, a week on Monday. `thresholds`
    are percentages of the amount at which somebody is told.
    """

    id = uuid_key()
    amount_usd = Dollars()
    period = TextField(constraints=[server_default("'month'")])
    timezone = TextField(constraints=[server_default("'UTC'")])
    project_id = TextField(null=True)
    feature = TextField(null=True)
    user_id = TextField(null=True)
    thresholds = Array(IntegerField, constraints=[server_default("'{50,80,100}'")])
    created_at = TimestampTZ(constraints=[NOW])

    class Meta:
        """No budget is endless or NaN."""

        table_name = "budgets"
        constraints = (
            SQL(
                "CONSTRAINT budgets_amount_check CHECK ("
                "amount_usd > 0 AND amount_usd <= 1000000000000)"
            ),
            SQL("CONSTRAINT budgets_period_check CHECK (period IN ('day', 'week', 'month'))"),
            SQL(
                "CONSTRAINT budgets_thresholds_check CHECK ("
                " cardinality(thresholds) > 0 AND 0 < ALL (thresholds)"
                " AND array_position(thresholds, NULL) IS NULL)"
            ),
        )


class BudgetAlert(BaseModel):
    """A threshold that was reached in one window: the claim that lets one worker tell of it."""

    budget = foreign_key(Budget, "budget_alerts_budget_id_budgets_id_fk")
    window_start = TimestampTZ()
    threshold = IntegerField()
    spent_usd = Dollars()
    created_at = TimestampTZ(constraints=[NOW])

    class Meta:
        """Once a window, whoever looks."""

        table_name = "budget_alerts"
        primary_key = CompositeKey("budget", "window_start", "threshold")
