"""Send the alerts that wait in the outbox."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from tracker_db.services import outbox
from workers.notify import DeliveryError, Message, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker_db.config import Settings

logger = logging.getLogger(__name__)

#: A delivery is leased for this many times a request's own limit: a mail takes several.
LIMITS = 3


def deliver(settings: Settings, stopped: Callable[[], bool] = lambda: False) -> int:
    """Send all that is due, one at a time, and return how many arrived.

    One is claimed at a time: a stalling channel holds up its own lease only, and a killed
    worker leaves at most one delivery to be repeated.
    """
    sent, lease = 0, timedelta(seconds=LIMITS * settings.fetch_seconds)
    while not stopped() and (waiting := outbox.claim(1, lease)):
        sent += _deliver_one(waiting[0], settings)
    return sent


def _deliver_one(delivery: outbox.Delivery, settings: Settings) -> bool:
    message = Message(delivery.id, delivery.title, delivery.body, delivery.data)
    try:
        send(delivery.channel, message, settings)
    except DeliveryError as error:
        _put_off(delivery, str(error), permanent=error.permanent)
        return False
    except Exception as error:
        logger.exception("The %s channel failed in itself", delivery.channel)
        _put_off(delivery, f"{type(error).__name__}: {error}", permanent=False)
        return False
    outbox.mark_sent(delivery)
    return True


def _put_off(delivery: outbox.Delivery, error: str, *, permanent: bool) -> None:
    dead = outbox.mark_failed(delivery, error, permanent=permanent)
    logger.warning(
        "Alert %r was not delivered by %s (%s): %s",
        delivery.title,
        delivery.channel,
        "given up" if dead else "will be tried again",
        error,
        extra={"action": "alert_dead" if dead else "alert_put_off", "alert_id": str(delivery.id)},
    )
