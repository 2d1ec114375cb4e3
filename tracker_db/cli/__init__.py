"""The `tracker` command: a thin shell over the services and queries."""

from __future__ import annotations

import importlib
import sys

import click

from tracker_db.errors import TrackerError
from tracker_db.version import __version__

#: command -> (module, one line of help). A module is imported only when its command runs.
COMMANDS: dict[str, tuple[str, str]] = {
    "db": ("database", "The database: its URL and its migrations."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Every command, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command's module and take the command of the same name from it."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"tracker_db.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tracker")
def tracker() -> None:
    """Track what things cost: product prices on cron schedules, LLM calls as they happen."""


def main() -> None:
    """Run `tracker`: exit 0 done, 1 failed, 2 wrong use."""
    try:
        tracker()
    except TrackerError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
