"""The `tracker` command: a thin shell over the services and queries."""

from __future__ import annotations

import importlib
import os
import sys
from keyword import iskeyword
from pathlib import Path

import click

from tracker_db.cli.failure import as_failure
from tracker_db.version import __version__

#: command -> (module, one line of help). A module is imported only when its command runs.
COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("up", "Set the database up and start the worker."),
    "add": ("add", "Track the price of a product's page."),
    "status": ("status", "What is due, what fails, what was sent."),
    "demo": ("demo", "Track a small shop on this machine, in under a minute."),
    "products": ("products", "The tracked products: list, show, edit, pause, remove."),
    "prices": ("prices", "The price history of a product, as a chart and a table."),
    "run": ("run", "Check products now."),
    "runs": ("runs", "How the latest checks ended."),
    "alerts": ("alerts", "When to be told: list, add, remove, switch, test."),
    "extract": ("extract", "Explain which price is read from a page, and why."),
    "import": ("transfer", "Track all products of a CSV, JSON or URL list."),
    "export": ("transfer", "Print all products as CSV or JSON, for import."),
    "costs": ("costs", "What LLM calls cost: spending, record, verify, reprice, purge."),
    "budgets": ("budgets", "What LLM calls may cost: add, list, remove."),
    "pricing": ("pricing", "What LLM models cost: import, list, set, alias, unpriced."),
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
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(module, f"{name}_" if iskeyword(name) else name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what people can mend ends in one line, not in a traceback."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if (failure := as_failure(error)) is None:
                raise
            raise failure from error

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
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # it was closed: tracker status >&-
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - for as long as we run
        # A terminal that knows few characters shows a question mark rather than a traceback.
        getattr(sys, name).reconfigure(errors="replace")
    tracker()
