"""Prompts that are alike by their embeddings, and a server that cannot compare them."""

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tracker_db.db import db, transaction
from tracker_db.errors import InvalidInputError, MissingExtensionError, NotFoundError
from tracker_db.llm.prompts import fingerprint
from tracker_db.models.costs import Event, PromptEmbedding
from tracker_db.queries.prompts import _NEAREST, has_similarity, similar_prompts
from tracker_db.services.analysis import analyze
from tracker_db.services.costs import record_events
from tracker_db.services.prices import set_price
from tracker_db.services.similarity import embed_kept_prompts, embed_prompts

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SINCE, UNTIL = NOON - timedelta(days=1), NOON + timedelta(days=1)
CALL = {"provider": "openai", "model": "gpt-x", "input_tokens": 2000, "output_tokens": 0}


@pytest.fixture(autouse=True)
def _pgvector(database):
    if not has_similarity():
        pytest.skip("this server has no pgvector")


def pointing(degrees):
    """An embedding: a direction in the plane of the first two of 1536 dimensions."""
    angle = math.radians(degrees)
    return [math.cos(angle), math.sin(angle), *[0.0] * 1534]


class Compass:
    """Embeds a text that says an angle, and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, texts):
        self.asked.append(texts)
        return [pointing(float(text.split()[-1])) for text in texts]


def record(*texts, keep_text=True, **fields):
    """Record a call a minute for each text; their event ids."""
    calls = [
        CALL
        | {"created_at": NOON + timedelta(minutes=n), "request_id": f"{fields}{n}"}
        | {"metadata": fingerprint(text, keep_text=keep_text).metadata()}
        | fields
        for n, text in enumerate(texts)
    ]
    assert record_events(calls).refused == 0
    with transaction():
        by_request = {event.request_id: event.id for event in Event.select()}
    return [by_request[call["request_id"]] for call in calls]


def test_the_nearest_come_first_with_their_similarity():
    north, near, east = record("at 0", "at 10", "at 90")
    assert embed_kept_prompts(Compass()) == 3
    found = similar_prompts(pointing(4), k=2)
    assert [one.event_id for one in found] == [north, near]
    assert found[0].similarity == pytest.approx(math.cos(math.radians(4)))
    assert [one.event_id for one in similar_prompts(north, k=5)] == [near, east]
    with db.connection_context():
        event = Event.get_by_id(north)
    assert similar_prompts(event, k=5) == similar_prompts(north, k=5)


def test_an_event_is_compared_by_the_embedding_of_its_twin():
    first, twin, near = record("at 0", "at 0", "at 5")
    assert embed_kept_prompts(Compass()) == 2
    assert [one.event_id for one in similar_prompts(twin)] == [near]
    assert [one.event_id for one in similar_prompts(near)] == [first]


def test_a_prompt_is_embedded_once_however_often_it_was_sent():
    compass = Compass()
    one, other, _ = record("at 0", "at 0", "at 5")
    assert embed_prompts([(one, "at 0"), (other, "at 0")], compass) == 1
    assert embed_kept_prompts(compass) == 1
    assert embed_kept_prompts(compass) == 0
    assert compass.asked == [["at 0"], ["at 5"]]


def test_prompts_whose_text_was_not_kept_are_embedded_by_who_has_it():
    compass = Compass()
    (event,) = record("at 0", keep_text=False)
    assert embed_kept_prompts(compass) == 0
    assert embed_prompts([(event, "at 0")], compass) == 1


def test_batches_are_asked_for_one_by_one():
    compass = Compass()
    events = record(*(f"at {n}" for n in range(5)))
    prompts = [(event, f"at {n}") for n, event in enumerate(events)]
    assert embed_prompts(prompts, compass, batch_size=2) == 5
    assert list(map(len, compass.asked)) == [2, 2, 1]


@pytest.mark.parametrize(
    ("embed", "says"),
    [
        (lambda _: [], "0 embeddings"),
        (lambda texts: [[1.0] * 768] * len(texts), "768"),
        (lambda texts: [[0.0] * 1536] * len(texts), "not all of them 0"),
        (lambda texts: [[math.nan] * 1536] * len(texts), "finite"),
    ],
)
def test_embeddings_that_cannot_be_used_are_refused_and_none_is_kept(embed, says):
    record("at 0", "at 5")
    with pytest.raises(InvalidInputError, match=says):
        embed_kept_prompts(embed)
    with transaction():
        assert PromptEmbedding.select().count() == 0


def test_an_event_that_is_not_recorded_is_told_by_its_id():
    (event,) = record("at 0")
    with transaction():
        Event.delete().execute()
    with pytest.raises(NotFoundError, match=str(event)):
        embed_prompts([(event, "at 0")], Compass())
    with pytest.raises(NotFoundError, match=str(event)):
        similar_prompts(event)


@pytest.mark.parametrize("k", [0, 1000])
def test_a_number_of_neighbours_that_the_index_cannot_give_is_refused(k):
    with pytest.raises(InvalidInputError, match="from 1 to 999"):
        similar_prompts(pointing(0), k)


def test_more_neighbours_than_the_index_gives_by_itself_are_found():
    record(*(f"at {n / 10}" for n in range(200)))
    embed_kept_prompts(Compass())
    assert len(similar_prompts(pointing(0), k=150)) == 150


def test_prompts_that_mean_the_same_are_a_suggestion_of_their_own():
    set_price(
        "openai", "gpt-x", input_per_million=Decimal(10), output_per_million=Decimal(0),
        effective=SINCE,
    )  # fmt: skip
    record("at 0", "at 5", "at 5", "at 90")
    record("at 6", model="gpt-y")
    assert not any("similar" in one.kind for one in analyze(SINCE, UNTIL).suggestions)
    embed_kept_prompts(Compass())
    (similar,) = (one for one in analyze(SINCE, UNTIL).suggestions if "similar" in one.kind)
    assert (similar.calls, similar.tokens, similar.saving) == (1, 2000, Decimal("0.02"))


INDEX = "idx_prompt_embeddings_vector"
FILL = """
    INSERT INTO events (feature, provider, model, input_tokens, output_tokens, trace_id, span_id)
    SELECT 'f', 'p', 'm', 1, 1, 't', 's' FROM generate_series(1, 2000);
    INSERT INTO prompt_embeddings (event_id, prompt_hash, embedding)
    SELECT id, id, (SELECT array_agg(random()) FROM generate_series(1, 1536)
                    WHERE events.id IS NOT NULL)::vector FROM events
"""


def test_the_nearest_are_found_by_the_index():
    with transaction():
        # Made anew afterwards, which is faster than growing it.
        definition = db.execute_sql("SELECT pg_get_indexdef(%s::regclass)", (INDEX,)).fetchone()[0]
        for statement in (f"DROP INDEX {INDEX}", FILL, definition, "ANALYZE prompt_embeddings"):
            db.execute_sql(statement)
        values = {"embedding": str(pointing(0)), "k": 10, "event": None}
        plan = "\n".join(row[0] for row in db.execute_sql(f"EXPLAIN {_NEAREST}", values))
    assert f"Index Scan using {INDEX}" in plan
    assert "Seq Scan on prompt_embeddings" not in plan


def test_without_pgvector_all_but_similarity_works():
    (event, _) = record("at 0", "at 0")
    with transaction():
        db.execute_sql("DROP TABLE prompt_embeddings")
        db.execute_sql("DROP EXTENSION vector")
    report = analyze(SINCE, UNTIL)
    assert (report.totals.repeated, report.compared) == (1, False)
    for ask in (
        lambda: similar_prompts(event),
        lambda: embed_kept_prompts(Compass()),
        lambda: embed_prompts([], Compass()),
    ):
        with pytest.raises(MissingExtensionError, match="enable-similarity"):
            ask()
