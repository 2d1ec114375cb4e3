"""What only a person can decide: whether a thing was renamed, and whether data may go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker_db.errors import InvalidInputError
from tracker_db.schema.plan import Flag, Step
from tracker_db.schema.renames import candidates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker_db.schema.catalog.objects import Snapshot


class RenameQuestionError(InvalidInputError):
    """Something went and something like it came: only a person knows whether it was renamed."""


class ConsentError(InvalidInputError):
    """A change would lose data, and nobody said that it may."""


def ask(before: Snapshot, after: Snapshot, steps: Sequence[Step]) -> None:
    """Raise RenameQuestionError or ConsentError, each with the flag that answers it."""
    found = candidates(before, after)
    if found:
        flags = "\n".join(f"  --rename {text}" for text in found)
        raise RenameQuestionError(
            f"Renamed, or dropped and made anew? If renamed, say so with:\n{flags}\n"
            "If not, what is dropped is lost: say --accept-data-loss."
        )
    losing = "\n".join(f"  {step.sql}" for step in steps if Flag.LOSS in step.flags)
    if losing:
        raise ConsentError(f"This loses data:\n{losing}\nIf it may go, say --accept-data-loss.")
