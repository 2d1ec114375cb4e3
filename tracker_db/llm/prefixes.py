"""What a provider's prompt cache serves of one prompt after the other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime, timedelta

    from tracker_db.llm.prompts import Fingerprint


@dataclass(slots=True)
class Served:
    """What of one prompt a cache knows, in the units of its fingerprint.

    `seen` is the beginning that any earlier prompt had, `read` as much of it as is still kept.
    `written` is what this prompt has to leave in the cache for later ones to be read there; it
    grows while they come.
    """

    seen: int = 0
    read: int = 0
    written: int = 0


@dataclass(slots=True)
class _Block:
    used_at: datetime
    #: Who wrote it, until somebody reads it: a block nobody reads need not be written.
    writer: Served | None


@dataclass(slots=True)
class PrefixCache:
    """A cache without a limit of size, which keeps a block for `keep` after each use.

    None keeps it for ever. Prompts are given in order of time; they share what they begin
    with only within one `scope`.
    """

    keep: timedelta | None = None
    _blocks: dict[Hashable, dict[str | int, _Block]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def serve(self, scope: Hashable, prompt: Fingerprint, at: datetime) -> Served:
        """Look one prompt up, and remember it."""
        served = Served()
        blocks = self._blocks[scope]
        is_seen = is_kept = True
        for name, size in zip(prompt.blocks, prompt.sizes(), strict=True):
            block = blocks.get(name)
            is_seen = is_seen and block is not None
            is_kept = is_kept and block is not None and self._keeps(block, at)
            served.seen += size if is_seen else 0
            if block is not None and is_kept:
                _read(block, served, size, at)
            else:
                blocks[name] = _Block(at, served)
        return served

    def _keeps(self, block: _Block, at: datetime) -> bool:
        return self.keep is None or at - block.used_at <= self.keep


def _read(block: _Block, reader: Served, size: int, at: datetime) -> None:
    reader.read += size
    block.used_at = at
    if block.writer is not None:
        block.writer.written += size
        block.writer = None
