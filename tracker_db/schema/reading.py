"""What a migration file would do, read without a database."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

from tracker_db.schema import concurrently

if TYPE_CHECKING:
    from pathlib import Path

#: Behind comments too, but for the block by which a plan gives privileges back.
_BLOCK = re.compile(
    r"((?:\s|/\*.*?\*/|--(?! Give them back\n)[^\n]*\n)*)(?:DO|CALL)\b", re.IGNORECASE | re.DOTALL
)


def read_statements(file: Path) -> list[str]:
    """The SQL that a migration file's migrate() asks for, without running any."""
    migrator, _ = _pretend(file, fake=True)
    return [_statement(*call) for call in migrator.method_calls]


def read_code(file: Path) -> list[str]:
    """What a migration file's migrate() leaves to code, whose outcome nobody can read in it."""
    try:
        migrator, database = _pretend(file, fake=False)
    except Exception as error:  # noqa: BLE001 - it is no list of statements, whatever it is
        return [f"Python that cannot be read without a database: {error}"]
    found = [_code(*call) for call in migrator.method_calls]
    return [
        *filter(None, found),
        *(["Python that asks the database"] if database.mock_calls else []),
    ]


def _pretend(file: Path, *, fake: bool) -> tuple[MagicMock, MagicMock]:
    """Call migrate() as peewee-migrate does in a replay: whatever is asked, something answers."""
    scope: dict[str, Any] = {}
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), scope)  # noqa: S102 - the user's own file, as every migration runs it
    migrator, database = MagicMock(), MagicMock()
    migrator.__database__ = None  # which `concurrently` hands on, and mocks do not have
    scope["migrate"](migrator, database, fake=fake)
    return migrator, database


def _code(method: str, arguments: tuple[Any, ...], _options: dict[str, Any]) -> str | None:
    """What runs code in one call of the migrator: Python, or a block of a procedural language."""
    first = arguments[0]
    if method == "sql" and (block := _BLOCK.match(first)):
        return str(first[block.end(1) :]).strip().partition("\n")[0]
    if method == "run" and first.__module__ != concurrently.__name__:
        return _first_line(first)
    return None


def _first_line(function: Any) -> str:
    try:
        return inspect.getsource(function).strip().partition("\n")[0]
    except (OSError, TypeError):  # a partial, or something built in
        return repr(function)


def _statement(method: str, arguments: tuple[Any, ...], _options: dict[str, Any]) -> str:
    """What one call of the migrator runs; of other Python than `concurrently`, its name."""
    first, last = arguments[0], arguments[-1]
    if method == "run":
        return last if isinstance(last, str) else f"-- Python: {first.__name__}()"
    return first % () if method == "sql" else f"-- {method}()"
