"""A real worker whose check takes a moment and sees a price that says which slot it was."""

from __future__ import annotations

import random
import sys
import time

from tracker_db.config import settings
from tracker_db.observation import Outcome
from tracker_db.services.runs import Result, Run
from workers.logs import configure
from workers.scheduler import Worker


def check(run: Run) -> Result:
    time.sleep(random.uniform(0.01, 0.09))
    price = int(run.due_at.timestamp()) // 3600 % 1000 + 100
    return Result(outcome=Outcome.OK, price=price, currency="USD", availability="InStock")


if __name__ == "__main__":
    configure()
    sys.exit(Worker(check, settings()).run())
