"""Migration files as text: peewee-migrate's format, with nothing in it but migrator.sql()."""

from __future__ import annotations

import ast
import re
import textwrap
from itertools import chain
from typing import TYPE_CHECKING

from tracker_db.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_FILE = re.compile(r"(\d{3})_[^.]+\.py")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_]*")
#: What fits on a line of 100 behind `    migrator.sql(` and its quotes.
_WIDTH = 80

_TEMPLATE = '''"""{title}{notes}"""
{replaces}

def migrate(migrator, database, *, fake=False):
{forward}


def rollback(migrator, database, *, fake=False):
{back}
'''

_CONCURRENT = '''"""{title}"""

from tracker_db.schema.concurrently import concurrently


def migrate(migrator, database, *, fake=False):
    concurrently(migrator, {create})


def rollback(migrator, database, *, fake=False):
    concurrently(migrator, {drop})
'''


#: Each is the names of migrations, in order, that a database may have applied.
Histories = tuple[tuple[str, ...], ...]

_REPLACES = """
#: This file stands for each of these histories.
REPLACES = (
{histories}
)
"""


def names(folder: Path) -> list[str]:
    """The migrations in a folder, in order, without `.py`; not those that were squashed."""
    gone = replaced(folder)
    return [name for name in _all_names(folder) if name not in gone]


def squashes(folder: Path) -> dict[str, Histories]:
    """The squashed files in a folder, and the histories that each of them stands for."""
    found = {name: replaces(folder / f"{name}.py") for name in _all_names(folder)}
    return {name: histories for name, histories in found.items() if histories}


def replaced(folder: Path) -> set[str]:
    """The names of all migrations that the squashed files in a folder stand for."""
    return {name for histories in squashes(folder).values() for name in chain(*histories)}


def leftovers(folder: Path) -> list[str]:
    """Migrations that a squashed file stands for and that are still there."""
    gone = replaced(folder)
    return [name for name in _all_names(folder) if name in gone]


def replaces(file: Path) -> Histories:
    """The histories that a squashed file stands for; none for any other file."""
    source = file.read_text(encoding="utf-8")
    if "\nREPLACES = " not in source:
        return ()
    try:
        return _read_replaces(ast.parse(source))
    except (SyntaxError, ValueError) as error:
        raise InvalidInputError(f"REPLACES in {file} cannot be read: {error}") from error


def _read_replaces(module: ast.Module) -> Histories:
    histories: Histories = ()
    for node in module.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REPLACES":
            histories = ast.literal_eval(node.value)
    if not all(isinstance(history, tuple) for history in histories):
        raise ValueError("it must be a tuple of tuples of names")
    return histories


def _all_names(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(path.stem for path in folder.iterdir() if _FILE.fullmatch(path.name))


def next_name(folder: Path, slug: str) -> str:
    """`slug` behind the next number; InvalidInputError when it cannot be part of a file name."""
    last = max((int(name[:3]) for name in names(folder)), default=0)
    if last == 999:
        raise InvalidInputError("There is a migration 999 already, and three digits end there.")
    return numbered(last + 1, slug)


def numbered(number: int, slug: str) -> str:
    """`slug` behind a number; InvalidInputError when it cannot be part of a file name."""
    slug = slug.strip().lower().replace(" ", "_").replace("-", "_")
    if not _SLUG.fullmatch(slug):
        raise InvalidInputError(
            f"{slug!r} cannot name a migration: use letters, digits and underscores."
        )
    return f"{number:03}_{slug}"


def title(name: str) -> str:
    """The first line of a migration's docstring."""
    return f"{name[4:].replace('_', ' ').capitalize()}."


def render(
    title: str,
    notes: Iterable[str],
    forward: Iterable[str],
    back: Iterable[str],
    histories: Histories = (),
) -> str:
    """The text of a migration whose two functions run these statements.

    `histories`: what it stands for when it is a squashed one.
    """
    texts = (_escaped(note) for note in notes)
    lines = [f"{textwrap.fill(text, 99, subsequent_indent='  ')}\n" for text in texts]
    return _TEMPLATE.format(
        title=title,
        notes="\n\n" + "".join(lines) if lines else "",
        replaces=_tuples(histories),
        forward=_calls(forward),
        back=_calls(back),
    )


def render_concurrent(title: str, create: str, drop: str) -> str:
    """The text of a migration that makes one index outside of any transaction."""
    return _CONCURRENT.format(title=title, create=literal(create), drop=literal(drop))


def _tuples(histories: Histories) -> str:
    if not histories:
        return ""
    texts = ("".join(f"        {literal(name)},\n" for name in history) for history in histories)
    return _REPLACES.format(histories="\n".join(f"    (\n{text}    )," for text in texts))


def _calls(statements: Iterable[str]) -> str:
    calls = [f"    migrator.sql({_formatted(sql)})" for sql in statements]
    return "\n".join(calls) or "    pass"


def _formatted(sql: str) -> str:
    """The literal of a statement that peewee formats, for which `%` is doubled."""
    return literal(sql.replace("%", "%%"))


def literal(sql: str) -> str:
    """A statement as a Python literal; a long one stands on lines of its own."""
    if "\n" not in sql and len(sql) <= _WIDTH and not set('"\\\r') & set(sql):
        return f'"{sql}"'
    escaped = _escaped(sql)
    if not _may_be_indented(sql):
        escaped = f'{escaped[:-1]}\\"' if escaped.endswith('"') else escaped
        return f'"""{escaped}"""'
    body = textwrap.indent(escaped, " " * 8)
    return f'"""\n{body}\n    """'


def _escaped(text: str) -> str:
    """`text` as it stands between triple quotes; a quote at its very end is the caller's."""
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').replace("\r", "\\r")


def _may_be_indented(sql: str) -> bool:
    """Whether no string, name or function body goes over the end of a line."""
    lines = sql.splitlines()
    return "$" not in sql and not any(line.count(q) % 2 for line in lines for q in "'\"")
