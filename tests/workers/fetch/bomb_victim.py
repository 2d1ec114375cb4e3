"""Fetch a page, then a bomb, and print what the bomb did: `bomb_victim.py PAGE BOMB CAP`."""

from __future__ import annotations

import ipaddress
import json
import re
import sys
from pathlib import Path

from tracker_db.config import Settings
from workers.fetch import Client, FetchError


def peak_bytes():
    # Not getrusage: its peak survives exec and would begin with the parent's.
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


def main(page, bomb, cap):
    nets = (ipaddress.ip_network("127.0.0.0/8"),)
    with Client(Settings(allow_nets=nets, robots=False, fetch_bytes=int(cap))) as client:
        client.get(page)
        before = peak_bytes()
        try:
            client.get(bomb)
        except FetchError as error:
            growth = peak_bytes() - before
            result = {"outcome": error.outcome, "bytes_read": error.bytes_read, "growth": growth}
            print(json.dumps(result))  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    main(*sys.argv[1:])
