"""Changes of every kind: DDL before, DDL after, rows that must survive both ways."""

from __future__ import annotations

from pairs.constraints import CONSTRAINTS
from pairs.partitions import PARTITIONS
from pairs.programs import PROGRAMS
from pairs.rare import RARE
from pairs.several import SEVERAL
from pairs.tables import TABLES
from pairs.types import TYPES

PAIRS = [*TABLES, *CONSTRAINTS, *TYPES, *PROGRAMS, *PARTITIONS, *SEVERAL, *RARE]
