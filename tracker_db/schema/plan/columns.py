"""A column that stays and changes: what is taken off first, what is altered then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker_db.schema.plan import casts, ddl
from tracker_db.schema.plan.steps import FREE, Change, Flag, at_cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker_db.schema.catalog.objects import Column, Identity


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column before and after.

    `retype`: its type is made anew though its name may stay; `by_text`: values go over
    by their text; `redefault`: what its default needs is made anew; `fill`: the SQL
    expression for rows that would break a new NOT NULL.
    """

    before: Column
    after: Column
    retype: bool
    by_text: bool
    redefault: bool
    fill: str | None

    @property
    def where(self) -> str:
        """The beginning of every ALTER of this column."""
        return f"ALTER TABLE {self.after.table} ALTER COLUMN {self.after.label}"

    @property
    def drops_default(self) -> bool:
        """Whether the old default has to go before anything else."""
        if self.before.default is None or self.before.generated:
            return False
        return self.retype or self.redefault or self.after.default is None


def release(change: ColumnChange) -> Iterator[str]:
    """What is taken off a column before the things it needed can go."""
    if change.drops_default:
        yield f"{change.where} DROP DEFAULT"
    if change.before.identity and not change.after.identity:
        yield f"{change.where} DROP IDENTITY"
    if change.before.generated and not change.after.generated:
        yield f"{change.where} DROP EXPRESSION"


def alter(change: ColumnChange) -> Iterator[Change]:
    """What turns a column into its new self, in the order PostgreSQL wants it."""
    if change.retype:
        yield _type(change)
    yield from _default(change)
    yield from _not_null(change)
    yield from _identity(change)
    yield from at_cost(_details(change))


def _type(change: ColumnChange) -> Change:
    before, after = change.before, change.after
    collation = f" COLLATE {after.collation}" if after.collation else ""
    expression = casts.using(after.label, before.type, after.type, change.by_text)
    using = f" USING {expression}" if expression else ""
    cost = casts.flags(before.type, after.type)
    if change.by_text or before.collation != after.collation:
        cost |= {Flag.REWRITE, Flag.LOCK}
    return f"{change.where} TYPE {after.type}{collation}{using}", cost


def _default(change: ColumnChange) -> Iterator[Change]:
    before, after = change.before, change.after
    if after.generated or after.default is None:
        return
    if change.drops_default or before.default != after.default or before.generated:
        yield f"{change.where} SET DEFAULT {after.default}", FREE


def _not_null(change: ColumnChange) -> Iterator[Change]:
    before, after = change.before, change.after
    if before.not_null and not after.not_null:
        yield f"{change.where} DROP NOT NULL", FREE
    elif after.not_null and not before.not_null:
        yield from _set_not_null(change)
    elif after.not_null:
        yield from at_cost(_same_not_null(change))


def _set_not_null(change: ColumnChange) -> Iterator[Change]:
    after = change.after
    fill = change.fill or after.default
    if fill is not None:
        rows = f"UPDATE {after.table} SET {after.label} = {fill} WHERE {after.label} IS NULL"
        yield rows, frozenset({Flag.LOCK})
    cost = frozenset({Flag.LOCK} if fill is not None else {Flag.LOCK, Flag.BACKFILL})
    if not after.not_null_valid:
        yield f"{ddl.add_not_null(after)} NOT VALID", FREE
    elif ddl.not_null_clause(after) != "NOT NULL":
        yield ddl.add_not_null(after), cost
    else:
        yield f"{change.where} SET NOT NULL", cost


def _same_not_null(change: ColumnChange) -> Iterator[str]:
    before, after = change.before, change.after
    table = f"ALTER TABLE {after.table}"
    if before.not_null_valid and not after.not_null_valid:
        yield f"{table} DROP CONSTRAINT {before.not_null_name}"
        yield f"{ddl.add_not_null(after)} NOT VALID"
        return
    # A partition to be keeps its constraint, which takes the name that it would get there.
    name = after.not_null_name or (None if before.inherited else after.not_null_actual)
    if name not in {None, before.not_null_actual}:
        yield f"{table} RENAME CONSTRAINT {before.not_null_actual} TO {name}"
    if after.not_null_valid and not before.not_null_valid:
        yield f"{table} VALIDATE CONSTRAINT {after.not_null_name}"


def _identity(change: ColumnChange) -> Iterator[Change]:
    before, after = change.before.identity, change.after.identity
    if after is None or before == after:
        return
    if before is not None:
        yield from at_cost(_same_identity(change, before, after))
        return
    yield f"{change.where} ADD {ddl.identity_clause(after)}", FREE
    yield ddl.continue_after_rows(change.after, after.sequence, after.options), FREE


def _same_identity(change: ColumnChange, before: Identity, after: Identity) -> Iterator[str]:
    if before.sequence != after.sequence:
        bare = after.sequence.removeprefix(ddl.schema_of(after.sequence))
        yield f"ALTER SEQUENCE {before.sequence} RENAME TO {bare}"
    if before.always != after.always:
        yield f"{change.where} SET GENERATED {'ALWAYS' if after.always else 'BY DEFAULT'}"
    if before.options != after.options:
        yield f"ALTER SEQUENCE {after.sequence} {ddl.every_option(after.options, before.options)}"


def _details(change: ColumnChange) -> Iterator[str]:
    before, after = change.before, change.after
    # A new type brings its own storage along.
    if before.storage != after.storage or (change.retype and after.storage):
        yield f"{change.where} SET STORAGE {after.storage or 'DEFAULT'}"
    if before.compression != after.compression:
        yield f"{change.where} SET COMPRESSION {after.compression or 'default'}"
    if before.statistics != after.statistics:
        target = -1 if after.statistics is None else after.statistics
        yield f"{change.where} SET STATISTICS {target}"
    yield from ddl.set_options(change.where, before.options, after.options)
