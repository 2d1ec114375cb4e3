"""One step of a plan: a statement, what it is about, and what it may cost."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Functions that give another value each time: as the default of a new column they make
#: PostgreSQL write every row anew.
VOLATILE = (
    r"\b(gen_random_uuid|uuid_generate_v4|uuidv[47]|random|clock_timestamp|timeofday|nextval)\("
)


class Flag(StrEnum):
    """What a person should know before a step runs."""

    #: Rows, values, or code that somebody wrote are gone for good.
    LOSS = "loss"
    #: Every row is written again under an exclusive lock.
    REWRITE = "rewrite"
    #: The table is scanned while others cannot write to it, or cannot use it at all.
    LOCK = "lock"
    #: Fails when rows are there, until somebody says what they hold.
    BACKFILL = "needs-backfill"


#: What costs nothing that anybody has to know.
FREE: frozenset[Flag] = frozenset()
#: A statement, before it is a step of something, and what it costs.
Change = tuple[str, frozenset[Flag]]


def at_cost(statements: Iterable[str], flags: frozenset[Flag] = FREE) -> Iterator[Change]:
    """The statements, each of which costs this."""
    return ((sql, flags) for sql in statements)


@dataclass(frozen=True, slots=True)
class Step:
    """One SQL statement; `object` is the key of what it makes, changes or drops, as text."""

    sql: str
    object: str
    flags: frozenset[Flag] = FREE
