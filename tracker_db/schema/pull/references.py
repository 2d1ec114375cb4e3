"""Foreign keys of one column, read from PostgreSQL's definition of the constraint."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tracker_db.schema.plan.ddl import unquoted

if TYPE_CHECKING:
    from tracker_db.schema.catalog.objects import Constraint

_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_ACTION = r"(CASCADE|RESTRICT|SET NULL|SET DEFAULT)"
_DEFINITION = re.compile(
    rf"FOREIGN KEY \(({_NAME})\) REFERENCES ((?:{_NAME}\.)?{_NAME})\(({_NAME})\)"
    rf"(?: ON UPDATE {_ACTION})?(?: ON DELETE {_ACTION})?"
    r"( DEFERRABLE)?( INITIALLY DEFERRED)?"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key as `ForeignKeyField` can say it; columns are `table.column`."""

    name: str
    column: str
    table: str
    target: str
    on_update: str | None
    on_delete: str | None
    deferrable: str | None

    @property
    def target_label(self) -> str:
        """The column referred to, without its table."""
        return self.target.removeprefix(f"{self.table}.")

    @classmethod
    def read(cls, constraint: Constraint) -> Self | None:
        """None for one of several columns, MATCH FULL, NOT VALID and other rarities."""
        found = _DEFINITION.fullmatch(constraint.definition)
        if found is None:
            return None
        column, table, target, on_update, on_delete, deferrable, deferred = found.groups()
        when = f"INITIALLY {'DEFERRED' if deferred else 'IMMEDIATE'}"
        return cls(
            name=unquoted(constraint.label),
            column=f"{constraint.table}.{column}",
            table=table,
            target=f"{table}.{target}",
            on_update=on_update,
            on_delete=on_delete,
            deferrable=when if deferrable else None,
        )


def key_columns(constraint: Constraint) -> list[str] | None:
    """The columns of a plain primary key, as SQL writes them; None for any other."""
    found = re.fullmatch(rf"PRIMARY KEY \(({_NAME}(?:, {_NAME})*)\)", constraint.definition)
    return re.findall(_NAME, found[1]) if found else None
