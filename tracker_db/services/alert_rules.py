"""Alert rules: added, removed, switched on and off."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from peewee import fn

from tracker_db.db import transaction
from tracker_db.errors import AlreadyExistsError, InvalidInputError, NotFoundError
from tracker_db.models.price import AlertRule, Product
from tracker_db.money import Money, currency_code, exponent

if TYPE_CHECKING:
    from decimal import Decimal
    from uuid import UUID

REFERENCES = ("last_alert", "last_price", "first_price", "highest_since_alert")
MOST_DAYS = 3650
MOST_FAILURES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRule:
    """A rule as stored, before it is: `target_price` and `amount` in minor units of `currency`.

    `target`, `drop`, `new_low`, `back_in_stock`, `any_change` and `failing` make one of each kind.
    """

    kind: str
    currency: str | None = None
    target_price: int | None = None
    percent: Decimal | None = None
    amount: int | None = None
    reference: str | None = None
    days: int | None = None
    failures: int | None = None

    @property
    def money(self) -> Money | None:
        """The target or the amount."""
        minor = self.amount if self.target_price is None else self.target_price
        return None if minor is None or self.currency is None else Money(minor, self.currency)


def target(price: Decimal, currency: str | None) -> NewRule:
    """At or below `price` (major units). Raises InvalidInputError, also without a currency."""
    money = _exactly(price, _needed(currency))
    return NewRule(kind="target", target_price=money.minor, currency=money.currency)


def drop(
    *,
    percent: Decimal | None = None,
    amount: Decimal | None = None,
    currency: str | None = None,
    reference: str = "last_alert",
) -> NewRule:
    """Down by `percent` or by `amount` (major units) against `reference` (one of REFERENCES)."""
    if reference not in REFERENCES:
        raise InvalidInputError(
            f"A drop cannot be measured from {reference!r}. Choose one of {', '.join(REFERENCES)}."
        )
    if (percent is None) == (amount is None):
        raise InvalidInputError("A drop is given as a percentage or as an amount, one of them.")
    if amount is not None:
        return _drop_by(_exactly(amount, _needed(currency)), reference)
    code = currency_code(currency) if currency else None
    return NewRule(kind="drop", percent=_percent(percent), currency=code, reference=reference)


def new_low(days: int) -> NewRule:
    """Below every price of the last `days` days."""
    return NewRule(kind="new_low", days=_between(days, MOST_DAYS, "days"))


def back_in_stock() -> NewRule:
    """It can be bought again."""
    return NewRule(kind="back_in_stock")


def any_change() -> NewRule:
    """The price is not what it was."""
    return NewRule(kind="any_change")


def failing(failures: int) -> NewRule:
    """`failures` checks in a row failed."""
    return NewRule(kind="failing", failures=_between(failures, MOST_FAILURES, "failed checks"))


def add(product_id: UUID, rule: NewRule) -> AlertRule:
    """Add a rule; it judges from the next run on.

    Raises NotFoundError without such a product, AlreadyExistsError when it has this very rule.
    """
    with transaction():
        return insert(product_id, rule)


def insert(product_id: UUID, rule: NewRule) -> AlertRule:
    """`add` inside the caller's transaction."""
    # The lock keeps two callers from both finding that the rule is new.
    if not Product.select().where(Product.id == product_id).for_update().first():
        raise NotFoundError(f"There is no product {product_id}. See: tracker products list")
    columns = asdict(rule)
    same = [_is(getattr(AlertRule, name), value) for name, value in columns.items()]
    existing = AlertRule.select().where(AlertRule.product == product_id, *same).first()
    if existing is not None:
        state = "" if existing.active else f" Switch it on with: tracker alerts on {existing.id}"
        raise AlreadyExistsError(f"The product has this very rule already ({existing.id}).{state}")
    return AlertRule.create(product=product_id, **columns)


def remove(rule_id: UUID) -> AlertRule:
    """Forget a rule; returns it. What it has told stays told. Raises NotFoundError."""
    with transaction():
        rule = _locked(rule_id)
        rule.delete_instance()
        return rule


def switch(rule_id: UUID, *, on: bool) -> AlertRule:
    """Switch a rule on or off; one that is switched on begins afresh. Raises NotFoundError."""
    with transaction():
        rule = _locked(rule_id)
        if rule.active is on:
            return rule
        changes = {"active": on, "updated_at": fn.now(), "state": {} if on else rule.state}
        AlertRule.update(changes).where(AlertRule.id == rule_id).execute()
        return AlertRule.get_by_id(rule_id)


def _is(column: Any, value: Any) -> Any:
    return column.is_null() if value is None else column == value


def _locked(rule_id: UUID) -> AlertRule:
    rule = AlertRule.select().where(AlertRule.id == rule_id).for_update().first()
    if rule is None:
        raise NotFoundError(f"There is no alert rule {rule_id}. See: tracker alerts list")
    return rule


def _exactly(amount: Decimal, currency: str) -> Money:
    """The amount, never rounded: 1.299 EUR is a slip, or a thousand and more."""
    money = Money.of(amount, currency)
    if money.amount != amount:
        raise InvalidInputError(
            f"{amount} {money.currency} has too many decimals; {money.currency} has "
            f"{exponent(currency)}. Write thousands without a separator."
        )
    return money


def _drop_by(amount: Money, reference: str) -> NewRule:
    if amount.minor == 0:
        raise InvalidInputError("A drop by nothing is no drop. Write an amount above 0.")
    return NewRule(kind="drop", amount=amount.minor, currency=amount.currency, reference=reference)


def _percent(percent: Decimal | None) -> Decimal:
    if percent is None or not percent.is_finite() or not 0 < percent <= 100:
        raise InvalidInputError(f"{percent} % is no drop. Write more than 0 and up to 100.")
    rounded = round(percent, 4)
    if rounded != percent:
        raise InvalidInputError(f"{percent} % has more than four decimals.")
    return rounded


def _between(number: int, most: int, what: str) -> int:
    if not 0 < number <= most:
        raise InvalidInputError(f"{number} {what} cannot be used. Write 1 to {most}.")
    return number


def _needed(currency: str | None) -> str:
    if currency is None:
        raise InvalidInputError(
            "The currency is unknown: no price has been seen yet. "
            "Write it with the amount (19.99 EUR), or give --currency."
        )
    return currency
