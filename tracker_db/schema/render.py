"""A migration file's text: peewee-migrate's format, with nothing in it but migrator.sql()."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker_db.schema.files import Histories

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

_REPLACES = """
#: This file stands for each of these histories.
REPLACES = (
{histories}
)
"""


def migration(
    name: str,
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
        title=_title(name),
        notes="\n\n" + "".join(lines) if lines else "",
        replaces=_tuples(histories),
        forward=_calls(forward),
        back=_calls(back),
    )


def concurrent(name: str, create: str, drop: str) -> str:
    """The text of a migration that makes one index outside of any transaction."""
    return _CONCURRENT.format(title=_title(name), create=literal(create), drop=literal(drop))


def _title(name: str) -> str:
    return f"{name[len('001_') :].replace('_', ' ').capitalize()}."


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
