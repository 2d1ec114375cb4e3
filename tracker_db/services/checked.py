"""Values as their table's schema takes them, before a service writes them.

The schemas are imported when something is written: reading does not wait for pydantic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from peewee import Model


def to_insert(model: type[Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a new row. InvalidInputError says what the database would not take."""
    columns: dict[str, Any] = _schemas().insert_schema(model)(**values).given()
    return columns


def to_update(model: type[Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that change. InvalidInputError says what the database would not take."""
    columns: dict[str, Any] = _schemas().update_schema(model)(**values).given()
    return columns


def _schemas() -> Any:
    from tracker_db.schema import validate  # noqa: PLC0415 - only writing needs pydantic

    return validate
