"""The price list of models as people read it, and the calls that no price is known for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker_db.db import db
from tracker_db.queries.rows import rows

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

# Of each model the price in force at the time, and those that follow.
_PRICES = """
    SELECT provider, model, project_id, effective_date,
           trim_scale(input_price_per_1k * 1000) AS input_per_million,
           trim_scale(output_price_per_1k * 1000) AS output_per_million,
           rates, source
    FROM (
        SELECT *, lead(effective_date) OVER (
            PARTITION BY project_id, provider, model ORDER BY effective_date) AS replaced_at
        FROM model_pricing
    ) AS dated
    WHERE (replaced_at IS NULL OR replaced_at > %(at)s)
      AND (%(search)s::text IS NULL
           OR strpos(lower(provider || '/' || model), lower(%(search)s)) > 0)
    ORDER BY provider, model, project_id NULLS FIRST, effective_date
"""
_UNPRICED = """
    SELECT provider, model, count(*) AS calls, sum(input_tokens)::bigint AS input_tokens,
           sum(output_tokens)::bigint AS output_tokens,
           min(created_at) AS first_at, max(created_at) AS last_at
    FROM events WHERE estimated_cost_usd IS NULL AND verified_cost_usd IS NULL
    GROUP BY provider, model ORDER BY count(*) DESC, provider, model
"""


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A price in US dollars per million tokens from `effective_date` on; `rates` as stored."""

    provider: str
    model: str
    project_id: str | None
    effective_date: datetime
    input_per_million: Decimal
    output_per_million: Decimal
    rates: list[dict[str, Any]]
    source: str


@dataclass(frozen=True, slots=True)
class UnpricedRow:
    """A name as it was called, with what was called under it while no price was known."""

    provider: str
    model: str
    calls: int
    input_tokens: int
    output_tokens: int
    first_at: datetime
    last_at: datetime


def prices_in_force(at: datetime, search: str | None = None) -> list[PriceRow]:
    """Prices in force at `at` (tz-aware) and later.

    `search` is part of "provider/model", in capitals or not.
    """
    return rows(PriceRow, _PRICES, {"at": at, "search": search})


def has_price(provider: str, model: str) -> bool:
    """Whether the price list has this very model, at any time and for any project."""
    query = """
        SELECT EXISTS (SELECT FROM model_pricing
                       WHERE provider = %s AND lower(model) = lower(%s))
    """
    with db.connection_context():
        return bool(db.execute_sql(query, (provider, model)).fetchone()[0])


def unpriced_models() -> list[UnpricedRow]:
    """Every name that calls without a price came under, the most called first."""
    return rows(UnpricedRow, _UNPRICED)
