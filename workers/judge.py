"""From what a page says to what is believed and told."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from tracker_db.errors import InvalidInputError
from tracker_db.money import Money
from tracker_db.observation import UNAVAILABLE, Observation, Outcome
from tracker_db.services.rules import Alert, RuleRow
from tracker_db.services.runs import Result, Run
from workers.alerts import History, Rule, decide

if TYPE_CHECKING:
    from decimal import Decimal

    from workers.extract import Extraction

logger = logging.getLogger(__name__)

#: A price that changed by more than this factor waits for a second look.
JUMP = 20
#: A list price beyond this many times the price is a mistake of the page.
MOST_LIST_PRICE = 1000


def believe(run: Run, found: Extraction) -> Result:
    """The result of an extraction: an amount in a known currency, and no unconfirmed jump."""
    if found.outcome not in {Outcome.OK, Outcome.OUT_OF_STOCK}:
        return Result(outcome=found.outcome, message=found.message, extractor=found.extractor)
    out = found.outcome is Outcome.OUT_OF_STOCK or found.availability in UNAVAILABLE
    if found.price is None:
        return _unavailable(found)
    currency = found.currency or run.currency or run.last_currency
    if currency is None:
        return _unavailable(found) if out else _no_currency(run, found)
    try:
        return _priced(run, found, _payable(found.price, currency), out=out)
    except InvalidInputError as error:
        return Result(outcome=Outcome.NO_PRICE, message=str(error), extractor=found.extractor)


def _payable(price: Decimal, currency: str) -> Money:
    """The price in minor units. One that is rounded away, of a gram say, would mean free."""
    money = Money.of(price, currency)
    if price and not money.minor:
        raise InvalidInputError(f"{price} {currency} is less than any price in {currency}.")
    return money


def _unavailable(found: Extraction) -> Result:
    return Result(
        outcome=Outcome.OUT_OF_STOCK,
        availability=found.availability or "OutOfStock",
        extractor=found.extractor,
        image_url=found.image,
    )


def _no_currency(run: Run, found: Extraction) -> Result:
    return Result(
        outcome=Outcome.AMBIGUOUS,
        message=f"The page shows {found.price} but no currency. Say which with: "
        f"tracker products edit {run.product_id} --currency EUR",
        extractor=found.extractor,
    )


def _priced(run: Run, found: Extraction, price: Money, *, out: bool) -> Result:
    if jumped(run, price):
        return _unavailable(found) if out else _suspect(run, found, price)
    list_price, doubt = _list_price(found.list_price, price)
    return Result(
        outcome=Outcome.OUT_OF_STOCK if out else Outcome.OK,
        message=doubt,
        price=price.minor,
        currency=price.currency,
        availability=found.availability or ("OutOfStock" if out else None),
        list_price=list_price,
        extractor=found.extractor,
        image_url=found.image,
    )


def _list_price(amount: Decimal | None, price: Money) -> tuple[int | None, str | None]:
    """The list price in minor units, or why it is left out: the price is no less true for it."""
    if not amount:
        return None, None
    try:
        listed = Money.of(amount, price.currency)
    except InvalidInputError as error:
        return None, f"The list price is left out: {error}"
    if price.minor and listed.minor > price.minor * MOST_LIST_PRICE:
        return None, f"The list price {listed} is left out: the price is {price}."
    return listed.minor, None


def _suspect(run: Run, found: Extraction, price: Money) -> Result:
    last = Money(run.last_price or 0, run.last_currency or price.currency)
    return Result(
        outcome=Outcome.AMBIGUOUS,
        message=f"The price went from {last} to {price} at once. "
        "It is believed when the next check sees it again.",
        extractor=found.extractor,
        suspect_price=price.minor,
        suspect_currency=price.currency,
    )


def jumped(run: Run, price: Money) -> bool:
    """Whether `price` is too far from the last one and was not seen the time before either."""
    if run.last_price is None or run.last_currency is None:
        return False
    if _near(price, run.last_price, run.last_currency):
        return False
    return run.suspect_price is None or not _near(price, run.suspect_price, run.suspect_currency)


def _near(price: Money, minor: int, currency: str | None) -> bool:
    low, high = sorted((price.minor, minor))
    return price.currency == currency and high <= low * JUMP


def repeat(run: Run, *, etag: str | None, last_modified: str | None) -> Result:
    """The server said 304: the last observation is still true."""
    return Result(
        outcome=Outcome.NOT_MODIFIED,
        price=run.last_price,
        currency=run.last_currency,
        availability=run.last_availability,
        list_price=run.last_list_price,
        etag=etag or run.etag,
        last_modified=last_modified or run.last_modified,
    )


def judge(rule: RuleRow, run: Run, seen: Observation) -> tuple[dict[str, Any], Alert | None]:
    """Decide one rule; a rule that cannot be used stays as it is and never stops the others."""
    try:
        decision = decide(_rule(rule), rule.state, seen, _history(rule, run, seen))
    except InvalidInputError as error:
        logger.warning("%s", error, extra={"action": "rule_skipped", "rule_id": str(rule.id)})
        return rule.state, None
    alert = _alert(rule, run, seen, decision.reason) if decision.fires else None
    return decision.state, alert


def _rule(row: RuleRow) -> Rule:
    return Rule(
        id=row.id,
        kind=row.kind,
        currency=row.currency,
        target_price=row.target_price,
        percent=row.percent,
        amount=row.amount,
        reference=row.reference,
        days=row.days,
        failures=row.failures,
    )


def _history(row: RuleRow, run: Run, seen: Observation) -> History:
    buyable = None if run.last_availability is None else run.last_availability not in UNAVAILABLE
    same_currency = run.last_currency == seen.currency
    return History(
        first_price=row.first_price,
        previous=run.last_price if same_currency and buyable is not False else None,
        lowest=row.lowest,
        covered=row.covered,
        buyable=buyable,
    )


def _alert(rule: RuleRow, run: Run, seen: Observation, reason: str) -> Alert:
    price = _money(seen)
    return Alert(
        title=f"{run.name}: {price}" if price else run.name,
        body=f"{reason}\n{run.url}",
        data={
            "type": f"alert.{rule.kind}",
            "reason": reason,
            "product": {"id": str(run.product_id), "name": run.name, "url": run.url},
            "rule_id": str(rule.id),
            "price": str(price.amount) if price else None,
            "currency": seen.currency,
            "availability": seen.availability,
            "observed_at": seen.at.isoformat(),
        },
    )


def _money(seen: Observation) -> Money | None:
    if seen.price is None or seen.currency is None:
        return None
    return Money(seen.price, seen.currency)
