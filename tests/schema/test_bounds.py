"""What is read from CHECK constraints, and what is left to the database."""

from __future__ import annotations

from decimal import Decimal

import pytest
from peewee import SQL, IntegerField, Model, TextField

from tracker_db.schema.validate.bounds import read_bounds

#: (what stands inside CHECK (...), the bounds read)
CHECKS = [
    ("n >= 0", {"n": {"ge": Decimal(0)}}),
    ("n > -1.5", {"n": {"gt": Decimal("-1.5")}}),
    ("n BETWEEN 1 AND 5", {"n": {"ge": Decimal(1), "le": Decimal(5)}}),
    (
        "n BETWEEN 1 AND 5 AND m < 3",
        {"n": {"ge": Decimal(1), "le": Decimal(5)}, "m": {"lt": Decimal(3)}},
    ),
    ("n > 0 AND n <= 100", {"n": {"gt": Decimal(0), "le": Decimal(100)}}),
    ("kind IN ('a', 'b')", {"kind": {"choices": ["a", "b"]}}),
    ("kind IN ('one, two', '(AND')", {"kind": {"choices": ["one, two", "(AND"]}}),
    ("jsonb_typeof(data) = 'array'", {"data": {"json_type": "array"}}),
    ("cardinality(cuts) = 4", {"cuts": {"items": (4, 4)}}),
    (
        "cardinality(ns) > 0 AND 0 < ALL (ns)",
        {"ns": {"items": (1, None), "each": {"gt": Decimal(0)}}},
    ),
    ("0 < ANY (ns)", {}),
    (
        "coalesce(jsonb_typeof(p -> 'x'), '') = 'number' AND coalesce(jsonb_typeof(p -> 'y'), '') = 'string'",
        {"p": {"members": {"x": "number", "y": "string"}}},
    ),
    ("n > 0 AND n + m <= 5", {"n": {"gt": Decimal(0)}}),
    ("n > 0 OR m > 0 AND n < 5", {}),
    ("CASE kind WHEN 'a' THEN n > 0 AND m > 0 ELSE true END", {}),
    ("NOT n > 0", {}),
    ("n > m", {}),
]


@pytest.mark.parametrize(("check", "bounds"), CHECKS)
def test_a_condition_on_one_column_is_read_and_others_are_not(check, bounds):
    class Sample(Model):
        class Meta:
            constraints = (SQL(f"CONSTRAINT sample_check CHECK ({check})"), SQL("UNIQUE (n)"))

    assert read_bounds(Sample) == bounds


def test_a_check_beside_its_column_is_read_too():
    class Sample(Model):
        n = IntegerField(constraints=[SQL("DEFAULT 1"), SQL("CHECK (n > 0)")])
        word = TextField()

    assert read_bounds(Sample) == {"n": {"gt": Decimal(0)}}
