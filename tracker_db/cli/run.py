"""`tracker run`: check products now, in the foreground."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING

import click

from tracker_db.cli.failure import Failure
from tracker_db.cli.output import put, say
from tracker_db.cli.text import plural
from tracker_db.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from tracker_db.config import Settings
    from tracker_db.queries.products import ProductRow
    from tracker_db.services.runs import Result, Run
    from workers.pipeline import Pipeline


@click.command()
@click.argument("products", metavar="[PRODUCT]...", nargs=-1)
def run(products: tuple[str, ...]) -> None:
    """Check products now, whatever their schedule says; without PRODUCT, all that is due.

    Alerts are sent too. Exit code 1 if a check failed.

    \b
    Example:
      tracker run kettle
    """
    from tracker_db.config import settings
    from tracker_db.queries.products import find_product
    from workers.chores.outbox import deliver

    rows = [find_product(text) for text in products]
    report = check(rows if products else None, settings())
    deliver(settings())
    if not report.checks and not products:
        say("Nothing is due. Name products to check them all the same.")
    if report.failed or report.left_out:
        raise Failure(report.summary)


@dataclass(slots=True)
class Report:
    """Counts checks, tells how each one ended, and how far it is where somebody watches."""

    wanted: int | None
    tell: Callable[[Run, Result], None]
    checks: int = 0
    failed: int = 0
    left_out: int = 0
    seen: set[UUID] = field(default_factory=set)

    @property
    def summary(self) -> str:
        """What did not go well."""
        failed = f"{self.failed} of {plural(self.checks, 'check')} failed." if self.failed else ""
        left = f"{plural(self.left_out, 'product')} left out." if self.left_out else ""
        return f"{failed} {left}".strip()

    def __call__(self, run: Run, result: Result) -> None:
        """Tell how one check ended."""
        self.seen.add(run.product_id)
        self.checks += 1
        self.failed += not result.outcome.succeeded
        self.clear()
        self.tell(run, result)
        self.progress()

    def progress(self) -> None:
        """Say how far it is, on a terminal only."""
        if sys.stderr.isatty():
            of = f" of {self.wanted}" if self.wanted else ""
            click.echo(f"\r{self.checks}{of} checked", nl=False, err=True)

    def clear(self) -> None:
        """Take the counter away."""
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)


def put_check(run: Run, result: Result) -> None:
    """A line for a check, and one for what can be done about a failure."""
    put(f"{result.outcome.value:12} {_price(result):>16}  {run.name}")
    if result.message and not result.outcome.succeeded:
        put(f"{'':12} {result.message}")


def check(
    rows: list[ProductRow] | None,
    settings: Settings,
    tell: Callable[[Run, Result], None] = put_check,
) -> Report:
    """Check these products, or all that is due; Ctrl-C gives back what was not begun."""
    from workers.check import Checker
    from workers.fetch import Client
    from workers.pipeline import Pipeline

    report = Report(len(rows) if rows is not None else None, tell)
    with Client(settings) as client:
        pipeline = Pipeline(Checker(client, settings), settings, Event(), report=report)
        report.progress()
        try:
            _work(pipeline, rows, report, settings)
        except KeyboardInterrupt:
            pipeline.stop.set()
            pipeline.leave()
            raise
        finally:
            pipeline.close()
            report.clear()
    return report


def _work(
    pipeline: Pipeline, rows: list[ProductRow] | None, report: Report, settings: Settings
) -> None:
    if rows is None:
        pipeline.drain()
        return
    wanted = {row.id: row.name for row in rows}
    while left := [one for one in wanted if one not in report.seen]:
        if not _pass(pipeline, left, report, settings):
            report.left_out = len(left)
            for one in left:
                say(f"{wanted[one]}: left out; its host is resting, or a worker has it in hand.")
            return


def _pass(pipeline: Pipeline, left: list[UUID], report: Report, settings: Settings) -> bool:
    """Check what can be claimed; whether that brought anything.

    A busy host turns products away: they are tried again as long as others get through.
    """
    from tracker_db.services.runs import claim_now

    before = len(report.seen)
    pipeline.run(claim_now(left, timedelta(seconds=settings.lease_seconds)))
    return len(report.seen) > before


def _price(result: Result) -> str:
    if result.price is None or result.currency is None:
        return "-"
    return str(Money(result.price, result.currency))
