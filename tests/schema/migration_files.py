"""Migration files of our own, as text, and git to keep them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, name: str, *statements: str, undo: str = "SELECT 1") -> None:
    """A file that runs these statements, and `undo` on the way back."""
    (folder / f"{name}.py").write_text(
        _function("migrate", statements) + _function("rollback", [undo])
    )


def write_body(folder: Path, name: str, *lines: str) -> None:
    """A file whose migrate() has these lines of Python."""
    body = "".join(f"    {line}\n" for line in lines)
    (folder / f"{name}.py").write_text(
        f"{_HEAD.format('migrate')}{body}\n\n{_function('rollback', ['SELECT 1'])}"
    )


def there(folder: Path) -> list[str]:
    """The names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder, as somebody."""
    who = ["-c", "user.name=n", "-c", "user.email=e@localhost"]
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


_HEAD = "def {}(migrator, database, *, fake=False):\n"


def _function(name, statements):
    body = "".join(f"    migrator.sql({sql.replace('%', '%%')!r})\n" for sql in statements)
    return f"{_HEAD.format(name)}{body}\n"
