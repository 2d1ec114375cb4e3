"""Claim, run, complete: the worker's loop over due products, a batch at a time."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from peewee import DataError, IntegrityError, InterfaceError, OperationalError

from tracker_db.errors import DatabaseUnavailableError
from tracker_db.observation import Outcome
from tracker_db.services import plans, runs
from tracker_db.services.complete import complete
from tracker_db.services.runs import Result, Run
from tracker_db.services.slots import Policy
from workers.judge import judge
from workers.pool import Check, Deferred, Finished, Pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event
    from uuid import UUID

    from tracker_db.config import Settings

logger = logging.getLogger(__name__)

#: More rows a statement gain nothing (measured), and hold their locks for longer.
BATCH = 500
#: Results are written when a batch is full or this old, in seconds.
FLUSH_SECONDS = 0.5
#: No more is taken in hand than the threads finish in about this many seconds.
AHEAD_SECONDS = 0.5
#: A product claimed this often without ever being completed took its workers down with it.
LOST_CLAIMS = 5


@dataclass(slots=True)
class Tally:
    """What a drain did."""

    succeeded: int = 0
    failed: int = 0
    deferred: int = 0
    lost: int = 0


@dataclass(slots=True)
class Pipeline:
    """One worker's share of the due products.

    A step claims what the threads can soon take on, gathers what they finished, and writes it
    in batches. Claims in hand are extended at half time; a stop releases what was not begun.
    """

    check: Check
    settings: Settings
    stop: Event
    tally: Tally = field(default_factory=Tally)
    report: Callable[[Run, Result], None] = lambda run, result: None  # noqa: ARG005
    _in_hand: dict[UUID, Run] = field(default_factory=dict)
    _unwritten: list[tuple[Run, Result]] = field(default_factory=list)
    _deferred: list[tuple[Run, timedelta]] = field(default_factory=list)
    _mean_seconds: float = 1.0
    _dry_until: float = 0.0
    _flushed_at: float = field(default_factory=time.monotonic)
    _extended_at: float = field(default_factory=time.monotonic)
    _pool: Pool[Run, Result | Deferred] = field(init=False)
    _policy: Policy = field(init=False)
    _lease: timedelta = field(init=False)

    def __post_init__(self) -> None:
        self._pool = Pool(self.check, self.settings.threads, "check")
        self._policy = Policy.of(self.settings)
        self._lease = timedelta(seconds=self.settings.lease_seconds)

    def drain(self) -> Tally:
        """Work until nothing is due and nothing is in hand, or until `stop` is set."""
        self.tally = Tally()
        plans.plan_new(BATCH, self._policy)
        while not self.stop.is_set() and self._step():
            pass
        if self.stop.is_set():
            self.leave()
        return self.tally

    def run(self, claimed: list[Run]) -> Tally:
        """Work these claims off in the foreground, whatever else is due."""
        self.tally = Tally()
        self._take(claimed)
        while self._busy() and not self.stop.is_set():
            self._gather()
        if self.stop.is_set():
            self.leave()
        return self.tally

    def close(self) -> None:
        """Let the threads go."""
        self._pool.close()

    def _step(self) -> bool:
        self._claim()
        if not self._busy():
            return False
        self._gather()
        return True

    def _busy(self) -> bool:
        return bool(self._in_hand or self._unwritten or self._deferred)

    def _claim(self) -> None:
        """Claim when a quarter of the room is free, unless the last claim found too little."""
        limit = self._limit()
        room = limit - len(self._in_hand)
        if room < limit / 4 or (self._in_hand and time.monotonic() < self._dry_until):
            return
        claimed = runs.claim(room, self._lease)
        if len(claimed) < room:
            self._dry_until = time.monotonic() + FLUSH_SECONDS
        self._take(claimed)

    def _limit(self) -> int:
        threads = self.settings.threads
        ahead = threads * AHEAD_SECONDS / max(self._mean_seconds, 1e-6)
        return int(min(max(threads, ahead), BATCH))

    def _take(self, claimed: list[Run]) -> None:
        for run in claimed:
            if run.attempt > self.settings.max_attempts + LOST_CLAIMS:
                self._unwritten.append((run, _given_up(run)))
            else:
                self._in_hand[run.run_id] = run
                self._pool.submit(run)

    def _gather(self) -> None:
        wait = FLUSH_SECONDS if self._in_hand else 0
        for finished in self._pool.finished(wait):
            self._sort(finished)
        self._extend()
        age = time.monotonic() - self._flushed_at
        if not self._in_hand or len(self._unwritten) >= BATCH or age > FLUSH_SECONDS:
            self._flush()

    def _sort(self, finished: Finished[Run, Result | Deferred]) -> None:
        run, found, seconds = finished
        self._mean_seconds += (seconds - self._mean_seconds) / 10
        self._in_hand.pop(run.run_id, None)
        if isinstance(found, (DatabaseUnavailableError, InterfaceError, OperationalError)):
            found = Deferred(timedelta())
        if isinstance(found, Deferred):
            self._deferred.append((run, found.delay))
        elif isinstance(found, Exception):
            self._unwritten.append((run, _defect(run, found)))
        else:
            self._unwritten.append((run, found))

    def _extend(self) -> None:
        now = time.monotonic()
        if now - self._extended_at > self._lease.total_seconds() / 2:
            runs.extend(
                [*self._in_hand.values(), *(run for run, _ in self._unwritten)], self._lease
            )
            self._extended_at = now

    def _flush(self) -> None:
        """Write what is finished; it is forgotten here only once the database has it."""
        if self._deferred:
            runs.release(self._deferred)
            self.tally.deferred += len(self._deferred)
            self._deferred = []
        while batch := self._unwritten[:BATCH]:
            self._write(batch)
            del self._unwritten[: len(batch)]
        self._flushed_at = time.monotonic()

    def _write(self, batch: list[tuple[Run, Result]]) -> None:
        try:
            self._count(batch, self._complete(batch))
        except (DataError, IntegrityError, ValueError) as error:
            self._write_singly(batch, error)

    def _write_singly(self, batch: list[tuple[Run, Result]], error: Exception) -> None:
        """One result that cannot be stored must not hold up the others of its batch."""
        if len(batch) > 1:
            for one in batch:
                self._write([one])
            return
        run, result = batch[0]
        logger.error("%s: the result cannot be stored", run.url, exc_info=error)
        failed = [(run, _unstorable(result, error))]
        self._count(failed, self._complete(failed))

    def _complete(self, batch: list[tuple[Run, Result]]) -> set[UUID]:
        return complete(batch, decide=judge, channels=self.settings.channels, policy=self._policy)

    def _count(self, batch: list[tuple[Run, Result]], held: set[UUID]) -> None:
        for run, result in batch:
            if run.run_id not in held:
                self.tally.lost += 1
            elif result.outcome.succeeded:
                self.tally.succeeded += 1
            else:
                self.tally.failed += 1
            self.report(run, result)

    def leave(self) -> None:
        """Stop within `shutdown_seconds`: what was not begun goes back, the rest is finished."""
        for run in self._pool.cancel():
            self._in_hand.pop(run.run_id, None)
            self._deferred.append((run, timedelta()))
        deadline = time.monotonic() + self.settings.shutdown_seconds
        while self._in_hand and (left := deadline - time.monotonic()) > 0:
            for finished in self._pool.finished(min(left, FLUSH_SECONDS)):
                self._sort(finished)
        self._deferred += [(run, timedelta()) for run in self._in_hand.values()]
        self._in_hand.clear()
        self._flush()


def _given_up(run: Run) -> Result:
    return Result(
        outcome=Outcome.PARSE_ERROR,
        message=f"The worker was lost {run.attempt - 1} times while it checked this page, "
        "so the page is left until the next slot. Pause it if this goes on: "
        f"tracker products pause {run.product_id}",
    )


def _defect(run: Run, error: Exception) -> Result:
    logger.error("%s: the check itself failed", run.url, exc_info=error)
    return Result(
        outcome=Outcome.PARSE_ERROR,
        message=f"The check itself failed with {type(error).__name__}: {error}. "
        "This is a defect in tracker-db; please report it with the page's address.",
    )


def _unstorable(result: Result, error: Exception) -> Result:
    return Result(
        outcome=Outcome.PARSE_ERROR,
        message=f"What the page gave cannot be stored ({type(error).__name__}).",
        http_status=result.http_status,
        duration_ms=result.duration_ms,
        bytes=result.bytes,
    )
