"""`tracker costs analyze` and `similar`, from a log to what could be saved."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug import Response

from tracker_db import config
from tracker_db.db import db, transaction

QUESTION = [{"role": "system", "content": "Answer in one word. " * 500}]
NOW = datetime.now(UTC)


@pytest.fixture
def log(run_tracker, tmp_path):
    """Three calls a minute apart, two of them with the same prompt, recorded and priced."""
    asked = ["Why?", "Why?", "How?"]
    lines = [
        {
            "provider": "openai",
            "model": "gpt-x",
            "ts": (NOW - timedelta(minutes=10 - n)).isoformat(),
            "usage": {"prompt_tokens": 10_000, "completion_tokens": 0},
            "messages": [*QUESTION, {"role": "user", "content": text}],
        }
        for n, text in enumerate(asked)
    ]
    path = tmp_path / "calls.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    prices = ("--input", "10", "--output", "10", "--cached", "1", "--from", "2026-01-01")
    run_tracker("pricing", "set", "openai", "gpt-x", *prices)
    run_tracker("costs", "record", path)


def test_savings_are_shown_with_the_figures_they_rest_on(run_tracker, log):
    shown = run_tracker("costs", "analyze")
    assert "3 calls, 3 with a known prompt, 1 of them repeated." in shown.stderr
    assert "Input is 100.0 % of all tokens." in shown.stderr
    rows = [line.split(None, 6) for line in shown.stdout.splitlines()[1:]]
    assert [(row[0], row[4], row[6]) for row in rows] == [
        ("0.1724", "2", "Have the provider cache what prompts begin with in common"),
        ("0.1000", "1", "Keep the answers to prompts that are repeated word by word"),
    ]


def test_programs_get_the_same_with_exact_amounts(run_tracker, log):
    found = json.loads(run_tracker("costs", "analyze", "--since", "1h", "--json").stdout)
    assert (found["prompts"], found["input_token_ratio"]) == (3, "1")
    assert found["suggestions"][1]["saving_usd"] == "0.10"
    assert run_tracker("costs", "analyze", "--csv").stdout.startswith("kind,project_id,")


def test_a_window_without_calls_has_nothing_to_save(run_tracker, database):
    shown = run_tracker("costs", "analyze", "--project", "nobody's")
    assert (shown.stdout, "Nothing to save was found." in shown.stderr) == ("", True)


def test_without_pgvector_the_analysis_says_what_is_left_out(run_tracker, log):
    with transaction():
        event = db.execute_sql("SELECT id FROM events").fetchone()[0]
        db.execute_sql("DROP TABLE prompt_embeddings")
        db.execute_sql("DROP EXTENSION vector")
    assert "enable-similarity" in run_tracker("costs", "analyze").stderr
    assert "enable-similarity" in run_tracker("costs", "similar", event, exit_code=1).stderr


def test_prompts_like_that_of_a_call_are_listed(run_tracker, log):
    with transaction():
        db.execute_sql("""
            INSERT INTO prompt_embeddings (event_id, prompt_hash, embedding)
            SELECT id, metadata -> 'prompt' ->> 'hash', array_fill(1, ARRAY[1536])::vector
            FROM events
        """)
        event = db.execute_sql("SELECT id FROM events").fetchone()[0]
    found = json.loads(run_tracker("costs", "similar", event, "-k", "1", "--json").stdout)
    assert [one["similarity"] for one in found] == [1.0]


def test_prompts_whose_text_was_kept_are_embedded_by_an_api(
    run_tracker, monkeypatch, httpserver, tmp_path
):
    def embedded(request):
        assert request.headers["authorization"] == "Bearer k3y"
        asked = json.loads(request.data)
        assert asked["model"] == "small"
        vectors = [[float(len(text))] + [1.0] * 1535 for text in asked["input"]]
        data = [{"index": n, "embedding": one} for n, one in enumerate(vectors)]
        return Response(json.dumps({"data": data[::-1]}))

    httpserver.expect_request("/v1/embeddings", method="POST").respond_with_handler(embedded)
    for name, value in {
        "TRACKER_LLM_URL": httpserver.url_for("/v1"),
        "TRACKER_EMBEDDING_MODEL": "small",
        "TRACKER_LLM_KEY": "k3y",
    }.items():
        monkeypatch.setenv(name, value)
    config.settings.cache_clear()
    line = {"provider": "openai", "model": "gpt-x", "usage": {"total_tokens": 1}}
    path = tmp_path / "calls.jsonl"
    path.write_text("\n".join(json.dumps(line | {"prompt": "x" * n}) for n in (1, 2, 3)))
    run_tracker("costs", "record", path, "--keep-prompts")
    assert run_tracker("costs", "embed", "--limit", "2").stdout == "Embedded 2 prompts.\n"
    assert run_tracker("costs", "embed").stdout == "Embedded 1 prompt.\n"
    with transaction():
        rows = db.execute_sql("""
            SELECT split_part(trim('[' FROM embedding::text), ',', 1), metadata->'prompt'->>'text'
            FROM prompt_embeddings JOIN events ON events.id = event_id
        """).fetchall()
    assert sorted(rows) == [("1", "x"), ("2", "xx"), ("3", "xxx")]


@pytest.mark.parametrize("body", ["{}", '{"data": [{"index": 0}]}', '{"data": 1}', "no"])
def test_an_api_that_does_not_embed_is_told_as_it_is(run_tracker, monkeypatch, httpserver, body):
    httpserver.expect_request("/v1/embeddings").respond_with_data(body)
    monkeypatch.setenv("TRACKER_LLM_URL", httpserver.url_for("/v1"))
    monkeypatch.setenv("TRACKER_EMBEDDING_MODEL", "small")
    config.settings.cache_clear()
    line = {"provider": "openai", "model": "gpt-x", "usage": {"total_tokens": 1}, "prompt": "x"}
    run_tracker("costs", "record", "--keep-prompts", "-", input=json.dumps(line))
    assert "answered with" in run_tracker("costs", "embed", exit_code=1).stderr


def test_without_the_settings_embedding_says_which_are_missing(run_tracker):
    assert "TRACKER_EMBEDDING_MODEL" in run_tracker("costs", "embed", exit_code=1).stderr
