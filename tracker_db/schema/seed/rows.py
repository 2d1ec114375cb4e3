"""What the seeds of all domains share: sizes, tables, ids that follow from names, dice."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from peewee import Model

_SEEDS = UUID("5eed5eed-5eed-5eed-5eed-5eed5eed5eed")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much: days of history, products, LLM calls, customers, users."""

    days: int
    products: int
    calls: int
    customers: int
    users: int


@dataclass(frozen=True, slots=True)
class Table:
    """Rows for one table, about `about` of them; all have the same columns, with the key."""

    model: type[Model]
    rows: Iterable[Row]
    about: int

    @property
    def name(self) -> str:
        """The table's name."""
        name: str = self.model._meta.table_name  # noqa: SLF001 - peewee's public name
        return name


def made(at: datetime) -> Row:
    """The two columns of a row that was made then and not changed since."""
    return {"created_at": at, "updated_at": at}


def id_of(kind: str, *place: object) -> UUID:
    """The id of the row of this kind at this place, the same in every run."""
    return uuid5(_SEEDS, "/".join(map(str, (kind, *place))))


def dice_of(kind: str, *place: object) -> random.Random:
    """Dice that fall the same way for this row in every run."""
    return random.Random("/".join(map(str, (kind, *place))))  # noqa: S311 - no secrets are drawn
