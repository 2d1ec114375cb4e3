"""One usage object for each shape, as the providers' own references describe them."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from tracker_db.llm.readers import read_usage
from tracker_db.llm.usage import Usage, UsageError

SHAPES = {
    "OpenAI chat: cached, audio and reasoning are parts": (
        {
            "prompt_tokens": 2006,
            "completion_tokens": 300,
            "total_tokens": 2306,
            "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 20},
            "completion_tokens_details": {"reasoning_tokens": 128, "audio_tokens": 0},
        },
        Usage(
            input_tokens=2006,
            output_tokens=300,
            cached_tokens=1920,
            reasoning_tokens=128,
            details={"input_audio_tokens": 20},
        ),
    ),
    "OpenAI chat with null details (Writer)": (
        {"prompt_tokens": 39, "completion_tokens": 37, "completion_tokens_details": None},
        Usage(input_tokens=39, output_tokens=37),
    ),
    "xAI leaves reasoning out of completion_tokens": (
        {
            "prompt_tokens": 32,
            "completion_tokens": 9,
            "total_tokens": 135,
            "completion_tokens_details": {"reasoning_tokens": 94},
        },
        Usage(input_tokens=32, output_tokens=103, reasoning_tokens=94),
    ),
    "OpenAI responses": (
        {
            "input_tokens": 4020,
            "output_tokens": 4,
            "total_tokens": 4024,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 4012},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
        Usage(input_tokens=4020, output_tokens=4, cache_write_tokens=4012),
    ),
    "Anthropic: cached parts stand beside input_tokens": (
        {
            "input_tokens": 21,
            "cache_creation_input_tokens": 1000,
            "cache_read_input_tokens": 188086,
            "cache_creation": {"ephemeral_5m_input_tokens": 600, "ephemeral_1h_input_tokens": 400},
            "output_tokens": 393,
            "server_tool_use": {"web_search_requests": 2},
            "service_tier": "standard",
        },
        Usage(
            input_tokens=189107,
            output_tokens=393,
            cached_tokens=188086,
            cache_write_tokens=1000,
            cache_write_1h_tokens=400,
            details={"web_searches": 2},
            service_tier="standard",
        ),
    ),
    "Anthropic batch": (
        {"input_tokens": 10, "output_tokens": 5, "service_tier": "batch"},
        Usage(input_tokens=10, output_tokens=5, processing="batch"),
    ),
    "Gemini: thoughts are output, documents are images, a modality left out was not cached": (
        {
            "promptTokenCount": 328,
            "candidatesTokenCount": 78,
            "thoughtsTokenCount": 241,
            "totalTokenCount": 647,
            "cachedContentTokenCount": 183,
            "promptTokensDetails": [
                {"modality": "TEXT", "tokenCount": 70},
                {"modality": "DOCUMENT", "tokenCount": 200},
                {"modality": "AUDIO", "tokenCount": 58},
            ],
            "cacheTokensDetails": [{"modality": "DOCUMENT", "tokenCount": 183}],
        },
        Usage(
            input_tokens=328,
            output_tokens=319,
            cached_tokens=183,
            reasoning_tokens=241,
            details={
                "input_image_tokens": 200,
                "input_audio_tokens": 58,
                "cache_image_read_tokens": 183,
                "cache_audio_read_tokens": 0,
            },
        ),
    ),
    "Gemini: tool prompts stand beside the prompt (Python SDK's names)": (
        {
            "prompt_token_count": 85,
            "candidates_token_count": 28,
            "tool_use_prompt_token_count": 132,
            "thoughts_token_count": None,
        },
        Usage(input_tokens=217, output_tokens=28, details={"input_tool_tokens": 132}),
    ),
    "Bedrock Converse": (
        {
            "inputTokens": 3,
            "outputTokens": 121,
            "totalTokens": 2072,
            "cacheReadInputTokens": 1712,
            "cacheWriteInputTokens": 236,
            "cacheDetails": [{"inputTokens": 36, "ttl": "1h"}, {"inputTokens": 200, "ttl": "5m"}],
        },
        Usage(
            input_tokens=1951,
            output_tokens=121,
            cached_tokens=1712,
            cache_write_tokens=236,
            cache_write_1h_tokens=36,
        ),
    ),
    "Mistral": (
        {
            "prompt_tokens": 268,
            "completion_tokens": 5,
            "total_tokens": 273,
            "prompt_tokens_details": {"cached_tokens": 224},
        },
        Usage(input_tokens=268, output_tokens=5, cached_tokens=224),
    ),
    "Mistral's count of engine hits is no cached price": (
        {"prompt_tokens": 77, "completion_tokens": 12, "num_cached_tokens": 76},
        Usage(input_tokens=77, output_tokens=12),
    ),
    "OpenRouter bills": (
        {
            "prompt_tokens": 194,
            "completion_tokens": 2,
            "cost": 0.00095,
            "cost_details": {"upstream_inference_cost": None},
        },
        Usage(input_tokens=194, output_tokens=2, verified_cost_usd=Decimal("0.00095")),
    ),
    "OpenRouter with the user's own key: its fee and the provider's bill": (
        {
            "prompt_tokens": 194,
            "completion_tokens": 2,
            "is_byok": True,
            "cost": "0.00005",
            "cost_details": {"upstream_inference_cost": 0.001},
        },
        Usage(input_tokens=194, output_tokens=2, verified_cost_usd=Decimal("0.00105")),
    ),
    "Perplexity says what a request cost with its fee": (
        {
            "prompt_tokens": 8,
            "completion_tokens": 439,
            "cost": {"input_tokens_cost": 2.4e-05, "request_cost": 0.006, "total_cost": 0.012609},
        },
        Usage(input_tokens=8, output_tokens=439, verified_cost_usd=Decimal("0.012609")),
    ),
    "xAI bills in ticks": (
        {"prompt_tokens": 32, "completion_tokens": 9, "cost_in_usd_ticks": 37756000},
        Usage(input_tokens=32, output_tokens=9, verified_cost_usd=Decimal("0.0037756")),
    ),
    "Cohere bills its units": (
        {"billed_units": {"input_tokens": 91, "output_tokens": 31}, "tokens": {"input_tokens": 9}},
        Usage(input_tokens=91, output_tokens=31),
    ),
    "Cohere's SDK has whole numbers as floats": (
        {"billed_units": {"input_tokens": 91.0, "output_tokens": 31.0}},
        Usage(input_tokens=91, output_tokens=31),
    ),
    "an embedding (Voyage)": ({"total_tokens": 4}, Usage(input_tokens=4)),
    "the least there is": (
        {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7},
        Usage(input_tokens=3, output_tokens=4),
    ),
}

REFUSED = {
    "no counts": ({"trafficType": "ON_DEMAND"}, "holds no token counts"),
    "not an object": (17, "not a usage object"),
    "negative": ({"prompt_tokens": -1}, "cannot be negative"),
    "NaN": ({"prompt_tokens": float("nan")}, "must be a whole number"),
    "a fraction": ({"input_tokens": 1.5, "output_tokens": 1}, "must be a whole number"),
    "a boolean": ({"prompt_tokens": True}, "must be a whole number"),
    "cached more than input": (
        {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 6}},
        "6 cached and 0 cache-write tokens are more than the 5 input tokens",
    ),
    "reasoning more than output": (
        {"prompt_tokens": 5, "completion_tokens": 1, "reasoning_tokens": 2},
        "2 reasoning tokens are more than the 1 output tokens",
    ),
    "a cost that is none": ({"prompt_tokens": 5, "cost": "NaN"}, "billed cost is 'NaN'"),
}


@pytest.mark.parametrize(("usage", "expected"), SHAPES.values(), ids=SHAPES)
def test_every_shape_is_read_into_the_same_terms(usage, expected):
    assert read_usage(usage) == expected


@pytest.mark.parametrize(("usage", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_usage_that_cannot_be_right_is_refused_with_its_reason(usage, reason):
    with pytest.raises(UsageError, match=reason):
        read_usage(usage)


def test_a_refusal_repeats_no_text():
    with pytest.raises(UsageError) as refused:
        read_usage({"choices": [{"text": "a secret"}]})
    assert "a secret" not in str(refused.value)


def test_the_object_of_an_sdk_is_read_like_its_json():
    details = SimpleNamespace(cached_tokens=4)
    sdk = SimpleNamespace(prompt_tokens=9, completion_tokens=1, prompt_tokens_details=details)
    assert read_usage(sdk) == Usage(input_tokens=9, output_tokens=1, cached_tokens=4)
