"""`tracker costs` as a person asks it."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tracker_db.cli.spend import bar, begin, usd
from tracker_db.services.aggregates import purge
from tracker_db.services.costs import record_events

NOW = datetime(2026, 5, 4, 12, 34, tzinfo=UTC)


def call(ago=timedelta(0), **fields):
    known = {"provider": "openai", "model": "gpt-x", "input_tokens": 800, "output_tokens": 200}
    at = datetime.now(UTC) - ago
    return known | {"estimated_cost_usd": "1.5", "created_at": at, **fields}


@pytest.fixture
def _recorded(database):
    record_events(
        [
            call(cached_tokens=400, latency_ms=120),
            call(model="gpt-y", estimated_cost_usd="0.75", user_id="ann"),
            call(model="gpt-z", estimated_cost_usd=None),
            call(ago=timedelta(days=60), model="old"),
        ]
    )


@pytest.mark.usefixtures("_recorded")
def test_the_table_shows_what_was_spent_with_bars_and_the_total(run_tracker):
    shown = run_tracker("costs")
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert lines[:4] == [
        ["MODEL", "USD", "CALLS", "TOKENS", "CACHED", "MS", "UNPRICED"],
        ["gpt-x", "1.5000", "█" * 12, "1", "1.0k", "50%", "120"],
        ["gpt-y", "0.7500", "█" * 6, "1", "1.0k", "0%"],
        ["gpt-z", "1", "1.0k", "0%", "1"],
    ]
    assert "Total: 2.2500 USD in 3 calls.\nThis month: 2.2500 USD so far" in shown.stdout
    assert "In no sum, as no price is known: 1 call." in shown.stderr


@pytest.mark.usefixtures("_recorded")
def test_purged_calls_are_said_to_be_missing_where_only_calls_know(run_tracker):
    purge(datetime.now(UTC))
    assert "Not among them: 3 purged calls" in run_tracker("costs", "--by", "user").stderr
    by_model = run_tracker("costs")
    assert "Total: 2.2500 USD in 3 calls." in by_model.stdout
    assert "purged" not in by_model.stderr


@pytest.mark.usefixtures("_recorded")
def test_json_and_csv_have_exact_amounts_and_no_total(run_tracker):
    options = ("costs", "--by", "user,model", "--since", "24h")
    rows = json.loads(run_tracker(*options, "--json").stdout)
    assert [(row["user"], row["model"], row["total_cost_usd"]) for row in rows] == [
        (None, "gpt-x", "1.5"),
        ("ann", "gpt-y", "0.75"),
        (None, "gpt-z", None),
    ]
    table = list(csv.DictReader(io.StringIO(run_tracker(*options, "--csv").stdout)))
    assert [row["total_cost_usd"] for row in table] == ["1.5", "0.75", ""]


@pytest.mark.usefixtures("_recorded")
def test_a_filter_and_a_longer_time_are_heeded(run_tracker):
    rows = json.loads(run_tracker("costs", "--user", "ann", "--json").stdout)
    assert [row["model"] for row in rows] == ["gpt-y"]
    rows = json.loads(run_tracker("costs", "--since", "90d", "--top", 1, "--json").stdout)
    assert len(rows) == 1
    assert "old" in run_tracker("costs", "--since", "90d").stdout


def test_nothing_recorded_is_said_with_what_to_do(run_tracker):
    shown = run_tracker("costs")
    assert shown.stdout == ""
    assert "tracker costs record" in shown.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--by", "colour"], "there are hour, day"),
        (["--since", "yesterday"], "neither such as 30d"),
        (["--zone", "Mars"], "not a time zone"),
        (["--top", "0"], "Invalid value"),
    ],
)
def test_wrong_use_is_told_with_exit_code_2(run_tracker, options, said):
    assert said in run_tracker("costs", *options, exit_code=2).stderr


@pytest.mark.parametrize(
    ("since", "zone", "expected"),
    [
        ("1d", "UTC", "2026-05-04T00:00:00+00:00"),
        ("30d", "UTC", "2026-04-05T00:00:00+00:00"),
        ("2d", "Asia/Kolkata", "2026-05-03T00:00:00+05:30"),
        ("60d", "Europe/Madrid", "2026-03-06T00:00:00+01:00"),
        ("24h", "Asia/Kolkata", "2026-05-03T12:00:00+00:00"),
        (datetime(2026, 1, 2), "Europe/Madrid", "2026-01-02T00:00:00+01:00"),  # noqa: DTZ001 - as typed
    ],
)
def test_since_begins_with_a_whole_day_or_hour_of_its_zone(since, zone, expected):
    assert begin(since, zone, NOW).isoformat() == expected


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("0", "0.0000"), ("0.00001", "<0.0001"), ("1.25", "1.2500"), ("1234.567", "1,234.57")],
)
def test_what_is_not_free_is_never_shown_as_0(amount, shown):
    assert usd(Decimal(amount)) == shown


def test_the_smallest_bar_is_still_seen():
    assert bar(Decimal("0.001"), Decimal(1000)) == "▏"
    assert bar(Decimal(0), Decimal(1000)) == ""
