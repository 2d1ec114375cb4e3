"""`tracker db seed`: data for development."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@click.command()
@click.argument("domains", nargs=-1, metavar="[DOMAIN]...")
@click.option(
    "--size",
    type=click.Choice(["small", "medium", "large"]),
    default="small",
    show_default=True,
    help="How much: about 1,700, 66,000 or 1,500,000 rows in all.",
)
@click.option(
    "--force", is_flag=True, help="The database may be on another machine, or named for production."
)
def seed(domains: tuple[str, ...], size: str, force: bool) -> None:
    """Fill the tables with data for development; a second run changes nothing.

    Domains are prices, costs, crm, platform and coaching; without any, all of them.
    The users can log in: alice@demo.example is one of them.

    \b
    Example:
      tracker db seed crm --size medium
    """
    from tracker_db.schema.seed import DOMAINS
    from tracker_db.schema.seed import seed as fill
    from tracker_db.schema.seed.platform import PASSWORD

    with _progress() as bars:
        gained = fill(domains, size=size, force=force, on_progress=_Bars(bars))
    for table, count in gained.items():
        click.echo(f"{count:>9,} new  {table}")
    if {"platform", "coaching"} & set(domains or DOMAINS):
        click.echo(f"Log in as alice@demo.example with: {PASSWORD}", err=True)


def _progress() -> Progress:
    """Bars on stderr, gone when all is done."""
    from rich.console import Console
    from rich.progress import Progress

    return Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


class _Bars:
    """A bar for each table."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, table: str, done: int, about: int) -> None:
        """Draw what `seed` reports."""
        if table not in self._tasks:
            self._tasks[table] = self._progress.add_task(table)
        self._progress.update(self._tasks[table], completed=done, total=about)
