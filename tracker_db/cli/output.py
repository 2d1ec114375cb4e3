"""What commands print: data to stdout, talk to stderr; tables for people, --json and --csv."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import wraps
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import click

from tracker_db.cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, RenderableType

Row = TypeVar("Row")
#: Cells of a row by the heading or name of their column.
Cells = Mapping[str, Callable[[Row], object]]

#: Wide enough that nothing is cut where no terminal sets a limit.
_PIPED_WIDTH = 4000
#: Columns of cells up to this long stay whole on a narrow terminal; the others are wrapped.
_SHORT = 20
#: What JSON leaves as it is though it can steer a terminal.
_STEERING = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """Rows, and how they look: `columns` (heading -> cell) in a table, `data` for programs.

    Both name every cell, so that there is a header without any rows too. `empty` is then said.
    """

    rows: Sequence[Row]
    columns: Cells[Row]
    empty: str
    data: Cells[Row] = field(default_factory=dict)

    @property
    def records(self) -> list[dict[str, object]]:
        """The rows as programs get them."""
        return [record(self.data, row) for row in self.rows]


def record(data: Cells[Row], row: Row) -> dict[str, object]:
    """One row as programs get it."""
    return {name: cell(row) for name, cell in data.items()}


def fields_of(kind: type[Row]) -> Cells[Row]:
    """All fields of a dataclass, as the `data` of a listing of its rows."""
    return {one.name: attrgetter(one.name) for one in fields(kind)}  # type: ignore[arg-type]


def listing(command: Callable[..., Listing[Any]]) -> Callable[..., None]:
    """Give a command that returns a Listing its `--json` and `--csv`, and print what it returns."""

    @click.option("--json", "form", flag_value="json", help="Print a JSON array.")
    @click.option("--csv", "form", flag_value="csv", help="Print CSV with a header line.")
    @wraps(command)
    def run(*args: Any, form: str | None, **kwargs: Any) -> None:
        show(command(*args, **kwargs), form)

    return run


def show(found: Listing[Any], form: str | None = None) -> None:
    """Print a listing as `json`, as `csv`, or as a table."""
    if form == "json":
        print_json(found.records)
    elif form == "csv":
        _print_csv(list(found.data), found.records)
    elif found.rows:
        _print_table(found)
    else:
        say(found.empty)


def print_json(value: object) -> None:
    """Print a value as JSON: amounts as exact text, times as ISO 8601 in UTC."""
    text = json.dumps(value, default=_plain, ensure_ascii=False, indent=2)
    click.echo(_STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def say(message: str) -> None:
    """Talk: to stderr, so that what is piped stays data."""
    click.echo("\n".join(clean(line) for line in message.splitlines()), err=True)


def put(line: str = "") -> None:
    """A line of data."""
    click.echo(clean(line))


def put_rich(renderable: RenderableType) -> None:
    """Print to stdout; in colour on a terminal that wants it, uncut where there is none."""
    console = _console()
    if console.is_terminal:
        console.print(renderable)
        return
    with console.capture() as captured:
        console.print(renderable)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())


def _console() -> Console:
    from rich.console import Console

    return Console(
        file=sys.stdout,
        width=None if sys.stdout.isatty() else _PIPED_WIDTH,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )


def _print_table(found: Listing[Any]) -> None:
    cells = [[_cell(cell(row)) for cell in found.columns.values()] for row in found.rows]
    if sys.stdout.isatty():
        _put_table(list(found.columns), cells)
    else:
        _put_aligned([list(found.columns), *cells])


def _put_aligned(lines: Sequence[Sequence[str]]) -> None:
    """A table without a terminal's limits: ten times as fast as Rich, which counts in scripts."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = zip(line, widths, strict=True)
        put("  ".join(cell + " " * (width - cell_len(cell)) for cell, width in cells).rstrip())


def _put_table(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, column in zip(headings, zip(*cells, strict=True), strict=True):
        table.add_column(heading, no_wrap=max(map(len, column)) <= _SHORT, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    put_rich(table)


def _cell(value: object) -> str:
    return "" if value is None else clean(value)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _print_csv(header: Sequence[str], records: Sequence[Mapping[str, object]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for row in records:
        writer.writerow(["" if value is None else _plain(value) for value in row.values()])
    click.echo(text.getvalue(), nl=False)
