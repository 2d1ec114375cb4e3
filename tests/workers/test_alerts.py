"""When alert rules fire: tables of what a page showed, run after run."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker_db.observation import Observation, Outcome
from workers.alerts import History, Rule, decide

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
RULE = UUID(int=1)


def seen(price, currency="EUR", availability="InStock", outcome=Outcome.OK):
    return Observation(AT, outcome, price, currency, availability)


def usd(price):
    return seen(price, currency="USD")


def out(price=None):
    return seen(price, availability="OutOfStock", outcome=Outcome.OUT_OF_STOCK)


def unchanged(price):
    return seen(price, outcome=Outcome.NOT_MODIFIED)


FAILED = Observation(AT, Outcome.TIMEOUT)
BLOCKED = Observation(AT, Outcome.BLOCKED)
NO_PRICE = Observation(AT, Outcome.NO_PRICE)
NOTHING_NEW = Observation(AT, Outcome.NOT_MODIFIED)


def rule(kind, **numbers):
    return Rule(id=RULE, kind=kind, **{"currency": "EUR"} | numbers)


def drop(reference, percent=None, **numbers):
    share = None if percent is None else Decimal(percent)
    return rule("drop", reference=reference, percent=share, **numbers)


TARGET = rule("target", target_price=1500)
FREE = rule("target", target_price=0)
CREEP = drop("last_alert", "10")
HIGHEST = drop("highest_since_alert", "10")
FIRST = drop("first_price", "10")
LAST = drop("last_price", "10")
LOW = rule("new_low", days=30)
RESTOCK = rule("back_in_stock")
CHANGE = rule("any_change")
FAILING = rule("failing", failures=3)

# name, rule, what the runs saw (a number: that price in EUR, in stock), which of them fire
SEQUENCES = [
    ("target reached", TARGET, [2000, 1500], [1]),
    ("target: one cent above is not reached", TARGET, [2000, 1501], []),
    ("target: first check already below", TARGET, [1499], [0]),
    ("target: said once while it stays below", TARGET, [2000, 1400, 1400, 1300], [1]),
    ("target: wobbling within 1 % says it once", TARGET, [1499, 1510, 1499, 1515, 1500], [0]),
    ("target: clearly above arms it again", TARGET, [1499, 1516, 1499], [0, 2]),
    ("target: a cheap one arms again a cent above", rule("target", target_price=50), [50, 51, 50], [0, 2]),
    ("target: a one-run glitch is one alert", TARGET, [2000, 200, 2000, 2000, 1400], [1, 4]),
    ("target: a failed run does not arm it", TARGET, [1400, FAILED, 1400, BLOCKED, NO_PRICE, 1400], [0]),
    ("target: a failed run does not lose the edge", TARGET, [2000, FAILED, 1400], [2]),
    ("target: another currency is not judged", TARGET, [2000, usd(1400), 2000], []),
    ("target: another currency does not arm it", TARGET, [1400, usd(9900), 1400], [0]),
    ("target: out of stock below, then back", TARGET, [2000, out(1400), 1400], [2]),
    ("target: out of stock above does not arm it", TARGET, [1400, out(9900), 1400], [0]),
    ("target: out of stock by its word alone", TARGET, [seen(1400, availability="SoldOut")], []),
    ("target: pre-order can be bought", TARGET, [seen(1400, availability="PreOrder")], [0]),
    ("target: availability not said can be bought", TARGET, [seen(1400, availability=None)], [0]),
    ("target: not modified repeats what was seen", TARGET, [1400, unchanged(1400)], [0]),
    ("target: not modified can be the first check", TARGET, [unchanged(1400)], [0]),
    ("target: really free is below every target", TARGET, [2000, 0], [1]),
    ("target of 0 waits for free and arms a cent above", FREE, [100, 0, 0, 1, 0], [1, 4]),
    ("target without a currency keeps the first one", replace(TARGET, currency=None), [2000, usd(1000), 1400], [2]),
    ("last alert: a slow creep gets there", CREEP, [10000, 9700, 9400, 9100, 9000, 8900], [4]),
    ("last alert: the next fall is from the alert", CREEP, [10000, 9000, 8200, 8100, 8000], [1, 3]),
    ("last alert: a rise below the start is no news", CREEP, [10000, 9000, 9500, 9000], [1]),
    ("last alert: back at the start it is over", CREEP, [10000, 9000, 10000, 9000], [1, 3]),
    ("last alert: a one-run glitch does not silence it", CREEP, [10000, 100, 10000, 9000], [1, 3]),
    ("highest: the fall from the top", HIGHEST, [10000, 12000, 10900, 10800], [3]),
    ("highest: a slow creep gets there once", HIGHEST, [10000, 9500, 9100, 9000, 8900], [3]),
    ("highest: starts again from the alert", HIGHEST, [10000, 9000, 8500, 9400, 8460], [1, 4]),
    ("highest: an out-of-stock top is no top", HIGHEST, [10000, out(20000), 10000], []),
    ("first price: a slow creep gets there once", FIRST, [10000, 9500, 9000, 8000], [2]),
    ("first price: wobbling says it once", FIRST, [10000, 9000, 9090, 9000], [1]),
    ("first price: clearly above arms it again", FIRST, [10000, 9000, 9100, 9000], [1, 3]),
    ("first price: free from the start never falls", FIRST, [0, 0, 500, 0], []),
    ("first price: free after a price is a fall", FIRST, [500, 0], [1]),
    ("last price: each big step", LAST, [10000, 9000, 9000, 8100, 8000], [1, 3]),
    ("last price: a slow creep stays silent", LAST, [10000, 9500, 9100, 8700, 8300], []),
    ("last price: a failed run between", LAST, [10000, FAILED, 9000], [2]),
    ("last price: fell while out of stock", LAST, [10000, out(9000), 9000], [2]),
    ("last price: another currency between", LAST, [10000, usd(500), 9000], [2]),
    ("percent is exact: a cent short of a third", drop("last_price", "33.3334"), [30000, 20000], []),
    ("percent is exact: just enough", drop("last_price", "33.3333"), [30000, 20000], [1]),
    ("percent: 100 is only free", drop("last_price", "100"), [100, 1, 0], [2]),
    ("percent: amounts beyond a float's reach", drop("last_price", "50"), [2**62 + 1, 2**61 + 1, 2**61], []),
    ("amount: exactly that much", drop("last_alert", amount=500), [2000, 1501, 1500], [2]),
    ("amount: more than the price never falls", drop("last_price", amount=500), [400, 0], []),
    ("new low in 30 days", LOW, [2000, 1900, 1900, 1950, 1899], [1, 4]),
    ("new low: a price out of stock is no low", LOW, [2000, out(1500), 1900], [2]),
    ("new low: a low out of stock counts when it can be bought", LOW, [2000, out(1500), 1500], [2]),
    ("restock at an unchanged price", RESTOCK, [1000, out(1000), 1000], [2]),
    ("restock: in stock from the start is no news", RESTOCK, [1000, 1000], []),
    ("restock: said once", RESTOCK, [out(), out(), 1000, 1000], [2]),
    ("restock: out, failed, in", RESTOCK, [out(), FAILED, 1000], [2]),
    ("restock: a failure is not out of stock", RESTOCK, [1000, FAILED, BLOCKED, 1000], []),
    ("restock: not modified with nothing known is no restock", RESTOCK, [out(), NOTHING_NEW, 1000], [2]),
    ("restock: in any currency", RESTOCK, [out(), usd(1000)], [1]),
    ("any change: both directions", CHANGE, [1000, 1100, 1100, 1000], [1, 3]),
    ("any change: the first price is no change", CHANGE, [1000], []),
    ("any change: changed while out of stock", CHANGE, [1000, out(900), 900], [2]),
    ("any change: back to what it was by then", CHANGE, [1000, out(900), 1000], []),
    ("any change: another currency is not ours", CHANGE, [1000, usd(1000), 1000], []),
    ("any change, any currency", replace(CHANGE, currency=None), [1000, usd(1000), usd(1000), 1000], [1, 3]),
    ("failing: once for each streak", FAILING, [FAILED, BLOCKED, FAILED, FAILED, 1000, FAILED, FAILED, FAILED], [2, 7]),
    ("failing: a success between starts the count again", FAILING, [FAILED, FAILED, 1000, FAILED, FAILED], []),
    ("failing: out of stock is no failure", FAILING, [out(), out(), out()], []),
    ("failing: not modified is a success", FAILING, [FAILED, FAILED, FAILED, NOTHING_NEW, FAILED, FAILED, FAILED], [2, 6]),
]  # fmt: skip

# name, rule, what was recorded before the rule was added, what was seen after, which fire
ADDED_LATER = [
    ("target already reached", TARGET, [1400, 1400], [1400, 1400], [0]),
    ("a fall from the last price", LAST, [10000], [9000], [0]),
    ("a fall from the first price", FIRST, [10000, 9500], [9000], [0]),
    ("last alert starts at the price before", CREEP, [10000, 9500], [9000, 8550], [1]),
    ("highest starts at the price before", HIGHEST, [12000, 10000], [9500, 9000], [1]),
    ("new low of the recorded days", LOW, [2000, 1900], [1899], [0]),
    ("back in stock since", RESTOCK, [1000, out()], [1000], [0]),
    ("back in stock, behind a failure", RESTOCK, [out(), FAILED], [1000], [0]),
    ("in stock all the time", RESTOCK, [1000], [1000], []),
    ("changed since", CHANGE, [1000], [1100], [0]),
    ("not changed since", CHANGE, [1000], [1000], []),
    ("failing for long", FAILING, [FAILED, FAILED, FAILED, FAILED], [FAILED, FAILED], [0]),
]


def observation(step):
    return step if isinstance(step, Observation) else seen(step)


def counted(steps):
    """The observations, each with its failures in a row."""
    failures, observations = 0, []
    for step in map(observation, steps):
        failures = 0 if step.outcome.succeeded else failures + 1
        observations.append(replace(step, failures=failures))
    return observations


def history_of(before, currency):
    """What the records say about `before`, all of it within the window."""
    said = [old for old in before if old.outcome.succeeded and old != NOTHING_NEW]
    prices = [
        old.price
        for old in said
        if old.buyable and old.price is not None and old.currency == currency
    ]
    return History(
        first_price=prices[0] if prices else None,
        previous=prices[-1] if prices else None,
        lowest=min(prices, default=None),
        covered=bool(prices),
        buyable=said[-1].buyable if said else None,
    )


def decisions(rule, steps, *, before=()):
    """Judge `steps` in order, the state going through JSON as it does in the database."""
    observations = counted([*before, *steps])
    state, made = {}, []
    for number in range(len(before), len(observations)):
        now = observations[number]
        decision = decide(rule, state, now, history_of(observations[:number], now.currency))
        state = json.loads(json.dumps(decision.state))
        assert state == decision.state
        made.append(decision)
    return made


def fired(rule, steps, *, before=()):
    return [n for n, made in enumerate(decisions(rule, steps, before=before)) if made.fires]


@pytest.mark.parametrize(
    ("_name", "rule", "steps", "fires"), SEQUENCES, ids=[s[0] for s in SEQUENCES]
)
def test_a_rule_fires_where_the_table_says(_name, rule, steps, fires):
    assert fired(rule, steps) == fires


@pytest.mark.parametrize(
    ("_name", "rule", "before", "steps", "fires"), ADDED_LATER, ids=[s[0] for s in ADDED_LATER]
)
def test_a_rule_added_later_judges_by_what_was_recorded(_name, rule, before, steps, fires):
    assert fired(rule, steps, before=before) == fires


def test_a_rule_switched_on_again_judges_the_next_check_as_its_first():
    assert fired(TARGET, [1400, 1400]) == [0]
    assert fired(TARGET, [1400], before=[1400, 1400]) == [0]


def test_a_new_low_of_a_product_younger_than_the_window_claims_no_more_than_is_known():
    decision = decide(LOW, {}, seen(1000), History(lowest=2000, covered=False))
    assert decision.fires
    assert "since tracking began" in decision.reason


def test_a_price_without_a_currency_is_not_judged():
    assert not decide(TARGET, {}, seen(1000, currency=None), History()).fires


# rule, what was seen, the sentence of the last decision
REASONS = [
    (TARGET, [1750, 1499], "14.99 EUR is at or below your target of 15.00 EUR (was 17.50 EUR)."),
    (TARGET, [1499], "14.99 EUR is at or below your target of 15.00 EUR."),
    (rule("target", currency="JPY", target_price=1500), [seen(1400, "JPY")], "1,400 JPY is at or below your target of 1,500 JPY."),
    (LAST, [10000, 8750], "87.50 EUR is 12.5 % below the price before, 100.00 EUR."),
    (FIRST, [10000, 9000], "90.00 EUR is 10 % below the first price, 100.00 EUR."),
    (HIGHEST, [10000, 9000], "90.00 EUR is 10 % below the highest price since the last alert, 100.00 EUR."),
    (CREEP, [10000, 9000], "90.00 EUR is 10 % below 100.00 EUR."),
    (CREEP, [10000, 9000, 8100], "81.00 EUR is 10 % below the price of the last alert, 90.00 EUR."),
    (LOW, [2000, 1900], "19.00 EUR is the lowest price in 30 days (the lowest was 20.00 EUR)."),
    (RESTOCK, [out(), 1000], "It is back in stock at 10.00 EUR."),
    (RESTOCK, [out(), seen(None, None)], "It is back in stock."),
    (CHANGE, [1000, 1100], "The price went from 10.00 EUR to 11.00 EUR."),
    (replace(CHANGE, currency=None), [1000, usd(1000)], "The price went from 10.00 EUR to 10.00 USD."),
    (FAILING, [BLOCKED, FAILED, FAILED], "3 checks in a row failed, the last one with: timeout."),
    (rule("failing", failures=1), [BLOCKED], "A check failed, the last one with: blocked."),
    (TARGET, [1600], ""),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "steps", "sentence"), REASONS)
def test_the_reason_is_one_sentence_a_person_reads(rule, steps, sentence):
    assert decisions(rule, steps)[-1].reason == sentence


PRICE_RULES = [TARGET, FREE, CREEP, HIGHEST, FIRST, LAST, LOW, CHANGE, drop("last_alert", amount=7)]
RULES = st.sampled_from([*PRICE_RULES, RESTOCK])
PRICES = st.integers(0, 40) | st.integers(1400, 1600)
SEEN = st.builds(seen, PRICES) | st.builds(out, PRICES | st.none()) | st.builds(usd, PRICES)
#: A busy machine may take its time over an example.
unhurried = settings(deadline=None)
FAILURES = st.sampled_from([FAILED, BLOCKED, NO_PRICE, NOTHING_NEW])


@unhurried
@given(RULES, st.lists(SEEN, max_size=20), st.data())
def test_failed_runs_in_between_change_no_alert(rule, steps, data):
    """Wherever failures are put in, the same observations fire."""
    with_failures = [
        entry for step in steps for entry in (*data.draw(st.lists(FAILURES, max_size=2)), step)
    ]
    fires = [with_failures[n] for n in fired(rule, with_failures)]
    assert fires == [steps[n] for n in fired(rule, steps)]


@unhurried
@given(st.sampled_from(PRICE_RULES), st.lists(SEEN, max_size=20))
def test_other_currencies_change_no_alert_of_a_rule_in_euro(rule, steps):
    in_euro = [step for step in steps if step.currency != "USD"]
    fires = [steps[n] for n in fired(rule, steps)]
    assert fires == [in_euro[n] for n in fired(rule, in_euro)]


@unhurried
@given(RULES, st.lists(SEEN, min_size=1, max_size=20))
def test_what_was_seen_again_never_fires_again(rule, steps):
    """A repeated observation, by a second run or a 304, is no news to any rule."""
    repeated = [entry for step in steps for entry in (step, step)]
    assert all(n % 2 == 0 for n in fired(rule, repeated))


@unhurried
@given(st.lists(SEEN, max_size=30))
def test_between_two_alerts_of_a_target_the_price_was_clearly_above(steps):
    fires = fired(TARGET, steps)
    for one, next_one in pairwise(fires):
        between = [step for step in steps[one:next_one] if step.buyable and step.currency == "EUR"]
        assert any(step.price * 100 > 1500 * 101 for step in between)


@unhurried
@given(RULES, st.lists(SEEN | FAILURES, max_size=20))
def test_the_same_runs_give_the_same_decisions(rule, steps):
    assert decisions(rule, steps) == decisions(rule, steps)


@unhurried
@given(RULES, SEEN)
def test_deciding_leaves_the_given_state_alone(rule, step):
    state = {"currency": "EUR", "reference": 1500, "fired": True}
    decide(rule, state, step, History())
    assert state == {"currency": "EUR", "reference": 1500, "fired": True}
