"""Whose objects are read: those that users made, and that last."""

from __future__ import annotations

#: The server's own objects have lower numbers (FirstNormalObjectId).
FIRST_USER_OID = 16384

#: A condition on pg_class `c`: a lasting relation of the user's, and no bookkeeping of
#: peewee-migrate's, which belongs to no schema.
USERS_RELATION = f"""
    c.oid >= {FIRST_USER_OID} AND c.relpersistence <> 't' AND c.relname !~ '^migratehistory'
"""
