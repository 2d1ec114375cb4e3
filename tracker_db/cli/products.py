"""`tracker products`: the list, and what is done with one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracker_db.cli.add import add
from tracker_db.cli.asking import sure
from tracker_db.cli.output import Cells, Listing, listing, print_json, put, record, say
from tracker_db.cli.text import moment, plural, short

if TYPE_CHECKING:
    from decimal import Decimal

    from tracker_db.models.price import Product
    from tracker_db.queries.products import ProductRow


@click.group()
def products() -> None:
    """The tracked products.

    PRODUCT is an id or its beginning, a URL, or a part of the name that only one product has.

    \b
    Example:
      tracker products show kettle
    """


products.add_command(add)


@products.command("list")
@listing
def list_products() -> Listing[ProductRow]:
    """List all products with their last price.

    \b
    Example:
      tracker products list --json
    """
    from tracker_db.queries.products import every_product

    return Listing(
        every_product(),
        {
            "ID": lambda row: short(row.id),
            "PRICE": lambda row: row.price,
            "STOCK": lambda row: row.last_availability,
            "STATE": lambda row: row.state,
            "NEXT CHECK": lambda row: moment(row.next_run_at) if row.active else "",
            "ALERTS": lambda row: row.alerts,
            "NAME": lambda row: row.name,
        },
        "No products yet. Add one with: tracker add URL --target 19.99",
        _DATA,
    )


@products.command("show")
@click.argument("product")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def show_product(product: str, *, as_json: bool) -> None:
    """Show all there is to know about a product.

    \b
    Example:
      tracker products show kettle
    """
    from tracker_db.queries.alerts import every_rule
    from tracker_db.queries.products import find_product

    row = find_product(product)
    rules = every_rule(row.id)
    if as_json:
        alerts = [{"id": rule.id, "active": rule.active, "when": rule.sentence} for rule in rules]
        print_json(record(_DATA, row) | {"alerts": alerts})
        return
    for name, value in _facts(row).items():
        if value not in {None, ""}:
            put(f"{name:12} {value}")
    for rule in rules:
        put(f"{'alert':12} {rule.sentence}{'' if rule.active else ' (off)'} [{short(rule.id)}]")


@products.command("edit")
@click.argument("product")
@click.option("--name", help="What to call it.")
@click.option("--url", help="Another page.")
@click.option("--schedule", metavar="CRON", help="When to check.")
@click.option("--timezone", metavar="ZONE", help="The schedule's time zone.")
@click.option("--currency", metavar="CODE", help="The currency where the page names none; '' none.")
@click.option("--selector", help="Where the price stands: CSS, XPath or regex:...; '' anywhere.")
def edit_product(product: str, **given: str | None) -> None:
    """Change a product; what is not given stays.

    \b
    Example:
      tracker products edit kettle --schedule "@hourly" --timezone Europe/Berlin
    """
    from tracker_db.queries.products import find_product
    from tracker_db.services import products as service

    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise click.UsageError("Nothing to change. Give at least one option.")
    row = find_product(product)
    if changes.get("selector"):
        from workers.extract import check_selector

        check_selector(changes["selector"])
    edited = service.edit(row.id, **changes)  # type: ignore[arg-type]
    _tell("Edited", edited)


@products.command("pause")
@click.argument("products", metavar="PRODUCT...", nargs=-1, required=True)
def pause_product(products: tuple[str, ...]) -> None:
    """Check products no more until they are resumed.

    \b
    Example:
      tracker products pause kettle
    """
    from tracker_db.services.products import pause

    for row in _found(products):
        put(f"Paused {pause(row.id).name} ({short(row.id)})")


@products.command("resume")
@click.argument("products", metavar="PRODUCT...", nargs=-1, required=True)
def resume_product(products: tuple[str, ...]) -> None:
    """Check paused products again, from their next slot on.

    \b
    Example:
      tracker products resume kettle
    """
    from tracker_db.services.products import resume

    for row in _found(products):
        _tell("Resumed", resume(row.id))


@products.command("remove")
@click.argument("products", metavar="PRODUCT...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove_product(products: tuple[str, ...], *, yes: bool) -> None:
    """Forget products with their price history, alerts and run logs.

    \b
    Example:
      tracker products remove kettle --yes
    """
    from tracker_db.services.products import remove

    found = _found(products)
    names = ", ".join(repr(row.name) for row in found)
    if not sure(f"Forget {names} and all recorded prices?", yes=yes):
        raise click.Abort
    for row in found:
        put(f"Removed {remove(row.id).name} ({short(row.id)})")


@products.command("pick")
@click.argument("product")
@click.option("--number", type=click.IntRange(min=1), help="Pick this one without being asked.")
def pick_product(product: str, *, number: int | None) -> None:
    """Choose which price of a page is meant, for good.

    Shows the prices that the page offers, and remembers where the chosen one stands.

    \b
    Example:
      tracker products pick kettle --number 2
    """
    from tracker_db.cli.looks import describe, look, record
    from tracker_db.cli.picks import pick
    from tracker_db.config import settings
    from tracker_db.queries.products import find_product
    from tracker_db.services import products as service

    row = find_product(product)
    say(f"Looking at {row.url}")
    seen = look(row.url, None, settings())
    selector, found = pick(seen, number)
    service.edit(row.id, selector=selector)
    record(row.id, seen, settings())
    put(f"{row.name} ({short(row.id)}) is read by {selector} from now on.")
    put(f"  {describe(found, row.currency)}")


def _list_price(row: ProductRow) -> Decimal | None:
    from tracker_db.money import Money

    listed = row.last_list_price
    return None if listed is None or row.price is None else Money(listed, row.price.currency).amount


#: A product for programs: prices in major units, times in UTC.
_DATA: Cells[ProductRow] = {
    "id": lambda row: row.id,
    "name": lambda row: row.name,
    "url": lambda row: row.url,
    "price": lambda row: row.price and row.price.amount,
    "currency": lambda row: row.last_currency,
    "list_price": _list_price,
    "availability": lambda row: row.last_availability,
    "state": lambda row: row.state,
    "active": lambda row: row.active,
    "schedule": lambda row: row.schedule,
    "timezone": lambda row: row.timezone,
    "default_currency": lambda row: row.currency,
    "selector": lambda row: row.selector,
    "next_check": lambda row: row.next_run_at if row.active else None,
    "checked_at": lambda row: row.checked_at,
    "failures": lambda row: row.failures,
    "last_error": lambda row: row.last_error,
    "active_alerts": lambda row: row.alerts,
    "image_url": lambda row: row.image_url,
    "created_at": lambda row: row.created_at,
}


def _facts(row: ProductRow) -> dict[str, object]:
    return {
        "name": row.name,
        "id": row.id,
        "url": row.url,
        "price": row.price,
        "stock": row.last_availability,
        "state": row.state,
        "failed": f"{plural(row.failures, 'check')} in a row: {row.last_error}"
        if row.failures
        else "",
        "checked": moment(row.checked_at),
        "next check": moment(row.next_run_at) if row.active else "",
        "schedule": f"{row.schedule} ({row.timezone})",
        "currency": row.currency,
        "selector": row.selector,
    }


def _found(texts: tuple[str, ...]) -> list[ProductRow]:
    """All of them, before anything is changed; one that is named twice counts once."""
    from tracker_db.queries.products import find_product

    return list({row.id: row for row in map(find_product, texts)}.values())


def _tell(done: str, product: Product) -> None:
    put(f"{done} {product.name} ({short(product.id)})")
    if product.active and product.next_run_at:
        put(f"  next check {moment(product.next_run_at)} ({product.schedule}, {product.timezone})")
