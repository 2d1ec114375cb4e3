"""`tracker db up`, `drop`, `reset` and `forget`: what one does on one's own machine."""

from __future__ import annotations

import click

_name = click.option("--yes", "name", metavar="NAME", help="The database's name, for scripts.")


@click.command()
def up() -> None:
    """Start the embedded server, or say how to start the database of DATABASE_URL.

    The embedded server then stays for an hour after the last connection.

    \b
    Example:
      tracker db up
    """
    from tracker_db.schema.up import up as start

    click.echo(start())


@click.command()
@_name
@click.option("--force", is_flag=True, help="Even a remote one, one for production, one in use.")
def drop(name: str | None, force: bool) -> None:
    """Drop the database with all its data, after its name was typed.

    \b
    Example:
      tracker db drop --yes tracker
    """
    from tracker_db.schema import drop as schema

    name = name or _typed("drop")
    schema.drop(name, force=force)
    click.echo(f"Dropped {name}.")


@click.command()
@_name
def reset(name: str | None) -> None:
    """Drop the development database, then make, migrate and seed it.

    \b
    Example:
      tracker db reset --yes tracker
    """
    from tracker_db.schema import drop as schema

    name = name or _typed("reset")
    applied = schema.reset(name)
    click.echo(f"Made {name} anew: applied {len(applied)} migrations, and seeded it.")


@click.command()
@click.argument("name")
def forget(name: str) -> None:
    """Delete the last migration file, unless it is applied. NAME is its name or number.

    \b
    Example:
      tracker db forget 006
    """
    from tracker_db.schema.migrate import forget as delete

    click.echo(f"Deleted {delete(name)}")


def _typed(verb: str) -> str:
    from tracker_db.cli.asking import typed
    from tracker_db.schema.drop import database_name

    name = database_name()
    return typed(
        f"To {verb} it with all its data, type the name of the database ({name})",
        f"say --yes {name}.",
    )


COMMANDS = (up, drop, reset, forget)
