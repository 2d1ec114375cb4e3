"""`tracker db generate`, `check`, `push`, `pull`, `lint`: the schema follows the models, safely."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker_db.cli.failure import WrongUse
from tracker_db.cli.schema_questions import answered
from tracker_db.cli.text import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tracker_db.schema.plan import Step


def _change(command: Callable[..., None]) -> Callable[..., None]:
    """The options by which a person answers what only a person can know."""
    for option in (
        click.option("--accept-data-loss", is_flag=True, help="What the change drops may go."),
        click.option("--fill", "fills", multiple=True, metavar="TABLE.COLUMN=SQL",
                     help="What rows get that a new NOT NULL would refuse."),
        click.option("--rename", "renames", multiple=True, metavar="OLD:NEW",
                     help="Renamed, not dropped: products.name:title, products:items."),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command()
@click.argument("name", required=False)
@click.option("--custom", is_flag=True, help="An empty migration, to write by hand.")
@click.option("--online", is_flag=True, help="In several files, for tables that are in use.")
@click.option("--squash", is_flag=True, help="One migration in place of all there are.")
@click.option("--accept-frozen", is_flag=True, help="What depends on the server may be squashed.")
@_change
def generate(
    name: str | None,
    custom: bool,
    squash: bool,
    accept_frozen: bool,
    fills: tuple[str, ...],
    **answers: Any,
) -> None:
    """Write the migration that brings the files to the models.

    It is kept only after it was applied to a shadow database, compared with the models,
    rolled back and compared with what was before.

    \b
    Example:
      tracker db generate add_stock
      tracker db generate --rename products.name:title
      tracker db generate --online add_checks
      tracker db generate --squash
    """
    if squash:
        if custom or fills or answers["renames"] or answers["online"]:
            raise click.UsageError("--squash changes nothing, and goes with no change.")
        _squash(name, accept_frozen, answers["accept_data_loss"])
    elif accept_frozen:
        raise click.UsageError("--accept-frozen answers a question of --squash.")
    elif custom:
        _custom(name or "custom")
    else:
        _generate(name, fills, answers)


def _custom(name: str) -> None:
    from tracker_db.schema import generate as schema
    from tracker_db.schema.migrate import migrations_dir

    click.echo(schema.custom(migrations_dir(), name))


def _generate(name: str | None, fills: tuple[str, ...], answers: dict[str, Any]) -> None:
    from tracker_db.schema import generate as schema
    from tracker_db.schema.reading import read_statements

    request = schema.Request(name=name, fill=_fills(fills), **answers, **_here())
    migrations = answered(schema.generate, request)
    for migration in migrations:
        _print_steps(migration.forward)
        _print_breaches(read_statements(migration.path))
        _print_backfills("Applied", migration.forward)
        _print_backfills("Rolled back", migration.back)
        click.echo(f"Proved and kept: {migration.path}")
    if not migrations:
        click.echo("No changes: the files make what the models say.")


def _squash(name: str | None, accept_frozen: bool, accept_data_loss: bool) -> None:
    from tracker_db.db import direct_url
    from tracker_db.schema import squash as schema
    from tracker_db.schema.migrate import migrations_dir

    squashed = schema.squash(
        schema.Request(
            url=direct_url(),
            folder=migrations_dir(),
            name=name or "squashed",
            accept_frozen=accept_frozen,
            accept_data_loss=accept_data_loss,
        )
    )
    if squashed is None:
        click.echo("Nothing to squash: there are fewer than two migrations.")
        return
    click.echo(f"Proved and kept: {squashed.path}")
    click.echo(f"Removed, and to be had from version control only: {', '.join(squashed.removed)}")


@click.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Whether files, models and database agree: exit 0 if so, 1 if not, 2 if it cannot be said.

    \b
    Example:
      tracker db check
    """
    from tracker_db.errors import TrackerError
    from tracker_db.schema import check as schema

    try:
        report = schema.check(**_here())
    except TrackerError as error:
        raise WrongUse(str(error)) from error
    for finding in report.findings:
        click.echo(f"{finding.area}: {finding.what}")
    if report.repair:
        click.echo("\nTo repair the database:\n")
        click.echo("\n".join(f"{line};" for line in ("BEGIN", *report.repair, "COMMIT")))
    if not report.findings:
        click.echo("Files, models and database agree.")
    context.exit(report.exit_code)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only show the statements.")
@click.option("--force", is_flag=True, help="The database may be on another machine.")
@_change
def push(fills: tuple[str, ...], **answers: Any) -> None:
    """Bring a development database straight to the models, in one transaction.

    \b
    Example:
      tracker db push --dry-run
    """
    from tracker_db.schema import push as schema

    steps = answered(schema.push, schema.Push(fill=_fills(fills), **answers, **_here()))
    _print_steps(steps)
    if not steps:
        click.echo("No changes: the database is what the models say.")


@click.command()
@click.argument("url", required=False)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a new file instead of printing.",
)
def pull(url: str | None, output: Path | None) -> None:
    """Write models for an existing database, of ours or of anybody.

    They are kept only if they make that very schema again in a shadow database. What fields
    cannot say stands in them as SQL.

    \b
    Example:
      tracker db pull postgresql://localhost/shop --output shop.py
    """
    from tracker_db.db import direct_url
    from tracker_db.schema import pull as schema

    text = schema.pull(url or direct_url())
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise WrongUse(f"{output} is there already, and was not overwritten.") from error
    click.echo(f"Proved and kept: {output}")


@click.command()
@click.argument("names", nargs=-1)
@click.pass_context
def lint(context: click.Context, names: tuple[str, ...]) -> None:
    """Name what in migrations can take a busy database down, and the form that does not.

    All of them, or those whose names or numbers are given: exit 0 if there is nothing, else 1.

    \b
    Example:
      tracker db lint 004
    """
    from tracker_db.schema import files
    from tracker_db.schema.migrate import migrations_dir
    from tracker_db.schema.reading import read_statements

    folder = migrations_dir()
    wanted = [_migration(folder, name) for name in names] or files.names(folder)
    count = sum(_print_breaches(read_statements(folder / f"{name}.py")) for name in wanted)
    if not count:
        click.echo(f"Nothing found in {plural(len(wanted), 'migration')}.")
    context.exit(1 if count else 0)


def _migration(folder: Path, wanted: str) -> str:
    """The name of a migration in the folder, given its name or number."""
    from tracker_db.schema import files

    for name in files.names(folder):
        if files.is_called(name, wanted):
            return name
    raise WrongUse(f"No migration {wanted}; there are: {', '.join(files.names(folder))}.")


def _here() -> dict[str, Any]:
    """The database, the folder and the models of this installation."""
    from tracker_db.db import direct_url
    from tracker_db.schema.from_models import load_models
    from tracker_db.schema.migrate import migrations_dir

    return {"url": direct_url(), "folder": migrations_dir(), "models": load_models()}


def _fills(texts: Iterable[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    if not all(equals for _, equals, _ in pairs):
        raise click.BadParameter(
            "write TABLE.COLUMN=SQL, such as products.title=\"''\"", param_hint="--fill"
        )
    return {column: sql for column, _, sql in pairs}


def _print_steps(steps: Iterable[Step]) -> None:
    for step in steps:
        flags = f"  -- {', '.join(sorted(step.flags))}" if step.flags else ""
        click.echo(f"{step.sql};{flags}")


def _print_backfills(when: str, steps: Iterable[Step]) -> None:
    for step in steps:
        if "needs-backfill" in step.flags:
            column = step.object.removeprefix("column ")
            click.echo(
                f"{when}, this fails where rows hold nothing there:\n  {step.sql}\n"
                f'  Say what they get with --fill "{column}=SQL"',
                err=True,
            )


def _print_breaches(statements: Iterable[str]) -> int:
    """Print what the statements risk; how much that is."""
    from tracker_db.schema.lint import lint

    breaches = list(lint(statements))
    for breach in breaches:
        first = breach.statement.strip().partition("\n")[0]
        rule = breach.rule
        click.echo(f"{rule.name}: {first}\n  {rule.danger}\n  Safe: {rule.instead}", err=True)
    return len(breaches)


COMMANDS = (generate, check, push, pull, lint)
