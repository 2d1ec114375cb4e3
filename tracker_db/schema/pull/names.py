"""Python names for what SQL may call anything."""

from __future__ import annotations

import re
from keyword import iskeyword
from typing import TYPE_CHECKING

from tracker_db.models.base import BaseModel
from tracker_db.schema.plan import ddl
from tracker_db.schema.plan.ddl import unquoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

#: What a field may not be called: peewee's models have methods of these names.
_TAKEN = set(dir(BaseModel)) - set(BaseModel._meta.fields)  # noqa: SLF001 - peewee's public name


def split(name: str) -> tuple[str | None, str]:
    """The schema (None for `public`) and the name in it, both without quotes."""
    schema = ddl.schema_of(name)
    return unquoted(schema[:-1]) or None, unquoted(name.removeprefix(schema))


def class_names(tables: Iterable[str]) -> dict[str, str]:
    """A class name for each table; no two are alike, whatever their case."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for table in tables:
        words = re.split(r"[\W_]+", split(table)[1])
        name = _free("".join(word[:1].upper() + word[1:] for word in words), "Table", taken)
        taken.add(name.lower())
        found[table] = name
    return found


def attribute_names(labels: Collection[str], keys: Collection[str]) -> Mapping[str, str]:
    """An attribute for each column of a table; those in `keys` hold the row referred to.

    A foreign key's attribute is named without `_id`, because peewee adds that for the value.
    """
    names = {label: unquoted(label) for label in labels}
    found: dict[str, str] = {}
    taken: set[str] = set()
    # Those that can be called what they are called come first.
    for label, name in sorted(names.items(), key=lambda item: item[1] != item[1].lower()):
        short = name.removesuffix("_id")
        is_short = label in keys and short not in _TAKEN | set(names.values())
        found[label] = _free((short if is_short else name).lower(), "column", taken)
        taken |= {found[label], name.lower()} if is_short else {found[label]}
    return found


def _free(name: str, default: str, taken: Collection[str]) -> str:
    """`name` as Python takes it, with as many underscores as it needs to be the only one."""
    name = re.sub(r"\W", "_", name).lstrip("_") or default
    if name[0].isdigit():
        name = f"{default}_{name}"
    while iskeyword(name) or name in _TAKEN or name.lower() in taken:
        name += "_"
    return name
