"""A real worker process whose check fetches nothing: what is left is the bookkeeping."""

from __future__ import annotations

import sys

from tracker_db.config import settings
from tracker_db.observation import Outcome
from tracker_db.services.runs import Result, Run
from workers.logs import configure
from workers.scheduler import Worker

FOUND = Result(
    outcome=Outcome.OK, price=1999, currency="USD", availability="InStock", extractor="null"
)


def check(run: Run) -> Result:  # noqa: ARG001
    return FOUND


if __name__ == "__main__":
    configure()
    sys.exit(Worker(check, settings()).run())
