"""Log lines of the worker: UTC time, level, one sentence, to stderr."""

from __future__ import annotations

import logging
import time


def configure(level: int = logging.INFO) -> None:
    """Send every log record to stderr in one format."""
    formatter = logging.Formatter("%(asctime)sZ %(levelname)-7s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("httpx2", "httpcore2"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
