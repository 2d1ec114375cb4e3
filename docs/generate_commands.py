"""Write docs/commands.md from the help of every command; a test keeps the two alike."""  # noqa: INP001 - a script

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker_db.cli import tracker

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).with_name("commands.md")
_INTRODUCTION = """# Commands

What `tracker` can do, as its own help says it. Data goes to the standard output and talk to the
standard error, so that everything can be piped. The exit code is 0 when it is done, 1 when it
failed, 2 when it was used wrongly. This page is written by `python docs/generate_commands.py`.
"""


def page() -> str:
    """The whole page."""
    sections = [f"## {path}\n\n```\n{text}\n```\n" for path, text in helps()]
    return "\n".join([_INTRODUCTION, *sections])


def helps() -> Iterator[tuple[str, str]]:
    """(full name, help text) of every command, groups before what is in them."""
    yield from _helps(
        tracker, click.Context(tracker, info_name="tracker", **tracker.context_settings)
    )


def _helps(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    context.max_content_width = context.terminal_width = 90
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None, "a command that is listed exists"
            yield from _helps(child, click.Context(child, parent=context, info_name=name))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
