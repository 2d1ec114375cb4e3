"""Two random schemas: there, equal, and back, equal."""

from __future__ import annotations

from contextlib import contextmanager
from random import Random

import pytest
from random_ddl import draw

from tracker_db.schema.catalog import snapshot
from tracker_db.schema.plan import plan

CASES = 200
AT_ONCE = 20


@contextmanager
def _undone(scratch):
    scratch.cursor.execute("BEGIN")
    try:
        yield
    finally:
        scratch.cursor.execute("ROLLBACK")


def _snapshot_of(scratch, ddl):
    with _undone(scratch):
        scratch.cursor.execute(ddl)
        return snapshot(scratch.connection)


def _apply(scratch, steps):
    for step in steps:
        scratch.cursor.execute(step.sql)


@pytest.mark.parametrize("first", range(0, CASES, AT_ONCE))
def test_a_plan_between_random_schemas_leads_there_and_back(scratch, first):
    scratch.reset()
    for seed in range(first, first + AT_ONCE):
        random = Random(seed)
        ddl = draw(random), draw(random)
        before, after = (_snapshot_of(scratch, each) for each in ddl)
        with _undone(scratch):
            scratch.cursor.execute(ddl[0])
            _apply(scratch, plan(before, after))
            assert snapshot(scratch.connection) == after, f"seed {seed}: not there"
            _apply(scratch, plan(after, before))
            assert snapshot(scratch.connection) == before, f"seed {seed}: not back"
