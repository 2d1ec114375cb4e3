"""Pull: models from a database that was made by hand."""

from __future__ import annotations

from random import Random

import pytest
from random_ddl import draw

from tracker_db.db import db
from tracker_db.errors import SchemaError
from tracker_db.schema.catalog import snapshot
from tracker_db.schema.drift import differences
from tracker_db.schema.pull import models_in, pull
from tracker_db.schema.push import Push, push

#: One object of every kind that the differ handles, and names that need quotes.
EVERYTHING = r"""
CREATE EXTENSION vector;
CREATE SCHEMA audit;
CREATE SEQUENCE invoice_numbers AS integer START 1000 INCREMENT 5 CYCLE;
CREATE TYPE status AS ENUM ('new', 'it''s "done"', '50 %');
CREATE TYPE audit.level AS ENUM ('low', 'high');
CREATE TYPE money_amount AS (minor bigint, currency text);
CREATE DOMAIN percent AS numeric(7,4) CHECK (VALUE BETWEEN 0 AND 100);
CREATE FUNCTION next_invoice() RETURNS text LANGUAGE sql AS
    $$SELECT 'INV-' || nextval('invoice_numbers')$$;
CREATE FUNCTION is_code(code text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
    $$BEGIN
        RETURN code LIKE 'a%' OR code = '\'; -- it's "code"
    END$$;

CREATE TABLE customers (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    code varchar(20) NOT NULL CONSTRAINT customers_code_unique UNIQUE,
    email text COLLATE "C" NOT NULL,
    state status NOT NULL DEFAULT 'new',
    states status[],
    discount percent,
    tags text[] NOT NULL DEFAULT '{}',
    data jsonb NOT NULL DEFAULT '{"rate": "5%"}',
    raw json,
    search tsvector GENERATED ALWAYS AS (to_tsvector('simple', email)) STORED,
    embedding vector(3),
    at timestamptz NOT NULL DEFAULT now(),
    local timestamp(3),
    day date,
    hour time,
    span interval,
    ratio double precision,
    small smallint,
    exact numeric,
    price numeric(19,4) CHECK (price >= 0),
    fixed char(3),
    address inet,
    blob bytea,
    flag boolean,
    word varchar,
    balance money_amount,
    period tstzrange,
    favourite integer,
    CONSTRAINT code_check CHECK (is_code(code)),
    CONSTRAINT customers_place UNIQUE NULLS NOT DISTINCT (day, hour),
    CONSTRAINT not_at_once EXCLUDE USING gist (period WITH &&)
) WITH (fillfactor = 70);

CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 100) PRIMARY KEY,
    number text NOT NULL DEFAULT next_invoice(),
    customer_id uuid NOT NULL CONSTRAINT orders_customer REFERENCES customers ON DELETE CASCADE,
    referrer uuid REFERENCES customers (id) ON UPDATE CASCADE ON DELETE SET NULL
        DEFERRABLE INITIALLY DEFERRED,
    code varchar(20) REFERENCES customers (code),
    parent_id bigint REFERENCES orders,
    total numeric(12,2) NOT NULL DEFAULT 0,
    taxed numeric(12,2) GENERATED ALWAYS AS (total * 1.2) STORED
);
CREATE TABLE favourites (id serial PRIMARY KEY, customer uuid UNIQUE REFERENCES customers);
ALTER TABLE customers ADD CONSTRAINT customers_favourite
    FOREIGN KEY (favourite) REFERENCES favourites;
CREATE TABLE order_lines (
    order_id bigint REFERENCES orders,
    line smallint,
    "Weird ""odd"" name" text,
    "per cent %" text,
    "Two words" integer NOT NULL,
    "class" text,
    save text,
    PRIMARY KEY (order_id, line)
);
CREATE TABLE line_notes (
    order_id bigint, line smallint, note text,
    FOREIGN KEY (order_id, line) REFERENCES order_lines MATCH FULL
);
CREATE TABLE "Odd table" (id bigserial CONSTRAINT odd_key PRIMARY KEY, n serial);
CREATE TABLE "100 %" (id integer PRIMARY KEY DEFERRABLE);
CREATE TABLE audit.log (id integer PRIMARY KEY, level audit.level NOT NULL DEFAULT 'low');
CREATE UNLOGGED TABLE scratchpad (v text);
CREATE TABLE measures (at date NOT NULL, v integer, PRIMARY KEY (at)) PARTITION BY RANGE (at);
CREATE TABLE measures_1 PARTITION OF measures FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE halves (n integer, word text DEFAULT 'two
lines') PARTITION BY LIST ((n % 2));
CREATE TABLE base (id integer, note text);
CREATE TABLE derived (more text) INHERITS (base);

CREATE INDEX by_hash ON customers USING hash (email);
CREATE INDEX by_data ON customers USING gin (data jsonb_path_ops);
CREATE INDEX by_search ON customers USING gin (search);
CREATE INDEX by_period ON customers USING gist (period);
CREATE INDEX by_at ON customers USING brin (at) WITH (pages_per_range = 16);
CREATE INDEX by_hnsw ON customers USING hnsw (embedding vector_cosine_ops) WITH (m = 8);
CREATE INDEX by_ivfflat ON customers USING ivfflat (embedding vector_l2_ops) WITH (lists = 3);
CREATE UNIQUE INDEX by_lower ON customers (lower(email) text_pattern_ops, at DESC NULLS LAST)
    INCLUDE (code) WHERE email LIKE '%@%';
CREATE INDEX on_orders ON orders (customer_id) WITH (fillfactor = 60);
CREATE STATISTICS together ON customer_id, code FROM orders;
ALTER TABLE orders CLUSTER ON on_orders;
ALTER TABLE orders ADD CONSTRAINT orders_later CHECK (total < 1000000) NOT VALID;
ALTER TABLE customers ALTER email SET STATISTICS 500, ALTER data SET STORAGE EXTERNAL;

CREATE VIEW open_orders AS SELECT o.id, c.email FROM orders o JOIN customers c ON c.id = customer_id;
CREATE MATERIALIZED VIEW totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY 1;
CREATE UNIQUE INDEX on_totals ON totals (customer_id);
CREATE VIEW open_emails AS SELECT DISTINCT email FROM open_orders;
CREATE FUNCTION last_order(c customers) RETURNS bigint LANGUAGE sql STABLE AS
    $$SELECT max(id) FROM orders WHERE customer_id = c.id$$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN NEW.at := now(); RETURN NEW; END$$;
CREATE TRIGGER touch BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE customers DISABLE TRIGGER touch;
CREATE RULE quiet AS ON DELETE TO favourites DO INSTEAD NOTHING;
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON customers FOR SELECT USING (email = current_user);
COMMENT ON TABLE orders IS 'what was bought: 100 % "quoted" it''s';
COMMENT ON COLUMN orders.total IS 'with tax';
COMMENT ON VIEW open_orders IS 'not yet sent';
COMMENT ON TYPE status IS 'where it stands';
"""


@pytest.fixture
def by_hand(scratch):
    """The URL of a database that this SQL has made."""

    def make(sql):
        scratch.reset(sql)
        return scratch.url

    return make


def test_models_pulled_from_a_database_push_the_same_schema(by_hand, empty_database, tmp_path):
    url = by_hand(EVERYTHING)
    models = models_in(pull(url))
    push(Push(url=empty_database, folder=tmp_path, models=models))
    assert differences(snapshot(empty_database), snapshot(url)) == []


@pytest.mark.parametrize("seed", range(8))
def test_a_random_schema_is_pulled(by_hand, seed):
    url = by_hand(draw(Random(seed)))
    assert models_in(pull(url))


def test_a_pull_changes_nothing(by_hand):
    url = by_hand(EVERYTHING)
    before = snapshot(url)
    pull(url)
    assert snapshot(url) == before


def test_what_no_models_can_carry_is_named_and_refused(by_hand):
    url = by_hand(
        "CREATE TABLE t (a int); CREATE AGGREGATE most(int) (SFUNC = int4larger, STYPE = int)"
    )
    with pytest.raises(SchemaError, match=r"aggregate most\(integer\)"):
        pull(url)


def test_an_empty_database_is_refused(by_hand):
    with pytest.raises(SchemaError, match="no table"):
        pull(by_hand(""))


def test_fields_are_named_as_python_and_peewee_allow(by_hand):
    url = by_hand(
        'CREATE TABLE "order items" (id int PRIMARY KEY, "class" int, save int, "1st" int,'
        ' "A" int, a int, other_id int REFERENCES "order items", other int);'
        "CREATE TABLE order_items (id int PRIMARY KEY);"
    )
    models = {model._meta.table_name: model for model in models_in(pull(url))}
    assert sorted(model.__name__ for model in models.values()) == ["OrderItems", "OrderItems_"]
    columns = {
        field.column_name: name for name, field in models["order items"]._meta.fields.items()
    }
    assert columns == {
        "id": "id",
        "class": "class_",
        "save": "save_",
        "1st": "column_1st",
        "A": "a_",
        "a": "a",
        "other_id": "other_id",
        "other": "other",
    }


def test_rows_are_read_through_pulled_models(by_hand, empty_database):
    url = by_hand(
        "CREATE TABLE a (id serial PRIMARY KEY, name text);"
        "CREATE TABLE b (id serial PRIMARY KEY, a_id int REFERENCES a, owner int REFERENCES a);"
        "INSERT INTO a (name) VALUES ('first'); INSERT INTO b (a_id, owner) VALUES (1, 1)"
    )
    db.connect_url(url)
    a, b = models_in(pull(url))
    with db.connection_context():
        row = b.select().get()
        assert (row.a.name, row.owner.name, row.owner_value) == ("first", "first", 1)
        assert a.create(name="second").id == 2
