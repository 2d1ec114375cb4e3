from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tracker_db.errors import InvalidInputError
from tracker_db.llm.pricing import Rate, Sheet
from tracker_db.llm.providers import provider_name
from tracker_db.llm.table import UNPRICED, Alias, Match, PriceTable
from tracker_db.llm.usage import Usage

MILLION = Usage(input_tokens=1_000_000)
JANUARY, MAY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


def sheet(model, price, since=JANUARY, provider="openai", project=None, rates=()):
    return Sheet(
        provider=provider,
        model=model,
        effective_date=since,
        input_per_1k=Decimal(price) / 1000,
        output_per_1k=Decimal(0),
        project_id=project,
        rates=rates,
    )


def cost(table, model, at=MAY, provider="openai", project="default", usage=MILLION):
    return table.price(project, provider, model, usage, at).cost


def test_the_price_in_force_at_the_time_of_the_call_counts():
    table = PriceTable([sheet("gpt", 5, MAY), sheet("gpt", 2)])
    assert cost(table, "gpt", datetime(2026, 4, 30, 23, 59, tzinfo=UTC)) == 2
    assert cost(table, "gpt", MAY) == 5


def test_a_price_under_the_very_name_replaces_that_of_an_alias_from_its_date_on():
    alias = Alias("openai", Match.PREFIX, "gpt-", "gpt-x")
    table = PriceTable([sheet("gpt-x", 2), sheet("gpt-x-2026-01-01", 5, MAY)], [alias])
    april = datetime(2026, 4, 30, tzinfo=UTC)
    assert (cost(table, "gpt-x-2026-01-01", april), cost(table, "gpt-x-2026-01-01")) == (2, 5)


def test_rates_for_other_kinds_of_calls_tell_them_apart_unless_borrowed():
    batch = Rate(unit="input_tokens", price=Decimal(1), when={"processing": "batch"})
    table = PriceTable([sheet("gpt", 2, rates=(batch,))])
    for provider, apart in (("openai", True), ("azure", False)):
        contexts = ({}, {"processing": "batch"})
        assert table.tells_apart("default", provider, "gpt", *contexts, MAY) is apart
        assert not table.tells_apart("default", provider, "gpt", {}, {"speed": "fast"}, MAY)


def test_a_call_before_the_first_price_and_an_unknown_model_are_unpriced():
    table = PriceTable([sheet("gpt", 2)])
    assert table.price("default", "openai", "gpt", MILLION, datetime(2025, 1, 1, tzinfo=UTC)) is (
        UNPRICED
    )
    assert cost(table, "gpt-unheard-of") is None
    assert cost(table, "gpt", provider="nobody") is None


@pytest.mark.parametrize(
    ("match", "pattern", "name"),
    [
        (Match.EQUALS, "GPT-4o-latest", "gpt-4o-latest"),
        (Match.PREFIX, "gpt-4o-", "gpt-4o-2024-08-06"),
        (Match.SUFFIX, ":free", "llama:free"),
        (Match.CONTAINS, "4o-mini", "ft:gpt-4o-mini:acme"),
        (Match.REGEX, r"^gpt-\d+o$", "gpt-5o"),
    ],
)
def test_an_alias_finds_the_model_whose_price_counts(match, pattern, name):
    table = PriceTable([sheet("priced", 2)], [Alias("openai", match, pattern, "priced")])
    assert cost(table, name) == 2
    assert cost(table, "something else") is None


def test_the_alias_of_the_lowest_priority_number_wins_and_an_exact_name_before_it():
    aliases = [
        Alias("openai", Match.PREFIX, "gpt", "dear", priority=2),
        Alias("openai", Match.CONTAINS, "pt", "cheap", priority=1),
    ]
    table = PriceTable([sheet("dear", 9), sheet("cheap", 1), sheet("gpt-x", 4)], aliases)
    assert cost(table, "gpt-y") == 1
    assert cost(table, "gpt-x") == 4


def test_an_exact_name_not_yet_in_force_leaves_history_to_the_alias():
    table = PriceTable(
        [sheet("gpt-4o", 2), sheet("gpt-4o-2024-08-06", 3, MAY)],
        [Alias("openai", Match.PREFIX, "gpt-4o", "gpt-4o")],
    )
    assert cost(table, "gpt-4o-2024-08-06", JANUARY) == 2
    assert cost(table, "gpt-4o-2024-08-06", MAY) == 3


def test_a_projects_own_price_wins_for_every_name_of_the_model():
    table = PriceTable(
        [sheet("gpt-4o", 2), sheet("gpt-4o", 1, project="acme")],
        [Alias("openai", Match.PREFIX, "gpt-4o", "gpt-4o")],
    )
    assert cost(table, "gpt-4o-2024-08-06", project="acme") == 1
    assert cost(table, "gpt-4o-2024-08-06") == 2


def test_a_reseller_borrows_the_makers_standard_prices():
    batch = Rate(unit="input_tokens", price=Decimal(1), when={"processing": "batch"})
    table = PriceTable([sheet("gpt-4o", 2, rates=(batch,))])
    usage = Usage(input_tokens=1_000_000, processing="batch")
    assert cost(table, "gpt-4o", usage=usage) == 1
    assert cost(table, "gpt-4o", provider="azure", usage=usage) == 2


@pytest.mark.parametrize(
    ("provider", "name", "model"),
    [
        ("openai", "GPT-4o", "gpt-4o"),
        ("openai", "gpt-5.2-20251211", "gpt-5.2-2025-12-11"),
        ("openai", "openai/gpt-4o", "gpt-4o"),
        ("google", "models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("vertex_ai", "publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("anthropic", "claude-sonnet-4-5[1m]", "claude-sonnet-4-5"),
        ("aws.bedrock", "us.amazon.nova-lite-v1%3A0", "us.amazon.nova-lite-v1:0"),
        (
            "bedrock-runtime.us-east-1.amazonaws.com",
            "arn:aws:bedrock:us-east-1:012345678901:inference-profile/us.amazon.nova-lite-v1:0",
            "us.amazon.nova-lite-v1:0",
        ),
    ],
)
def test_the_many_spellings_of_a_name_are_priced_as_one_model(provider, name, model):
    table = PriceTable([sheet(model, 2, provider=provider_name(provider))])
    assert cost(table, name, provider=provider) == 2


@pytest.mark.parametrize(
    ("host", "provider"),
    [
        ("api.openai.com", "openai"),
        ("acme.openai.azure.com", "azure"),
        ("europe-west4-aiplatform.googleapis.com", "google"),
        ("bedrock-mantle.us-east-1.api.aws", "aws"),
        ("https://api.anthropic.com:443/v1", "anthropic"),
        ("evil-api.openai.com.example", "evil-api.openai.com.example"),
        ("notapi.openai.com", "notapi.openai.com"),
        ("api.writer.com:443", "api.writer.com"),
        ("gcp.vertex_ai", "google"),
    ],
)
def test_a_host_names_its_provider(host, provider):
    assert provider_name(host) == provider


@pytest.mark.parametrize("pattern", ["(", ""])
def test_a_pattern_that_matches_nothing_or_everything_is_refused(pattern):
    with pytest.raises(InvalidInputError):
        Alias("openai", Match.REGEX, pattern, "gpt").check()
