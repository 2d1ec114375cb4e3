"""`tracker status`: what is due, what fails, what was sent."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from tracker_db.cli.failure import Failure
from tracker_db.cli.output import Listing, print_json, put, show
from tracker_db.cli.text import moment, short

if TYPE_CHECKING:
    from tracker_db.queries.products import ProductRow
    from tracker_db.queries.status import ClosedHost, DeadLetter, Status

_MOST_SHOWN = 10


@click.command()
@click.option("--check", is_flag=True, help="For health checks: exit 1 when something is wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def status(*, check: bool, as_json: bool) -> None:
    """Show what is due, what fails and what was sent.

    --check fails when the database cannot be reached, or when a check or an alert has been overdue
    for more than five minutes, which means that no worker runs.

    \b
    Example:
      tracker status --check
    """
    from tracker_db.queries import status as queries

    now = queries.status()
    if as_json:
        print_json(asdict(now) | {"problems": now.problems})
    elif not check:
        _put_figures(now)
        _put_details(now)
    if check and now.problems:
        raise Failure("\n".join(now.problems))
    if check and not as_json:
        put("ok")


def _put_figures(now: Status) -> None:
    figures = {
        "products": f"{now.products} ({now.paused} paused)",
        "due": f"{now.due} ({now.overdue} overdue)",
        "running": now.running,
        "next check": moment(now.next_run_at) or "none",
        "failing": now.failing,
        "checks": f"{now.runs_today} in 24 hours, {now.failed_today} failed",
        "alerts": f"{now.sent_today} sent in 24 hours, {now.pending} waiting, {now.dead} given up",
        "hosts": f"{now.hosts_closed} resting after failures",
    }
    for name, value in figures.items():
        put(f"{name:12} {value}")
    for problem in now.problems:
        put(f"{'PROBLEM':12} {problem}")


def _put_details(now: Status) -> None:
    from tracker_db.queries.products import failing_products
    from tracker_db.queries.status import closed_hosts, dead_letters

    if now.failing:
        _put_section("Failing", _failing(failing_products(_MOST_SHOWN)))
    if now.hosts_closed:
        _put_section("Resting hosts", _hosts(closed_hosts()[:_MOST_SHOWN]))
    if now.dead:
        _put_section("Alerts given up", _letters(dead_letters(_MOST_SHOWN)))


def _put_section(title: str, found: Listing[Any]) -> None:
    put()
    put(title)
    show(found)


def _failing(rows: list[ProductRow]) -> Listing[ProductRow]:
    columns = {
        "ID": lambda row: short(row.id),
        "IN A ROW": lambda row: row.failures,
        "PRODUCT": lambda row: row.name[:40],
        "LAST ERROR": lambda row: row.last_error,
    }
    return Listing(rows, columns, "")


def _hosts(rows: list[ClosedHost]) -> Listing[ClosedHost]:
    columns = {
        "HOST": lambda host: host.host,
        "FAILURES": lambda host: host.failures,
        "UNTIL": lambda host: moment(host.closed_until),
    }
    return Listing(rows, columns, "")


def _letters(rows: list[DeadLetter]) -> Listing[DeadLetter]:
    columns = {
        "TIME": lambda letter: moment(letter.created_at),
        "CHANNEL": lambda letter: letter.channel,
        "ALERT": lambda letter: letter.title[:50],
        "ERROR": lambda letter: letter.last_error,
    }
    return Listing(rows, columns, "")
