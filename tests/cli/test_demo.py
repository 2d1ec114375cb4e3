"""`tracker demo`: end to end, piped, in a database that is gone afterwards."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def home():
    path = Path(tempfile.mkdtemp(prefix="tracker-demo-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def run_demo(home, *arguments):
    """What the demo prints; it leaves no database."""
    environment = os.environ | {"TRACKER_DATA_DIR": str(home)}
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "tracker_db", "demo", *map(str, arguments)],
        capture_output=True, text=True, env=environment, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    left = subprocess.run(
        [sys.executable, "-c", LEFT], capture_output=True, text=True, env=environment, check=True
    )
    assert "tracker_demo" not in left.stdout
    return done.stdout


def test_the_demo_runs_to_its_end_and_leaves_no_database(home):
    stdout = run_demo(home)
    for told in (
        "found in json_ld",
        "found in microdata",
        "found in meta",
        "found in embedded_json",
        "found in visible",
        "at or below your target of 40.00 EUR",
        "112.00 EUR is 13.2 % below 129.00 EUR.",
        "It is back in stock at 59.00 EUR.",
        "╌ alert 40.00 EUR",
        "lowest 34.90 EUR",
    ):
        assert told in stdout


def test_the_demo_of_costs_tells_of_a_budget_and_proves_every_sum(home):
    stdout = run_demo(home, "costs")
    assert stdout.count("1,000 calls come in.") == 4
    assert "100 % of a budget is spent: 7.87 USD a month for project demo" in stdout
    assert "All 4,000 calls are recorded again: 0 are new, 4,000 were known." in stdout
    assert "Every sum is exact." in stdout


def test_the_demo_of_costs_streams_a_trace_that_it_is_given(home, tmp_path):
    trace = tmp_path / "trace.csv"
    trace.write_text("TIMESTAMP,ContextTokens,GeneratedTokens\n" + "t,900,90\n" * 40)
    stdout = run_demo(home, "costs", trace)
    assert "All 40 calls are recorded again: 0 are new, 40 were known." in stdout
    assert "Every sum is exact." in stdout


LEFT = """
from tracker_db import embedded
from tracker_db.db import Database
server = Database.at(embedded.url("postgres"))
with server.connection_context():
    print(server.execute_sql("SELECT datname FROM pg_database").fetchall())
"""
