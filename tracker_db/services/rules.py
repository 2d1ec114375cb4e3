"""What the alert rules of completed runs decide, inside the completing transaction."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tracker_db.db import db, uuid_array
from tracker_db.observation import UNAVAILABLE, Observation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal
    from uuid import UUID

    from tracker_db.services.runs import Result, Run


@dataclass(frozen=True, slots=True)
class RuleRow:
    """An active rule as stored, with the history its kind asks for (minor units)."""

    id: UUID
    product_id: UUID
    kind: str
    currency: str | None
    target_price: int | None
    percent: Decimal | None
    amount: int | None
    reference: str | None
    days: int | None
    failures: int | None
    state: dict[str, Any]
    first_price: int | None
    lowest: int | None
    covered: bool


@dataclass(frozen=True, slots=True)
class Alert:
    """What is told when a rule fires."""

    title: str
    body: str
    data: dict[str, Any] = field(default_factory=dict)


#: Judges one rule against one observation: the rule's new state, and an alert when it fires.
Decide = Callable[["RuleRow", "Run", Observation], tuple[dict[str, Any], Alert | None]]

_HELD_RULES = """
WITH r AS (
    SELECT * FROM unnest(%(products)s::uuid[], %(fences)s::uuid[], %(currencies)s::text[])
        AS r(product_id, run_id, currency)
), held AS MATERIALIZED (
    SELECT p.id, r.run_id, r.currency
    FROM products p JOIN r ON p.id = r.product_id AND p.run_id = r.run_id
    ORDER BY p.id FOR NO KEY UPDATE OF p
)
SELECT held.run_id, a.id, a.product_id, a.kind, a.currency, a.target_price, a.percent, a.amount,
       a.reference, a.days, a.failures, a.state,
       CASE WHEN a.reference = 'first_price' THEN (
           SELECT price FROM price_records o
           WHERE o.product_id = a.product_id AND o.currency = held.currency
             AND coalesce(o.availability <> ALL(%(unavailable)s), true)
           ORDER BY o.scraped_at LIMIT 1) END,
       CASE WHEN a.kind = 'new_low' THEN (
           SELECT min(price) FROM price_records o
           WHERE o.product_id = a.product_id AND o.currency = held.currency
             AND coalesce(o.availability <> ALL(%(unavailable)s), true)
             AND o.scraped_at >= now() - make_interval(days => a.days)) END,
       a.kind = 'new_low' AND EXISTS (
           SELECT FROM price_records o
           WHERE o.product_id = a.product_id
             AND o.scraped_at < now() - make_interval(days => a.days))
FROM held JOIN alert_rules a ON a.product_id = held.id
WHERE a.active ORDER BY a.id FOR UPDATE OF a
"""


def decide_rules(
    results: Sequence[tuple[Run, Result]], decide: Decide, *, now: datetime
) -> list[tuple[Run, RuleRow, dict[str, Any], Alert | None]]:
    """Lock the rules of the products still held and judge each one."""
    runs = {run.run_id: (run, result) for run, result in results}
    decided = []
    for run_id, rule in _held_rules(results):
        run, result = runs[run_id]
        decided.append((run, rule, *decide(rule, run, observed(run, result, now=now))))
    return decided


def _held_rules(results: Sequence[tuple[Run, Result]]) -> list[tuple[UUID, RuleRow]]:
    parameters = {
        "products": uuid_array(run.product_id for run, _ in results),
        "fences": uuid_array(run.run_id for run, _ in results),
        "currencies": [result.currency for _, result in results],
        "unavailable": list(UNAVAILABLE),
    }
    rows = db.execute_sql(_HELD_RULES, parameters).fetchall()
    return [(run_id, RuleRow(*columns)) for run_id, *columns in rows]


def observed(run: Run, result: Result, *, now: datetime) -> Observation:
    """The observation alert rules judge."""
    succeeded = result.outcome.succeeded
    return Observation(
        at=now,
        outcome=result.outcome,
        price=result.price if succeeded else None,
        currency=result.currency,
        availability=result.availability,
        list_price=result.list_price,
        failures=0 if succeeded else run.failures + 1,
    )


def rows_of(
    decided: Sequence[tuple[Run, RuleRow, dict[str, Any], Alert | None]],
) -> dict[str, list[Any]]:
    """The rule states and alerts as the arrays of the completing statement."""
    changed = [(rule, run, state) for run, rule, state, _ in decided if state != rule.state]
    fired = [(run, rule, alert) for run, rule, _, alert in decided if alert]
    return {
        "rule_id": [rule.id for rule, _, _ in changed],
        "rule_run_id": [run.run_id for _, run, _ in changed],
        "rule_state": [json.dumps(state) for _, _, state in changed],
        "alert_run_id": [run.run_id for run, _, _ in fired],
        "alert_key": [dedupe_key(rule.id, run.due_at) for run, rule, _ in fired],
        "alert_product_id": [run.product_id for run, _, _ in fired],
        "alert_rule_id": [rule.id for _, rule, _ in fired],
        "alert_title": [alert.title for _, _, alert in fired],
        "alert_body": [alert.body for _, _, alert in fired],
        "alert_data": [json.dumps(alert.data) for _, _, alert in fired],
    }


def dedupe_key(rule_id: UUID, due_at: datetime) -> str:
    """What makes an alert the same alert: its rule and the slot it was seen at."""
    return f"{rule_id}@{due_at.astimezone(UTC).isoformat()}"
