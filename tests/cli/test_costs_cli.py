import json

import pytest
from click.testing import CliRunner

from tracker_db.cli import tracker
from tracker_db.db import db, transaction

LINE = {
    "provider": "openai",
    "model": "gpt-x",
    "request_id": "r1",
    "ts": "2026-05-04T12:00:00Z",
    "usage": {"prompt_tokens": 1000, "completion_tokens": 100},
}


@pytest.fixture
def run(database):
    runner = CliRunner()
    return lambda *args, **kwargs: runner.invoke(tracker, args, **kwargs)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "calls.jsonl"
    path.write_text("\n".join(json.dumps(LINE | {"request_id": f"r{n}"}) for n in range(3)))
    return str(path)


def test_a_log_is_recorded_and_recorded_again_without_effect(run, log):
    first = run("costs", "record", log, "--project", "shop", "--feature", "chat")
    assert (first.exit_code, first.stdout) == (
        0,
        "Recorded 3 calls; 0 were recorded already, 0 were refused.\n",
    )
    assert "3 calls without a known price: tracker pricing unpriced" in first.stderr
    assert run("costs", "record", log, "--project", "shop").stdout.startswith("Recorded 0 calls; 3")


def test_refused_lines_are_told_with_their_reasons_and_the_others_recorded(run):
    result = run("costs", "record", "-", input=f"nonsense\n{json.dumps(LINE)}\n{{}}\n")
    assert result.exit_code == 0
    assert "Recorded 1 call; 0 were recorded already, 2 were refused." in result.stdout
    assert "Call 1: The line is not JSON" in result.stderr
    assert "Call 3: provider is missing" in result.stderr


def test_a_log_with_a_mark_of_its_encoding_is_read_from_its_first_line_on(run):
    text = f"\ufeff{json.dumps(LINE)}\r\n".encode()
    assert "Recorded 1 call;" in run("costs", "record", "-", input=text).stdout


def test_a_line_that_is_not_utf8_is_refused_and_not_changed(run):
    latin = json.dumps(LINE | {"feature": "café"}, ensure_ascii=False).encode("latin-1")
    result = run("costs", "record", "-", input=latin + b"\n" + json.dumps(LINE).encode())
    assert "Recorded 1 call; 0 were recorded already, 1 were refused." in result.stdout
    assert "Call 1: The line is not UTF-8 text." in result.stderr


def test_a_log_of_nothing_usable_fails(run):
    result = run("costs", "record", "-", input="nonsense\n")
    assert result.exit_code == 1
    assert "Nothing was recorded" in result.stderr


def test_the_report_comes_as_json(run, log):
    report = json.loads(run("costs", "record", log, "--json").stdout)
    assert report == {
        "added": 3, "duplicates": 0, "refused": 0, "unpriced": 3, "reasons": [],
    }  # fmt: skip


def test_verify_is_content_finds_drift_and_repairs_it(run, log):
    run("costs", "record", log)
    assert run("costs", "refresh").stdout == "Folded 3 changes.\n"
    assert run("costs", "verify").exit_code == 0
    with transaction():
        db.execute_sql("UPDATE cost_aggregates SET call_count = 2 WHERE period = 'day'")
    wrong = run("costs", "verify", "--json")
    assert wrong.exit_code == 1
    assert json.loads(wrong.stdout)[0]["missing_calls"] == 1
    assert "Corrected 1 sum." in run("costs", "verify", "--repair").stderr
    assert "Every sum is exact." in run("costs", "verify").stderr


def test_a_window_that_cuts_a_day_is_wrong_use(run):
    assert run("costs", "verify", "--since", "2026-05-04T12:00").exit_code == 2


def test_a_price_set_later_reaches_the_calls_by_reprice(run, log):
    run("costs", "record", log)
    assert json.loads(run("pricing", "unpriced", "--json").stdout)[0]["calls"] == 3
    prices = ("--input", "2", "--output", "10", "--cached", "0.2", "--from", "2026-01-01")
    assert run("pricing", "set", "openai", "gpt-x", *prices).exit_code == 0
    done = run("costs", "reprice", "--since", "2026-05-01", "--until", "2026-06-01")
    assert done.stdout == "Changed 3 of 3 estimates: 0 USD before, 0.009 USD after.\n"
    assert run("pricing", "unpriced").stdout == ""


def test_prices_are_listed_with_their_project(run):
    run("pricing", "set", "openai", "gpt-x", "--input", "2.50", "--output", "1e1")
    run("pricing", "set", "openai", "gpt-x", "--input", "1", "--output", "2", "--project", "shop")
    rows = json.loads(run("pricing", "list", "openai/gpt", "--json").stdout)
    assert [(row["input_per_million"], row["project_id"]) for row in rows] == [
        ("2.5", None),
        ("1", "shop"),
    ]
    assert "gpt-x" in run("pricing", "list").stdout


def test_prices_are_found_in_any_case(run):
    run("pricing", "set", "openai", "GPT-X", "--input", "1", "--output", "1")
    assert "GPT-X" in run("pricing", "list", "gpt-x").stdout


@pytest.mark.parametrize("option", ["--input", "--cached"])
@pytest.mark.parametrize("dollars", ["free", "-1", "NaN", "Infinity"])
def test_a_price_that_is_none_is_wrong_use(run, option, dollars):
    prices = {"--input": "1", "--output": "1", option: dollars}
    given = [f"{name}={price}" for name, price in prices.items()]
    result = run("pricing", "set", "openai", "gpt-x", *given)
    assert result.exit_code == 2
    assert f"Invalid value for {option}: '{dollars}' is not an amount" in result.stderr


def test_genai_prices_are_imported_once(run):
    assert "Imported 27" in run("pricing", "import").stdout
    assert run("pricing", "import").stdout.startswith("Imported 0 prices;")


def test_litellms_list_is_imported_and_a_bad_one_is_wrong_use(run, tmp_path):
    path = tmp_path / "prices.json"
    path.write_text('{"gpt-x": {"litellm_provider": "openai", "input_cost_per_token": 2e-06}}')
    assert run("pricing", "import", "--litellm", str(path)).stdout.startswith("Imported 1 price;")
    for content in (b"{", b"\xff"):
        path.write_bytes(content)
        assert run("pricing", "import", "--litellm", str(path)).exit_code == 2


def test_an_alias_prices_a_family_of_names_and_a_bad_pattern_is_wrong_use(run, log):
    run("pricing", "set", "openai", "base", "--input", "1", "--output", "1", "--from", "2026-01-01")
    assert run("pricing", "alias", "openai", "gpt-", "base", "--match", "prefix").exit_code == 0
    assert "without a known price" not in run("costs", "record", log).stderr
    assert run("pricing", "alias", "openai", "(", "base", "--match", "regex").exit_code == 2


def test_an_alias_of_a_model_without_a_price_says_so(run):
    assert "No price of bse is known yet." in run("pricing", "alias", "openai", "x", "bse").stderr
    run("pricing", "set", "openai", "base", "--input", "1", "--output", "1")
    assert run("pricing", "alias", "openai", "x", "Base").stderr == ""


def test_purged_calls_leave_their_totals(run, log):
    run("costs", "record", log)
    assert run("costs", "purge", "--before", "2026-06-01", input="n\n").exit_code == 1
    purged = run("costs", "purge", "--before", "2026-06-01", "--yes")
    assert purged.stdout == "Deleted 3 calls; every total is kept.\n"
    assert run("costs", "verify").exit_code == 0


def test_similarity_can_be_switched_on_later_where_the_server_has_pgvector(run):
    with transaction():
        db.execute_sql("DROP TABLE IF EXISTS prompt_embeddings")
        query = "SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'"
        available = db.execute_sql(query).fetchone()[0]
    result = run("costs", "enable-similarity")
    if not available:
        assert result.exit_code == 1
        assert "Install it on the server" in result.stderr
        return
    assert result.stdout == "Prompt similarity is on.\n"
    with transaction():
        db.execute_sql("SELECT embedding FROM prompt_embeddings")
