"""The last resort against a real server that speaks as a language model's API does."""

import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_network

import pytest
from werkzeug import Response

from tracker_db.config import Settings
from tracker_db.db import db, transaction
from tracker_db.errors import SettingError
from tracker_db.models.costs import Event
from tracker_db.models.price import PriceRecord, Product, RunLog
from tracker_db.services import runs
from tracker_db.services.aggregates import verify
from tracker_db.services.prices import set_price
from workers.ask_model import ask_model
from workers.check import Checker
from workers.fetch import Client
from workers.pipeline import Pipeline

#: Only its prose says what it costs, which extraction does not believe.
PROSE = (
    '<!doctype html><html lang="de"><title>Kessel</title><h1>Kessel</h1><p>'
    + "Dieser Kessel ist aus Stahl und fasst 2 Liter. " * 10
    + 'Er gehört Ihnen für 1.249,50 Euro.</p><p style="display: none">Heute 99,00 Euro.</p></html>'
)
PRICED = PROSE.replace(
    "<h1>",
    '<script type="application/ld+json">{"@type": "Product", "name": "Kessel", "offers":'
    ' {"@type": "Offer", "price": "1249.50", "priceCurrency": "EUR"}}</script><h1>',
)
CHALLENGE = "<title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x'></script>"
RIGHT = {"price": "1249.50", "currency": "EUR"}
USED = {"prompt_tokens": 1000, "completion_tokens": 20, "total_tokens": 1020}
#: 1000 tokens at 10 and 20 tokens at 20 dollars a million.
COST = Decimal("0.0104")

pytestmark = pytest.mark.usefixtures("database")


def says(content, usage=USED):
    """A chat completion that says `content`."""
    text = content if isinstance(content, str) else json.dumps(content)
    message = {"role": "assistant", "content": text}
    body = {"id": "chat-1", "model": "small-2026", "choices": [{"message": message}]}
    return Response(json.dumps(body | ({"usage": usage} if usage else {})))


class World:
    """A shop with one product, a language model, and a worker that checks the one by the other."""

    def __init__(self, server):
        self.page = Response(PROSE, content_type="text/html; charset=utf-8")
        self.answer = says(RIGHT)
        self.asked = []
        self.url = server.url_for("/v1")
        server.expect_request("/robots.txt").respond_with_data("", status=404)
        server.expect_request("/kessel").respond_with_handler(lambda _: self.page)
        server.expect_request("/v1/chat/completions").respond_with_handler(self._answer)
        with db.connection_context():
            self.product = Product.create(url=server.url_for("/kessel"), name="Kessel")

    def _answer(self, request):
        self.asked.append((request.headers.get("authorization"), json.loads(request.data)))
        return self.answer.pop(0) if isinstance(self.answer, list) else self.answer

    def settings(self, **changes):
        chosen = {"llm_url": self.url, "llm_model": "small", "llm_key": "k3y", "fetch_seconds": 5}
        return Settings(
            threads=1,
            allow_nets=(ip_network("127.0.0.0/8"),),
            host_delay_seconds=0,
            **(chosen | changes),
        )

    def check(self, **changes):
        """Check the product once; its run log."""
        settings = self.settings(**changes)
        with transaction():
            db.execute_sql("UPDATE products SET next_run_at = now()")
        with Client(settings) as client:
            line = Pipeline(Checker(client, settings), settings, threading.Event())
            line.run(runs.claim(10, timedelta(seconds=60)))
            line.close()
        with db.connection_context():
            return RunLog.select().order_by(RunLog.created_at.desc()).get()


@pytest.fixture
def world(httpserver):
    made = World(httpserver)
    price_model(10)
    return made


def price_model(dollars):
    prices = {"input_per_million": Decimal(dollars), "output_per_million": Decimal(dollars) * 2}
    set_price("localhost", "small", effective=datetime(2026, 1, 1, tzinfo=UTC), **prices)


def events():
    with db.connection_context():
        return list(Event.select())


def prices():
    with db.connection_context():
        return [(one.price, one.currency) for one in PriceRecord.select()]


def test_a_price_that_the_page_shows_is_believed_and_the_call_is_an_event(world):
    log = world.check()
    assert (log.status, log.outcome, log.extractor) == ("SUCCESS", "ok", "model")
    assert prices() == [(124950, "EUR")]
    (event,) = events()
    assert (event.feature, event.provider, event.model) == (
        "price-extraction",
        "localhost",
        "small",
    )
    assert (event.input_tokens, event.output_tokens) == (1000, 20)
    assert (event.estimated_cost_usd, event.status) == (COST, "ok")
    assert event.metadata == {"product_id": str(world.product.id), "url": world.product.url}
    assert event.latency_ms is not None
    assert verify() == []


def test_the_model_is_given_the_text_that_people_see_and_the_key(world):
    world.check()
    ((key, body),) = world.asked
    assert (key, body["model"], body["max_tokens"]) == ("Bearer k3y", "small", 200)
    sent = body["messages"][-1]["content"]
    assert "1.249,50 Euro" in sent
    assert "99,00" not in sent


@pytest.mark.parametrize(
    "answer",
    [
        "```json\n" + json.dumps(RIGHT) + "\n```",
        "Sure! " + json.dumps(RIGHT),
        {"price": 1249.5, "currency": "eur"},
    ],
    ids=["in a code block", "after a word", "as a number"],
)
def test_an_answer_is_read_however_it_is_wrapped(world, answer):
    world.answer = says(answer)
    assert world.check().outcome == "ok"
    assert prices() == [(124950, "EUR")]


@pytest.mark.parametrize(
    "answer",
    [
        {"price": "1199.50", "currency": "EUR"},
        {"price": "99.00", "currency": "EUR"},
        {"price": "2", "currency": "EUR"},
        {"price": "1249.50", "currency": "USD"},
        {"price": "1249.50", "currency": "euros"},
        {"price": "1249.50"},
        {"price": None},
        {"price": "0", "currency": "EUR"},
        {"price": "-1249.50", "currency": "EUR"},
        {"price": "NaN", "currency": "EUR"},
        {"price": "1e999999999", "currency": "EUR"},
        {"price": ["1249.50"], "currency": "EUR"},
        "1249.50 EUR",
        "{",
        "",
    ],
    ids=str,
)
def test_an_answer_that_the_page_does_not_confirm_changes_nothing(world, answer):
    world.answer = says(answer)
    log = world.check()
    assert (log.status, log.outcome) == ("FAILED", "no_price")
    assert log.error_message.startswith("No price of one product was found.")
    assert prices() == []
    assert [event.estimated_cost_usd for event in events()] == [COST]


@pytest.mark.parametrize(
    "body", ["<html>", "[]", '"text"', "{}", '{"choices": 3}', "[" * 50_000], ids=lambda b: b[:9]
)
def test_a_malformed_answer_leaves_the_outcome_and_the_most_it_can_have_cost(world, body):
    world.answer = Response(body)
    assert world.check().outcome == "no_price"
    (event,) = events()
    assert event.output_tokens == 200
    assert event.estimated_cost_usd > COST / 2


def test_a_model_that_reasons_first_is_asked_again_as_it_wants_to_be(world):
    world.answer = [Response('{"error": {"param": "max_tokens"}}', 400), world.answer]
    assert world.check().outcome == "ok"
    first, second = (body for _, body in world.asked)
    assert second["max_completion_tokens"] > first["max_tokens"]
    assert not second.keys() & {"max_tokens", "temperature"}
    spent = sorted((event.status, event.estimated_cost_usd) for event in events())
    assert spent == [("error", 0), ("ok", COST)]


def test_the_budget_counts_the_reasoning_before_it_is_asked_for(world, caplog):
    world.answer = Response("no", 400)
    assert world.check(llm_budget_usd=Decimal("0.03")).outcome == "no_price"
    assert len(world.asked) == 1
    assert "another call may cost" in caplog.text


def test_a_call_that_is_refused_twice_costs_nothing(world):
    world.answer = Response("no", 400)
    assert world.check().outcome == "no_price"
    assert [(one.status, one.input_tokens, one.estimated_cost_usd) for one in events()] == [
        ("error", 0, 0)
    ] * 2


@pytest.mark.parametrize("status", [302, 401, 429, 500])
def test_a_call_that_is_refused_costs_nothing(world, status):
    world.answer = Response("no", status, headers={"location": "/v1/elsewhere"})
    assert world.check().outcome == "no_price"
    assert [(one.status, one.input_tokens, one.estimated_cost_usd) for one in events()] == [
        ("error", 0, 0)
    ]


def test_an_api_that_is_away_costs_nothing(world):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://localhost:{nobody.getsockname()[1]}/v1"
        assert world.check(llm_url=url).outcome == "no_price"
    assert [(one.status, one.estimated_cost_usd) for one in events()] == [("error", 0)]


def test_a_silent_api_times_out_and_counts_as_the_most_it_can_have_cost(world):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://localhost:{silent.getsockname()[1]}/v1"
        assert world.check(llm_url=url, fetch_seconds=1).outcome == "no_price"
    (event,) = events()
    assert (event.status, event.output_tokens) == ("error", 200)
    assert event.estimated_cost_usd > 0


def test_the_budget_stops_the_questions(world):
    budget = Decimal("0.03")
    outcomes = [world.check(llm_budget_usd=budget).outcome for _ in range(4)]
    assert outcomes == ["ok", "ok", "no_price", "no_price"]
    assert len(world.asked) == 2
    assert sum(event.estimated_cost_usd for event in events()) == 2 * COST <= budget


def test_a_budget_of_nothing_asks_nothing_that_costs(world):
    world.check(llm_budget_usd=Decimal(0))
    assert (world.asked, events()) == ([], [])


def test_a_model_that_is_free_is_asked_without_a_budget(world):
    price_model(0)
    assert world.check(llm_budget_usd=Decimal(0)).outcome == "ok"


def test_a_model_without_a_price_is_not_asked_and_the_log_says_what_to_do(world, caplog):
    assert world.check(llm_model="unknown").outcome == "no_price"
    assert world.asked == []
    assert "tracker pricing set localhost unknown" in caplog.text


def test_it_is_off_by_default(world):
    assert world.check(llm_model=None).outcome == "no_price"
    assert world.check(llm_model=None, llm_url=None).outcome == "no_price"
    assert world.asked == []
    with Client(Settings()) as client:
        assert ask_model(client, Settings()) is None


def test_a_model_nobody_knows_the_place_of_is_a_wrong_setting(world):
    with pytest.raises(SettingError, match="TRACKER_LLM_URL"):
        world.check(llm_url=None)


@pytest.mark.parametrize(
    ("page", "status", "outcome"),
    [
        ("gone", 404, "not_found"),
        ("no", 403, "blocked"),
        ("oops", 500, "http_error"),
        (CHALLENGE, 200, "blocked"),
        ("%PDF-1.7", 200, "parse_error"),
        (PRICED, 200, "ok"),
    ],
    ids=["gone", "forbidden", "broken", "a challenge", "no page", "priced"],
)
def test_only_pages_that_were_read_without_a_price_are_asked_about(world, page, status, outcome):
    world.page = Response(page, status, content_type="text/html; charset=utf-8")
    assert world.check().outcome == outcome
    assert world.asked == []


def test_a_selector_of_the_user_is_not_overruled(world):
    with transaction():
        Product.update(selector=".price").execute()
    assert world.check().outcome == "no_price"
    assert world.asked == []


def test_a_jump_waits_for_a_second_look_here_too(world):
    with transaction():
        Product.update(last_price=100, last_currency="EUR").execute()
    assert world.check().outcome == "ambiguous"
    assert world.check().outcome == "ok"
