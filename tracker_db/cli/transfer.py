"""`tracker import` and `tracker export`: products as CSV, JSON or a list of URLs."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import click

from tracker_db.cli.failure import WrongUse
from tracker_db.cli.output import Listing, put, say, show
from tracker_db.cli.ready import prepare
from tracker_db.cli.table_file import COLUMNS, BadFileError, Row, read_rows
from tracker_db.cli.text import plural
from tracker_db.errors import InvalidInputError

if TYPE_CHECKING:
    from uuid import UUID

    from tracker_db.money import Money
    from tracker_db.queries.alerts import RuleRow
    from tracker_db.queries.products import ProductRow
    from tracker_db.services.products import ProductDraft


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--skip-bad", is_flag=True, help="Import the good rows and report the bad ones.")
def import_(file: Any, *, skip_bad: bool) -> None:
    """Track all products of FILE (- for the standard input), all or none.

    CSV with a header line, a JSON array of objects or of URLs, or a plain list of URLs; the
    columns are those of tracker export, and only url is needed. Pages that are tracked already
    are left as they are. The first check of each is due at once.

    \b
    Example:
      tracker import wishlist.csv
    """
    from tracker_db.services.products import add_all

    prepare()
    name = getattr(file, "name", "<stdin>")
    try:
        rows = read_rows(file.read())
    except BadFileError as error:
        raise WrongUse(f"{name}: {error}") from error
    good, faults = _checked(rows)
    for fault in faults:
        say(f"{name}, {fault}")
    if faults and not skip_bad:
        raise WrongUse(
            f"Nothing was imported: {plural(len(faults), 'row')} cannot be used. "
            "Mend them, or leave them out with --skip-bad."
        )
    new = _untracked(name, good)
    add_all(new)
    put(f"Imported {plural(len(new), 'product')}.")
    if new:
        say("They are checked as soon as a worker runs. Check them now with: tracker run")


@click.command()
@click.option("--csv", "form", flag_value="csv", help="Print CSV. [the default]")
@click.option("--json", "form", flag_value="json", help="Print a JSON array.")
def export(form: str | None) -> None:
    """Print all products in the form that tracker import reads.

    Of the alerts only a target goes along, the highest that is on.

    \b
    Example:
      tracker export > products.csv
    """
    from tracker_db.queries.alerts import every_rule
    from tracker_db.queries.products import every_product

    rules = every_rule()
    targets = _highest_targets(rules)
    rows = [_exported(row, targets.get(row.id)) for row in every_product()]
    cells = {name: itemgetter(name) for name in COLUMNS}
    show(Listing(rows, {}, "", cells), form or "csv")
    if len(rules) > len(targets):
        left = plural(len(rules) - len(targets), "alert")
        say(f"{left} left out: only one target goes along with each product.")


def _checked(rows: list[Row]) -> tuple[list[tuple[Row, ProductDraft]], list[str]]:
    good, faults = [], []
    for row in rows:
        try:
            good.append((row, _product(row)))
        except (BadFileError, InvalidInputError, ValueError) as error:
            faults.append(f"{row.place}: {error}")
    return good, faults


def _product(row: Row) -> ProductDraft:
    from tracker_db.cli.params import read_amount
    from tracker_db.services.products import ProductDraft, validated

    values = dict(row.checked())
    target = values.pop("target", None)
    if target is not None:
        amount = read_amount(target)
        values |= {"target": amount.value, "target_currency": amount.currency}
    if "active" in values:
        values["active"] = _truth(values["active"])
    if "selector" in values:
        from workers.extract import check_selector

        check_selector(values["selector"])
    if "url" not in values:
        raise InvalidInputError("there is no url.")
    return validated(ProductDraft(**values, due_now=values.get("active", True)))


def _truth(text: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in words:
        raise InvalidInputError(f"active is {text!r}; write true or false.")
    return words[text.lower()]


def _untracked(file: str, good: list[tuple[Row, ProductDraft]]) -> list[ProductDraft]:
    """Without those that are tracked already, or stand further up in the file."""
    from tracker_db.queries.products import every_product

    known = {row.url: f"tracked already as {row.name!r}" for row in every_product()}
    new = []
    for row, product in good:
        if product.url in known:
            say(f"{file}, {row.place}: left out; it is {known[product.url]}.")
        else:
            known[product.url] = f"the page of {row.place}"
            new.append(product)
    return new


def _highest_targets(rules: list[RuleRow]) -> dict[UUID, Money]:
    from tracker_db.money import Money

    targets: dict[UUID, Money] = {}
    for rule in rules:
        if rule.active and rule.target_price is not None and rule.currency:
            price = Money(rule.target_price, rule.currency)
            known = targets.get(rule.product_id)
            if known is None or price.minor > known.minor:
                targets[rule.product_id] = price
    return targets


def _exported(row: ProductRow, price: Money | None) -> dict[str, Any]:
    values = {name: getattr(row, name, None) for name in COLUMNS}
    values |= {
        "target": price and f"{price.amount} {price.currency}",
        "active": "true" if row.active else "false",
    }
    return values
