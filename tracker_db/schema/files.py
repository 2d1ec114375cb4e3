"""Migration files as text: peewee-migrate's format, with nothing in it but migrator.sql()."""

from __future__ import annotations

import re
import textwrap
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


def names(folder: Path) -> list[str]:
    """The migrations in a folder, in order, without `.py`."""
    if not folder.is_dir():
        return []
    return sorted(path.stem for path in folder.iterdir() if _FILE.fullmatch(path.name))


def next_name(folder: Path, slug: str) -> str:
    """`slug` behind the next number; InvalidInputError when it cannot be part of a file name."""
    slug = slug.strip().lower().replace(" ", "_").replace("-", "_")
    if not _SLUG.fullmatch(slug):
        raise InvalidInputError(
            f"{slug!r} cannot name a migration: use letters, digits and underscores."
        )
    last = max((int(name[:3]) for name in names(folder)), default=0)
    if last == 999:
        raise InvalidInputError("There are 999 migrations already: squash them first.")
    return f"{last + 1:03}_{slug}"


def render(title: str, notes: Iterable[str], forward: Iterable[str], back: Iterable[str]) -> str:
    """The text of a migration whose two functions run these statements."""
    lines = [f"{textwrap.fill(note, 99, subsequent_indent='  ')}\n" for note in notes]
    return _TEMPLATE.format(
        title=title,
        notes="\n\n" + "".join(lines) if lines else "",
        forward=_calls(forward),
        back=_calls(back),
    )


def render_concurrent(title: str, create: str, drop: str) -> str:
    """The text of a migration that makes one index outside of any transaction."""
    return _CONCURRENT.format(title=title, create=literal(create), drop=literal(drop))


def _calls(statements: Iterable[str]) -> str:
    calls = [f"    migrator.sql({_formatted(sql)})" for sql in statements]
    return "\n".join(calls) or "    pass"


def _formatted(sql: str) -> str:
    """The literal of a statement that peewee formats, for which `%` is doubled."""
    return literal(sql.replace("%", "%%"))


def literal(sql: str) -> str:
    """A statement as a Python literal; a long one stands on lines of its own."""
    if "\n" not in sql and len(sql) <= _WIDTH and not set('"\\') & set(sql):
        return f'"{sql}"'
    escaped = sql.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if not _may_be_indented(sql):
        escaped = f'{escaped[:-1]}\\"' if escaped.endswith('"') else escaped
        return f'"""{escaped}"""'
    body = textwrap.indent(escaped, " " * 8)
    return f'"""\n{body}\n    """'


def _may_be_indented(sql: str) -> bool:
    """Whether no string, name or function body goes over the end of a line."""
    lines = sql.splitlines()
    return "$" not in sql and not any(line.count(q) % 2 for line in lines for q in "'\"")
