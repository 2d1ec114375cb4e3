"""The tables, columns and keys that the specifications name, as the database has them."""

from __future__ import annotations

import re

import pytest
from specified import SPECIFIED

#: Tables and columns that refer to others, and what becomes of the row when the other goes.
REFERENCES = """
    price_records.product_id products c
    alert_rules.product_id products c
    run_logs.product_id products c
    prompt_analysis.event_id events c
    prompt_embeddings.event_id events c
    orders.customer_id customers n
    message_logs.customer_id customers n
    message_logs.automation_id automations n
    segment_changes.customer_id customers c
    accounts.user_id users c
    sessions.user_id users c
    projects.user_id users c
    canvas_nodes.project_id projects c
    project_members.project_id projects c
    project_members.user_id users c
    subscriptions.reference_id users c
    refresh_tokens.user_id users c
    tasks.user_id users c
    goals.user_id users c
    coaching_interactions.user_id users c
    coaching_interactions.task_id tasks n
""".strip().splitlines()
#: Columns that lead to one row.
UNIQUE = """
    products (url)
    users (email)
    users (lower(email))
    sessions (token)
    projects (subdomain)
    accounts (provider_id, account_id)
    subscriptions (stripe_subscription_id)
    refresh_tokens (token)
    coaching_cache (key)
    coaching_cache (question_hash)
    customers (shop_id, shopify_id)
    orders (shop_id, shopify_id)
    automations (shop_id, name)
    message_logs (automation_id, customer_id, event_key)
    webhook_deliveries (shop_id, webhook_id)
    cost_aggregates (project_id, feature, model, period, period_start)
""".strip().splitlines()
#: The indexes that the specification of the costs names, beside the unique ones.
COST_INDEXES = {
    "idx_events_feature_time": "events USING btree (project_id, feature, created_at)",
    "idx_events_user_time": "events USING btree (project_id, user_id, created_at)",
    "idx_events_created_at": "events USING btree (created_at)",
    "idx_events_trace": "events USING btree (trace_id)",
    "idx_prompt_analysis_event": "prompt_analysis USING btree (event_id)",
    "idx_cost_agg_period": "cost_aggregates USING btree (project_id, period, period_start)",
}
#: What every table has that has it at all.
EVERYWHERE = {
    "id": "uuid not null = gen_random_uuid()",
    "created_at": "timestamptz not null = now()",
    "updated_at": "timestamptz not null = now()",
}
COLUMNS = """
    SELECT attname, format_type(atttypid, atttypmod)
        || CASE WHEN attnotnull THEN ' not null' ELSE '' END
        || CASE WHEN attgenerated = '' THEN coalesce(' = ' || pg_get_expr(adbin, adrelid), '')
           ELSE '' END
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
"""


@pytest.fixture
def columns(catalog):
    """The columns of a table, and how each is declared."""
    words = (
        (r"timestamp with time zone", "timestamptz"),
        ("character varying", "varchar"),
        (r"::\w+", ""),
    )

    def read(table):
        found = dict(catalog(COLUMNS, table))
        for pattern, word in words:
            found = {name: re.sub(pattern, word, text) for name, text in found.items()}
        return found

    return read


@pytest.mark.parametrize("table", SPECIFIED)
def test_a_table_has_the_columns_that_are_specified(columns, table):
    specified = dict(line.strip().split(" ", 1) for line in SPECIFIED[table].split("\n")[1:-1])
    found = columns(table)
    assert {name: found.get(name) for name in specified} == specified


@pytest.mark.parametrize("column", EVERYWHERE)
def test_keys_and_times_are_filled_in_by_the_server_alike(catalog, columns, column):
    query = """
        SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attname = %s
    """
    tables = {table for (table,) in catalog(query, column)} - {"migratehistory"}
    assert {table: columns(table)[column] for table in tables} == dict.fromkeys(
        tables, EVERYWHERE[column]
    )


@pytest.mark.parametrize("line", REFERENCES)
def test_a_column_refers_to_its_table(catalog, line):
    query = """
        SELECT confrelid::regclass::text, confdeltype::text
        FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND conkey = ARRAY[attnum]
        WHERE contype = 'f' AND conrelid = %s::regclass AND attname = %s
    """
    place, *wanted = line.split()
    assert catalog(query, *place.split(".")) == [tuple(wanted)]


@pytest.mark.parametrize("line", UNIQUE)
def test_what_leads_to_one_row_is_unique(catalog, line):
    table, columns = line.strip().split(" ", 1)
    query = "SELECT indexdef FROM pg_indexes WHERE tablename = %s AND indexdef ~ 'UNIQUE'"
    assert any(definition.endswith(columns) for (definition,) in catalog(query, table))


@pytest.mark.parametrize("name", COST_INDEXES)
def test_an_index_of_the_costs_is_there_under_its_name(catalog, name):
    query = "SELECT indexdef FROM pg_indexes WHERE indexname = %s"
    assert catalog(query, name) == [(f"CREATE INDEX {name} ON public.{COST_INDEXES[name]}",)]
