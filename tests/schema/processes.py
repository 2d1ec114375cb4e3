"""Migrating in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Migrates the folder it is given, and prints how many files it applied.
MIGRATES = (
    "import sys, pathlib; from tracker_db.schema import migrate as m;"
    "m.migrations_dir = lambda: pathlib.Path(sys.argv[1]); print(len(m.migrate()))"
)


def start(command: list[object], url: str) -> subprocess.Popen[str]:
    """A program of this environment, in the repository, with the database at `url`."""
    program, *rest = command
    return subprocess.Popen(
        [Path(sys.executable).parent / str(program), *map(str, rest)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def start_migrating(folder: Path, url: str) -> subprocess.Popen[str]:
    """Migrate the database at `url` by the files of a folder; prints how many were applied."""
    return start([sys.executable, "-c", MIGRATES, folder], url)


def pw_migrate(url: str, *arguments: object, code: int = 0) -> str:
    """Run peewee-migrate's own command, which has to end with this exit code; what it says."""
    run = start(["pw_migrate", *arguments], url)
    said = run.communicate()[0]
    assert run.returncode == code, said
    return said
