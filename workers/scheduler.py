"""The worker process: one BlockingScheduler with a few jobs, and an orderly way out."""

from __future__ import annotations

import logging
import math
import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from peewee import InterfaceError, OperationalError

from tracker_db.errors import DatabaseUnavailableError
from workers.chores.aggregates import EVERY_SECONDS, refresh_aggregates
from workers.chores.budgets import EVERY_SECONDS as BUDGETS_EVERY_SECONDS
from workers.chores.budgets import check_budgets
from workers.chores.outbox import Sender
from workers.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from tracker_db.config import Settings
    from workers.pool import Check

logger = logging.getLogger(__name__)

DATABASE_AWAY = (DatabaseUnavailableError, InterfaceError, OperationalError)
#: While the database is away it is asked again after 1, 2, 4 ... seconds, up to this many.
LONGEST_WAIT = 30.0
#: A worker with a defect waits this long before it exits, so that its supervisor does not spin.
BACK_OFF = 5.0
#: `timeout make run` delivers one signal twice, to the group and through make: what comes this
#: many seconds after the first is the same one.
SAME_SIGNAL = 0.5


class Worker:
    """Runs the jobs until SIGTERM or SIGINT; a second signal exits at once."""

    def __init__(self, check: Check, settings: Settings) -> None:
        self.stop = threading.Event()
        self.failed = False
        self._signalled_at = -math.inf
        self._settings = settings
        self._waits: dict[str, float] = {}
        self._pipeline = Pipeline(check, settings, self.stop)
        self._sender = Sender(settings, self.stop.is_set)
        self._scheduler = BlockingScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        # A thread of its own: shutdown() waits for the jobs, and one of them may call for it.
        self._closing = threading.Thread(target=self._scheduler.shutdown)

    def run(self) -> int:
        """Work until told to stop. Returns the process's exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signalled)
        # A job that still runs when its next second comes is no news: it drains what is due.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        poll = self._settings.poll_seconds
        logger.info("Looking for due products every %g s", poll)
        self._every(poll, "dispatch", self._pipeline.drain)
        # Half a poll later: an idle worker then gets along with one connection.
        self._every(poll, "outbox", self._sender.deliver, later=poll / 2)
        self._every(EVERY_SECONDS, "aggregates", self._refresh, later=poll / 4)
        self._every(BUDGETS_EVERY_SECONDS, "budgets", self._check_budgets, later=poll * 3 / 4)
        self._scheduler.start()
        self._closing.join()
        self._leave()
        return 1 if self.failed else 0

    def _leave(self) -> None:
        try:
            self._pipeline.leave()
        except DATABASE_AWAY as error:
            # Nothing is lost: the leases run out and another worker takes over.
            logger.warning("Leaving with work in hand: %s", error)
        self._pipeline.close()
        self._sender.close()

    def _refresh(self) -> int:
        return refresh_aggregates(self.stop.is_set)

    def _check_budgets(self) -> int:
        return check_budgets(self._settings.channels, self.stop.is_set)

    def _every(
        self, seconds: float, name: str, job: Callable[[], Any], *, later: float = 0
    ) -> None:
        first = datetime.now(UTC) + timedelta(seconds=later)
        self._scheduler.add_job(
            self._guarded, "interval", (name, job), seconds=seconds, id=name, next_run_time=first
        )

    def _guarded(self, name: str, job: Callable[[], Any]) -> None:
        """Run a job: wait out a database that is away, end the process on a defect."""
        try:
            job()
            self._waits.pop(name, None)
        except DATABASE_AWAY as error:
            self._wait_for_database(name, error)
        except Exception:
            logger.exception("The job %s failed; the worker exits", name)
            self.failed = True
            self.stop.wait(BACK_OFF)
            self._shut_down()

    def _wait_for_database(self, name: str, error: Exception) -> None:
        wait = self._waits[name] = min(LONGEST_WAIT, self._waits.get(name, 0.5) * 2)
        logger.warning("%s. Trying again in %g s.", str(error).strip().rstrip("."), wait)
        self.stop.wait(wait)

    def _signalled(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self.stop.is_set():
            if time.monotonic() - self._signalled_at > SAME_SIGNAL:
                os._exit(1)
            return
        self._signalled_at = time.monotonic()
        self._shut_down()
        logger.info("%s: finishing what is in hand", signal.Signals(number).name)

    def _shut_down(self) -> None:
        if not self.stop.is_set():
            self.stop.set()
            self._closing.start()
