"""From the attributes of an OpenTelemetry GenAI span to the fields of a `Call`.

Names as in the semantic conventions (github.com/open-telemetry/semantic-conventions-genai), the
newest first, then those they had before and those that instrumentations wrote meanwhile. `llm.`
is OpenInference (github.com/Arize-ai/openinference), which counts parts within totals too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker_db.llm.counts import first_count
from tracker_db.llm.providers import provider_name
from tracker_db.llm.responses import tier_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

_INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt")
_OUTPUT = (
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.completion",
)
_CACHED = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.input_tokens.cached",
    "llm.token_count.prompt_details.cache_read",
)
_WRITTEN = (
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.input_tokens.cache_write",
    "llm.token_count.prompt_details.cache_write",
)
_REASONING = (
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "gen_ai.usage.output_tokens.reasoning",
    "llm.token_count.completion_details.reasoning",
)
_PROVIDER = (
    "gen_ai.provider.name",
    "gen_ai.system",
    "llm.provider",
    "llm.system",
    "server.address",
)
#: The model that answered: the one asked for may be the name of a deployment.
_MODEL = (
    "gen_ai.response.model",
    "gen_ai.request.model",
    "llm.response.model_name",
    "llm.model_name",
)
_TIER = ("openai.response.service_tier", "gen_ai.openai.response.service_tier")
_USER = ("user.id", "enduser.id")
#: Spans around calls: their usage is that of the calls within, which have spans of their own.
_AROUND_CALLS = {"create_agent", "invoke_agent", "invoke_workflow", "execute_tool"}
#: The kinds of OpenInference that are calls; the others are around them, or use no model.
_CALLS = {"LLM", "EMBEDDING", "RERANKER"}
_UNKNOWN = "unknown"


def read_span(attributes: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a span tells of an LLM call; None when it is no call or tells no usage.

    `tracker.project` and `tracker.feature` are attributes of our own. A provider or model
    that is not told is "unknown", so that the call is counted and listed as unpriced. Raises
    UsageError for counts that are no whole numbers.
    """
    if attributes.get("gen_ai.operation.name") in _AROUND_CALLS:
        return None
    if attributes.get("openinference.span.kind", "LLM") not in _CALLS:
        return None
    if not any(name in attributes for name in (*_INPUT, *_OUTPUT)):
        return None
    told = {
        "project_id": attributes.get("tracker.project"),
        "feature": attributes.get("tracker.feature"),
        "user_id": _first(attributes, _USER),
        "request_id": attributes.get("gen_ai.response.id"),
    }
    return {
        "provider": provider_name(str(_first(attributes, _PROVIDER) or _UNKNOWN)),
        "model": str(_first(attributes, _MODEL) or _UNKNOWN),
        **_counts(attributes),
        **tier_fields(_first(attributes, _TIER)),
        **{name: value for name, value in told.items() if value},
    }


def _counts(attributes: Mapping[str, Any]) -> dict[str, int]:
    """The conventions count parts within their totals; some instrumentations left them out.

    Where the parts are more than the total they were left out for certain, and are added.
    """
    inputs, outputs = first_count(attributes, *_INPUT), first_count(attributes, *_OUTPUT)
    cached, written = first_count(attributes, *_CACHED), first_count(attributes, *_WRITTEN)
    reasoning = first_count(attributes, *_REASONING)
    if cached + written > inputs:
        inputs += cached + written
    if reasoning > outputs:
        outputs += reasoning
    return {
        "input_tokens": inputs,
        "output_tokens": outputs,
        "cached_tokens": cached,
        "cache_write_tokens": written,
        "reasoning_tokens": reasoning,
    }


def _first(attributes: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((attributes[name] for name in names if attributes.get(name)), None)
