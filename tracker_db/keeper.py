"""Keeps the embedded server running for programs that cannot join it, such as psql."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tracker_db.embedded import Server


def keep_for_others(server: Server, seconds: float = 60) -> subprocess.Popen[bytes]:
    """Start a process that uses the server until nobody was connected for so many seconds."""
    # It inherits our lock, and gives it up once it has its own: there is no moment without.
    lock = server.lock_descriptor()
    return subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "tracker_db.keeper", str(server.home), str(lock), str(seconds)],
        pass_fds=[lock],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _keep(home: str, lock: str, seconds: str) -> None:
    server = Server(Path(home))
    server.join()
    os.close(int(lock))
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < float(seconds):
        time.sleep(min(0.5, float(seconds)))
        if server.has_clients():
            quiet_since = time.monotonic()


if __name__ == "__main__":
    _keep(*sys.argv[1:])
