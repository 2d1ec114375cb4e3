"""Do the migration files, the models and the database agree? Each disagreement, and its repair."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING

from tracker_db.db import Database
from tracker_db.errors import SchemaError
from tracker_db.schema import files
from tracker_db.schema.catalog import snapshot
from tracker_db.schema.catalog.objects import Constraint, Index
from tracker_db.schema.drift import differences
from tracker_db.schema.plan import Step, plan
from tracker_db.schema.replay import replay
from tracker_db.schema.router import MigrationRouter
from tracker_db.schema.shadow import shadow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from peewee import Model

    from tracker_db.schema.catalog.objects import Snapshot

#: States of a migration that need somebody's attention.
_STATES = {
    "late": "is not applied, though a later one is",
    "edited": "was changed after it was applied",
    "missing": "is applied, but its file is gone",
}

#: How models and files differ: what is missing there is missing in the files.
_IN_MODELS = {
    "missing": "in the models, not in the files",
    "unexpected": "in the files, not in the models",
    "different": "not the same in the models and the files",
}


class Area(StrEnum):
    """What was compared."""

    #: The migration files themselves, and the history of what was applied.
    FILES = "files"
    #: The models, against what all files make.
    MODELS = "models"
    #: The database, against what the applied files make.
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement; `repair` are the statements about this object alone."""

    area: Area
    what: str
    repair: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All disagreements, and the whole repair of the database in order."""

    findings: tuple[Finding, ...]
    repair: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 when all agree, 1 when something was found; 2 is for what could not be checked."""
        return 1 if self.findings else 0


def check(url: str, folder: Path, models: Sequence[type[Model]]) -> Report:
    """Compare files, models and the database at `url`, changing none of them.

    Raises SchemaError, with the file's name, when the files do not run on an empty database,
    and MigrationError when only some of what a squashed file replaces is applied.
    """
    states = _states(url, folder)
    applied = [name for name, state in states.items() if state in {"applied", "edited"}]
    with shadow(url) as database, replay(database, folder, only=applied) as workbench:
        described = workbench.with_models(models)
        workbench.run()
        live, expected = snapshot(url), workbench.snapshot()
        workbench.add(folder)
        workbench.run()
        made = workbench.snapshot()
    steps = _plan_if_possible(live, expected)
    findings = [
        *check_files(folder),
        *(_finding(name, state) for name, state in states.items() if state in _STATES),
        *_compare_models(made, described),
        *_compare_database(live, expected, steps),
        *_unfinished(live),
    ]
    return Report(tuple(findings), tuple(step.sql for step in steps))


def check_files(folder: Path) -> Iterator[Finding]:
    """What is wrong with the files alone: numbers, names, code that every replay runs."""
    names = files.names(folder)
    for prefix, count in Counter(name[:3] for name in names).items():
        if count > 1:
            yield Finding(Area.FILES, f"{count} migrations have the number {prefix}")
    left = files.leftovers(folder)
    for name in left:
        yield Finding(
            Area.FILES,
            f"{name} was squashed and is still there: tracker db generate --squash removes it",
        )
    numbers = {int(name[:3]) for name in {*names, *files.replaced(folder)}}
    for number in sorted(set(range(1, max(numbers, default=0))) - numbers):
        yield Finding(Area.FILES, f"there is no migration {number:03}")
    for path in sorted(folder.glob("*.py")):
        if re.match(r"\d", path.name) and path.stem not in {*names, *left}:
            yield Finding(Area.FILES, f"{path.name} is never run: its name must be NNN_words.py")
    for name in names:
        yield from _check_code(name, (folder / f"{name}.py").read_text(encoding="utf-8"))


def _check_code(name: str, source: str) -> Iterator[Finding]:
    """peewee-migrate runs migrate() of every applied file each time it starts."""
    functions = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    run = (each for each in functions if each.name in {"migrate", "rollback"})
    for used in chain.from_iterable(map(_outside_functions, run)):
        if isinstance(used, ast.Name) and used.id == "database":
            yield Finding(
                Area.FILES,
                f"{name} line {used.lineno} uses the database on every replay: "
                "put it into a function and that into migrator.run()",
            )


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.Lambda):
            yield child
            yield from _outside_functions(child)


def _states(url: str, folder: Path) -> dict[str, str]:
    database = Database.at(url)
    with database.connection_context():
        router = MigrationRouter(database, folder)
        router.refuse_partial()
        return {each.name: each.state for each in router.states()}


def _finding(name: str, state: str) -> Finding:
    return Finding(Area.FILES, f"{name} {_STATES[state]}")


def _compare_models(made: Snapshot, described: Snapshot) -> Iterator[Finding]:
    """A finding for each object; its repair is a migration, not a statement."""
    for name, how in differences(made, described):
        yield Finding(Area.MODELS, f"{name} is {_IN_MODELS[how]}")


def _compare_database(
    live: Snapshot, expected: Snapshot, steps: Sequence[Step]
) -> Iterator[Finding]:
    for name, how in differences(live, expected):
        repair = tuple(step.sql for step in steps if step.object == name)
        yield Finding(Area.DATABASE, f"{name} is {how}", repair)


def _plan_if_possible(found: Snapshot, wanted: Snapshot) -> list[Step]:
    try:
        return plan(found, wanted)
    except SchemaError:
        return []


def _unfinished(live: Snapshot) -> Iterator[Finding]:
    """What a failed CREATE INDEX CONCURRENTLY or a forgotten VALIDATE leaves behind."""
    for entry in live.objects.values():
        if isinstance(entry, Index) and not entry.valid:
            yield Finding(
                Area.DATABASE,
                f"{entry.key} is invalid: it slows writes and serves no query",
                (f"REINDEX INDEX CONCURRENTLY {entry.name}",),
            )
        if isinstance(entry, Constraint) and not entry.validated:
            yield Finding(
                Area.DATABASE,
                f"{entry.key} is not validated: older rows may break it",
                (f"ALTER TABLE {entry.table} VALIDATE CONSTRAINT {entry.label}",),
            )
