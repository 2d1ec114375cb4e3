"""The statements that make and drop one object."""

from __future__ import annotations

import re
from functools import singledispatch
from typing import TYPE_CHECKING

from tracker_db.schema.catalog.objects import (
    Column,
    Constraint,
    Defined,
    DefinedPart,
    Domain,
    Entry,
    Enum,
    Identity,
    Index,
    Sequence,
    SequenceOptions,
    Table,
)
from tracker_db.schema.plan.steps import FREE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tracker_db.schema.plan.steps import Change

_LIMITS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}


def literal(text: str) -> str:
    """`text` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def new_comment(before: str | None, entry: Entry) -> Iterator[Change]:
    """COMMENT ON for an object whose comment is not what it was."""
    if before != entry.comment:
        yield comment(entry), FREE


def comment(entry: Entry) -> str:
    """COMMENT ON for the comment an object has, or has not."""
    return _comment_on(entry.address, entry.comment)


def _comment_on(address: str, text: str | None) -> str:
    return f"COMMENT ON {address} IS {'NULL' if text is None else literal(text)}"


def column_comments(view: Defined, old: Defined | None = None) -> list[str]:
    """COMMENT ON for the columns of a view whose comments are not what they were."""
    was, now = dict(old.column_comments if old else ()), dict(view.column_comments)
    return [
        _comment_on(f"COLUMN {view.name}.{column}", now.get(column))
        for column in was | now
        if was.get(column) != now.get(column)
    ]


@singledispatch
def create(entry: Entry) -> list[str]:
    """The statements that make an object of any kind but a table, without its comment.

    This one is for what PostgreSQL writes as one statement; every other kind has its own below.
    """
    assert isinstance(entry, Defined)
    return [entry.definition, *column_comments(entry)]


@create.register
def _(entry: DefinedPart) -> list[str]:
    return [entry.definition, *([entry.state] if entry.state else [])]


@create.register
def _(entry: Constraint) -> list[str]:
    return [
        f"ALTER TABLE {entry.table} ADD CONSTRAINT {entry.label} {entry.definition}",
        *set_options(alter_index_of(entry), (), entry.options),
        *([cluster(entry)] if entry.clustered else []),
    ]


@create.register
def _(entry: Index) -> list[str]:
    unique = "UNIQUE " if entry.unique else ""
    how = entry.definition.removeprefix("USING btree ")
    made = f"CREATE {unique}INDEX {entry.label} ON {entry.table} {how}"
    return [
        made,
        *([cluster(entry)] if entry.clustered else []),
        *(index_statistics(entry, *pair) for pair in entry.statistics),
    ]


@create.register
def _(entry: Enum) -> list[str]:
    labels = ", ".join(literal(label) for label in entry.labels)
    return [f"CREATE TYPE {entry.name} AS ENUM ({labels})"]


@create.register
def _(entry: Domain) -> list[str]:
    words = [f"CREATE DOMAIN {entry.name} AS {entry.type}"]
    words += [f"DEFAULT {entry.default}"] if entry.default else []
    words += ["NOT NULL"] if entry.not_null else []
    checks = [f"CONSTRAINT {name} {check}" for name, check in entry.checks]
    late = [check for check in checks if check.endswith(" NOT VALID")]
    words += [check for check in checks if check not in late]
    return [" ".join(words), *(f"ALTER DOMAIN {entry.name} ADD {check}" for check in late)]


@create.register
def _(entry: Sequence) -> list[str]:
    unlogged = "UNLOGGED " if entry.unlogged else ""
    return [f"CREATE {unlogged}SEQUENCE {entry.name}{counting(entry.options)}"]


@create.register
def _(entry: Column) -> list[str]:
    made = f"ALTER TABLE {entry.table} ADD COLUMN {column_clause(entry)}"
    return [made, *column_extras(entry)]


def create_table(table: Table, columns: Iterable[Column], constraints: Iterable[Constraint]) -> str:
    """CREATE TABLE with its own columns and those constraints that can stand inside."""
    lines = [column_clause(column) for column in columns if not column.inherited]
    lines += [f"CONSTRAINT {each.label} {each.definition}" for each in constraints]
    body = "(\n    " + ",\n    ".join(lines) + "\n)" if lines or not table.bound else ""
    words = [f"CREATE {'UNLOGGED ' if table.unlogged else ''}TABLE {table.name}"]
    if table.bound:
        words += [f"PARTITION OF {table.parents[0]}", body, table.bound]
    else:
        words += [body, f"INHERITS ({', '.join(table.parents)})" if table.parents else ""]
    words += [f"PARTITION BY {table.partition_by}" if table.partition_by else ""]
    words += [f"WITH ({', '.join(table.options)})" if table.options else ""]
    return " ".join(word for word in words if word)


def column_clause(column: Column) -> str:
    """A column as CREATE TABLE and ADD COLUMN take it."""
    words = [column.label, column.type]
    words += [f"COLLATE {column.collation}"] if column.collation else []
    if column.generated:
        words.append(generated_clause(column))
    elif column.default is not None:
        words.append(f"DEFAULT {column.default}")
    words += [identity_clause(column.identity)] if column.identity else []
    words += [not_null_clause(column)] if column.not_null and column.not_null_valid else []
    return " ".join(words)


def generated_clause(column: Column) -> str:
    """How a generated column is computed."""
    kind = "STORED" if column.generated == "s" else "VIRTUAL"
    return f"GENERATED ALWAYS AS ({column.default}) {kind}"


def not_null_clause(column: Column) -> str:
    """NOT NULL, with the constraint's name where it is not the one PostgreSQL would choose."""
    usual = f"{column.table}_{column.label}_not_null"
    named = column.not_null_name not in {None, usual}
    return f"CONSTRAINT {column.not_null_name} NOT NULL" if named else "NOT NULL"


def identity_clause(identity: Identity) -> str:
    """GENERATED AS IDENTITY with the name and the counting of its sequence."""
    when = "ALWAYS" if identity.always else "BY DEFAULT"
    options = f"SEQUENCE NAME {identity.sequence}{counting(identity.options, typed=False)}"
    return f"GENERATED {when} AS IDENTITY ({options})"


def column_extras(column: Column) -> list[str]:
    """What a column has that its clause cannot say on every server version."""
    changes = [
        f"SET STORAGE {column.storage}" if column.storage else "",
        f"SET COMPRESSION {column.compression}" if column.compression else "",
        f"SET STATISTICS {column.statistics}" if column.statistics is not None else "",
        f"SET ({', '.join(column.options)})" if column.options else "",
    ]
    late = column.not_null and not column.not_null_valid
    return [
        *(f"ALTER TABLE {column.table} ALTER COLUMN {column.label} {do}" for do in changes if do),
        *([f"{add_not_null(column)} NOT VALID"] if late else []),
    ]


def add_not_null(column: Column) -> str:
    """NOT NULL as a named constraint (PostgreSQL 18 on)."""
    name = column.not_null_name
    return f"ALTER TABLE {column.table} ADD CONSTRAINT {name} NOT NULL {column.label}"


def counting(options: SequenceOptions, *, typed: bool = True) -> str:
    """A sequence's options where they are not PostgreSQL's own."""
    up = options.increment > 0
    limit = _LIMITS[options.type]
    low, high = (1, limit - 1) if up else (-limit, -1)
    words = [f"AS {options.type}"] if typed and options.type != "bigint" else []
    words += [f"INCREMENT BY {options.increment}"] if options.increment != 1 else []
    words += [f"MINVALUE {options.minimum}"] if options.minimum != low else []
    words += [f"MAXVALUE {options.maximum}"] if options.maximum != high else []
    first = options.minimum if up else options.maximum
    words += [f"START WITH {options.start}"] if options.start != first else []
    words += [f"CACHE {options.cache}"] if options.cache != 1 else []
    words += ["CYCLE"] if options.cycle else []
    return "".join(f" {word}" for word in words)


def every_option(new: SequenceOptions, old: SequenceOptions) -> str:
    """All options of a sequence, as ALTER SEQUENCE takes them.

    It counts on from where it is, unless the way it counted does not lie in its new limits.
    """
    cycle = "CYCLE" if new.cycle else "NO CYCLE"
    restart = "" if new.minimum <= old.start <= new.maximum else " RESTART"
    return (
        f"AS {new.type} INCREMENT BY {new.increment} MINVALUE {new.minimum} "
        f"MAXVALUE {new.maximum} START WITH {new.start} CACHE {new.cache} {cycle}{restart}"
    )


def continue_after_rows(column: Column, sequence: str, options: SequenceOptions) -> str:
    """Let a sequence new to a column go on where the rows end, not where it would start."""
    end = "max" if options.increment > 0 else "min"
    return (
        f"SELECT setval({literal(sequence)}, {end}({column.label}) + {options.increment}, false) "
        f"FROM {column.table} HAVING count({column.label}) > 0"
    )


@singledispatch
def drop(entry: Entry) -> list[str]:
    """The statements that drop an object from which nothing hangs any more."""
    return [f"DROP {entry.address}"]


@drop.register
def _(entry: Constraint) -> list[str]:
    return [f"ALTER TABLE {entry.table} DROP CONSTRAINT {entry.label}"]


@drop.register
def _(entry: Column) -> list[str]:
    return [f"ALTER TABLE {entry.table} DROP COLUMN {entry.label}"]


def first_name(text: str) -> str:
    """The name at the beginning of a definition, quoted as it is there."""
    return re.match(r'"(?:[^"]|"")+"|[^\s(]+', text)[0]  # type: ignore[index]  # never empty


def unquoted(label: str) -> str:
    """A name as it is, without the quotes that SQL needs."""
    return label[1:-1].replace('""', '"') if label.startswith('"') else label


def schema_of(name: str) -> str:
    """The schema in front of a name, with its dot, or nothing."""
    quoted = name.startswith('"')
    end = name.find('".') + 1 if quoted else name.find(".")
    return name[: end + 1] if end > 0 else ""


def cluster(index: Index | Constraint) -> str:
    """Make an index, or a constraint's, the one CLUSTER goes by."""
    return f"ALTER TABLE {index.table} CLUSTER ON {index.label}"


def index_statistics(index: Index, column: int, target: int) -> str:
    """Set the statistics target of an index's column, by its number; -1 is the usual one."""
    return f"ALTER INDEX {index.name} ALTER COLUMN {column} SET STATISTICS {target}"


def alter_index_of(constraint: Constraint) -> str:
    """How an ALTER of the index behind a constraint begins."""
    return f"ALTER INDEX {schema_of(constraint.table)}{constraint.label}"


def set_options(alter: str, before: tuple[str, ...], after: tuple[str, ...]) -> list[str]:
    """SET and RESET of parameters (`name=value`), each behind what an ALTER begins with."""
    gone = {option.split("=")[0] for option in before} - {each.split("=")[0] for each in after}
    new = [option for option in after if option not in before]
    return [
        *([f"{alter} RESET ({', '.join(sorted(gone))})"] if gone else []),
        *([f"{alter} SET ({', '.join(new)})"] if new else []),
    ]
