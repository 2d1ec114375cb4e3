"""Decompression bombs: stopped at the cap, in a process of their own whose memory is watched."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import brotli
import pytest
from loopback import Answer

from tracker_db.observation import Outcome

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SIZE = 256_000_000
CAP = 5_000_000
ALLOWED_GROWTH = 50_000_000

VICTIM = Path(__file__).with_name("bomb_victim.py")


def gzip_bomb():
    return gzip.compress(bytes(SIZE), 6)


def brotli_bomb():
    return brotli.compress(bytes(SIZE), quality=3)


def zstd_bomb():
    return zstd.compress(bytes(SIZE), 3)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize(
    ("encoding", "bomb"), [("gzip", gzip_bomb), ("br", brotli_bomb), ("zstd", zstd_bomb)]
)
def test_a_bomb_is_stopped_at_the_cap(shop, encoding, bomb):
    shop.answers["/bomb"] = Answer(bomb(), headers={"Content-Encoding": encoding})
    command = [sys.executable, str(VICTIM), shop.url(), shop.url("/bomb"), str(CAP)]
    result = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert result["outcome"] == Outcome.TOO_LARGE
    assert CAP < result["bytes_read"] < CAP + 2_000_000
    assert result["growth"] < ALLOWED_GROWTH
