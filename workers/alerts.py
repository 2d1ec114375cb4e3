"""Whether an observation fires an alert rule: pure, edge-triggered, with a small JSON state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tracker_db.money import Money
from tracker_db.observation import Observation, Outcome

if TYPE_CHECKING:
    from uuid import UUID

State = dict[str, Any]

#: A threshold is armed again once the price is more than this many percent above it.
REARM_PERCENT = 1


class AlertKind(StrEnum):
    """What a rule waits for."""

    #: The price is at or below `target_price`.
    TARGET = "target"
    #: The price fell by `percent` or `amount` against `reference`.
    DROP = "drop"
    #: The price is below every price of the last `days` days.
    NEW_LOW = "new_low"
    #: The product can be bought and could not before.
    BACK_IN_STOCK = "back_in_stock"
    #: The price is not what it was.
    ANY_CHANGE = "any_change"
    #: `failures` checks in a row failed.
    FAILING = "failing"


class Reference(StrEnum):
    """The price a drop is measured from."""

    #: The price of the last alert; before the first one, the price when the rule was added.
    LAST_ALERT = "last_alert"
    #: The price seen just before.
    LAST_PRICE = "last_price"
    #: The first price ever recorded.
    FIRST_PRICE = "first_price"
    #: The highest price since the last alert, or since the rule was added.
    HIGHEST_SINCE_ALERT = "highest_since_alert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One alert rule. `target_price` and `amount` are minor units of `currency`.

    Without a `currency` a rule takes that of the first price it judges and keeps to it; only
    `any_change` then follows the price into another currency. That each kind has its numbers
    is a constraint of the table.
    """

    id: UUID
    kind: str
    currency: str | None = None
    target_price: int | None = None
    percent: Decimal | None = None
    amount: int | None = None
    reference: str | None = None
    days: int | None = None
    failures: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What was recorded before an observation, in its currency, while it could be bought.

    All prices are minor units. `lowest` is that of the rule's own window of `days`, and
    `covered` says whether the records reach back over the whole window. `buyable` is what the
    last run that could tell said; None when there was none.
    """

    first_price: int | None = None
    previous: int | None = None
    lowest: int | None = None
    covered: bool = False
    buyable: bool | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a rule fires, the state to keep, and one sentence for people (empty if silent)."""

    fires: bool
    state: State
    reason: str = ""


def decide(rule: Rule, state: State, observation: Observation, history: History) -> Decision:
    """Judge one observation; the caller keeps `Decision.state` for the next one.

    A state of `{}` knows nothing: the next observation counts as the rule's first, with
    `history` as the reference. Only a price at which the product can be bought is judged; a
    failed run, another currency and an out-of-stock price lose no edge.

    A `not_modified` run counts as the observation it repeats: the caller fills that in. One
    with nothing filled in changes nothing but the failing rule.
    """
    if rule.kind == AlertKind.FAILING:
        return _failing(rule, state, observation)
    if not _says_something(observation):
        return Decision(fires=False, state=state)
    if rule.kind == AlertKind.BACK_IN_STOCK:
        return _back_in_stock(state, observation, history)
    price = _judged_price(rule, state, observation)
    if price is None:
        return Decision(fires=False, state=state)
    judged = _PRICE_KINDS[rule.kind](rule, state, price, history)
    reason = judged.reason if judged.fires else ""
    return Decision(judged.fires, judged.state | {"currency": price.currency}, reason)


def _says_something(observation: Observation) -> bool:
    empty = observation.price is None and observation.availability is None
    unchanged = observation.outcome is Outcome.NOT_MODIFIED
    return observation.outcome.succeeded and not (unchanged and empty)


def _judged_price(rule: Rule, state: State, observation: Observation) -> Money | None:
    """The price to judge, or None where it is no offer or in another currency."""
    if not observation.buyable or observation.price is None or observation.currency is None:
        return None
    kept = None if rule.kind == AlertKind.ANY_CHANGE else state.get("currency")
    if (rule.currency or kept or observation.currency) != observation.currency:
        return None
    return Money(observation.price, observation.currency)


def _failing(rule: Rule, state: State, observation: Observation) -> Decision:
    """Once for each streak of failures; a success arms it again."""
    if observation.outcome.succeeded:
        return Decision(fires=False, state={})
    assert rule.failures is not None
    if state.get("fired") or observation.failures < rule.failures:
        return Decision(fires=False, state=state)
    streak = "A check" if observation.failures == 1 else f"{observation.failures} checks in a row"
    reason = f"{streak} failed, the last one with: {observation.outcome}."
    return Decision(fires=True, state={"fired": True}, reason=reason)


def _back_in_stock(state: State, observation: Observation, history: History) -> Decision:
    """Each time the product can be bought after it could not, whatever the price."""
    was_out = state.get("out", history.buyable is False)
    back = was_out and observation.buyable
    reason = _restock(observation) if back else ""
    return Decision(back, {"out": not observation.buyable}, reason)


def _restock(observation: Observation) -> str:
    if observation.price is None or observation.currency is None:
        return "It is back in stock."
    return f"It is back in stock at {Money(observation.price, observation.currency)}."


def _target(rule: Rule, state: State, price: Money, history: History) -> Decision:
    """At or below the target once, until the price was clearly above it."""
    assert rule.target_price is not None
    target = Money(rule.target_price, price.currency)
    fires, fired = _crosses(Fraction(target.minor), price.minor, fired=state.get("fired", False))
    reason = f"{price} is at or below your target of {target}"
    return Decision(fires, {"fired": fired}, f"{reason}{_was(history.previous, price)}.")


def _crosses(threshold: Fraction, price: int, *, fired: bool) -> tuple[bool, bool]:
    """(fires, stays fired): at or below fires once, clearly above arms it again.

    Clearly is more than REARM_PERCENT, which is a minor unit or more: a wobble fires once.
    """
    if price <= threshold:
        return not fired, True
    return False, fired and price * 100 <= threshold * (100 + REARM_PERCENT)


def _was(previous: int | None, price: Money) -> str:
    if previous in {None, price.minor}:
        return ""
    return f" (was {Money(previous, price.currency)})"


def _drop(rule: Rule, state: State, price: Money, history: History) -> Decision:
    return _REFERENCES[str(rule.reference)](rule, state, price, history)


def _drop_from_last_price(rule: Rule, state: State, price: Money, history: History) -> Decision:
    """Each fall of that size from one price to the next."""
    before = _first_known(state.get("reference"), history.previous, price.minor)
    fires, reason = _fell(rule, before, price.minor), _fall(price, before, "the price before, ")
    return Decision(fires, {"reference": price.minor}, reason)


def _drop_from_first_price(rule: Rule, state: State, price: Money, history: History) -> Decision:
    """Like a target that is `percent` or `amount` below the first price."""
    first = _first_known(state.get("reference"), history.first_price, price.minor)
    # Nothing falls below free: a threshold of 0 would take the free price itself for a fall.
    threshold = _threshold(rule, first) if first else Fraction(-1)
    fires, fired = _crosses(threshold, price.minor, fired=state.get("fired", False))
    reason = _fall(price, first, "the first price, ")
    return Decision(fires, {"reference": first, "fired": fired}, reason)


def _drop_from_highest(rule: Rule, state: State, price: Money, history: History) -> Decision:
    """From the highest price since the last alert; the alert's own price starts the next one."""
    highest = max(_first_known(state.get("reference"), history.previous, price.minor), price.minor)
    fires = _fell(rule, highest, price.minor)
    reason = _fall(price, highest, "the highest price since the last alert, ")
    return Decision(fires, {"reference": price.minor if fires else highest}, reason)


def _drop_from_last_alert(rule: Rule, state: State, price: Money, history: History) -> Decision:
    """From the price of the last alert, however slowly the price gets there.

    Back at what that alert's fall was measured from, the alert is over and its fall counts
    again: one wrong low price must not silence the rule for good.
    """
    reference = _first_known(state.get("reference"), history.previous, price.minor)
    fell_from = state.get("fell_from")
    if fell_from is not None and price.minor >= fell_from:
        reference, fell_from = fell_from, None
    if not _fell(rule, reference, price.minor):
        return Decision(fires=False, state={"reference": reference, "fell_from": fell_from})
    name = "" if fell_from is None else "the price of the last alert, "
    reason = _fall(price, reference, name)
    return Decision(True, {"reference": price.minor, "fell_from": reference}, reason)


def _first_known(*prices: int | None) -> int:
    return next(price for price in prices if price is not None)


def _threshold(rule: Rule, reference: int) -> Fraction:
    if rule.percent is not None:
        return reference * (100 - Fraction(rule.percent)) / 100
    assert rule.amount is not None
    return Fraction(reference - rule.amount)


def _fell(rule: Rule, reference: int, price: int) -> bool:
    return price < reference and price <= _threshold(rule, reference)


def _fall(price: Money, reference: int, name: str) -> str:
    share = Decimal(reference - price.minor) * 100 / (reference or 1)
    percent = f"{share:.1f}".removesuffix(".0")
    return f"{price} is {percent} % below {name}{Money(reference, price.currency)}."


def _new_low(rule: Rule, _state: State, price: Money, history: History) -> Decision:
    """Each price below all others of the window: equal to the lowest is no news.

    A product that is younger than the window is judged by what is known, and the reason says so.
    """
    if history.lowest is None or price.minor >= history.lowest:
        return Decision(fires=False, state={})
    lowest = Money(history.lowest, price.currency)
    span = f"in {rule.days} days" if history.covered else "since tracking began"
    reason = f"{price} is the lowest price {span} (the lowest was {lowest})."
    return Decision(fires=True, state={}, reason=reason)


def _any_change(_rule: Rule, state: State, price: Money, history: History) -> Decision:
    """Each time, up or down; a rule without a currency takes another currency for a change."""
    before = _seen_before(state, price, history)
    fires = before is not None and before != price
    return Decision(fires, {"price": price.minor}, f"The price went from {before} to {price}.")


def _seen_before(state: State, price: Money, history: History) -> Money | None:
    if "price" in state:
        return Money(state["price"], state["currency"])
    return None if history.previous is None else Money(history.previous, price.currency)


_Judge = Callable[[Rule, State, Money, History], Decision]

_REFERENCES: dict[str, _Judge] = {
    Reference.LAST_ALERT: _drop_from_last_alert,
    Reference.LAST_PRICE: _drop_from_last_price,
    Reference.FIRST_PRICE: _drop_from_first_price,
    Reference.HIGHEST_SINCE_ALERT: _drop_from_highest,
}

_PRICE_KINDS: dict[str, _Judge] = {
    AlertKind.TARGET: _target,
    AlertKind.DROP: _drop,
    AlertKind.NEW_LOW: _new_low,
    AlertKind.ANY_CHANGE: _any_change,
}
