"""Metering a call where it happens: a context manager and a decorator."""

from __future__ import annotations

import functools
import inspect
import json
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

from tracker_db.llm.responses import call_fields, told_by, with_next
from tracker_db.services.costs import record_event

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)
F = TypeVar("F", bound="Callable[..., Any]")


class Meter:
    """Times one call and records the usage in the response given to `read`.

        with meter(provider="openai", feature="summaries") as call:
            response = call.read(client.responses.create(...))

    Of a stream every event is read. Or, for a function that returns the response, or yields
    the events of a stream, sync or async:

        @meter(provider="openai", feature="summaries")
        def summarise(text): ...

    A call that raises is not recorded; one that told its usage before is, with status error.
    One that cannot be recorded never fails for that: it is logged as an error, with its counts
    as a line for `tracker costs record` and without a text.
    """

    def __init__(self, **fields: Any) -> None:
        self._fields = fields
        self._begin()

    def _begin(self) -> None:
        self._told: dict[str, Any] = {}
        self._problem: Exception | None = None
        self._started = self._read_at = time.perf_counter()

    def __enter__(self) -> Self:
        self._begin()
        return self

    def read(self, response: Any) -> Any:
        """Take the provider's response (or its JSON) or a stream's event, and give it back.

        The clock stops here, with a stream at its last event. The response of another call,
        by its id, begins a second event.
        """
        now = time.perf_counter()
        try:
            told = told_by(response)
        except Exception as error:  # noqa: BLE001 - the call succeeded, whatever metering did
            self._problem, told = error, {}
        if "usage" in self._told and _is_another(told, self._told):
            self._record()
            self._told, self._started = {}, self._read_at
        self._told = with_next(self._told, told)
        self._read_at = now
        return response

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if failed in {None, GeneratorExit}:  # who has read enough of a stream closes it
            self._record()
        elif "usage" in self._told:
            self._record(status="error")

    def _record(self, **known: Any) -> None:
        latency = (self._read_at - self._started) * 1000
        fields = {"created_at": datetime.now(UTC), "latency_ms": latency, **known, **self._fields}
        try:
            fields = self._what_was_told() | fields
            record_event(**fields)
        except Exception as error:  # noqa: BLE001 - the call succeeded, whatever metering did
            line = json.dumps(fields, default=str)
            _log.error("An LLM call was not recorded: %s The call: %s", error, line)

    def _what_was_told(self) -> dict[str, Any]:
        if self._problem and "usage" not in self._told:
            raise self._problem
        return call_fields(self._told)

    def __call__(self, function: F) -> F:
        """Meter every call of `function`, which returns a response or yields a stream's events."""
        around: Callable[[Any], Any] = self._around
        if inspect.iscoroutinefunction(function):
            around = self._around_async
        elif inspect.isgeneratorfunction(function):
            around = self._around_stream
        elif inspect.isasyncgenfunction(function):
            around = self._around_async_stream
        as_named: Callable[[Any], Any] = functools.wraps(function)
        metered: F = as_named(around(function))
        return metered

    def _around(self, function: Any) -> Any:
        def metered(*args: Any, **kwargs: Any) -> Any:
            with Meter(**self._fields) as call:
                return call.read(function(*args, **kwargs))

        return metered

    def _around_async(self, function: Any) -> Any:
        async def metered(*args: Any, **kwargs: Any) -> Any:
            with Meter(**self._fields) as call:
                return call.read(await function(*args, **kwargs))

        return metered

    def _around_stream(self, function: Any) -> Any:
        def metered(*args: Any, **kwargs: Any) -> Any:
            with Meter(**self._fields) as call:
                for event in function(*args, **kwargs):
                    yield call.read(event)

        return metered

    def _around_async_stream(self, function: Any) -> Any:
        async def metered(*args: Any, **kwargs: Any) -> Any:
            with Meter(**self._fields) as call:
                async for event in function(*args, **kwargs):
                    yield call.read(event)

        return metered


def _is_another(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether both tell their request id, and it is not the same."""
    ids = one.get("request_id"), other.get("request_id")
    return None not in ids and ids[0] != ids[1]


def meter(provider: str, **fields: Any) -> Meter:
    """Meter one call, or every call of a decorated function.

    `fields` are those of `llm.call.Call`; what the response says of model, request id and
    usage is added, what is given here wins.
    """
    return Meter(provider=provider, **fields)
