"""LLM calls of a project of their own, with the prices they were estimated by.

The prices belong to the project: nobody else's calls are estimated by them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tracker_db.llm.pricing import Sheet
from tracker_db.llm.usage import Usage
from tracker_db.models.costs import Event, PromptAnalysis
from tracker_db.models.pricing import ModelPricing
from tracker_db.schema.seed.rows import Row, Size, Table, dice_of, id_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROJECT = "demo"
#: Provider, model, US dollars per thousand input and output tokens.
_MODELS = (
    ("openai", "gpt-4o-mini", "0.00015", "0.0006"),
    ("openai", "gpt-4o", "0.0025", "0.01"),
    ("anthropic", "claude-3-5-haiku", "0.0008", "0.004"),
    ("anthropic", "claude-sonnet-4", "0.003", "0.015"),
)
#: Feature, its usual tokens in and out, and its model.
_FEATURES = (
    ("chat", 1800, 350, 1),
    ("search", 600, 60, 0),
    ("summaries", 5200, 420, 2),
    ("classification", 350, 8, 0),
    ("code review", 7400, 900, 3),
)
_ANALYSED = 10


class _Feature(NamedTuple):
    name: str
    input_tokens: int
    output_tokens: int
    model: int


def tables(size: Size, until: datetime) -> Iterator[Table]:
    """Prices, calls spread over the days, and what was found in every tenth prompt."""
    sheets = _sheets(until)
    yield Table(ModelPricing, (_price(sheet) for sheet in sheets), len(sheets))
    step = timedelta(days=size.days) / size.calls
    calls = (_call(n, until - step * (n + 1), sheets) for n in range(size.calls))
    yield Table(Event, calls, size.calls)
    found = (_analysis(n, until - step * (n + 1)) for n in range(0, size.calls, _ANALYSED))
    yield Table(PromptAnalysis, found, size.calls // _ANALYSED)


def _sheets(until: datetime) -> list[Sheet]:
    return [
        Sheet(
            id=str(id_of("model_pricing", model)),
            provider=provider,
            model=model,
            effective_date=until - timedelta(days=400),
            input_per_1k=Decimal(input_price),
            output_per_1k=Decimal(output_price),
            project_id=_PROJECT,
        )
        for provider, model, input_price, output_price in _MODELS
    ]


def _price(sheet: Sheet) -> Row:
    return {
        "id": sheet.id,
        "provider": sheet.provider,
        "model": sheet.model,
        "input_price_per_1k": sheet.input_per_1k,
        "output_price_per_1k": sheet.output_per_1k,
        "effective_date": sheet.effective_date,
        "project_id": sheet.project_id,
        "source": "seed",
        "created_at": sheet.effective_date,
    }


def _call(number: int, at: datetime, sheets: list[Sheet]) -> Row:
    dice = dice_of("call", number)
    feature = _Feature(*dice.choice(_FEATURES))
    sheet = sheets[feature.model]
    input_tokens = round(feature.input_tokens * dice.uniform(0.4, 1.8))
    cached = input_tokens // 2 if dice.random() < 0.25 else 0
    output_tokens = round(feature.output_tokens * dice.uniform(0.3, 2.0))
    usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens, cached_tokens=cached)
    failed = dice.random() < 0.01
    return {
        "id": id_of("call", number),
        "trace_id": id_of("trace", number // 3).hex,
        "span_id": id_of("span", number).hex[:16],
        "request_id": f"demo-{number}",
        "project_id": _PROJECT,
        "feature": feature.name,
        "user_id": f"user-{dice.randint(1, 40)}",
        "provider": sheet.provider,
        "model": sheet.model,
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "cached_tokens": cached,
        "is_cache_hit": cached > 0,
        "latency_ms": 200 + output_tokens * dice.randint(8, 22),
        "estimated_cost_usd": sheet.cost(usage, at),
        "price_id": sheet.id,
        "status": "error" if failed else "ok",
        "created_at": at,
        "ingested_at": at,
    }


def _analysis(number: int, at: datetime) -> Row:
    dice = dice_of("analysis", number)
    score = Decimal(dice.randint(0, 6000)).scaleb(-4)
    return {
        "id": id_of("analysis", number),
        "event_id": id_of("call", number),
        "input_token_ratio": Decimal(dice.randint(10_000, 300_000)).scaleb(-4),
        "redundancy_score": score,
        "suggestions": ["Send the instructions once, as a cached prefix."] if score > 0.3 else [],
        "created_at": at,
    }
