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
    """Something went and something like it came: only a person knows whether it was renamed.

    `candidates` are the possible renames as OLD:NEW.
    """

    def __init__(self, message: str, candidates: Sequence[str]) -> None:
        super().__init__(message)
        self.candidates = candidates


class ConsentError(InvalidInputError):
    """A change would lose data, and nobody said that it may; `losing` is what would do it."""

    def __init__(self, message: str, losing: Sequence[str]) -> None:
        super().__init__(message)
        self.losing = losing


def ask(
    before: Snapshot, after: Snapshot, steps: Sequence[Step], *, nothing_renamed: bool = False
) -> None:
    """Raise RenameQuestionError or ConsentError, each with the flag that answers it."""
    found = [] if nothing_renamed else candidates(before, after)
    if found:
        flags = "\n".join(f"  --rename {text}" for text in found)
        raise RenameQuestionError(
            f"Renamed, or dropped and made anew? If renamed, say so with:\n{flags}\n"
            "If not, what is dropped is lost: say --accept-data-loss.",
            found,
        )
    losing = [step.sql for step in steps if Flag.LOSS in step.flags]
    if losing:
        raise ConsentError(
            f"This loses data:\n{_indented(losing)}\nIf it may go, say --accept-data-loss.",
            losing,
        )


def ask_about_squash(
    frozen: Sequence[str], lost: Sequence[str], *, accept_frozen: bool, accept_data_loss: bool
) -> None:
    """Raise ConsentError with the flags that allow what a squashed file cannot say."""
    questions = []
    if frozen and not accept_frozen:
        questions.append(
            "What these come to depends on the server, its data or the moment; the squashed file "
            f"would have it as it is here and now:\n{_indented(frozen)}\n"
            "If that may hold for every new database, say --accept-frozen."
        )
    if lost and not accept_data_loss:
        questions.append(
            f"This would be lost:\n{_indented(lost)}\nIf it may go, say --accept-data-loss."
        )
    if questions:
        raise ConsentError("\n".join(questions), [*frozen, *lost])


def _indented(lines: Sequence[str]) -> str:
    return "\n".join(f"  {line}" for line in lines)
