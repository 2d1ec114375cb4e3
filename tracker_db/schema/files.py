"""The migration files of a folder: their names and numbers, and which stand for others."""

from __future__ import annotations

import ast
import os
import re
from itertools import chain
from typing import TYPE_CHECKING

from tracker_db.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path

_FILE = re.compile(r"(\d{3})_[^.]+\.py")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_]*")

#: Each is the names of migrations, in order, that a database may have applied.
Histories = tuple[tuple[str, ...], ...]


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


def is_called(name: str, wanted: str) -> bool:
    """Whether somebody means this migration, by its name or its number."""
    return wanted == name or wanted.zfill(3) == name[:3]


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


def write(path: Path, text: str) -> None:
    """Write a file so that it is there whole, or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
