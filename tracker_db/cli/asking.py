"""Questions to the person at the terminal, where there is one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tracker_db.cli.failure import WrongUse
from tracker_db.cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence


def sure(question: str, *, yes: bool) -> bool:
    """Whether to go on: `--yes`, or what the person answers; wrong use where nobody can."""
    if yes:
        return True
    _need_a_person(f"{question} Nobody can be asked here; say --yes for yes.")
    return click.confirm(clean(question), err=True)


def choose(question: str, choices: Sequence[str], hint: str) -> int | None:
    """The index of the line that the person picks; None for none of them."""
    for n, line in enumerate(choices, 1):
        click.echo(f"  {n}  {clean(line)}", err=True)
    _need_a_person(f"{question} Nobody can be asked here; {hint}")
    number: int = click.prompt(
        f"{question} (0 for none)", type=click.IntRange(0, len(choices)), err=True
    )
    return number - 1 if number else None


def typed(question: str, hint: str) -> str:
    """What the person types; wrong use, with the hint, where nobody can be asked."""
    _need_a_person(f"{question}. Nobody can be asked here; {hint}")
    answer: str = click.prompt(clean(question), err=True)
    return answer


def _need_a_person(message: str) -> None:
    if not sys.stdin.isatty():
        raise WrongUse(message)
