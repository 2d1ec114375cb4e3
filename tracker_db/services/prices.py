"""The price list: kept in memory while it does not change, imported, and set by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg2.extras import Json, execute_values

from tracker_db.db import db, transaction
from tracker_db.errors import InvalidInputError
from tracker_db.llm.call import MAX_NAME
from tracker_db.llm.genai_list import read_genai_prices
from tracker_db.llm.litellm_list import read_litellm
from tracker_db.llm.pricing import Rate, Sheet, check_rates, is_price, per_thousand
from tracker_db.llm.providers import provider_name
from tracker_db.llm.table import Alias, Match, PriceTable
from tracker_db.models.pricing import ModelAlias, ModelPricing
from tracker_db.services.checked import to_insert

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from decimal import Decimal

_SHEETS = """
    SELECT id::text, provider, model, effective_date, input_price_per_1k, output_price_per_1k,
           rates, project_id
    FROM model_pricing
"""
_ADD_SHEETS = """
    INSERT INTO model_pricing (provider, model, effective_date, input_price_per_1k,
                               output_price_per_1k, rates, project_id, source)
    VALUES %s
    ON CONFLICT (provider, model, effective_date) WHERE project_id IS NULL DO UPDATE SET
        input_price_per_1k = excluded.input_price_per_1k,
        output_price_per_1k = excluded.output_price_per_1k,
        rates = excluded.rates, source = excluded.source
"""
_ADD_PROJECT_SHEET = _ADD_SHEETS.replace(
    "(provider, model, effective_date) WHERE project_id IS NULL",
    "(project_id, provider, model, effective_date) WHERE project_id IS NOT NULL",
)
_ADD_ALIASES = """
    INSERT INTO model_aliases (provider, match, pattern, model, priority) VALUES %s
    ON CONFLICT (provider, match, pattern) DO UPDATE SET
        model = excluded.model, priority = excluded.priority
    WHERE (model_aliases.model, model_aliases.priority)
        IS DISTINCT FROM (excluded.model, excluded.priority)
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: `unchanged` prices were in force already, `skipped` names unusable."""

    added: int
    unchanged: int
    skipped: int
    aliases: int


class _Memory:
    """The last price table read, with the database and revision it was read from."""

    kept: tuple[tuple[Any, ...], PriceTable] = ((), PriceTable())


def clock_and_prices() -> tuple[datetime, PriceTable]:
    """The database's time and the price list as the current transaction sees it."""
    query = "SELECT now(), revision, current_database() FROM pricing_revision"
    now, *found = db.execute_sql(query).fetchone()
    state = (db.connect_params.get("host"), db.connect_params.get("port"), *found)
    kept_state, table = _Memory.kept
    if kept_state != state:
        table = PriceTable(_sheets(), _aliases())
        _Memory.kept = state, table
    return now, table


def _sheets() -> list[Sheet]:
    return [
        Sheet(
            id=id_,
            provider=provider,
            model=model,
            effective_date=effective,
            input_per_1k=input_price,
            output_per_1k=output_price,
            rates=_rates(id_, rates),
            project_id=project,
        )
        for id_, provider, model, effective, input_price, output_price, rates, project in (
            db.execute_sql(_SHEETS)
        )
    ]


def _rates(id_: str, rates: list[Any]) -> tuple[Rate, ...]:
    try:
        return tuple(map(Rate.from_json, rates))
    except InvalidInputError as error:
        raise InvalidInputError(f"model_pricing, row {id_}: {error}") from None


def _aliases() -> list[Alias]:
    query = "SELECT provider, match, pattern, model, priority FROM model_aliases"
    return [
        Alias(provider, Match(match), pattern, model, priority)
        for provider, match, pattern, model, priority in db.execute_sql(query)
    ]


def import_genai_prices() -> Imported:
    """Import every dated price and alias that comes with genai-prices; no network is used.

    Raises MissingExtraError without the `llm` extra.
    """
    sheets, aliases = read_genai_prices()
    with transaction():
        return _import(sheets, aliases, source="genai-prices")


def import_litellm(text: str, *, effective: datetime) -> Imported:
    """Import LiteLLM's JSON price list, in force from `effective` (tz-aware) on.

    A model whose price in force then is the same gets no new row. Raises
    InvalidInputError when `text` is not that list.
    """
    found = read_litellm(text, effective)
    with transaction():
        return _import(found.sheets, [], source="litellm", skipped=len(found.skipped))


def _import(
    sheets: Sequence[Sheet], aliases: Iterable[Alias], *, source: str, skipped: int = 0
) -> Imported:
    db.execute_sql("LOCK TABLE model_pricing IN SHARE ROW EXCLUSIVE MODE")
    _, table = clock_and_prices()
    new = [sheet for sheet in sheets if not table.has(sheet)]
    _insert(_ADD_SHEETS, (_row(sheet, source) for sheet in new))
    patterns = {(a.provider, a.match, a.pattern): a for a in reversed(list(aliases))}
    known = set(_aliases())
    fresh = [alias for alias in patterns.values() if alias not in known]
    rows = ((a.provider, a.match.value, a.pattern, a.model, a.priority) for a in fresh)
    _insert(_ADD_ALIASES, rows)
    return Imported(len(new), len(sheets) - len(new), skipped, len(fresh))


def _insert(statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with db.cursor() as cursor:
        execute_values(cursor, statement, list(rows), page_size=1000)


def _row(sheet: Sheet, source: str) -> tuple[Any, ...]:
    columns = {
        "provider": sheet.provider,
        "model": sheet.model,
        "effective_date": sheet.effective_date,
        "input_price_per_1k": sheet.input_per_1k,
        "output_price_per_1k": sheet.output_per_1k,
        "rates": [rate.to_json() for rate in sheet.rates],
        "project_id": sheet.project_id,
        "source": source,
    }
    to_insert(ModelPricing, columns)
    return tuple((columns | {"rates": Json(columns["rates"])}).values())


def set_price(
    provider: str,
    model: str,
    *,
    input_per_million: Decimal,
    output_per_million: Decimal,
    effective: datetime,
    rates: Iterable[Rate] = (),
    project: str | None = None,
) -> None:
    """Set what a model costs from `effective` (tz-aware) on, for one project or for everyone.

    Prices are US dollars per million tokens. A price of the same date is corrected, older
    ones stay. Events recorded before keep their estimate until `reprice` is called. Raises
    InvalidInputError for an empty name, a price that is none, or a rate that can never apply.
    """
    _check_names(provider=provider, model=model, project=project)
    for price in (input_per_million, output_per_million):
        if not is_price(price):
            raise InvalidInputError(f"{price} is not a price per million tokens.")
    sheet = Sheet(
        provider=provider_name(provider),
        model=model.strip(),
        effective_date=effective,
        input_per_1k=per_thousand(input_per_million),
        output_per_1k=per_thousand(output_per_million),
        rates=tuple(Rate.from_json(rate.to_json()) for rate in rates),
        project_id=project,
    )
    check_rates(sheet.rates)
    row = _row(sheet, "manual")
    with transaction():
        _insert(_ADD_PROJECT_SHEET if project else _ADD_SHEETS, [row])


def _check_names(**names: str | None) -> None:
    for what, name in names.items():
        if name is not None and not (name.strip() and len(name) <= MAX_NAME):
            raise InvalidInputError(
                f"A {what} has a name of up to {MAX_NAME} characters, got {name!r:.80}."
            )


def set_alias(alias: Alias) -> None:
    """Price names that match `alias` as its model.

    Raises InvalidInputError for an empty name or pattern and for a bad regular expression.
    """
    _check_names(provider=alias.provider, model=alias.model)
    alias.check()
    columns = ("provider", "match", "pattern", "model", "priority")
    values = (alias.provider, alias.match.value, alias.pattern, alias.model, alias.priority)
    to_insert(ModelAlias, dict(zip(columns, values, strict=True)))
    with transaction():
        _insert(_ADD_ALIASES, [values])
