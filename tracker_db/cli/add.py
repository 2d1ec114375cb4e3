"""`tracker add`: look at a page once, say what it shows, and track it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from tracker_db.cli.asking import sure
from tracker_db.cli.looks import Look, describe, look, record
from tracker_db.cli.output import put, say
from tracker_db.cli.params import AMOUNT, Amount
from tracker_db.cli.ready import prepare
from tracker_db.cli.text import clean, moment
from tracker_db.errors import AlreadyExistsError, InvalidInputError, TrackerError
from tracker_db.observation import Outcome

if TYPE_CHECKING:
    from tracker_db.queries.products import ProductRow
    from tracker_db.services.products import ProductDraft
    from tracker_db.services.runs import Result

#: A page that ends so will not come right by being checked again.
_HOPELESS = {Outcome.NOT_FOUND, Outcome.REFUSED}
#: A page that ends so may show prices to pick from.
_TO_PICK = {Outcome.AMBIGUOUS, Outcome.NO_PRICE}


@click.command()
@click.argument("url")
@click.option("--name", help="What to call it. [default: the page's own name]")
@click.option("--schedule", metavar="CRON", help="When to check. [default: 0 9 * * *]")
@click.option("--timezone", metavar="ZONE", help="The schedule's time zone. [default: UTC]")
@click.option("--target", type=AMOUNT, help="Tell me at or below this price.")
@click.option("--currency", metavar="CODE", help="The currency where the page names none.")
@click.option("--selector", help="Where the price stands: CSS, XPath or regex:...")
@click.option("--yes", is_flag=True, help="Ask nothing; track it though its price is not clear.")
def add(url: str, *, target: Amount | None, yes: bool, **given: str | None) -> None:
    """Track the price of a product's page.

    The page is fetched once, and its price recorded. For a page that is tracked already, --target
    adds the alert to its product.

    \b
    Example:
      tracker add https://shop.example/kettle --target 19.99 --schedule "0 */6 * * *"
    """
    from tracker_db.queries.products import product_at

    prepare()
    new = _checked(url, given)
    if (existing := product_at(new.url)) is not None:
        _add_to(existing, target, given)
    else:
        _track(new, target, yes=yes)


def _checked(url: str, given: dict[str, str | None]) -> ProductDraft:
    from tracker_db.services.products import ProductDraft, validated
    from workers.extract import check_selector

    chosen = {name: value for name, value in given.items() if value is not None}
    new = validated(ProductDraft(url=url, **chosen))  # type: ignore[arg-type]
    if new.selector:
        check_selector(new.selector)
    return new if given["name"] else replace(new, name=None)


def _add_to(existing: ProductRow, target: Amount | None, given: dict[str, str | None]) -> None:
    """What adding a tracked page again means: another alert, or nothing."""
    from tracker_db.services import alert_rules

    known = f"Already tracked as {existing.name!r} ({existing.id})"
    of_the_alert = {"currency"} if target else set()
    others = [f"--{name}" for name in given if given[name] and name not in of_the_alert]
    if others:
        raise AlreadyExistsError(
            f"{known}. To change {', '.join(others)}: "
            f"tracker products edit {existing.id} {others[0]} ..."
        )
    if target is None:
        put(f"{known}.")
        return
    fallback = given["currency"] or existing.currency
    currency = target.currency_beside(existing.last_currency, fallback)
    rule = alert_rules.target(target.value, currency)
    try:
        alert_rules.add(existing.id, rule)
    except AlreadyExistsError:
        put(f"{known}, with this alert.")
    else:
        put(f"{known}. Added the alert: at or below {rule.money}.")


def _track(new: ProductDraft, target: Amount | None, *, yes: bool) -> None:
    from tracker_db.config import settings
    from tracker_db.queries.products import some_products
    from tracker_db.services import products

    say(f"Looking at {new.url}")
    seen = look(new.url, new.selector, settings())
    new, seen = _clarified(new, seen, yes=yes)
    new = _completed(new, seen, target)
    product = products.add(new)
    result = record(product.id, seen, settings())
    put(f"Tracking {product.name} ({product.id})")
    if seen.found is not None:
        put(f"  {describe(seen.found, new.currency)}")
    for row in some_products([product.id]):  # as recorded: a failed check is tried again soon
        put(f"  next check {moment(row.next_run_at)} ({row.schedule}, {row.timezone})")
    if result is not None:
        _tell_more(result, new)


def _tell_more(result: Result, new: ProductDraft) -> None:
    if not result.outcome.succeeded:
        say(f"No price yet ({result.outcome}): {result.message or 'the page shows none.'}")
    elif result.outcome is Outcome.OK:
        _tell_of_price(result, new)


def _tell_of_price(result: Result, new: ProductDraft) -> None:
    from tracker_db.money import Money
    from workers.ask_model import EXTRACTOR

    if result.extractor == EXTRACTOR and result.price is not None and result.currency:
        say(f"The language model reads {Money(result.price, result.currency)} on the page.")
    if _is_met(result, new):
        say("The target is met already: the worker tells you, or tracker run does.")


def _is_met(result: Result, new: ProductDraft) -> bool:
    from tracker_db.money import Money

    if new.target is None or result.price is None or result.currency is None:
        return False
    return result.price <= Money.of(new.target, result.currency).minor


def _clarified(new: ProductDraft, seen: Look, *, yes: bool) -> tuple[ProductDraft, Look]:
    """The product and the look after asking what is not clear; ends the command on a no."""
    from tracker_db.cli.picks import has_choices

    if seen.outcome in _HOPELESS:
        raise TrackerError(f"Nothing was added: {seen.message}")
    if seen.outcome in _TO_PICK and has_choices(seen) and not yes:
        return _picked(new, seen)
    if not seen.outcome.succeeded and not sure(f"{seen.message} Track it anyway?", yes=yes):
        raise click.Abort
    found = seen.found
    if found is not None and found.price is not None and not (found.currency or new.currency):
        raise InvalidInputError(
            f"The page shows {found.price} but no currency. Say which with --currency."
        )
    return new, seen


def _picked(new: ProductDraft, seen: Look) -> tuple[ProductDraft, Look]:
    from tracker_db.cli.picks import pick

    say(seen.message)
    selector, found = pick(seen)
    return replace(new, selector=selector), replace(seen, found=found)


def _completed(new: ProductDraft, seen: Look, target: Amount | None) -> ProductDraft:
    """With the page's name and image, and the target in the page's currency."""
    found = seen.found
    if found is not None:
        # A spreadsheet would run a name that begins like a formula, and pages choose their names.
        name = new.name or clean(found.name or "").strip().lstrip("=+-@ ") or None
        new = replace(new, name=name, image_url=found.image)
    if target is None:
        return new
    currency = target.currency_beside(found.currency if found else None, new.currency)
    return replace(new, target=target.value, target_currency=currency)
