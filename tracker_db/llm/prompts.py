"""What is kept of a prompt: hashes of it and of its beginnings, its text only when asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tracker_db.llm.counts import as_mapping

#: The name under which a fingerprint stands in `events.metadata`.
KEY = "prompt"
#: The parts of a request that a model reads, in the order in which providers cache them.
REQUEST_PARTS = (
    "tools",
    "system",
    "instructions",
    "prompt",
    "messages",
    "input",
    "contents",
)
#: Characters of a block: about 256 tokens of English.
_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A prompt of `size` units (characters, or tokens) cut into blocks of `block` units.

    Each of `blocks` stands for everything from the beginning to the end of that block, so two
    prompts with an equal block begin alike up to there. The last block may be short.
    """

    hash: str
    size: int
    block: int
    blocks: tuple[str | int, ...]
    #: The prompt itself, when it was asked to be kept.
    text: str | None = None

    def sizes(self) -> list[int]:
        """The sizes of the blocks, in units."""
        whole, rest = divmod(self.size, self.block)
        return [self.block] * whole + [rest] * bool(rest)

    def metadata(self) -> dict[str, Any]:
        """What to give as (or add to) `metadata` of the call."""
        kept = asdict(self)
        if self.text is None:
            del kept["text"]
        return {KEY: kept}


def fingerprint(prompt: Any, *, keep_text: bool = False) -> Fingerprint:
    """The fingerprint of a text, a list of messages, or a whole request, in characters.

    Hashes tell no text, but who can guess a short prompt can prove the guess.
    """
    text = prompt_text(prompt)
    content = text.encode("utf-8", "surrogatepass")
    return Fingerprint(
        hash=hashlib.sha256(content).hexdigest()[:32],
        size=len(text),
        block=_BLOCK,
        blocks=tuple(_prefix_hashes(text)),
        text=text if keep_text else None,
    )


def _prefix_hashes(text: str) -> Iterator[str]:
    running = hashlib.blake2b(digest_size=8)
    for start in range(0, len(text), _BLOCK):
        running.update(text[start : start + _BLOCK].encode("utf-8", "surrogatepass"))
        yield running.hexdigest()


def prompt_text(prompt: Any) -> str:
    """A prompt as one text, in which a longer conversation begins like a shorter one."""
    return "\n".join(_lines(prompt))


def _lines(prompt: Any) -> Iterator[str]:
    if isinstance(prompt, str):
        yield prompt
    elif isinstance(prompt, Sequence):
        yield from map(_line, prompt)
    elif isinstance(prompt, Mapping) and any(name in prompt for name in REQUEST_PARTS):
        for name in REQUEST_PARTS:
            yield from _lines(prompt.get(name) or ())
    else:
        yield _line(prompt)


def _line(message: Any) -> str:
    return json.dumps(_plain(message), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """JSON of a message without Anthropic's cache marks, which move as a conversation grows."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_plain(item) for item in value]
    return {
        str(name): _plain(item)
        for name, item in as_mapping(value).items()
        if name != "cache_control"
    }


def read_fingerprint(metadata: Any) -> Fingerprint | None:
    """The fingerprint in a call's metadata (or that part of it); None where there is none.

    Other things that somebody keeps under the same name are none of ours.
    """
    found = metadata.get(KEY, metadata) if isinstance(metadata, Mapping) else None
    try:
        read = Fingerprint(**{**(found or {}), "blocks": tuple(found["blocks"])})  # type: ignore[index]
        return read if _fits(read) else None
    except (TypeError, KeyError):
        return None


def _fits(read: Fingerprint) -> bool:
    if not (isinstance(read.size, int) and isinstance(read.block, int) and read.block > 0):
        return False
    whole, rest = divmod(read.size, read.block)
    return len(read.blocks) == whole + bool(rest)


def without_prompt(
    found: Mapping[str, Any], *, keep_text: bool = False
) -> tuple[Mapping[str, Any], Fingerprint | None]:
    """A line of a log without the request's text, and the fingerprint that takes its place."""
    parts = {name: found[name] for name in REQUEST_PARTS if isinstance(found.get(name), str | list)}
    if not parts:
        return found, None
    rest = {name: value for name, value in found.items() if name not in parts}
    return rest, fingerprint(parts, keep_text=keep_text)
