"""`make bench` runs every benchmark, and nothing that only helps one."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = {path.stem: path.read_text() for path in ROOT.glob("benchmarks/*.py")}


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_bench_runs_every_benchmark_and_no_helper():
    plan = subprocess.run(
        ["make", "--dry-run", "bench", "PYTHON=true"],
        cwd=ROOT,
        env=os.environ | {"TRACKER_TEST_DATA": "/a/folder"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (loop,) = re.findall(r"for name in (.+?);", plan)
    assert sorted(loop.split()) == sorted(SOURCES.keys() - helpers())


def helpers():
    """What another benchmark imports, or starts as a process of its own."""
    used = re.compile(r"^from (\w+) import|with_name\(\"(\w+)\.py\"\)", re.MULTILINE)
    return {name for source in SOURCES.values() for pair in used.findall(source) for name in pair}
