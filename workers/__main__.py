"""`python -m workers`: start, wait for a signal, drain, stop."""

from __future__ import annotations

import logging
import signal
import sys

from tracker_db.config import settings
from tracker_db.errors import TrackerError
from workers.logs import configure


def main() -> int:
    """Start a worker on the configured database. Returns its exit code."""
    # Until the worker listens for signals nothing is in hand: Ctrl-C then ends it as SIGTERM does.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    configure()
    try:
        return _work()
    except TrackerError as error:
        logging.getLogger("workers").critical("%s", error)
        return 1


def _work() -> int:
    from workers.check import Checker  # noqa: PLC0415 - a missing extra is told as one line
    from workers.fetch import Client  # noqa: PLC0415
    from workers.notify import require_configured  # noqa: PLC0415
    from workers.scheduler import Worker  # noqa: PLC0415

    chosen = settings()
    require_configured(chosen)
    with Client(chosen) as client:
        return Worker(Checker(client, chosen), chosen).run()


if __name__ == "__main__":
    sys.exit(main())
