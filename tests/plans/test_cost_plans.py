"""The hot statements of LLM costs find their rows by an index, however many there are."""

from datetime import UTC, datetime

import pytest

from tracker_db.db import db, transaction
from tracker_db.queries.costs import _statement
from tracker_db.services.aggregates import refresh
from tracker_db.services.copy_rows import _RECORDED
from tracker_db.services.reprice import _EVENTS

NOW = datetime(2026, 5, 4, tzinfo=UTC)
FILL = """
    INSERT INTO events (project_id, feature, user_id, provider, model, input_tokens,
                        output_tokens, request_id, created_at, trace_id, span_id)
    SELECT 'p' || mod(n, 20), 'f', 'u' || mod(n, 50), 'openai', 'm' || mod(n, 5), 1, 1, 'r' || n,
           timestamptz '2026-05-04 00:00+00' - n * interval '10 minutes', 't' || n, 's'
    FROM generate_series(1, 20000) AS n
"""
WINDOW = {
    "since": datetime(2026, 5, 3, tzinfo=UTC),
    "until": NOW,
    "model": None,
    "after": None,
    "after_id": None,
    "limit": 100,
}
MONTH = {
    "since": datetime(2026, 4, 4, tzinfo=UTC),
    "until": NOW,
    "zone": "UTC",
    "limit": None,
    "where_project": "p1",
    "where_user": "u1",
}


def spending(*by, zone="UTC", where=("project",)):
    """A question of `queries.costs.spend` about the last month."""
    month = MONTH | {"zone": zone}
    return _statement(by, month["since"], month["until"], zone, where), month


STATEMENTS = {
    "which request ids are recorded": (_RECORDED, ("p1", "r1\nr2\nr3"), "idx_events_request"),
    "events to reprice": (_EVENTS, WINDOW, "idx_events_created_at"),
    "a month of a project by day": (*spending("day", "model"), "idx_cost_agg_"),
    "a month of a project by day elsewhere": (
        *spending("day", "model", zone="Asia/Kolkata"),
        "idx_cost_agg_",
    ),
    "a month of everything by model": (*spending("model", where=()), "idx_cost_agg_period"),
    "a month of a user": (*spending("day", where=("project", "user")), "idx_events_user_time"),
    "a month of a project by provider": (*spending("provider"), "idx_events_"),
}


@pytest.mark.parametrize(("statement", "values", "index"), STATEMENTS.values(), ids=STATEMENTS)
def test_the_statement_uses_its_index(database, statement, values, index):
    with transaction():
        db.execute_sql(FILL)
        refresh(100_000)
        db.execute_sql("ANALYZE events, cost_aggregates, cost_deltas")
        plan = "\n".join(row[0] for row in db.execute_sql(f"EXPLAIN {statement}", values))
    assert index in plan
    assert "Seq Scan on events" not in plan
    assert "Seq Scan on cost_aggregates" not in plan
