"""Price sheets from LiteLLM's `model_prices_and_context_window.json` (MIT)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tracker_db.errors import InvalidInputError
from tracker_db.llm.pricing import Rate, Sheet, per_thousand
from tracker_db.llm.providers import provider_name
from tracker_db.llm.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

#: A key of LiteLLM's -> the unit it prices; its amounts are for one unit, ours for `per`.
_UNITS = {
    "input_cost_per_token": "input_tokens",
    "output_cost_per_token": "output_tokens",
    "cache_read_input_token_cost": "cache_read_tokens",
    "cache_creation_input_token_cost": "cache_write_tokens",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h_tokens",
    "output_cost_per_reasoning_token": "output_reasoning_tokens",
    "citation_cost_per_token": "output_citation_tokens",
    "input_cost_per_audio_token": "input_audio_tokens",
    "output_cost_per_audio_token": "output_audio_tokens",
    "cache_read_input_audio_token_cost": "cache_audio_read_tokens",
    "cache_creation_input_audio_token_cost": "cache_audio_write_tokens",
    "input_cost_per_image_token": "input_image_tokens",
    "output_cost_per_image_token": "output_image_tokens",
    "cache_read_input_image_token_cost": "cache_image_read_tokens",
    "input_cost_per_video_token": "input_video_tokens",
    "output_cost_per_video_token": "output_video_tokens",
    "input_cost_per_character": "input_characters",
    "input_cost_per_request": "requests",
    "ocr_cost_per_page": "input_document_pages",
}
_CONTEXTS: dict[str | None, dict[str, str]] = {
    None: {},
    "batches": {"processing": "batch"},
    "priority": {"service_tier": "priority"},
    "flex": {"service_tier": "flex"},
}
_KEY = re.compile(r"(.+?)(?:_above_(\d+)k_tokens)?(?:_(batches|priority|flex))?")
_VERTEX = re.compile(r"^vertex_ai[\w-]*$")


@dataclass(slots=True)
class LiteLLMList:
    """What was read: sheets, and the names left out because nothing in them could be used."""

    sheets: list[Sheet] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def read_litellm(text: str, effective: datetime) -> LiteLLMList:
    """Read LiteLLM's JSON; it has no dates, so its prices hold from `effective` (tz-aware) on.

    Raises InvalidInputError when `text` is not that JSON. A model offered under several
    keys of one provider keeps the price of the first.
    """
    found = LiteLLMList()
    seen: set[tuple[str, str]] = set()
    for key, entry in _entries(text):
        sheet = _sheet(key, entry, effective)
        if sheet is None:
            found.skipped.append(key)
        elif (sheet.provider, sheet.model.lower()) not in seen:
            seen.add((sheet.provider, sheet.model.lower()))
            found.sheets.append(sheet)
    return found


def _entries(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        entries = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise InvalidInputError(f"LiteLLM's price list is not JSON: {error}.") from None
    if not isinstance(entries, dict):
        raise InvalidInputError("LiteLLM's price list is not a JSON object of models.")
    return ((k, e) for k, e in entries.items() if k != "sample_spec" and isinstance(e, dict))


def _sheet(key: str, entry: Mapping[str, Any], effective: datetime) -> Sheet | None:
    provider, model = _names(key, entry)
    rates = _rates(entry)
    if not (rates and provider and model):
        return None
    base = {rate.unit: rate.price for rate in rates if not rate.when}
    return Sheet(
        provider=provider,
        model=model,
        effective_date=effective,
        input_per_1k=per_thousand(base.get("input_tokens", Decimal(0))),
        output_per_1k=per_thousand(base.get("output_tokens", Decimal(0))),
        rates=tuple(rate for rate in rates if not _said_by_column(rate)),
    )


def _said_by_column(rate: Rate) -> bool:
    return rate.unit in {"input_tokens", "output_tokens"} and not (rate.when or rate.tiers)


def _names(key: str, entry: Mapping[str, Any]) -> tuple[str, str]:
    theirs = str(entry.get("litellm_provider", ""))
    provider = provider_name(_VERTEX.sub("vertex_ai", theirs))
    head, slash, tail = key.partition("/")
    own = slash and provider_name(_VERTEX.sub("vertex_ai", head)) == provider
    return provider, tail if own else key


def _rates(entry: Mapping[str, Any]) -> tuple[Rate, ...]:
    """A rate for each unit and kind of call, with its tiers by size of the request."""
    prices: dict[tuple[str, str | None], dict[int, Decimal]] = {}
    for key, value in entry.items():
        match = _KEY.fullmatch(key)
        if match and match[1] in _UNITS and _is_price(value):
            unit = _UNITS[match[1]]
            amount = Decimal(value) * UNITS[unit].per
            prices.setdefault((unit, match[3]), {})[int(match[2] or 0) * 1000] = amount
    ordered = sorted(prices.items(), key=lambda item: item[0][1] is None)
    return tuple(_rate(u, kind, by_size) for (u, kind), by_size in ordered if 0 in by_size)


def _is_price(value: Any) -> bool:
    """Whether this is US dollars for one token or another unit; more than a million are not."""
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return number and 0 <= value <= 10**6


def _rate(unit: str, kind: str | None, by_size: dict[int, Decimal]) -> Rate:
    tiers = tuple(sorted((size, price) for size, price in by_size.items() if size))
    return Rate(unit=unit, price=by_size[0], tiers=tiers, when=_CONTEXTS[kind])
