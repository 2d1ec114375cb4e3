"""One change as several migrations, none of which keeps others off a table for long."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker_db.schema.plan import Flag, Step
from tracker_db.schema.plan.steps import FREE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_CONSTRAINT = re.compile(
    rf"ALTER TABLE ((?:{_NAME}\.)?{_NAME}) ADD CONSTRAINT ({_NAME}) (?:FOREIGN KEY|CHECK) "
)
_INDEX = re.compile(r"CREATE (?:UNIQUE )?INDEX ")


@dataclass(frozen=True, slots=True)
class Part:
    """Steps for one migration; `alone` is an index to be made outside of any transaction."""

    steps: tuple[Step, ...]
    alone: bool = False


def split(steps: Sequence[Step]) -> list[Part]:
    """The steps parted, in order, so that each waits for nobody and nobody for it.

    Foreign keys and CHECKs of existing tables first hold for new rows only and are validated
    in the last migration. Indexes of existing tables are made concurrently, each in a
    migration of its own.
    """
    indexes = [step for step in steps if Flag.LOCK in step.flags and _INDEX.match(step.sql)]
    about = {step.object for step in indexes}
    late = [step for step in steps if step.object in about and step not in indexes]
    first, last = _without_validation(step for step in steps if step.object not in about)
    parts = [
        Part(tuple(first)),
        *(Part((step,), alone=True) for step in indexes),
        Part((*last, *late)),
    ]
    return [part for part in parts if part.steps]


def concurrent(step: Step) -> tuple[str, str]:
    """The statements that make an index while others write, and that drop it again.

    One that was dropped, and the process killed before that was recorded, is not missed.
    """
    create = step.sql.replace("INDEX ", "INDEX CONCURRENTLY ", 1)
    return create, f"DROP INDEX CONCURRENTLY IF EXISTS {step.object.removeprefix('index ')}"


def _without_validation(steps: Iterable[Step]) -> tuple[list[Step], list[Step]]:
    """The steps with their constraints NOT VALID, and those that validate them."""
    first, last = [], []
    for step in steps:
        found = _CONSTRAINT.match(step.sql)
        if found is None or Flag.LOCK not in step.flags or step.sql.endswith(" NOT ENFORCED"):
            first.append(step)
            continue
        first.append(replace(step, sql=f"{step.sql} NOT VALID", flags=FREE))
        validate = f"ALTER TABLE {found[1]} VALIDATE CONSTRAINT {found[2]}"
        last.append(Step(validate, step.object))
    return first, last
