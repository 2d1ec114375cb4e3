"""Which files git could bring back."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def uncommitted(paths: Sequence[Path]) -> list[Path]:
    """Those of these files, all of one folder, that git does not have as they are.

    All of them where there is no git, or the folder is in no repository.
    """
    command = ["git", "-C", str(paths[0].parent), "status", "--porcelain", "-z"]
    options = ["--ignored", "--untracked-files=all", "--", *(path.name for path in paths)]
    try:
        run = subprocess.run([*command, *options], capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    except (FileNotFoundError, subprocess.CalledProcessError):
        return list(paths)
    changed = {Path(entry[len("XY ") :]).name for entry in run.stdout.split("\0")}
    return [path for path in paths if path.name in changed]
