"""The two lists we import, checked against their own meaning."""

import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import genai_prices
import pytest
from genai_prices.data import providers

from tracker_db.errors import InvalidInputError
from tracker_db.llm.genai_list import read_genai_prices
from tracker_db.llm.litellm_list import read_litellm
from tracker_db.llm.providers import provider_name
from tracker_db.llm.readers import read_usage
from tracker_db.llm.table import PriceTable
from tracker_db.llm.usage import Usage, UsageError

NOW = datetime(2026, 11, 1, 3, 30, tzinfo=UTC)
WITH_CACHE = {"input_tokens": 300_000, "output_tokens": 5_000, "cached_tokens": 40_000}


@pytest.fixture(scope="module")
def table():
    return PriceTable(*read_genai_prices())


def theirs(usage, model, at, context, **provider):
    """What genai-prices says, None when it knows no price."""
    counts = usage.counts() | {"requests": None}
    try:
        return genai_prices.calc_price(
            genai_prices.Usage(**{name: n for name, n in counts.items() if name != "requests"}),
            model,
            genai_request_timestamp=at,
            price_context=context,
            **provider,
        ).total_price
    except LookupError:
        return None


CONTEXTS = ({}, {"processing": "batch"}, {"service_tier": "priority"}, {"service_tier": "flex"})


@pytest.mark.parametrize("context", CONTEXTS, ids=str)
@pytest.mark.parametrize("at", [datetime(2024, 6, 1, tzinfo=UTC), NOW], ids=str)
def test_every_model_of_the_list_costs_what_genai_prices_says(table, at, context):
    usage = Usage(**WITH_CACHE, **context)
    named = [(p.id, m.id) for p in providers for m in p.models]
    differ = {
        (provider, model): (expected, cost)
        for provider, model in named
        if (expected := theirs(usage, model, at, context, provider_id=provider)) is not None
        and (cost := table.price("default", provider, model, usage, at).cost) is not None
        and cost != expected
    }
    assert not differ


def test_real_calls_cost_what_genai_prices_says_at_their_own_date(table):
    folder = os.environ.get("TRACKER_TEST_DATA")
    if not folder:
        pytest.skip("TRACKER_TEST_DATA names no folder with real usages")
    lines = (Path(folder) / "llm" / "usage_events.jsonl").read_text().splitlines()
    outcomes = [_both(table, json.loads(line)) for line in lines]
    priced_by_both = [pair for pair in outcomes if pair and None not in pair]
    assert all(cost == expected for cost, expected in priced_by_both)
    assert len(priced_by_both) == 1175
    # Nothing that they can price is left unpriced here.
    assert not [pair for pair in outcomes if pair and pair[0] is None and pair[1] is not None]


def _both(table, line):
    try:
        usage = read_usage(line["usage"])
    except UsageError:
        return None
    at = datetime.fromisoformat(line["ts"]) if line["ts"] else NOW
    model, host = line["model"] or "", line["host"]
    context = {"service_tier": usage.service_tier} if usage.service_tier else {}
    cost = table.price("default", provider_name(host), model, usage, at).cost
    return cost, theirs(usage, model, at, context, provider_api_url=f"https://{host}/")


LITELLM = """{
  "sample_spec": {"input_cost_per_token": 0},
  "gpt-x": {
    "litellm_provider": "openai", "input_cost_per_token": 2.5e-06,
    "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 1.25e-07,
    "input_cost_per_token_batches": 1.25e-06, "input_cost_per_token_above_200k_tokens": 5e-06
  },
  "azure/gpt-x": {"litellm_provider": "azure", "input_cost_per_token": 3e-06},
  "bedrock/claude-x": {
    "litellm_provider": "bedrock_converse", "input_cost_per_token": 3.3e-06,
    "cache_creation_input_token_cost_above_1hr": 6e-06
  },
  "vertex_ai/gemini-x": {"litellm_provider": "vertex_ai-language-models",
                         "input_cost_per_token": 1e-07},
  "gemini/gemini-x": {"litellm_provider": "gemini", "input_cost_per_token": 9e-07},
  "dall-e": {"litellm_provider": "openai", "output_cost_per_image": 0.04}
}"""


def test_litellms_prices_per_token_become_exact_prices_per_thousand():
    found = read_litellm(LITELLM, NOW)
    by_name = {(s.provider, s.model): s for s in found.sheets}
    assert by_name["openai", "gpt-x"].input_per_1k == Decimal("0.0025")
    assert by_name["azure", "gpt-x"].input_per_1k == Decimal("0.003")
    assert by_name["aws", "claude-x"].rates[0].price == Decimal(6)
    assert by_name["google", "gemini-x"].input_per_1k == Decimal("0.0001")
    assert found.skipped == ["dall-e"]


def test_litellms_batch_and_long_context_prices_are_used():
    table = PriceTable(read_litellm(LITELLM, NOW).sheets)
    costs = [
        table.price("default", "openai", "gpt-x", usage, NOW).cost
        for usage in (
            Usage(input_tokens=100_000),
            Usage(input_tokens=100_000, processing="batch"),
            Usage(input_tokens=300_000, cached_tokens=100_000),
        )
    ]
    assert costs == [Decimal("0.25"), Decimal("0.125"), Decimal("1.0125")]


@pytest.mark.parametrize("price", ["true", "1e30", "-1", "NaN", '"2"', "null"])
def test_a_price_that_cannot_be_leaves_its_model_out(price):
    text = f'{{"gpt-x": {{"litellm_provider": "openai", "input_cost_per_token": {price}}}}}'
    assert read_litellm(text, NOW).skipped == ["gpt-x"]


@pytest.mark.parametrize("text", ["{", "[]", "NaN"])
def test_a_file_that_is_not_litellms_list_is_refused(text):
    with pytest.raises(InvalidInputError, match="LiteLLM's price list"):
        read_litellm(text, NOW)
