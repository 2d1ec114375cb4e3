"""Messages as a JSON POST, signed by the Standard Webhooks scheme (standardwebhooks.com, 1.0.0)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from functools import cache
from typing import TYPE_CHECKING

from tracker_db.errors import MissingExtraError
from workers.notify import DeliveryError

if TYPE_CHECKING:
    import ssl

    from tracker_db.config import Settings
    from workers.fetch import FetchError
    from workers.notify import Message

_BASE64_SECRET = "whsec_"  # noqa: S105 - the prefix of a secret, not a secret
#: Answers of 4xx that ask to come again later: request timeout, too early, too many requests.
_LATER = {408, 425, 429}


def problem(settings: Settings) -> str | None:
    """What the webhook still lacks, if anything."""
    if not settings.webhook_url:
        return "The webhook needs TRACKER_WEBHOOK_URL: the address alerts are posted to."
    try:
        _key(settings.webhook_secret or "")
    except ValueError:
        return "TRACKER_WEBHOOK_SECRET begins with whsec_, but no base64 follows."
    try:
        import workers.fetch  # noqa: F401, PLC0415 - needs packages of the extra `worker`
    except MissingExtraError as error:
        return str(error)
    return None


def send(message: Message, settings: Settings) -> None:
    """Post the message; signed when TRACKER_WEBHOOK_SECRET is set.

    Answers of 3xx and of 4xx but 408, 425 and 429 are permanent. An address the guard refuses
    is not: the message waits for the setting that the error names.
    """
    from workers.fetch import Client, FetchError  # noqa: PLC0415 - as in problem()

    content = json.dumps(_payload(message), separators=(",", ":")).encode()
    headers = _headers(str(message.id), int(time.time()), content, settings.webhook_secret)
    try:
        with Client(settings, tls=_tls()) as client:
            client.post(settings.webhook_url or "", content=content, headers=headers)
    except FetchError as error:
        raise DeliveryError(_text(error), permanent=_permanent(error)) from error


@cache
def _tls() -> ssl.SSLContext:
    """Loaded once: it takes longer (20 ms) than a message on its way."""
    import httpx2  # noqa: PLC0415 - as in problem()

    return httpx2.create_ssl_context(trust_env=False)


def _payload(message: Message) -> dict[str, object]:
    return {
        "type": "alert.fired",
        "title": message.title,
        "body": message.body,
        "data": message.data,
    }


def _headers(message_id: str, seconds: int, content: bytes, secret: str | None) -> dict[str, str]:
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
    }
    if secret:
        signed = f"{message_id}.{seconds}.".encode() + content
        digest = hmac.digest(_key(secret), signed, hashlib.sha256)
        headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    return headers


def _key(secret: str) -> bytes:
    """The bytes to sign with: base64 behind `whsec_`, else the text itself."""
    if secret.startswith(_BASE64_SECRET):
        return base64.b64decode(secret.removeprefix(_BASE64_SECRET), validate=True)
    return secret.encode()


def _permanent(error: FetchError) -> bool:
    status = error.status or 0
    return 300 <= status < 500 and status not in _LATER


def _text(error: FetchError) -> str:
    said = f"The webhook was not delivered: {error}"
    if error.status and 300 <= error.status < 400:
        return f"{said} Put the address it leads to into TRACKER_WEBHOOK_URL."
    return said
