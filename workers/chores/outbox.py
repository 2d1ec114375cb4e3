"""Send the alerts that wait in the outbox."""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from datetime import timedelta
from typing import TYPE_CHECKING

from tracker_db.services import outbox
from workers.notify import CHANNELS, DeliveryError, Message, send
from workers.pool import Finished, Pool

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker_db.config import Settings
    from tracker_db.services.outbox import Delivery

logger = logging.getLogger(__name__)

#: A delivery is leased for this many times a request's own limit: a mail takes several.
LIMITS = 3
#: So many alerts of one channel are sent at once, by one worker.
AT_ONCE = 2
#: While some are being sent, what became due meanwhile is looked for this often, in seconds.
LOOK_SECONDS = 0.5


def deliver(settings: Settings) -> int:
    """Send all that is due, and return how many arrived."""
    sender = Sender(settings)
    try:
        return sender.deliver()
    finally:
        sender.close()


class Sender:
    """Sends a few alerts of each channel at once: one that stalls holds up its own alone.

    Each is claimed when a thread is free for it, so that its lease is spent on sending, and a
    killed worker leaves only the few it was at to be repeated.
    """

    def __init__(self, settings: Settings, stopped: Callable[[], bool] = lambda: False) -> None:
        self._settings = settings
        self._stopped = stopped
        self._lease = timedelta(seconds=LIMITS * settings.fetch_seconds)
        self._pool = Pool(self._send, AT_ONCE * len(CHANNELS), "send")
        self._in_hand: Counter[str] = Counter()
        self._unwritten: deque[Finished[Delivery, None]] = deque()

    def deliver(self) -> int:
        """Send until nothing is due or in hand, or `stopped`; returns how many arrived."""
        sent = self._gather(0)  # what the database was away for comes before another claim
        while not self._stopped():
            self._claim()
            if not self._in_hand.total():
                return sent
            sent += self._gather(LOOK_SECONDS)
        return sent + self._leave()

    def close(self) -> None:
        """Let the threads go."""
        self._pool.close()

    def _claim(self) -> None:
        """Take on what there is a free thread for; a full channel leaves room for the others."""
        while self._in_hand.total() < AT_ONCE * len(CHANNELS):
            full = [channel for channel, count in self._in_hand.items() if count >= AT_ONCE]
            claimed = outbox.claim(1, self._lease, without=full)
            if not claimed:
                return
            self._in_hand[claimed[0].channel] += 1
            self._pool.submit(claimed[0])

    def _send(self, delivery: Delivery) -> None:
        message = Message(delivery.id, delivery.title, delivery.body, delivery.data)
        send(delivery.channel, message, self._settings)

    def _gather(self, seconds: float) -> int:
        """Write what is finished; it is forgotten here only once the database has it."""
        self._unwritten += self._pool.finished(seconds)
        sent = 0
        while self._unwritten:
            delivery, error, _ = self._unwritten[0]
            sent += _write(delivery, error)
            self._unwritten.popleft()
            self._in_hand[delivery.channel] -= 1
        return sent

    def _leave(self) -> int:
        """Wait `shutdown_seconds` for what is being sent; the rest is sent again, by its id."""
        sent, deadline = 0, time.monotonic() + self._settings.shutdown_seconds
        while self._in_hand.total() and (left := deadline - time.monotonic()) > 0:
            sent += self._gather(min(left, LOOK_SECONDS))
        return sent


def _write(delivery: Delivery, error: Exception | None) -> bool:
    """Record how a delivery ended. Returns whether it arrived."""
    if error is None:
        outbox.mark_sent(delivery)
    elif isinstance(error, DeliveryError):
        _put_off(delivery, str(error), permanent=error.permanent)
    else:
        logger.error("The %s channel failed in itself", delivery.channel, exc_info=error)
        _put_off(delivery, f"{type(error).__name__}: {error}", permanent=False)
    return error is None


def _put_off(delivery: Delivery, error: str, *, permanent: bool) -> None:
    dead = outbox.mark_failed(delivery, error, permanent=permanent)
    logger.warning(
        "Alert %r was not delivered by %s (%s): %s",
        delivery.title,
        delivery.channel,
        "given up" if dead else "will be tried again",
        error,
        extra={"action": "alert_dead" if dead else "alert_put_off", "alert_id": str(delivery.id)},
    )
