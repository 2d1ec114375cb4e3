"""What LLM models cost: dated prices, the names they go by, and the recalculations."""

from __future__ import annotations

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    IntegerField,
    TextField,
)
from playhouse.postgres_ext import BinaryJSONField

from tracker_db.fields import Dollars, TimestampTZ, server_default, uuid_key
from tracker_db.models.base import BaseModel

NOW = server_default("now()")
ZERO = server_default("0")

_REVISE = """
        CREATE FUNCTION pricing_revise() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE pricing_revision SET revision = revision + 1;
            RETURN NULL;
        END $$
"""


def _revise_on_change(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_revise AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION pricing_revise()"
    )


class ModelPricing(BaseModel):
    """What a model costs from `effective_date` on; rows are added, never deleted.

    The two prices are US dollars per thousand tokens; `rates` holds every other price
    (`llm.pricing.Rate` says how). `project_id` NULL is for everyone.
    """

    id = uuid_key()
    provider = TextField()
    model = TextField()
    input_price_per_1k = Dollars()
    output_price_per_1k = Dollars()
    effective_date = TimestampTZ(constraints=[NOW])
    project_id = TextField(null=True)
    rates = BinaryJSONField(index=False, constraints=[server_default("'[]'")])
    source = TextField(constraints=[server_default("'manual'")])
    created_at = TimestampTZ(constraints=[NOW])

    class Meta:
        """No price is negative, endless or NaN."""

        table_name = "model_pricing"
        extra_sql = (_revise_on_change("model_pricing"),)
        constraints = (
            SQL(
                "CONSTRAINT model_pricing_price_check CHECK ("
                " input_price_per_1k BETWEEN 0 AND 1000000000"
                " AND output_price_per_1k BETWEEN 0 AND 1000000000)"
            ),
            SQL("CONSTRAINT model_pricing_rates_check CHECK (jsonb_typeof(rates) = 'array')"),
        )


ModelPricing.add_index(
    SQL(
        "CREATE UNIQUE INDEX idx_model_pricing_uniq ON model_pricing"
        " (provider, model, effective_date) WHERE project_id IS NULL"
    )
)
ModelPricing.add_index(
    SQL(
        "CREATE UNIQUE INDEX idx_model_pricing_project_uniq ON model_pricing"
        " (project_id, provider, model, effective_date) WHERE project_id IS NOT NULL"
    )
)


class ModelAlias(BaseModel):
    """Names that are priced as `model`; `llm.table.Match` lists the ways to compare."""

    id = uuid_key()
    provider = TextField()
    match = TextField()
    pattern = TextField()
    model = TextField()
    priority = IntegerField(constraints=[ZERO])

    class Meta:
        """A pattern leads to one model."""

        table_name = "model_aliases"
        extra_sql = (_revise_on_change("model_aliases"),)
        constraints = (
            SQL("CONSTRAINT model_aliases_pattern_unique UNIQUE (provider, match, pattern)"),
            SQL(
                "CONSTRAINT model_aliases_match_check CHECK ("
                " match IN ('equals', 'prefix', 'suffix', 'contains', 'regex'))"
            ),
        )


class PricingRevision(BaseModel):
    """One row, counted up by triggers whenever a price or an alias changes."""

    only_row = BooleanField(primary_key=True, constraints=[server_default("true")])
    revision = BigIntegerField(constraints=[ZERO])

    class Meta:
        """Never a second row."""

        table_name = "pricing_revision"
        prior_sql = (_REVISE,)
        constraints = (SQL("CONSTRAINT pricing_revision_only_row_check CHECK (only_row)"),)


class RepriceLog(BaseModel):
    """One recalculation of estimates from `since` to `until`, with the totals around it."""

    id = uuid_key()
    since = TimestampTZ()
    until = TimestampTZ()
    model = TextField(null=True)
    events_seen = BigIntegerField()
    events_changed = BigIntegerField()
    total_before = Dollars()
    total_after = Dollars()
    created_at = TimestampTZ(constraints=[NOW])

    class Meta:
        """Kept for good: it explains why history changed."""

        table_name = "reprice_logs"
