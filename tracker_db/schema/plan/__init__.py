"""From one snapshot to another: the ordered statements, without touching a database.

1. `same` finds what has only changed its name.
2. `changes` finds what is made, dropped and altered, with all that stands on it (`copies`), and
   `refusals` what cannot be.
3. `graph` puts the steps in order: `homes` says which step does what, `edges` which comes first.
4. `build` writes their statements: `ddl` makes and drops, `alter` and `columns` (`casts`) change,
   `heirs` and `rights` give back what that took; `expressions` keeps them as they were read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker_db.schema.plan.build import build
from tracker_db.schema.plan.changes import compare
from tracker_db.schema.plan.graph import order
from tracker_db.schema.plan.same import align
from tracker_db.schema.plan.steps import Flag, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker_db.schema.catalog.objects import Snapshot

__all__ = ["Flag", "Step", "plan"]


def plan(before: Snapshot, after: Snapshot, *, fill: Mapping[str, str] | None = None) -> list[Step]:
    """The steps that turn a database like `before` into one like `after`; none when equal.

    `fill` gives, by `table.column`, the SQL expression for rows a new NOT NULL would
    refuse. The way back is the plan with the sides swapped. Nothing is taken for renamed
    here but what is defined exactly alike. Raises SchemaError for what cannot be planned.
    """
    aligned, renames = align(before, after)
    changes = compare(aligned, after)
    return [*renames, *build(changes, order(changes), fill or {})]
