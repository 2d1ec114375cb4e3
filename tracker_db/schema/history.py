"""What was applied, where one squashed file has come to stand for many."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tracker_db.schema.files import Histories

Row = dict[str, Any]


def fold(rows: list[Row], squashes: Mapping[str, Histories]) -> list[Row]:
    """The rows of the history with a squashed file in place of all that it replaces.

    Its row is that of the last it replaces, whose place and time it so keeps. A database
    that has only some of them is left as it is.
    """
    for name, histories in squashes.items():
        rows = _fold_one(rows, name, histories)
    return rows


def partial(done: Iterable[str], squashes: Mapping[str, Histories]) -> dict[str, list[str]]:
    """The squashed files of which a part is applied, each with what is not.

    `done` is what `fold` left of the history.
    """
    applied = set(done)
    return {
        name: _lacking(applied, histories)
        for name, histories in squashes.items()
        if name not in applied and not applied.isdisjoint(chain(*histories))
    }


def _fold_one(rows: list[Row], name: str, histories: Histories) -> list[Row]:
    names = [row["name"] for row in rows]
    replaced = set(chain(*histories))
    if name in names:
        return [row for row in rows if row["name"] not in replaced]
    if not any(set(names).issuperset(history) for history in histories):
        return rows
    last = max(place for place, each in enumerate(names) if each in replaced)
    own = {"name": name, "checksum": None, "duration_ms": None}
    return [
        {**row, **own} if place == last else row
        for place, row in enumerate(rows)
        if place == last or row["name"] not in replaced
    ]


def _lacking(applied: Collection[str], histories: Histories) -> list[str]:
    """What the nearest of the histories has and the database has not."""
    lacks = ([name for name in history if name not in applied] for history in histories)
    return min(lacks, key=len)
