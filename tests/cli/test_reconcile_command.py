"""What was billed beside what was expected: drift is shown, on whichever side it is."""

import json
from datetime import UTC, datetime

import pytest

from tracker_db.services.aggregates import purge
from tracker_db.services.costs import record_events

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
INVOICE = """\
date,provider,model,cost_usd
2026-05-04,OpenAI,gpt-x,3.00
2026-05-04,openai,gpt-x,0.50
2026-05-05,openai,gpt-y,1.25
"""


def call(**fields):
    known = {"provider": "openai", "model": "gpt-x", "input_tokens": 1, "output_tokens": 1}
    return known | {"created_at": NOON, "estimated_cost_usd": "1"} | fields


@pytest.fixture
def reconcile(run_tracker, tmp_path):
    """`reconcile(text)` gives the rows that the invoice `text` leads to."""

    def run(text, *options, **kwargs):
        path = tmp_path / "invoice.csv"
        path.write_text(text, encoding="utf-8")
        return run_tracker("costs", "reconcile", path, *options, **kwargs)

    return run


def rows(result):
    names = ("day", "model", "calls", "expected_usd", "billed_usd", "drift_usd")
    return [tuple(row[name] for name in names) for row in json.loads(result.stdout)]


def test_what_is_on_one_side_only_is_drift_too(reconcile):
    record_events(
        [
            call(provider="OpenAI"),
            call(verified_cost_usd="2"),
            call(model="gpt-z", estimated_cost_usd=None),
            call(provider="anthropic"),
            call(created_at=NOON.replace(day=3)),
        ]
    )
    assert rows(reconcile(INVOICE, "--json")) == [
        ("2026-05-04", "gpt-x", 2, "3", "3.50", "0.50"),
        ("2026-05-04", "gpt-z", 1, "0", "0", "0"),
        ("2026-05-05", "gpt-y", 0, "0", "1.25", "1.25"),
    ]
    shown = reconcile(INVOICE)
    assert "Expected 3.0000 USD, billed 4.7500 USD: +1.7500 USD (+58.3%)." in shown.stdout
    assert "no price is known: 1 call" in shown.stderr


def test_an_invoice_without_models_is_compared_by_provider_and_day(reconcile):
    record_events([call(), call(model="gpt-y")])
    found = rows(reconcile("day,provider,amount\n2026-05-04,openai,1.5\n", "--json"))
    assert found == [("2026-05-04", None, 2, "2", "1.5", "-0.5")]


def test_without_an_invoice_told_costs_are_compared_with_the_estimates_of_the_same_calls(
    run_tracker,
):
    record_events([call(verified_cost_usd="1.25"), call(verified_cost_usd="0.5"), call()])
    result = run_tracker("costs", "reconcile", "--since", "2026-05-01", "--json")
    assert rows(result) == [("2026-05-04", "gpt-x", 2, "2", "1.75", "-0.25")]


def test_a_told_cost_without_an_estimate_is_drift_whose_reason_is_said(run_tracker):
    record_events([call(verified_cost_usd="1.25", estimated_cost_usd=None)])
    result = run_tracker("costs", "reconcile", "--since", "2026-05-01")
    assert "Expected 0.0000 USD, billed 1.2500 USD" in result.stdout
    assert "no price is known: 1 call" in result.stderr


def test_purged_calls_are_said_to_be_missing_from_the_comparison(reconcile):
    record_events([call(), call()])
    purge(NOON.replace(day=6))
    result = reconcile(INVOICE)
    assert "Expected 0.0000 USD" in result.stdout
    assert "Not among them: 2 purged calls" in result.stderr


def test_nothing_that_was_told_is_said(run_tracker):
    assert "Give an invoice" in run_tracker("costs", "reconcile").stderr


BAD = {
    "no column": ("day,provider\n2026-05-04,openai\n", "has no cost column"),
    "no lines": ("day,provider,cost_usd\n", "has no lines"),
    "empty": ("", "has no day, no provider, no cost column"),
    "no date": ("day,provider,cost\nMay,openai,1\n", "Line 2 needs a day"),
    "no amount": ("day,provider,cost\n2026-05-04,openai,$1\n", "Line 2 needs a day"),
    "NaN": ("day,provider,cost\n2026-05-04,openai,NaN\n", "Line 2 needs a day"),
    "too much": ("day,provider,cost\n2026-05-04,openai,1e400\n", "Line 2 needs a day"),
    "too late": ("day,provider,cost\n9999-12-31,openai,1\n", "Line 2 needs a day"),
    "a comma": ("day,provider,cost\n2026-05-04,openai,1,234.50\n", "more cells than the header"),
    "no provider": ("day,provider,cost\n2026-05-04,,1\n", "Line 2 lacks a provider"),
    "no model": ("day,provider,model,cost\n2026-05-04,openai,,1\n", "Line 2 lacks"),
    "quotes": ('day,provider,cost\n"2026-05-04,openai,1\n', "is not CSV"),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD)
def test_an_invoice_that_cannot_be_read_is_refused_whole(reconcile, text, said):
    assert said in reconcile(text, exit_code=2).stderr
