"""`tracker demo`: a shop on this machine, tracked end to end in a database that is thrown away."""

from __future__ import annotations

import ipaddress
import sys
import time
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from tracker_db.cli.demo_costs import costs
from tracker_db.cli.demo_shop import ARTICLES, DAYS, Article, Shop
from tracker_db.cli.output import put
from tracker_db.cli.throw_away import throw_away_database
from tracker_db.money import Money

if TYPE_CHECKING:
    from uuid import UUID

    from tracker_db.config import Settings
    from tracker_db.services.runs import Result, Run

#: So long a day lasts where somebody watches.
_DAY_SECONDS = 0.7


@click.group(invoke_without_command=True)
@click.pass_context
def demo(context: click.Context) -> None:
    """Track a small shop on this machine, in under a minute.

    Products are added, their prices move from day to day, alerts are delivered and the chart is
    drawn. Your own data is not touched: the demo has a database of its own and drops it.

    \b
    Example:
      tracker demo
    """
    if context.invoked_subcommand is None:
        _track_a_shop()


demo.add_command(costs)


def _track_a_shop() -> None:
    with throw_away_database(), Shop() as shop:
        settings = _settings()
        put("A shop opens on this machine. Its products are tracked:")
        products = {_add(shop, article, settings): article for article in ARTICLES}
        _add_alerts(products)
        for day in range(1, DAYS):
            _live_through(day, shop, list(products), settings)
        _show(next(iter(products)))
    put("That was the demo; its database is gone. Track a page of your own with:")
    put("  tracker add https://shop.example/kettle --target 19.99")


def _settings() -> Settings:
    """Not the user's: the console and nothing else is told, loopback may be fetched."""
    from tracker_db.config import Settings

    return Settings(
        allow_nets=(ipaddress.ip_network("127.0.0.0/8"),), host_delay_seconds=0.0, threads=4
    )


def _add(shop: Shop, article: Article, settings: Settings) -> UUID:
    from tracker_db.cli.looks import describe, look, record
    from tracker_db.services import products

    seen = look(shop.url(article), None, settings)
    assert seen.found is not None
    product = products.add(products.ProductDraft(url=shop.url(article), name=seen.found.name))
    record(product.id, seen, settings)
    put(f"  {describe(seen.found):40} found in {seen.found.extractor}")
    return product.id


def _add_alerts(products: dict[UUID, Article]) -> None:
    from tracker_db.services import alert_rules as rules

    wanted = {
        "kettle": rules.target(Decimal(40), "EUR"),
        "headphones": rules.drop(percent=Decimal(10)),
        "grinder": rules.back_in_stock(),
    }
    put()
    put("Tell me: the kettle at 40.00 EUR, the headphones 10 % down, the grinder back in stock.")
    for product_id, article in products.items():
        if article.slug in wanted:
            rules.add(product_id, wanted[article.slug])


def _live_through(day: int, shop: Shop, ids: list[UUID], settings: Settings) -> None:
    """A day passes in the records, the prices move, everything is checked, alerts go out."""
    from tracker_db.cli.run import check
    from tracker_db.queries.products import some_products
    from workers.chores.outbox import deliver

    if sys.stdout.isatty():
        time.sleep(_DAY_SECONDS)
    put()
    put(f"Day {day + 1}")
    _age_records()
    shop.day = day
    check(some_products(ids), settings, _put_change)
    deliver(settings)


def _put_change(run: Run, result: Result) -> None:
    """A line for what is not as it was."""
    if result.price is None or result.currency is None or result.price == run.last_price:
        return
    before = "new" if run.last_price is None else str(Money(run.last_price, result.currency))
    put(f"  {run.name:16} {before:>12} -> {Money(result.price, result.currency)}")


def _age_records() -> None:
    """Make everything that was recorded a day older, so that the chart shows days."""
    from tracker_db.db import db, transaction

    with transaction():
        db.execute_sql("UPDATE price_records SET scraped_at = scraped_at - interval '1 day'")
        db.execute_sql("UPDATE run_logs SET created_at = created_at - interval '1 day'")


def _show(product_id: UUID) -> None:
    from tracker_db.cli.prices import show_history
    from tracker_db.queries.prices import history
    from tracker_db.queries.products import some_products

    put()
    put("tracker prices kettle")
    show_history(some_products([product_id])[0], history(product_id), days=90)
