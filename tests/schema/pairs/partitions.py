"""Changes of partitions."""

from __future__ import annotations

from pairs.form import (
    MEASURES,
    PART_A,
    STATUS,
    Pair,
)

PARTITIONS = [
    Pair(
        "a partitioned table",
        "",
        MEASURES
        + PART_A
        + "CREATE TABLE m_rest PARTITION OF m DEFAULT; CREATE INDEX im ON m (v); ALTER TABLE m ADD PRIMARY KEY (at);",
    ),
    Pair("a partition comes", MEASURES, MEASURES + PART_A, "", "SELECT count(*) FROM m"),
    Pair(
        "a partition gets other bounds",
        MEASURES + PART_A,
        MEASURES + PART_A.replace("'2026-02-01'", "'2026-03-01'"),
        "INSERT INTO m VALUES ('2026-01-05', 1);",
        "SELECT v FROM m",
    ),
    Pair(
        "a partition becomes a table",
        MEASURES + PART_A,
        MEASURES + "CREATE TABLE m_a (at date NOT NULL, v integer);",
        "INSERT INTO m VALUES ('2026-01-05', 1);",
        "SELECT v FROM m_a",
    ),
    Pair(
        "a partitioned table's column changes",
        MEASURES + PART_A + "CREATE INDEX im ON m (v);",
        MEASURES.replace("v integer", "v bigint DEFAULT 3, w text")
        + PART_A
        + "CREATE INDEX im ON m (v, w);",
        "INSERT INTO m VALUES ('2026-01-05', 1);",
        "SELECT v FROM m",
    ),
    Pair(
        "an enum of a partitioned table changes",
        STATUS + MEASURES.replace("v integer", "v integer, s status DEFAULT 'new'") + PART_A,
        STATUS.replace("'new', 'done'", "'done', 'new'")
        + MEASURES.replace("v integer", "v integer, s status DEFAULT 'new'")
        + PART_A,
        "INSERT INTO m VALUES ('2026-01-05', 1);",
        "SELECT v, s::text FROM m",
    ),
    Pair(
        "a partition gets other bounds while its parent's columns and indexes change",
        MEASURES
        + PART_A
        + "CREATE INDEX old ON m (v); CREATE INDEX same ON m (at); ALTER TABLE m ADD CONSTRAINT k CHECK (v > 0);",
        MEASURES.replace("v integer", "v bigint, w text")
        + PART_A.replace("'2026-02-01'", "'2026-03-01'")
        + "CREATE INDEX new ON m (v, w); CREATE INDEX same ON m (at); ALTER TABLE m ADD CONSTRAINT k CHECK (v > -1);",
        "INSERT INTO m VALUES ('2026-01-05', 1);",
        "SELECT v FROM m",
    ),
    Pair(
        "a sequence turns around",
        "CREATE SEQUENCE s;",
        "CREATE SEQUENCE s INCREMENT BY -1;",
        "SELECT nextval('s');",
        None,
    ),
]
