"""Completing runs: plan, run log, price, alert state and alerts in one fenced statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker_db.db import db, transaction, uuid_array
from tracker_db.errors import ScheduleError
from tracker_db.services.rules import Decide, decide_rules, rows_of
from tracker_db.services.slots import Plan, Policy, plan_after, retry_plan, unreadable_plan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from tracker_db.services.runs import Result, Run

_COMPLETE = """
WITH r AS (
    SELECT * FROM unnest(
        %(product_id)s::uuid[], %(run_id)s::uuid[], %(schedule)s::text[], %(timezone)s::text[],
        %(slot)s::timestamptz[], %(attempt)s::int[], %(missed)s::int[],
        %(next_run_at)s::timestamptz[], %(due_at)s::timestamptz[], %(attempts)s::int[],
        %(failures)s::int[], %(succeeded)s::bool[], %(outcome)s::text[], %(message)s::text[],
        %(http_status)s::int[], %(duration_ms)s::int[], %(bytes)s::bigint[],
        %(extractor)s::text[], %(price)s::bigint[], %(currency)s::text[],
        %(availability)s::text[], %(list_price)s::bigint[], %(image_url)s::text[],
        %(etag)s::text[], %(last_modified)s::text[],
        %(suspect_price)s::bigint[], %(suspect_currency)s::text[]
    ) AS r(product_id, run_id, schedule, timezone, slot, attempt, missed, next_run_at, due_at,
           attempts, failures, succeeded, outcome, message, http_status, duration_ms, bytes,
           extractor, price, currency, availability, list_price, image_url, etag, last_modified,
           suspect_price, suspect_currency)
), fenced AS (
    UPDATE products p SET
        next_run_at = CASE WHEN p.schedule = r.schedule AND p.timezone = r.timezone
                           THEN r.next_run_at END,
        due_at = CASE WHEN p.schedule = r.schedule AND p.timezone = r.timezone
                      THEN r.due_at END,
        attempts = CASE WHEN p.schedule = r.schedule AND p.timezone = r.timezone
                        THEN r.attempts ELSE 0 END,
        run_id = NULL, failures = r.failures,
        last_price = coalesce(r.price, p.last_price),
        last_currency = CASE WHEN r.price IS NULL THEN p.last_currency ELSE r.currency END,
        last_list_price = CASE WHEN r.price IS NULL THEN p.last_list_price
                               ELSE r.list_price END,
        last_availability = CASE WHEN r.succeeded THEN r.availability
                                 ELSE p.last_availability END,
        image_url = coalesce(p.image_url, r.image_url),
        -- A 304 can repeat a price only: one that waits for a second look must be seen again.
        etag = CASE WHEN r.price IS NOT NULL THEN r.etag END,
        last_modified = CASE WHEN r.price IS NOT NULL THEN r.last_modified END,
        suspect_price = CASE WHEN r.succeeded OR r.suspect_price IS NOT NULL
                             THEN r.suspect_price ELSE p.suspect_price END,
        suspect_currency = CASE WHEN r.succeeded OR r.suspect_price IS NOT NULL
                                THEN r.suspect_currency ELSE p.suspect_currency END
    FROM r WHERE p.id = r.product_id AND p.run_id = r.run_id
    RETURNING r.run_id
), logged AS (
    INSERT INTO run_logs (product_id, run_id, due_at, attempt, missed, status, outcome,
                          error_message, http_status, duration_ms, bytes, extractor)
    SELECT product_id, run_id, slot, attempt, missed,
           CASE WHEN succeeded THEN 'SUCCESS' ELSE 'FAILED' END, outcome,
           message, http_status, duration_ms, bytes, extractor
    FROM r JOIN fenced USING (run_id)
), recorded AS (
    INSERT INTO price_records (product_id, run_id, price, currency, availability, list_price)
    SELECT product_id, run_id, price, currency, availability, list_price
    FROM r JOIN fenced USING (run_id) WHERE succeeded AND price IS NOT NULL
), decided AS (
    UPDATE alert_rules a SET state = d.state::jsonb
    FROM unnest(%(rule_id)s::uuid[], %(rule_run_id)s::uuid[], %(rule_state)s::text[])
        AS d(rule_id, run_id, state)
    JOIN fenced USING (run_id) WHERE a.id = d.rule_id
), told AS (
    INSERT INTO outbox (dedupe_key, channel, product_id, rule_id, title, body, data)
    SELECT m.dedupe_key, c.channel, m.product_id, m.rule_id, m.title, m.body, m.data::jsonb
    FROM unnest(%(alert_run_id)s::uuid[], %(alert_key)s::text[], %(alert_product_id)s::uuid[],
                %(alert_rule_id)s::uuid[], %(alert_title)s::text[], %(alert_body)s::text[],
                %(alert_data)s::text[])
        AS m(run_id, dedupe_key, product_id, rule_id, title, body, data)
    JOIN fenced USING (run_id) CROSS JOIN unnest(%(channels)s::text[]) AS c(channel)
    ON CONFLICT (dedupe_key, channel) DO NOTHING
)
SELECT run_id FROM fenced
"""


def complete(
    results: Sequence[tuple[Run, Result]],
    *,
    decide: Decide,
    channels: Sequence[str],
    policy: Policy,
) -> set[UUID]:
    """Write what runs found, all or nothing, and return the `run_id`s that still held.

    In one transaction: (1) the products still held by these runs and their active rules are
    locked, (2) `decide` judges each rule, (3) one statement writes the next plan, the run log,
    the price, the rule's state and the alerts, for held runs only: a run that lost its lease
    changes nothing.
    """
    if not results:
        return set()
    with transaction():
        now = db.execute_sql("SELECT now()").fetchone()[0]
        rules = decide_rules(results, decide, now=now)
        parameters = _run_rows(results, now, policy) | rows_of(rules) | {"channels": list(channels)}
        rows = db.execute_sql(_COMPLETE, parameters).fetchall()
    return {row[0] for row in rows}


def _run_rows(
    results: Sequence[tuple[Run, Result]], now: datetime, policy: Policy
) -> dict[str, Any]:
    rows = [_run_row(run, result, _plan(run, result, now, policy)) for run, result in results]
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]}
    for name in ("product_id", "run_id"):
        columns[name] = uuid_array(columns[name])
    return columns


def _run_row(run: Run, result: Result, plan: Plan) -> dict[str, Any]:
    return {
        "product_id": run.product_id,
        "run_id": run.run_id,
        "schedule": run.schedule,
        "timezone": run.timezone,
        "slot": run.due_at,
        "attempt": run.attempt,
        "missed": plan.missed,
        "next_run_at": plan.next_run_at,
        "due_at": plan.due_at,
        "attempts": plan.attempts,
        "failures": failures_after(run, result),
        "succeeded": result.outcome.succeeded,
        "outcome": result.outcome.value,
        "message": result.message,
        "http_status": result.http_status,
        "duration_ms": result.duration_ms,
        "bytes": result.bytes,
        "extractor": result.extractor,
        "price": result.price,
        "currency": result.currency,
        "availability": result.availability,
        "list_price": result.list_price,
        "image_url": result.image_url,
        "etag": result.etag,
        "last_modified": result.last_modified,
        "suspect_price": result.suspect_price,
        "suspect_currency": result.suspect_currency,
    }


def failures_after(run: Run, result: Result) -> int:
    """Failed runs in a row, this one included."""
    return 0 if result.outcome.succeeded else run.failures + 1


def _plan(run: Run, result: Result, now: datetime, policy: Policy) -> Plan:
    try:
        following = plan_after(
            run.product_id,
            run.schedule,
            run.timezone,
            due_at=run.due_at,
            claimed_at=run.claimed_at,
            policy=policy,
        )
    except ScheduleError:
        return unreadable_plan(now=now)
    return retry_plan(
        following,
        due_at=run.due_at,
        attempt=run.attempt,
        retryable=result.retryable,
        retry_after=result.retry_after,
        now=now,
        policy=policy,
    )
