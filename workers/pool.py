"""A few threads that check claimed products and hand back what they found."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    from tracker_db.services.runs import Result, Run


@dataclass(frozen=True, slots=True)
class Deferred:
    """The host is busy: nothing was checked, come back after `delay`."""

    delay: timedelta


#: Checks one product. Whatever it raises is a defect, reported as the run's failure.
Check = Callable[["Run"], "Result | Deferred"]
Finished = tuple["Run", "Result | Deferred | Exception", float]


class Pool:
    """Daemon threads around `check`: a page that hangs never keeps the process from leaving."""

    def __init__(self, check: Check, threads: int) -> None:
        self._check = check
        self._todo: SimpleQueue[Run | None] = SimpleQueue()
        self._done: SimpleQueue[Finished] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"check-{n}", daemon=True)
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, run: Run) -> None:
        """Have `run` checked by the next free thread."""
        self._todo.put(run)

    def finished(self, timeout: float) -> list[Finished]:
        """All that is done, waiting up to `timeout` seconds for the first."""
        found: list[Finished] = []
        try:
            found.append(self._done.get(timeout=timeout))
            while True:
                found.append(self._done.get_nowait())
        except Empty:
            return found

    def cancel(self) -> list[Run]:
        """Take back what no thread has begun."""
        waiting: list[Run] = []
        try:
            while True:
                run = self._todo.get_nowait()
                if run is not None:
                    waiting.append(run)
        except Empty:
            return waiting

    def close(self) -> None:
        """Let each thread leave after what it is doing; does not wait."""
        for _ in self._threads:
            self._todo.put(None)

    def _work(self) -> None:
        while (run := self._todo.get()) is not None:
            start = time.perf_counter()
            try:
                found: Result | Deferred | Exception = self._check(run)
            except Exception as error:  # noqa: BLE001 - a defect in one check must not end the thread
                found = error
            self._done.put((run, found, time.perf_counter() - start))
