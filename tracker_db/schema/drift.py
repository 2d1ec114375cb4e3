"""What differs between two schemas, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker_db.schema.catalog.objects import Snapshot


def differences(found: Snapshot, wanted: Snapshot) -> list[tuple[str, str]]:
    """Every object that differs, as (object, "missing" | "unexpected" | "different")."""
    keys = sorted(found.objects.keys() | wanted.objects.keys())
    pairs = ((str(key), found.objects.get(key), wanted.objects.get(key)) for key in keys)
    return [
        *((name, _how(one, other)) for name, one, other in pairs if one != other),
        *((name, "missing") for name in sorted(wanted.unsupported - found.unsupported)),
        *((name, "unexpected") for name in sorted(found.unsupported - wanted.unsupported)),
    ]


def _how(found: object, wanted: object) -> str:
    if found is None:
        return "missing"
    return "unexpected" if wanted is None else "different"
