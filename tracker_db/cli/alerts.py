"""`tracker alerts`: when to be told, and whether the telling works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tracker_db.cli.failure import Failure
from tracker_db.cli.output import Cells, Listing, listing, put
from tracker_db.cli.params import AMOUNT, PERCENT, Amount
from tracker_db.cli.text import moment, plural, short
from tracker_db.money import currency_code

if TYPE_CHECKING:
    from tracker_db.queries.alerts import RuleRow
    from tracker_db.queries.products import ProductRow
    from tracker_db.services.alert_rules import NewRule

#: The names of `tracker_db.services.alert_rules.REFERENCES`, as they are typed.
_REFERENCES = ("last-alert", "last-price", "first-price", "highest-since-alert")


@click.group()
def alerts() -> None:
    """When to be told about a price.

    RULE is the beginning of a rule's id, as listed.

    \b
    Example:
      tracker alerts add kettle --below 19.99
    """


@alerts.command("list")
@click.argument("product", required=False)
@listing
def list_alerts(product: str | None) -> Listing[RuleRow]:
    """List the rules, of one product or of all.

    \b
    Example:
      tracker alerts list kettle
    """
    from tracker_db.queries.alerts import every_rule
    from tracker_db.queries.products import find_product

    chosen = find_product(product).id if product else None
    return Listing(
        every_rule(chosen),
        {
            "RULE": lambda rule: short(rule.id),
            "STATE": lambda rule: "on" if rule.active else "off",
            "TOLD": lambda rule: rule.told,
            "LAST": lambda rule: moment(rule.told_at),
            "PRODUCT": lambda rule: rule.product[:40],
            "WHEN": lambda rule: rule.sentence,
        },
        "No alerts yet. Add one with: tracker alerts add PRODUCT --below 19.99",
        _DATA,
    )


@alerts.command("add")
@click.argument("product")
@click.option("--below", type=AMOUNT, help="At or below this price.")
@click.option("--drop", type=PERCENT, metavar="10%|5.00", help="Down by a percentage or an amount.")
@click.option(
    "--reference",
    type=click.Choice(_REFERENCES),
    help="What a drop is measured from. [default: last-alert]",
)
@click.option("--new-low", type=int, metavar="DAYS", help="The lowest price in so many days.")
@click.option("--back-in-stock", is_flag=True, help="It can be bought again.")
@click.option("--any-change", is_flag=True, help="The price is not what it was.")
@click.option("--failing", type=int, metavar="TIMES", help="So many checks in a row failed.")
@click.option("--currency", metavar="CODE", help="[default: that of the product's price]")
def add_alert(product: str, *, reference: str | None, currency: str | None, **kinds: Any) -> None:
    """Add a rule to a product. Give exactly one of the kinds.

    \b
    Example:
      tracker alerts add kettle --drop 10% --reference first-price
    """
    from tracker_db.queries.products import find_product
    from tracker_db.services import alert_rules

    given = {
        name: value for name, value in kinds.items() if value is not None and value is not False
    }
    if len(given) != 1:
        raise click.UsageError(
            "Give one of --below, --drop, --new-low, --back-in-stock, --any-change and --failing."
        )
    if reference and "drop" not in given:
        raise click.UsageError("--reference belongs to --drop.")
    row = find_product(product)
    ((kind, value),) = given.items()
    new = _new_rule(kind, value, (reference or "last-alert").replace("-", "_"), row, currency)
    put(f"Added {_described(alert_rules.add(row.id, new).id)}")


@alerts.command("remove")
@click.argument("rules", metavar="RULE...", nargs=-1, required=True)
def remove_alert(rules: tuple[str, ...]) -> None:
    """Remove rules. What they have told stays told.

    \b
    Example:
      tracker alerts remove 3f2a
    """
    from tracker_db.services.alert_rules import remove

    for rule in _found(rules):
        remove(rule.id)
        put(f"Removed {_line(rule)}")


@alerts.command("on")
@click.argument("rules", metavar="RULE...", nargs=-1, required=True)
def alert_on(rules: tuple[str, ...]) -> None:
    """Switch rules on; they begin afresh.

    \b
    Example:
      tracker alerts on 3f2a
    """
    _switch(rules, on=True)


@alerts.command("off")
@click.argument("rules", metavar="RULE...", nargs=-1, required=True)
def alert_off(rules: tuple[str, ...]) -> None:
    """Switch rules off until they are switched on again.

    \b
    Example:
      tracker alerts off 3f2a
    """
    _switch(rules, on=False)


@alerts.command("test")
def test_alerts() -> None:
    """Send a test message through every configured channel, and say what happened.

    \b
    Example:
      TRACKER_CHANNELS=email tracker alerts test
    """
    from tracker_db.config import settings

    channels = settings().channels
    failed = [channel for channel in channels if not _send_test(channel)]
    if failed:
        raise Failure(f"{plural(len(failed), 'channel')} did not work: {', '.join(failed)}.")


def _send_test(channel: str) -> bool:
    from uuid import uuid4

    from tracker_db.config import settings
    from workers.notify import DeliveryError, Message, send

    body = "This is what an alert looks like. Nothing has changed its price."
    message = Message(uuid4(), "tracker: a test message", body, {"type": "test"})
    try:
        send(channel, message, settings())
    except DeliveryError as error:
        put(f"{channel}: failed. {error}")
        return False
    put(f"{channel}: sent.")
    return True


def _new_rule(
    kind: str, value: Any, reference: str, row: ProductRow, currency: str | None
) -> NewRule:
    from tracker_db.services import alert_rules

    if kind == "below":
        return alert_rules.target(value.value, _currency(value, row, currency))
    if kind == "drop" and isinstance(value, Amount):
        known = _currency(value, row, currency)
        return alert_rules.drop(amount=value.value, currency=known, reference=reference)
    if kind == "drop":
        return alert_rules.drop(percent=value, currency=currency, reference=reference)
    if kind in {"new_low", "failing"}:
        make = alert_rules.new_low if kind == "new_low" else alert_rules.failing
        return make(value)
    return alert_rules.back_in_stock() if kind == "back_in_stock" else alert_rules.any_change()


def _currency(value: Amount, row: ProductRow, given: str | None) -> str | None:
    typed = Amount(value.value, value.currency or (currency_code(given) if given else None))
    return typed.currency_beside(row.last_currency, row.currency)


def _switch(texts: tuple[str, ...], *, on: bool) -> None:
    from tracker_db.services.alert_rules import switch

    for rule in _found(texts):
        switch(rule.id, on=on)
        put(f"Switched {'on' if on else 'off'} {_line(rule)}")


def _found(texts: tuple[str, ...]) -> list[RuleRow]:
    from tracker_db.queries.alerts import find_rule

    return list({rule.id: rule for rule in map(find_rule, texts)}.values())


def _described(rule_id: Any) -> str:
    return _line(_found((str(rule_id),))[0])


def _line(rule: RuleRow) -> str:
    return f"{short(rule.id)} {rule.product}: {rule.sentence}"


def _amount(rule: RuleRow, minor: int | None) -> object:
    from tracker_db.money import Money

    known = minor is not None and rule.currency is not None
    return Money(minor, rule.currency).amount if known else minor  # type: ignore[arg-type]


_DATA: Cells[RuleRow] = {
    "id": lambda rule: rule.id,
    "product_id": lambda rule: rule.product_id,
    "product": lambda rule: rule.product,
    "kind": lambda rule: rule.kind,
    "active": lambda rule: rule.active,
    "currency": lambda rule: rule.currency,
    "target_price": lambda rule: _amount(rule, rule.target_price),
    "percent": lambda rule: rule.percent,
    "amount": lambda rule: _amount(rule, rule.amount),
    "reference": lambda rule: rule.reference,
    "days": lambda rule: rule.days,
    "failures": lambda rule: rule.failures,
    "when": lambda rule: rule.sentence,
    "told": lambda rule: rule.told,
    "told_at": lambda rule: rule.told_at,
}
