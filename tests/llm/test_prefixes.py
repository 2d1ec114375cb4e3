"""What a prefix cache serves: the rules by small cases, the sum by a real trace."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tracker_db.llm.prefixes import PrefixCache
from tracker_db.llm.prompts import Fingerprint

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DATA = os.environ.get("TRACKER_TEST_DATA")


def prompt(blocks, size=None):
    return Fingerprint(blocks, size or 10 * len(blocks), 10, tuple(blocks))


def served(keep, *prompts):
    """(seen, read, written) of each prompt, one a minute."""
    cache = PrefixCache(keep)
    found = [cache.serve("m", prompt(p), NOON + n * MINUTE) for n, p in enumerate(prompts)]
    return [(one.seen, one.read, one.written) for one in found]


def test_only_the_beginning_is_served():
    assert served(None, "abc", "abd", "xbc") == [(0, 0, 20), (20, 20, 0), (0, 0, 0)]


def test_what_is_read_was_written_once():
    assert served(None, "ab", "ab", "ab") == [(0, 0, 20), (20, 20, 0), (20, 20, 0)]


def test_what_nobody_reads_again_need_not_be_written():
    assert served(None, "ab", "cd") == [(0, 0, 0), (0, 0, 0)]


def test_a_use_keeps_a_prefix_alive_and_a_pause_ends_it():
    assert served(MINUTE, "a", "a", "a") == [(0, 0, 10), (10, 10, 0), (10, 10, 0)]
    assert served(MINUTE, "a", "x", "a", "a") == [(0, 0, 0), (0, 0, 0), (10, 0, 10), (10, 10, 0)]


def test_a_short_last_block_counts_as_what_it_is():
    cache = PrefixCache()
    cache.serve("m", prompt("ab", 13), NOON)
    assert cache.serve("m", prompt("ab", 13), NOON).seen == 13


def test_scopes_share_nothing():
    cache = PrefixCache()
    cache.serve("one", prompt("ab"), NOON)
    assert cache.serve("other", prompt("ab"), NOON).seen == 0


@pytest.mark.skipif(not DATA, reason="TRACKER_TEST_DATA is not set")
def test_an_endless_cache_serves_37_4_percent_of_a_real_hour():
    """Mooncake's published trace: 12,031 requests with the ids of their 512-token blocks."""
    cache, tokens, seen = PrefixCache(), 0, 0
    with Path(DATA, "llm", "mooncake_conversation_trace.jsonl").open() as trace:
        for line in map(json.loads, trace):
            size, blocks = line["input_length"], tuple(line["hash_ids"])
            at = NOON + timedelta(milliseconds=line["timestamp"])
            tokens += size
            seen += cache.serve("m", Fingerprint("", size, 512, blocks), at).seen
    assert round(100 * seen / tokens, 1) == 37.4
