"""The few rules whose breach takes a busy site down, each with the form that does not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker_db.schema.clauses import clauses
from tracker_db.schema.plan.steps import VOLATILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NAME = r'(?:"(?:[^"]|"")+"|[\w.])+'
_CREATES = re.compile(
    rf"CREATE (?:(?:UNLOGGED )?TABLE|MATERIALIZED VIEW) (?:IF NOT EXISTS )?({_NAME})", re.IGNORECASE
)
_TABLE = re.compile(
    rf"(?:ALTER TABLE (?:IF EXISTS )?(?:ONLY )?|\bON (?:ONLY )?)({_NAME})", re.IGNORECASE
)
_ADD_COLUMN = r"\bADD (?:COLUMN )?(?!CONSTRAINT|GENERATED|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)"


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern that is dangerous, unless the other one is there too; and what to do instead."""

    name: str
    pattern: str
    unless: str
    danger: str
    instead: str


@dataclass(frozen=True, slots=True)
class Breach:
    """A statement that breaks a rule."""

    rule: Rule
    statement: str


RULES = (
    Rule(
        "blocking-index",
        r"^CREATE (UNIQUE )?INDEX",
        r"CONCURRENTLY",
        "Nobody can write to the table until the index is built.",
        "concurrently(migrator, 'CREATE INDEX CONCURRENTLY ...'), alone in a migration",
    ),
    Rule(
        "required-column",
        rf"{_ADD_COLUMN}.*\bNOT NULL",
        r"\bDEFAULT\b|GENERATED|serial\b",
        "Fails as soon as the table has a row.",
        "ADD COLUMN without NOT NULL; fill the rows; then NOT NULL as under set-not-null",
    ),
    Rule(
        "volatile-default",
        rf"{_ADD_COLUMN}.*\bDEFAULT\b.*{VOLATILE}",
        r"$^",
        "Writes every row anew under an exclusive lock.",
        "ADD COLUMN without the default; SET DEFAULT; fill the rows in batches",
    ),
    Rule(
        "computed-column",
        rf"{_ADD_COLUMN}.*(\bSTORED\b|\b(small|big)?serial\d?\b|\bAS IDENTITY\b)",
        r"$^",
        "Writes every row anew under an exclusive lock.",
        "a plain column; fill it in batches; then a trigger, SET DEFAULT or ADD GENERATED",
    ),
    Rule(
        "type-change",
        r"ALTER (COLUMN )?.* TYPE ",
        r"^ALTER TYPE|^ALTER DOMAIN",
        "Writes every row anew under an exclusive lock, unless only a length grows.",
        "a new column beside the old one; fill it in batches; switch; drop the old one",
    ),
    Rule(
        "set-not-null",
        r"ALTER (COLUMN )?.* SET NOT NULL|ADD CONSTRAINT \S+ NOT NULL",
        r"^ALTER DOMAIN|NOT VALID",
        "Reads the whole table under an exclusive lock.",
        "ADD CONSTRAINT ... NOT NULL ... NOT VALID (before 18: CHECK (... IS NOT NULL) NOT VALID); "
        "VALIDATE CONSTRAINT in a later migration",
    ),
    Rule(
        "validated-constraint",
        r"ADD\b.*(\bFOREIGN KEY\b|\bREFERENCES\b|\bCHECK\b)",
        r"NOT VALID|NOT ENFORCED|^ALTER DOMAIN",
        "Reads the whole table while nobody can write to it.",
        "the same with NOT VALID; VALIDATE CONSTRAINT in a later migration",
    ),
    Rule(
        "blocking-unique",
        r"ADD\b.*\b(PRIMARY KEY|UNIQUE|EXCLUDE)\b",
        r"USING INDEX",
        "Builds the index under an exclusive lock.",
        "concurrently(migrator, 'CREATE UNIQUE INDEX CONCURRENTLY ...'), alone in a migration; "
        "ADD CONSTRAINT ... USING INDEX in the next",
    ),
    Rule(
        "rename",
        r"^ALTER (TABLE|VIEW|MATERIALIZED VIEW) .* RENAME ",
        r" RENAME CONSTRAINT ",
        "Programs that still run use the old name, and fail.",
        "stop them first; or a view that bears the old name",
    ),
    Rule(
        "no-lock-timeout",
        r"^SET (LOCAL |SESSION )?lock_timeout\s*(=|TO)\s*'?0",
        r"$^",
        "Everybody queues behind this migration while it waits for a lock.",
        "leave it out: tracker db migrate gives up on a lock after 5 seconds",
    ),
)


def lint(statements: Iterable[str]) -> Iterator[Breach]:
    """What a migration's statements risk; tables it makes itself are nobody's yet."""
    new: set[str] = set()
    for statement in statements:
        made = _CREATES.match(statement.strip())
        if made:
            new.add(made[1])
        table = _TABLE.search(statement)
        if made or (table and table[1] in new):
            continue
        parts = [*clauses(statement)]
        yield from (
            Breach(rule, statement) for rule in RULES if any(_breaks(rule, part) for part in parts)
        )


def _breaks(rule: Rule, clause: str) -> bool:
    found, excused = (
        re.search(pattern, clause, re.IGNORECASE) for pattern in (rule.pattern, rule.unless)
    )
    return bool(found and not excused)
