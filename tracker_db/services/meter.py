"""Metering a call where it happens: a context manager and a decorator."""

from __future__ import annotations

import functools
import inspect
import json
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

from tracker_db.llm.responses import read_response
from tracker_db.services.costs import record_event

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)
F = TypeVar("F", bound="Callable[..., Any]")


class Meter:
    """Times one call and records the usage in the response given to `read`.

        with meter(provider="openai", feature="summaries") as call:
            response = call.read(client.responses.create(...))

    or, for a function that returns the response, sync or async:

        @meter(provider="openai", feature="summaries")
        def summarise(text): ...

    A call that raises is not recorded. One that cannot be recorded never fails for that: it is
    logged as an error, with its counts as a line for `tracker costs record` and without a text.
    """

    def __init__(self, **fields: Any) -> None:
        self._fields = fields
        self._response: Any = None
        self._started = 0.0

    def __enter__(self) -> Self:
        self._started = time.perf_counter()
        return self

    def read(self, response: Any) -> Any:
        """Take the provider's response (or its JSON) and give it back; the clock stops here."""
        self._fields["latency_ms"] = (time.perf_counter() - self._started) * 1000
        self._response = response
        return response

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if failed is None:
            self._record()

    def _record(self) -> None:
        fields = {"created_at": datetime.now(UTC)} | self._fields
        try:
            fields = read_response(self._response) | fields
            record_event(**fields)
        except Exception as error:  # noqa: BLE001 - the call succeeded, whatever metering did
            line = json.dumps(fields, default=str)
            _log.error("An LLM call was not recorded: %s The call: %s", error, line)

    def __call__(self, function: F) -> F:
        """Meter every call of `function`, which returns a response."""
        around: Any = self._around_async if inspect.iscoroutinefunction(function) else self._around
        metered: F = around(function)
        return metered

    def _around(self, function: Any) -> Any:
        @functools.wraps(function)
        def metered(*args: Any, **kwargs: Any) -> Any:
            with Meter(**self._fields) as call:
                return call.read(function(*args, **kwargs))

        return metered

    def _around_async(self, function: Any) -> Any:
        @functools.wraps(function)
        async def metered(*args: Any, **kwargs: Any) -> Any:
            with Meter(**self._fields) as call:
                return call.read(await function(*args, **kwargs))

        return metered


def meter(provider: str, **fields: Any) -> Meter:
    """Meter one call, or every call of a decorated function.

    `fields` are those of `llm.call.Call`; what the response says of model, request id and
    usage is added, what is given here wins.
    """
    return Meter(provider=provider, **fields)
