"""Tell of the budgets of LLM calls that have reached a threshold."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tracker_db.queries.budgets import every_budget
from tracker_db.services.budgets import tell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

logger = logging.getLogger(__name__)

#: How often the worker runs this chore.
EVERY_SECONDS = 30


def check_budgets(
    channels: Sequence[str],
    stopped: Callable[[], bool] = lambda: False,
    *,
    now: datetime | None = None,
) -> int:
    """Write an alert for each budget that has reached a threshold since the last look; how many.

    The window before is looked at as well: a call may be recorded late, or in the last seconds
    of its day. A window whose last threshold was told of rests. `now` is the database's clock.
    """
    told = 0
    for budget in every_budget(now, before=1):
        if stopped():
            break
        if budget.told is not None and budget.told >= max(budget.thresholds):
            continue
        if tell(budget, budget.spent(), channels):
            told += 1
            logger.info("A threshold is reached: %s", budget.sentence)
    return told
