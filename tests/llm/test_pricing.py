from datetime import UTC, datetime
from decimal import Decimal, getcontext, localcontext
from itertools import permutations

import pytest

from tracker_db.errors import InvalidInputError
from tracker_db.llm.pricing import Rate, Sheet
from tracker_db.llm.units import UNITS
from tracker_db.llm.usage import Usage

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def sheet(input_price="3", output_price="15", *rates):
    """Prices per million, as the providers write them."""
    return Sheet(
        provider="anthropic",
        model="claude",
        effective_date=datetime(2026, 1, 1, tzinfo=UTC),
        input_per_1k=Decimal(input_price) / 1000,
        output_per_1k=Decimal(output_price) / 1000,
        rates=rates,
    )


def rate(unit, price, **conditions):
    return Rate(unit=unit, price=Decimal(price), **conditions)


CACHE = (
    rate("cache_read_tokens", "0.3"),
    rate("cache_write_tokens", "3.75"),
    rate("cache_write_1h_tokens", "6"),
)


def test_each_token_is_paid_once_at_its_most_specific_price():
    usage = Usage(
        input_tokens=1000,
        output_tokens=100,
        cached_tokens=600,
        cache_write_tokens=300,
        cache_write_1h_tokens=200,
    )
    by_hand = Decimal(100 * 3 + 600 * Decimal("0.3") + 100 * Decimal("3.75") + 200 * 6 + 100 * 15)
    assert sheet("3", "15", *CACHE).cost(usage, AT) == by_hand / 1_000_000


def test_a_part_without_a_price_costs_what_its_total_costs():
    usage = Usage(input_tokens=1000, output_tokens=100, cached_tokens=600, reasoning_tokens=50)
    assert sheet().cost(usage, AT) == Decimal("0.0045")


@pytest.mark.parametrize(("tokens", "price"), [(200_000, 3), (200_001, 6), (500_001, 9)])
def test_a_long_request_pays_its_tier_for_all_its_tokens(tokens, price):
    tiers = ((200_000, Decimal(6)), (500_000, Decimal(9)))
    long = sheet("3", "15", rate("input_tokens", "3", tiers=tiers))
    assert long.cost(Usage(input_tokens=tokens), AT) == Decimal(tokens * price) / 1_000_000


def test_the_tier_of_output_is_chosen_by_the_size_of_the_input():
    tiered = rate("output_tokens", "15", tiers=((200_000, Decimal("22.5")),))
    usage = Usage(input_tokens=200_001, output_tokens=1_000_000)
    assert sheet("0", "15", tiered).cost(usage, AT) == Decimal("22.5")


def test_batch_and_priority_have_their_own_prices_and_other_units_the_standard_one():
    own = sheet(
        "3",
        "15",
        rate("input_tokens", "1.5", when={"processing": "batch"}),
        rate("input_tokens", "6", when={"service_tier": "priority"}),
    )
    costs = [
        own.cost(Usage(input_tokens=10**6, output_tokens=10**6, **kind), AT)
        for kind in ({}, {"processing": "batch"}, {"service_tier": "priority"})
    ]
    assert costs == [18, Decimal("16.5"), 21]


def test_the_rate_with_the_most_conditions_counts_wherever_it_stands():
    rates = (
        rate("input_tokens", "3"),
        rate("input_tokens", "2", hours=("10:00", "14:00")),
        rate("input_tokens", "1", hours=("10:00", "14:00"), when={"processing": "batch"}),
    )
    usage = Usage(input_tokens=10**6, processing="batch")
    for ordered in permutations(rates):
        assert sheet("9", "9", *ordered).cost(usage, AT) == 1
        assert sheet("9", "9", *ordered).cost(Usage(input_tokens=10**6), AT) == 2


@pytest.mark.parametrize(
    ("clock", "price"), [("16:29", 3), ("16:30", 1), ("23:59", 1), ("00:29", 1), ("00:30", 3)]
)
def test_a_price_by_the_clock_may_run_past_midnight(clock, price):
    cheap = sheet("3", "15", rate("input_tokens", "1", hours=("16:30", "00:30")))
    at = datetime.fromisoformat(f"2026-05-04T{clock}:00+00:00")
    assert cheap.cost(Usage(input_tokens=10**6), at) == price


def test_searches_and_pages_are_priced_by_the_thousand():
    searching = sheet("3", "15", rate("web_searches", "10"))
    assert searching.cost(Usage(details={"web_searches": 3}), AT) == Decimal("0.03")


def test_cached_audio_is_paid_as_cached_audio_only():
    audio = sheet(
        "1",
        "2",
        rate("cache_read_tokens", "0.1"),
        rate("input_audio_tokens", "10"),
        rate("cache_audio_read_tokens", "1"),
    )
    details = {"input_audio_tokens": 50, "cache_audio_read_tokens": 30}
    usage = Usage(input_tokens=100, cached_tokens=40, details=details)
    by_hand = 40 * 1 + 10 * Decimal("0.1") + 20 * 10 + 30 * 1
    assert audio.cost(usage, AT) == by_hand / 1_000_000


UNCLEAR = {
    "how much of the audio was cached is unknown": (
        (
            rate("cache_read_tokens", "0.1"),
            rate("input_audio_tokens", "10"),
            rate("cache_audio_read_tokens", "1"),
        ),
        Usage(input_tokens=100, cached_tokens=40, details={"input_audio_tokens": 50}),
    ),
    "more audio than input": (
        (rate("input_audio_tokens", "10"),),
        Usage(input_tokens=100, details={"input_audio_tokens": 101}),
    ),
}


@pytest.mark.parametrize(("rates", "usage"), UNCLEAR.values(), ids=UNCLEAR)
def test_a_usage_that_does_not_add_up_is_unpriced_not_guessed(rates, usage):
    assert sheet("1", "2", *rates).cost(usage, AT) is None


def test_tokens_of_a_model_paid_by_the_minute_are_unpriced_not_free():
    whisper = sheet("0", "0", rate("audio_seconds", "0.36"))
    assert whisper.cost(Usage(input_tokens=10), AT) is None
    assert whisper.cost(Usage(details={"audio_seconds": 3600}), AT) == Decimal("0.36")


def test_a_free_model_costs_nothing():
    assert sheet("0", "0").cost(Usage(input_tokens=10, output_tokens=10), AT) == 0


def test_cost_is_exact_whatever_the_callers_decimal_context():
    cheap = sheet("0.123456", "0")
    with localcontext():
        getcontext().prec = 3
        cost = cheap.cost(Usage(input_tokens=123_456_789), AT)
    assert cost == Decimal("15.241481342784")


def test_a_rate_survives_its_json():
    full = rate(
        "cache_read_tokens",
        "0.125",
        tiers=((200_000, Decimal("0.25")),),
        when={"processing": "batch"},
        hours=("16:30", "00:30"),
    )
    assert Rate.from_json(full.to_json()) == full


@pytest.mark.parametrize(
    "broken",
    [
        {"unit": "input_tokens"},
        {"unit": "input_tokens", "price": "-1"},
        {"unit": "input_tokens", "price": "NaN"},
        {"unit": "smiles", "price": "1"},
        {"unit": "input_tokens", "price": "1", "tiers": [["many", "1"]]},
        {"unit": "input_tokens", "price": "1", "hours": ["16:30", "24:30"]},
        {"unit": "input_tokens", "price": "1", "hours": ["16:30", "16:30"]},
        "free",
    ],
)
def test_a_rate_that_cannot_be_right_is_refused(broken):
    with pytest.raises(InvalidInputError):
        Rate.from_json(broken)


def test_a_part_is_quoted_for_the_same_count_as_its_whole():
    pairs = [(part, whole) for part in UNITS.values() for whole in UNITS.values()]
    assert {part.per - whole.per for part, whole in pairs if part.is_part_of(whole)} == {0}
