"""`tracker db`: where the database is, and what has been applied to it."""

from __future__ import annotations

import textwrap

import click

from tracker_db.cli import development, schema
from tracker_db.cli.seed import seed


@click.group()
def db() -> None:
    """The database: its URL and its migrations."""


for command in (*schema.COMMANDS, *development.COMMANDS):
    db.add_command(command)
db.add_command(seed)


@db.command()
def url() -> None:
    """Print the database's URL, password included, for psql and other tools.

    The embedded server goes on running while somebody is connected, and for a minute more.

    \b
    Example:
      psql "$(tracker db url)"
    """
    from tracker_db import embedded
    from tracker_db.config import settings
    from tracker_db.db import url as database_url
    from tracker_db.keeper import keep_for_others

    click.echo(database_url())
    if settings().database_url is None:
        keep_for_others(embedded.joined())


@db.command()
@click.option("--to", metavar="NAME", help="Stop after this migration (its name or number).")
@click.option("--plan", is_flag=True, help="Only show what would be applied.")
@click.option("--fake", is_flag=True, help="Only record them: the database has all they make.")
def migrate(to: str | None, plan: bool, fake: bool) -> None:
    """Apply the pending migrations.

    \b
    Example:
      tracker db migrate --plan
      tracker db migrate --to 002
    """
    from tracker_db.schema import migrate as schema

    if plan:
        _print_plan(schema.preview(to))
    else:
        verb = "Recorded" if fake else "Applied"
        back = f" To go back to {to}: tracker db rollback --count N" if to else ""
        _print_names(verb, schema.migrate(to, fake=fake), f"Nothing to apply.{back}")


@db.command()
@click.option("--count", type=click.IntRange(min=1), default=1, help="How many. [default: 1]")
@click.option("--all", "everything", is_flag=True, help="All of them, which leaves nothing behind.")
def rollback(count: int, everything: bool) -> None:
    """Roll back the last migrations, with the data in what they made.

    \b
    Example:
      tracker db rollback --count 2
    """
    from tracker_db.schema.migrate import rollback as undo

    _print_names("Rolled back", undo(None if everything else count), "Nothing to roll back.")


@db.command()
def status() -> None:
    """List the migrations: applied, pending, late, edited, missing or (squashed) partial.

    \b
    Example:
      tracker db status
    """
    from tracker_db.schema.migrate import status as migrations

    for migration in migrations():
        when = migration.applied_at.isoformat(" ", "seconds") if migration.applied_at else ""
        click.echo(f"{migration.state:8} {migration.name}  {when}".rstrip())


def _print_plan(migrations: list[tuple[str, list[str]]]) -> None:
    for name, statements in migrations:
        click.echo(f"-- {name}")
        click.echo("".join(f"{textwrap.dedent(sql).strip()};\n" for sql in statements))
    if not migrations:
        click.echo("Nothing to apply.")


def _print_names(done: str, names: list[str], nothing: str) -> None:
    for name in names:
        click.echo(f"{done} {name}")
    if not names:
        click.echo(nothing)
