"""`tracker budgets` as a person types it."""

import json
from datetime import UTC, datetime

import pytest

from tracker_db.services.costs import record_event


def test_a_budget_is_added_listed_with_what_is_spent_and_removed(run_tracker):
    added = run_tracker("budgets", "add", "20", "--per", "day", "--feature", "chat", "--at", "80")
    assert "20 USD a day for feature chat, told at 80 %" in added.stdout
    record_event(
        provider="openai",
        model="gpt-x",
        feature="chat",
        input_tokens=1,
        output_tokens=1,
        estimated_cost_usd="5",
        created_at=datetime.now(UTC),
    )
    listed = run_tracker("budgets", "list").stdout.splitlines()[1].split()
    assert listed[1:4] == ["5.0000", "25%", "███"]
    (row,) = json.loads(run_tracker("budgets", "list", "--json").stdout)
    assert (row["spent_usd"], row["amount_usd"], row["thresholds"]) == ("5", "20", [80])
    removed = run_tracker("budgets", "remove", row["id"][:8])
    assert removed.stdout.startswith(f"Removed {row['id'][:8]} 20 USD a day")
    assert "tracker budgets add" in run_tracker("budgets", "list").stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["much"], "'much' is not an amount"),
        (["0"], "more than 0"),
        (["5", "--at", "half"], "are not percentages"),
        (["5", "--at", "0"], "from 1 to 1000"),
        (["5", "--per", "year"], "is not one of"),
        (["5", "--zone", "Mars"], "not a time zone"),
    ],
)
def test_wrong_use_is_told_with_exit_code_2(run_tracker, arguments, said):
    assert said in run_tracker("budgets", "add", *arguments, exit_code=2).stderr


def test_an_unknown_budget_is_told(run_tracker):
    assert "tracker budgets list" in run_tracker("budgets", "remove", "3f2a", exit_code=1).stderr
