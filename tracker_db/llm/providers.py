"""The many names of one provider and of one model."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from urllib.parse import unquote

#: What APIs, OpenTelemetry and LiteLLM call a provider -> our name (that of genai-prices).
_NAMES = {
    name: provider
    for provider, names in {
        "anthropic": "claude",
        "aws": "bedrock aws.bedrock amazon-bedrock amazon_bedrock bedrock_converse amazon",
        "azure": "azure_openai azure-openai az.ai.openai azure.ai.openai azure.ai.inference"
        " az.ai.inference azure_ai azure_text",
        "google": "gemini vertex vertexai vertex_ai gcp.gemini gcp.vertex_ai gcp.gen_ai"
        " google_genai google-genai google-gla google-vertex google_vertexai",
        "cohere": "cohere_chat",
        "mistral": "mistral_ai mistralai",
        "moonshotai": "moonshot moonshot_ai",
        "fireworks": "fireworks_ai fireworks-ai",
        "together": "together_ai together-ai togetherai",
        "voyageai": "voyage",
        "x-ai": "xai x_ai",
        "zai": "z.ai z-ai",
        "openai": "openai-chat openai-responses openai_responses",
    }.items()
    for name in (provider, *names.split())
}

#: The end of an API's host name -> our name.
_HOSTS = {
    "api.anthropic.com": "anthropic",
    "openai.azure.com": "azure",
    "services.ai.azure.com": "azure",
    "cognitiveservices.azure.com": "azure",
    "api.openai.com": "openai",
    "googleapis.com": "google",
    "api.groq.com": "groq",
    "api.mistral.ai": "mistral",
    "api.cohere.com": "cohere",
    "api.cohere.ai": "cohere",
    "api.deepseek.com": "deepseek",
    "api.voyageai.com": "voyageai",
    "api.cerebras.ai": "cerebras",
    "openrouter.ai": "openrouter",
    "api.x.ai": "x-ai",
    "api.z.ai": "zai",
    "api.perplexity.ai": "perplexity",
    "api.together.xyz": "together",
    "api.fireworks.ai": "fireworks",
    "api.moonshot.ai": "moonshotai",
    "api.moonshot.cn": "moonshotai",
}
_BEDROCK = re.compile(r"(^|\.)bedrock-(runtime|mantle)\.[a-z0-9-]+\.(amazonaws\.com|api\.aws)$")

#: Whose prices count for models a provider resells without a list of its own.
FALLBACKS = {
    "azure": ("openai", "anthropic", "deepseek", "x-ai", "moonshotai"),
    "google": ("anthropic",),
}

_COMPACT_DATE = re.compile(r"-(20\d{2})(\d{2})(\d{2})(?=-|:|$)")
_PATH_PREFIXES = re.compile(r"^(?:.*/)?models/|^arn:aws:bedrock:.*/")
_VARIANT_SUFFIX = re.compile(r"\[[a-z0-9]+\]$")


@lru_cache(maxsize=1024)
def provider_name(text: str) -> str:
    """Our name for a provider, given its name or its API's host; unknown ones stay as given."""
    name = text.strip().lower()
    return _NAMES.get(name) or _of_host(name) or name.removesuffix(":443")


def _of_host(name: str) -> str | None:
    host = name.removeprefix("https://").split("/")[0].split(":")[0]
    if _BEDROCK.search(host):
        return "aws"
    ends = (end for end in _HOSTS if host == end or host.endswith("." + end))
    return next((_HOSTS[end] for end in ends), None)


def spellings(provider: str, model: str) -> list[str]:
    """Forms under which `model` may stand in a price list, the one as given first.

    Regions (`us.anthropic...`) are kept: they have prices of their own.
    """
    given = model.strip().lower()
    plain = _VARIANT_SUFFIX.sub("", unquote(given))
    tail = _PATH_PREFIXES.sub("", plain).removeprefix(f"{provider}/")
    dated = _COMPACT_DATE.sub(_dashed, tail)
    return list(dict.fromkeys((given, _COMPACT_DATE.sub(_dashed, given), plain, tail, dated)))


def _dashed(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    try:
        return f"-{date(int(year), int(month), int(day))}"
    except ValueError:
        return match[0]
