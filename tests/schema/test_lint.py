"""The rules that prevent outages."""

from __future__ import annotations

import pytest

from tracker_db.schema.lint import RULES, lint

#: A statement, and the rule it breaks.
BREACHES = [
    ("CREATE INDEX i ON t (a)", "blocking-index"),
    ('CREATE UNIQUE INDEX "i" ON "T" (a)', "blocking-index"),
    ("ALTER TABLE t ADD COLUMN a text NOT NULL", "required-column"),
    ("ALTER TABLE t ADD a uuid DEFAULT gen_random_uuid()", "volatile-default"),
    ("ALTER TABLE t ADD COLUMN a uuid DEFAULT uuidv4()", "volatile-default"),
    ("ALTER TABLE t ADD a int GENERATED ALWAYS AS (b) STORED", "computed-column"),
    ("ALTER TABLE t ADD COLUMN a bigserial NOT NULL", "computed-column"),
    ("ALTER TABLE t ADD COLUMN a int NOT NULL GENERATED ALWAYS AS IDENTITY", "computed-column"),
    ("ALTER TABLE t ALTER COLUMN a TYPE bigint", "type-change"),
    ("ALTER TABLE t ALTER COLUMN a SET NOT NULL", "set-not-null"),
    ("ALTER TABLE t ADD CONSTRAINT c NOT NULL a", "set-not-null"),
    ("ALTER TABLE t DROP COLUMN b,\n  ALTER a SET NOT NULL, ALTER c SET DEFAULT 1", "set-not-null"),
    ("ALTER TABLE t ADD COLUMN a int NOT NULL, ALTER b SET DEFAULT 1", "required-column"),
    ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", "validated-constraint"),
    ("ALTER TABLE t ADD CHECK (a IN (1, 2))", "validated-constraint"),
    ("ALTER TABLE t ADD COLUMN a int REFERENCES o", "validated-constraint"),
    ("ALTER TABLE t ADD UNIQUE (a)", "blocking-unique"),
    ("ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES o (id)", "validated-constraint"),
    ("ALTER TABLE t ADD CONSTRAINT c UNIQUE (a)", "blocking-unique"),
    ("ALTER TABLE t ADD CONSTRAINT c PRIMARY KEY (a)", "blocking-unique"),
    ("ALTER TABLE t RENAME COLUMN a TO b", "rename"),
    ("ALTER TABLE t RENAME TO u", "rename"),
    ("ALTER TABLE t RENAME a TO b", "rename"),
    ("SET LOCAL lock_timeout = 0", "no-lock-timeout"),
    ("SET lock_timeout TO '0'", "no-lock-timeout"),
]
#: Statements that do the same safely, or something harmless.
SAFE = [
    "CREATE INDEX CONCURRENTLY i ON t (a)",
    "ALTER TABLE t ADD COLUMN a text",
    "ALTER TABLE t ADD COLUMN a integer DEFAULT 0 NOT NULL",
    "ALTER TABLE t ADD COLUMN at timestamptz DEFAULT now() NOT NULL",
    "ALTER TABLE t ALTER COLUMN a SET DEFAULT gen_random_uuid()",
    "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
    "ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES o (id) NOT VALID",
    "ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i",
    "ALTER TABLE t VALIDATE CONSTRAINT c",
    "ALTER TABLE t RENAME CONSTRAINT a TO b",
    "ALTER TYPE e ADD VALUE 'x'",
    "ALTER DOMAIN d SET NOT NULL",
    "ALTER TABLE t ADD COLUMN a int -- not yet NOT NULL",
    "ALTER TABLE t ADD COLUMN a int, ALTER COLUMN b DROP NOT NULL",
    "ALTER TABLE t ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY",
    "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ALTER TABLE t ALTER a SET NOT NULL$$",
    "SET LOCAL lock_timeout = '5s'",
    "COMMENT ON TABLE t IS 'ALTER TABLE t ALTER COLUMN a SET NOT NULL'",
]


@pytest.mark.parametrize(("statement", "rule"), BREACHES)
def test_a_dangerous_statement_is_named_with_its_safe_form(statement, rule):
    (breach,) = lint([statement])
    assert breach.rule.name == rule
    assert breach.rule.instead


@pytest.mark.parametrize("statement", SAFE)
def test_a_safe_statement_passes(statement):
    assert list(lint([statement])) == []


@pytest.mark.parametrize(
    "statement", [statement for statement, rule in BREACHES if rule != "no-lock-timeout"]
)
def test_a_table_made_in_the_same_migration_may_be_treated_roughly(statement):
    made = ["CREATE TABLE t (a int)", 'CREATE MATERIALIZED VIEW "T" AS SELECT 1 AS a']
    assert list(lint([*made, statement])) == []


def test_every_rule_has_an_example():
    assert {rule for _, rule in BREACHES} == {rule.name for rule in RULES}
