"""What needs what, from pg_depend."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tracker_db.schema.catalog.objects import Key, Kind
from tracker_db.schema.catalog.owned import FIRST_USER_OID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: pg_depend's way to point at something: catalog, oid, column number or 0.
Address = tuple[str, int, int]
#: The first two parts of an address: the object without its column.
Member = tuple[str, int]

_MEMBERS = """
SELECT d.classid::regclass::text AS catalog, d.objid AS oid, e.oid AS extension
  FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
 WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
"""

#: Objects that stand for another one: a view's rule, a default, an array type, an index.
_STAND_INS = f"""
SELECT 'pg_rewrite' AS catalog, oid, 'pg_class' AS of_catalog, ev_class AS of_oid, 0 AS of_column
  FROM pg_rewrite WHERE rulename = '_RETURN' AND oid >= {FIRST_USER_OID}
UNION ALL SELECT 'pg_attrdef', oid, 'pg_class', adrelid, adnum FROM pg_attrdef
UNION ALL SELECT 'pg_type', typarray, 'pg_type', oid, 0 FROM pg_type
           WHERE typarray >= {FIRST_USER_OID}
             AND (typrelid = 0 OR typrelid IN (SELECT oid FROM pg_class WHERE relkind = 'c'))
UNION ALL SELECT 'pg_type', t.oid, 'pg_class', t.typrelid, 0
            FROM pg_type AS t JOIN pg_class AS c ON c.oid = t.typrelid AND c.relkind <> 'c'
           WHERE t.oid >= {FIRST_USER_OID}
UNION ALL SELECT 'pg_type', t.typarray, 'pg_class', t.typrelid, 0
            FROM pg_type AS t JOIN pg_class AS c ON c.oid = t.typrelid AND c.relkind <> 'c'
           WHERE t.oid >= {FIRST_USER_OID}
UNION ALL SELECT 'pg_class', t.typrelid, 'pg_type', t.oid, 0
            FROM pg_type AS t JOIN pg_class AS c ON c.oid = t.typrelid AND c.relkind = 'c'
           WHERE t.oid >= {FIRST_USER_OID}
UNION ALL SELECT 'pg_class', conindid, 'pg_constraint', oid, 0
            FROM pg_constraint WHERE contype IN ('p', 'u', 'x') AND conindid >= {FIRST_USER_OID}
UNION ALL SELECT 'pg_constraint', oid, 'pg_type', contypid, 0
            FROM pg_constraint WHERE contypid >= {FIRST_USER_OID}
"""

_DEPENDENCIES = f"""
SELECT classid::regclass::text AS catalog, objid, objsubid,
       refclassid::regclass::text AS of_catalog, refobjid, refobjsubid
  FROM pg_depend WHERE deptype IN ('n', 'a', 'i') AND refobjid >= {FIRST_USER_OID}
"""


def read_members(cursor: Any) -> dict[Member, int]:
    """The objects that extensions brought along, each with its extension's oid."""
    cursor.execute(_MEMBERS)
    return {(row.catalog, row.oid): row.extension for row in cursor}


def read_needs(
    cursor: Any, keys: Mapping[Address, Key], members: Mapping[Member, int]
) -> dict[Key, frozenset[Key]]:
    """For each object the objects it cannot exist without."""
    stand_ins = _read_stand_ins(cursor)

    def resolve(address: Address) -> Key | None:
        """The object at an address; a column of something without columns is that thing."""
        if address[:2] in members:
            return keys.get(("pg_extension", members[address[:2]], 0))
        whole = (*address[:2], 0)
        return keys.get(stand_ins.get(address, address)) or keys.get(stand_ins.get(whole, whole))

    needs: dict[Key, set[Key]] = defaultdict(set)
    for address, key in keys.items():
        if key.kind is Kind.COLUMN:
            needs[key].add(keys[*address[:2], 0])
    for needy, needed in _read_pairs(cursor):
        one, other = resolve(needy), resolve(needed)
        if one and other and one != other and not _belongs(one, other):
            needs[one].add(other)
    return {key: frozenset(found) for key, found in needs.items()}


def _belongs(one: Key, other: Key) -> bool:
    """A table's tie to its partition key, or a sequence's to its owner: neither makes an order."""
    return other.kind is Kind.COLUMN and one.kind in {Kind.TABLE, Kind.SEQUENCE}


def _read_stand_ins(cursor: Any) -> dict[Address, Address]:
    cursor.execute(_STAND_INS)
    return {
        (row.catalog, row.oid, 0): (row.of_catalog, row.of_oid, row.of_column) for row in cursor
    }


def _read_pairs(cursor: Any) -> Iterator[tuple[Address, Address]]:
    cursor.execute(_DEPENDENCIES)
    for row in cursor:
        yield (
            (row.catalog, row.objid, row.objsubid),
            (row.of_catalog, row.refobjid, row.refobjsubid),
        )
