"""What `generate` and `push` ask the person at the terminal, where there is one."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import click

from tracker_db.cli.asking import choose
from tracker_db.cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker_db.schema.generate import Request
    from tracker_db.schema.push import Push

R = TypeVar("R", "Request", "Push")
T = TypeVar("T")


def answered(run: Callable[[R], T], request: R) -> T:
    """What `run` makes of the request, once every question it raises is answered.

    Where nobody can be asked the question is raised, which names the flag that answers it.
    """
    from tracker_db.schema.consent import ConsentError, RenameQuestionError

    while True:
        try:
            return run(request)
        except RenameQuestionError as question:
            if not sys.stdin.isatty():
                raise
            number = choose("Which of these was renamed?", question.candidates, "say --rename.")
            if number is None:
                request = replace(request, nothing_renamed=True)
            else:
                renames = [*request.renames, question.candidates[number]]
                request = replace(request, renames=renames)
        except ConsentError as question:
            if not sys.stdin.isatty():
                raise
            click.echo("\n".join(map(clean, question.losing)), err=True)
            click.confirm("This loses data. May it go?", abort=True, err=True)
            request = replace(request, accept_data_loss=True)
