"""The units providers charge for, and which of them are parts of which.

Names and sizes follow the registry of genai-prices. A unit is a set of traits; one whose
traits include all of another's is a part of it: `cache_read_tokens` of `input_tokens`.
"""

from __future__ import annotations

from dataclasses import dataclass

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Unit:
    """What is counted; `per` is the count its price is quoted for."""

    name: str
    per: int
    traits: frozenset[str]

    def is_part_of(self, other: Unit) -> bool:
        """Whether everything counted here is counted in `other` too."""
        return other.traits < self.traits


_TOKENS = """
    input_tokens: input
    output_tokens: output
    cache_read_tokens: input read
    cache_write_tokens: input write
    cache_write_5m_tokens: input write 5m
    cache_write_1h_tokens: input write 1h
    input_tool_tokens: input tool
    output_reasoning_tokens: output reasoning
    output_citation_tokens: output citation
"""
_TOKENS_OF_A_MODALITY = """
    input_{m}_tokens: input {m}
    output_{m}_tokens: output {m}
    cache_{m}_read_tokens: input read {m}
    cache_{m}_write_tokens: input write {m}
    cache_{m}_write_5m_tokens: input write 5m {m}
    cache_{m}_write_1h_tokens: input write 1h {m}
    input_{m}_tool_tokens: input tool {m}
    output_{m}_reasoning_tokens: output reasoning {m}
    output_{m}_citation_tokens: output citation {m}
"""
MODALITIES = ("text", "audio", "image", "video")

#: name: (count the price is for, traits)
_OTHERS = {
    "input_characters": (MILLION, "characters"),
    "input_text_messages": (1000, "messages"),
    "audio_seconds": (3600, "seconds"),
    "input_audio_seconds": (3600, "seconds in"),
    "output_audio_seconds": (3600, "seconds out"),
    "input_pixels": (1000 * MILLION, "pixels"),
    "input_document_pages": (1000, "pages"),
    "input_annotated_document_pages": (1000, "pages annotated"),
    "rerank_searches": (1000, "rerank"),
    "web_searches": (1000, "calls web"),
    "social_searches": (1000, "calls social"),
    "storage_searches": (1000, "calls storage"),
    "code_executions": (1000, "calls code"),
    "requests": (1000, "requests"),
}


def _token_lines() -> list[str]:
    lines = _TOKENS.strip().splitlines()
    for modality in MODALITIES:
        lines += _TOKENS_OF_A_MODALITY.format(m=modality).strip().splitlines()
    return lines


def _units() -> dict[str, Unit]:
    tokens = (line.split(":") for line in _token_lines())
    pairs = [(name.strip(), MILLION, traits) for name, traits in tokens]
    pairs += [(name, per, traits) for name, (per, traits) in _OTHERS.items()]
    return {name: Unit(name, per, frozenset(traits.split())) for name, per, traits in pairs}


#: Every unit a price or a detail of usage may name.
UNITS: dict[str, Unit] = _units()
_BY_TRAITS = {unit.traits: unit for unit in UNITS.values()}


def overlap(one: Unit, other: Unit) -> Unit | None:
    """The unit counting what belongs to both, or None: no part of the other, none registered."""
    if one.traits <= other.traits or other.traits <= one.traits:
        return None
    return _BY_TRAITS.get(one.traits | other.traits)
