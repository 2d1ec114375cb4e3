"""From a provider's own `usage` object to `Usage`; one reader for each shape.

Shapes: OpenAI's Chat Completions and Responses API (and everyone who speaks them: Azure,
Mistral, Groq, DeepSeek, xAI, OpenRouter ...), Anthropic's Messages, Gemini, Bedrock's
Converse, Cohere. What each count includes is each provider's own reference; the sums were
checked against `total_tokens` of real responses.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tracker_db.llm.counts import (
    Json,
    as_mapping,
    count,
    details,
    dollars,
    first_count,
    text,
)
from tracker_db.llm.units import MODALITIES
from tracker_db.llm.usage import Usage, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker_db.llm.usage import Count


def read_usage(usage: Any) -> Usage:
    """Read a provider's `usage` (a mapping or an SDK's object) whatever provider it is from.

    Raises UsageError when it holds no token counts, a count is negative or no whole
    number, or a part is larger than its total.
    """
    found = as_mapping(usage)
    for recognises, read in _SHAPES:
        if recognises(found):
            result = read(found)
            result.check()
            return result
    # Names alone: what was given for a usage may be a whole response, with its text.
    names = ", ".join(map(str, found))
    raise UsageError(f"It holds no token counts of a known shape, only: {names:.200}")


def holds_counts(found: Json) -> bool:
    """Whether `found` has the shape of a provider's usage."""
    return any(recognises(found) for recognises, _ in _SHAPES)


def _openai_chat(usage: Json) -> Usage:
    """`prompt_tokens` includes everything cached; `completion_tokens` includes reasoning.

    xAI and Perplexity leave reasoning out of `completion_tokens`: their `total_tokens` tells.
    """
    prompt, total = count(usage, "prompt_tokens"), count(usage, "total_tokens")
    reasoning = _reasoning(usage)
    output = count(usage, "completion_tokens") + count(usage, "citation_tokens")
    if reasoning and total == prompt + output + reasoning:
        output += reasoning
    return Usage(
        input_tokens=prompt,
        output_tokens=output,
        cached_tokens=_cached(usage),
        cache_write_tokens=count(usage, "prompt_tokens_details", "cache_write_tokens"),
        reasoning_tokens=reasoning,
        details=_chat_details(usage),
        verified_cost_usd=_billed(usage),
    )


def _reasoning(usage: Json) -> int:
    return count(usage, "completion_tokens_details", "reasoning_tokens") or count(
        usage, "reasoning_tokens"
    )


def _cached(usage: Json) -> int:
    """DeepSeek, xAI and Moonshot each had a name of their own beside OpenAI's.

    Mistral's `num_cached_tokens` is not among them: it counted its engine's hits before a
    cached prompt had a price, on first calls too (76 of 77 tokens).
    """
    return count(usage, "prompt_tokens_details", "cached_tokens") or first_count(
        usage, "prompt_cache_hit_tokens", "cached_tokens", "cached_prompt_text_tokens"
    )


def _chat_details(usage: Json) -> dict[str, Count]:
    return details(
        input_audio_tokens=count(usage, "prompt_tokens_details", "audio_tokens"),
        input_image_tokens=count(usage, "prompt_tokens_details", "image_tokens"),
        input_video_tokens=count(usage, "prompt_tokens_details", "video_tokens"),
        output_audio_tokens=count(usage, "completion_tokens_details", "audio_tokens"),
        output_image_tokens=count(usage, "completion_tokens_details", "image_tokens"),
        output_citation_tokens=count(usage, "citation_tokens"),
        web_searches=count(usage, "num_search_queries")
        or count(usage, "server_tool_use", "web_search_requests"),
        input_audio_seconds=count(usage, "prompt_audio_seconds"),
    )


def _billed(usage: Json) -> Decimal | None:
    """What OpenRouter, Perplexity or xAI (in ticks, 10^-10 USD) say that they charged.

    With a user's own key the provider's own bill is added to OpenRouter's charge.
    """
    if usage.get("cost_in_usd_ticks") is not None:
        return Decimal(count(usage, "cost_in_usd_ticks")).scaleb(-10)
    cost = usage.get("cost")
    if isinstance(cost, Mapping):
        cost = cost.get("total_cost")
    if not isinstance(cost, int | float | Decimal | str):
        return None
    charge = dollars(cost)
    upstream = as_mapping(usage.get("cost_details") or {}).get("upstream_inference_cost")
    if usage.get("is_byok") and upstream is not None:
        charge += dollars(upstream)
    return charge


def _openai_responses(usage: Json) -> Usage:
    """As in chat, under other names; images and realtime add counts by modality."""
    inputs = _part(usage, "input_tokens_details", "input_token_details")
    outputs = _part(usage, "output_tokens_details", "output_token_details")
    return Usage(
        input_tokens=count(usage, "input_tokens"),
        output_tokens=count(usage, "output_tokens"),
        cached_tokens=first_count(inputs, "cached_tokens", "cache_read_input_tokens"),
        cache_write_tokens=count(inputs, "cache_write_tokens"),
        reasoning_tokens=count(outputs, "reasoning_tokens"),
        details=_responses_details(inputs, outputs),
        verified_cost_usd=_billed(usage),
    )


def _part(usage: Json, *names: str) -> Json:
    return as_mapping(next((usage[name] for name in names if usage.get(name)), {}))


def _responses_details(inputs: Json, outputs: Json) -> dict[str, Count]:
    found = details(
        **{f"input_{m}_tokens": count(inputs, f"{m}_tokens") for m in ("audio", "image")},
        **{f"output_{m}_tokens": count(outputs, f"{m}_tokens") for m in ("audio", "image")},
    )
    if inputs.get("cached_tokens_details"):
        # A modality left out of the list was not read from the cache: 0, not unknown.
        for m in ("audio", "image"):
            path = ("cached_tokens_details", f"{m}_tokens")
            found[f"cache_{m}_read_tokens"] = count(inputs, *path)
    return found


def _anthropic(usage: Json) -> Usage:
    """`input_tokens` counts only what is neither read from nor written to the cache."""
    read = count(usage, "cache_read_input_tokens")
    short = count(usage, "cache_creation", "ephemeral_5m_input_tokens")
    hour = count(usage, "cache_creation", "ephemeral_1h_input_tokens")
    written = max(count(usage, "cache_creation_input_tokens"), short + hour)
    tier = text(usage, "service_tier")
    return Usage(
        input_tokens=count(usage, "input_tokens") + read + written,
        output_tokens=count(usage, "output_tokens"),
        cached_tokens=read,
        cache_write_tokens=written,
        cache_write_1h_tokens=hour,
        reasoning_tokens=count(usage, "output_tokens_details", "thinking_tokens"),
        details=details(web_searches=count(usage, "server_tool_use", "web_search_requests")),
        service_tier=tier if tier != "batch" else None,
        processing="batch" if tier == "batch" else None,
        speed=text(usage, "speed"),
    )


def _bedrock(usage: Json) -> Usage:
    """Converse counts like Anthropic: cached parts stand beside `inputTokens`."""
    read = first_count(usage, "cacheReadInputTokens", "cacheReadInputTokenCount")
    written = first_count(usage, "cacheWriteInputTokens", "cacheWriteInputTokenCount")
    hour = sum(
        count(entry, "inputTokens")
        for entry in usage.get("cacheDetails") or ()
        if entry.get("ttl") == "1h"
    )
    return Usage(
        input_tokens=count(usage, "inputTokens") + read + written,
        output_tokens=count(usage, "outputTokens"),
        cached_tokens=read,
        cache_write_tokens=written,
        cache_write_1h_tokens=hour,
    )


_SNAKE = {
    "prompt_token_count": "promptTokenCount",
    "candidates_token_count": "candidatesTokenCount",
    "thoughts_token_count": "thoughtsTokenCount",
    "tool_use_prompt_token_count": "toolUsePromptTokenCount",
    "cached_content_token_count": "cachedContentTokenCount",
    "prompt_tokens_details": "promptTokensDetails",
    "cache_tokens_details": "cacheTokensDetails",
    "candidates_tokens_details": "candidatesTokensDetails",
    "tool_use_prompt_tokens_details": "toolUsePromptTokensDetails",
    "token_count": "tokenCount",
    "service_tier": "serviceTier",
}


def _gemini(usage: Json) -> Usage:
    """Thoughts stand beside candidates, tools beside the prompt; cached are in the prompt."""
    usage = {_SNAKE.get(name, name): value for name, value in usage.items()}
    tools, thoughts = count(usage, "toolUsePromptTokenCount"), count(usage, "thoughtsTokenCount")
    tier = text(usage, "serviceTier")
    return Usage(
        input_tokens=count(usage, "promptTokenCount") + tools,
        output_tokens=count(usage, "candidatesTokenCount") + thoughts,
        cached_tokens=count(usage, "cachedContentTokenCount"),
        reasoning_tokens=thoughts,
        details=_gemini_details(usage, tools),
        service_tier=tier if tier != "batch" else None,
        processing="batch" if tier == "batch" else None,
    )


def _gemini_details(usage: Json, tools: int) -> dict[str, Count]:
    prompt = _by_modality(usage, "promptTokensDetails")
    for modality, tokens in _by_modality(usage, "toolUsePromptTokensDetails").items():
        prompt[modality] = prompt.get(modality, 0) + tokens
    output = _by_modality(usage, "candidatesTokensDetails")
    found = details(
        **{f"input_{m}_tokens": tokens for m, tokens in prompt.items()},
        **{f"output_{m}_tokens": tokens for m, tokens in output.items()},
        input_tool_tokens=tools,
    )
    if usage.get("cacheTokensDetails"):
        # A modality left out of the list was not read from the cache: 0, not unknown.
        cached = _by_modality(usage, "cacheTokensDetails")
        found |= {f"cache_{m}_read_tokens": cached.get(m, 0) for m in prompt | cached}
    return found


def _by_modality(usage: Json, name: str) -> dict[str, int]:
    """Counts by modality without text, which no price list sets apart; documents are images."""
    counts: dict[str, int] = {}
    for entry in usage.get(name) or ():
        plain = {_SNAKE.get(key, key): value for key, value in as_mapping(entry).items()}
        said = str(plain.get("modality", "")).rpartition(".")[2].lower()
        modality = "image" if said == "document" else said
        if modality in MODALITIES and modality != "text":
            counts[modality] = counts.get(modality, 0) + count(plain, "tokenCount")
    return counts


def _cohere(usage: Json) -> Usage:
    """Cohere bills `billed_units`, not every token the model saw."""
    return Usage(
        input_tokens=count(usage, "billed_units", "input_tokens"),
        output_tokens=count(usage, "billed_units", "output_tokens"),
        details=details(rerank_searches=count(usage, "billed_units", "search_units")),
    )


def _embedding(usage: Json) -> Usage:
    """An embedding has only a total (Voyage)."""
    return Usage(input_tokens=count(usage, "total_tokens"))


def _openai_or_anthropic(usage: Json) -> Usage:
    """Without any details the two differ by nothing but Anthropic's missing total."""
    return _openai_responses(usage) if "total_tokens" in usage else _anthropic(usage)


def _has(*names: str) -> Callable[[Json], bool]:
    return lambda usage: any(usage.get(name) is not None for name in names)


#: (recognises, reads), asked in this order: what only one provider says comes first.
_SHAPES: tuple[tuple[Callable[[Json], bool], Callable[[Json], Usage]], ...] = (
    (_has("promptTokenCount", "candidatesTokenCount"), _gemini),
    (_has("prompt_token_count", "candidates_token_count"), _gemini),
    (_has("inputTokens", "outputTokens"), _bedrock),
    (_has("billed_units"), _cohere),
    (_has("prompt_tokens", "completion_tokens"), _openai_chat),
    (
        _has("cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation"),
        _anthropic,
    ),
    (
        _has("input_tokens_details", "input_token_details", "output_token_details"),
        _openai_responses,
    ),
    (_has("input_tokens", "output_tokens"), _openai_or_anthropic),
    (_has("total_tokens"), _embedding),
)
