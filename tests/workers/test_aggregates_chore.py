from tracker_db.db import db, transaction
from tracker_db.services.costs import record_event
from workers.chores.aggregates import refresh_aggregates

CALL = {"provider": "openai", "model": "gpt-x", "input_tokens": 1, "output_tokens": 1}


def pending():
    with transaction():
        return db.execute_sql("SELECT count(*) FROM cost_deltas").fetchone()[0]


def test_the_chore_folds_everything(database):
    record_event(**CALL)
    record_event(**CALL)
    assert refresh_aggregates(lambda: False) == 2
    assert pending() == 0


def test_a_worker_that_is_told_to_stop_leaves_the_rest_to_others(database):
    record_event(**CALL)
    assert refresh_aggregates(lambda: True) == 0
    assert pending() == 1
