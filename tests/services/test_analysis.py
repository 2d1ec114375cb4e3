"""What an analysis of recorded calls finds, in the database and in money."""

import json
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tracker_db.db import db, transaction
from tracker_db.errors import InvalidInputError
from tracker_db.llm.pricing import Rate
from tracker_db.llm.prompts import Fingerprint, fingerprint
from tracker_db.models.costs import PromptAnalysis
from tracker_db.services.analysis import analyze
from tracker_db.services.costs import record_events
from tracker_db.services.prices import set_price

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SINCE, UNTIL = NOON - timedelta(days=1), NOON + timedelta(days=1)
MINUTE = timedelta(minutes=1)
CALL = {"provider": "openai", "model": "gpt-x", "input_tokens": 10_000, "output_tokens": 0}
DATA = os.environ.get("TRACKER_TEST_DATA")


def price(**rates):
    """10 dollars a million tokens in and out, and what is given for other units."""
    set_price(
        "openai",
        "gpt-x",
        input_per_million=Decimal(10),
        output_per_million=Decimal(10),
        effective=SINCE,
        rates=[Rate(unit=unit, price=Decimal(amount)) for unit, amount in rates.items()],
    )


def prompt(blocks, **fields):
    """A call whose prompt has the blocks of 2,000 tokens named by the letters of `blocks`."""
    size = 2000 * len(blocks)
    chained = tuple(blocks[: n + 1] for n in range(len(blocks)))
    made = Fingerprint(blocks, size, 2000, chained)
    return CALL | {"input_tokens": size, "metadata": made.metadata()} | fields


def recorded(*calls, **options):
    """Record calls a minute apart, and analyze them."""
    spaced = [{"created_at": NOON + n * MINUTE} | call for n, call in enumerate(calls)]
    assert record_events(spaced).refused == 0
    return analyze(SINCE, UNTIL, **options)


def said(report):
    return {str(one.kind): (one.calls, one.tokens, one.saving) for one in report.suggestions}


@pytest.mark.usefixtures("database")
class TestSavings:
    def test_a_repeated_prompt_costs_its_whole_price_again(self):
        price()
        report = recorded(prompt("abc"), prompt("abc"), prompt("abc"))
        assert said(report) == {"repeated_prompts": (2, 12_000, Decimal("0.12"))}
        assert (report.totals.prompts, report.totals.repeated) == (3, 2)

    def test_a_shared_beginning_saves_the_difference_to_the_price_of_a_cache_read(self):
        price(cache_read_tokens=1)
        report = recorded(prompt("abc"), prompt("abd"))
        assert said(report) == {"prefix_cache": (1, 4000, Decimal("0.036"))}

    def test_what_has_to_be_written_to_the_cache_is_paid_for(self):
        price(cache_read_tokens=1, cache_write_tokens="12.5")
        report = recorded(prompt("abc"), prompt("abd"))
        assert said(report) == {"prefix_cache": (1, 4000, Decimal("0.036") - Decimal("0.01"))}

    def test_a_cache_that_would_cost_more_than_it_saves_is_not_suggested(self):
        price(cache_read_tokens=9, cache_write_tokens=20)
        assert said(recorded(prompt("abc"), prompt("abd"))) == {}

    def test_what_the_provider_served_from_its_cache_is_not_saved_again(self):
        price(cache_read_tokens=1)
        assert said(recorded(prompt("abc"), prompt("abd", cached_tokens=4000))) == {}
        more = recorded(prompt("xyz"), prompt("xyw", cached_tokens=1000))
        assert said(more) == {"prefix_cache": (1, 3000, Decimal("0.027"))}

    def test_a_beginning_that_is_too_short_or_too_old_is_served_by_nobody(self):
        price(cache_read_tokens=1)
        short = [prompt("a" + x, input_tokens=2000) for x in "bc"]
        assert said(recorded(*short)) == {}
        late = [prompt("xyz"), prompt("xyw", created_at=NOON + timedelta(hours=1))]
        assert said(recorded(*late)) == {}
        assert said(analyze(SINCE, UNTIL, keep=None))["prefix_cache"][1] == 4000

    def test_tiers_at_which_the_same_model_is_cheaper_are_named(self):
        whens = [{"processing": "batch"}, {"service_tier": "flex"}, {"service_tier": "priority"}]
        set_price(
            "openai",
            "gpt-x",
            input_per_million=Decimal(10),
            output_per_million=Decimal(10),
            effective=SINCE,
            rates=[
                Rate(unit="input_tokens", price=Decimal(amount), when=when)
                for amount, when in zip((5, 6, 20), whens, strict=True)
            ],
        )
        report = recorded(CALL, CALL | {"service_tier": "priority"}, CALL | {"processing": "batch"})
        assert said(report) == {
            "batch": (2, 20_000, Decimal("0.05") + Decimal("0.15")),
            "flex": (2, 20_000, Decimal("0.04") + Decimal("0.14")),
            "standard": (1, 10_000, Decimal("0.1")),
        }

    def test_a_model_without_a_price_has_savings_of_unknown_worth(self):
        report = recorded(prompt("abc"), prompt("abc"))
        assert said(report) == {
            "repeated_prompts": (1, 6000, None),
            "prefix_cache": (1, 6000, None),
        }

    def test_models_and_projects_share_neither_answers_nor_caches(self):
        price()
        others = [{"project_id": "other"}, {"model": "gpt-y"}, {"provider": "azure"}]
        report = recorded(prompt("abc"), *(prompt("abc", **other) for other in others))
        assert report.suggestions == []

    def test_the_price_is_that_of_today_not_of_the_call(self):
        price()
        calls = [prompt("abc"), prompt("abc")]
        today = datetime.now(UTC) - MINUTE
        prices = {"input_per_million": Decimal(1), "output_per_million": Decimal(1)}
        set_price("openai", "gpt-x", effective=today, **prices)
        assert said(recorded(*calls))["repeated_prompts"][2] == Decimal("0.006")

    def test_failed_calls_are_left_out(self):
        price()
        assert recorded(prompt("abc"), prompt("abc", status="error")).totals.calls == 1


def kept():
    with transaction():
        query = """
            SELECT input_token_ratio, redundancy_score, suggestions
            FROM prompt_analysis JOIN events ON events.id = event_id ORDER BY events.created_at
        """
        return db.execute_sql(query).fetchall()


def test_each_call_with_a_prompt_keeps_its_figures_and_its_advice(database):
    price(cache_read_tokens=1)
    recorded(prompt("abc"), prompt("abd", output_tokens=2000), CALL)
    assert kept() == [
        (1, 0, []),
        (
            Decimal("0.7500"),
            Decimal("0.6667"),
            [
                "An earlier prompt begins with the same 4000 tokens: have them cached (saves 0.036 USD)"
            ],
        ),
    ]


def test_an_analysis_takes_the_place_of_the_one_before(database):
    price()
    recorded(prompt("abc"), prompt("abc"))
    analyze(SINCE, UNTIL)
    with transaction():
        assert PromptAnalysis.select().count() == 2


def test_a_project_is_analyzed_without_touching_another(database):
    recorded(prompt("abc"), prompt("abc", project_id="other"))
    assert analyze(SINCE, UNTIL, "other").totals.calls == 1
    with transaction():
        assert PromptAnalysis.select().count() == 2


def test_text_that_is_hashed_is_found_again(database):
    price()
    question = [{"role": "user", "content": "Why? " * 2000}]
    calls = [CALL | {"metadata": fingerprint(question).metadata()} for _ in range(2)]
    report = recorded(*calls)
    assert said(report)["repeated_prompts"] == (1, 10_000, Decimal("0.1"))
    with transaction():
        assert "Why?" not in str(db.execute_sql("SELECT metadata FROM events").fetchall())


def test_a_window_without_time_zones_is_refused(database):
    with pytest.raises(InvalidInputError, match="time zone"):
        analyze(SINCE.replace(tzinfo=None), UNTIL)


@pytest.mark.skipif(not DATA, reason="TRACKER_TEST_DATA is not set")
def test_a_real_hour_of_prompts_begins_alike_for_37_4_percent_of_its_tokens(database):
    """Mooncake's published trace: 12,031 requests with the ids of their 512-token blocks."""
    price(cache_read_tokens=1)
    with Path(DATA, "llm", "mooncake_conversation_trace.jsonl").open() as trace:
        record_events(map(traced, enumerate(map(json.loads, trace))))
    totals = analyze(SINCE, UNTIL).totals
    assert totals.prompts == 12_031
    assert round(100 * totals.redundancy_score, 1) == Decimal("37.4")


def traced(item):
    number, line = item
    made = Fingerprint(str(number), line["input_length"], 512, tuple(line["hash_ids"]))
    return CALL | {
        "input_tokens": line["input_length"],
        "output_tokens": line["output_length"],
        "metadata": made.metadata(),
        "created_at": NOON + timedelta(milliseconds=line["timestamp"]),
    }
