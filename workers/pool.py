"""A few threads that work on what was claimed, and hand back what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from datetime import timedelta

    from tracker_db.services.runs import Result, Run

Item = TypeVar("Item")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Deferred:
    """The host is busy: nothing was checked, come back after `delay`."""

    delay: timedelta


#: Checks one product. Whatever it raises is a defect, reported as the run's failure.
Check = Callable[["Run"], "Result | Deferred"]
#: What was worked on, what came of it, and how many seconds it took.
Finished = tuple[Item, Found | Exception, float]


class Pool(Generic[Item, Found]):
    """Daemon threads around `work`: a server that hangs never keeps the process from leaving."""

    def __init__(self, work: Callable[[Item], Found], threads: int, name: str) -> None:
        self._work = work
        self._todo: SimpleQueue[Item | None] = SimpleQueue()
        self._done: SimpleQueue[Finished[Item, Found]] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, name=f"{name}-{n}", daemon=True)
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, item: Item) -> None:
        """Have `item` worked on by the next free thread."""
        self._todo.put(item)

    def finished(self, timeout: float) -> list[Finished[Item, Found]]:
        """All that is done, waiting up to `timeout` seconds for the first."""
        found: list[Finished[Item, Found]] = []
        try:
            found.append(self._done.get(timeout=timeout))
            while True:
                found.append(self._done.get_nowait())
        except Empty:
            return found

    def cancel(self) -> list[Item]:
        """Take back what no thread has begun."""
        waiting: list[Item] = []
        try:
            while True:
                item = self._todo.get_nowait()
                if item is not None:
                    waiting.append(item)
        except Empty:
            return waiting

    def close(self) -> None:
        """Let each thread leave after what it is doing; does not wait."""
        for _ in self._threads:
            self._todo.put(None)

    def _serve(self) -> None:
        while (item := self._todo.get()) is not None:
            start = time.perf_counter()
            try:
                found: Found | Exception = self._work(item)
            except Exception as error:  # noqa: BLE001 - a defect in one must not end the thread
                found = error
            self._done.put((item, found, time.perf_counter() - start))
