"""What went wrong, as a typed outcome and a sentence a person can act on."""

from __future__ import annotations

import email.utils
import re
import socket
import ssl
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpcore2
import httpx2

from tracker_db.observation import Outcome
from workers.fetch.page import FetchError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Everything the HTTP layers raise for what happened on the wire.
WIRE_ERRORS = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpx2.DecodingError,
    TimeoutError,
)

#: The longest wait a server may ask for: one day.
MAX_RETRY_AFTER = 86400.0

_ANSWERS = {
    401: (Outcome.BLOCKED, "asks for a log-in"),
    403: (Outcome.BLOCKED, "refuses access"),
    404: (Outcome.NOT_FOUND, "has no such page"),
    410: (Outcome.NOT_FOUND, "has no such page any more"),
    429: (Outcome.BLOCKED, "says there were too many requests"),
    430: (Outcome.BLOCKED, "takes the request for an attack"),  # Shopify's own
    451: (Outcome.BLOCKED, "may not show the page here for legal reasons"),
    999: (Outcome.BLOCKED, "denies automated requests"),  # LinkedIn's own
}
#: Headers by which a firewall marks a challenge, whatever the status: Cloudflare
#: (developers.cloudflare.com, "Detect a Challenge Page response") and AWS WAF.
_CHALLENGES = {
    "cf-mitigated": {"challenge"},
    "x-amzn-waf-action": {"challenge", "captcha"},
}


def failed_answer(
    status: int, headers: Mapping[str, str], *, host: str, now: datetime
) -> FetchError | None:
    """What an answer's status and headers alone say against it; None for a usable one.

    `now` (aware) is what a Retry-After date is counted from.
    """
    outcome, says = _judged(status, headers)
    if outcome is None:
        return None
    wait = retry_after(headers.get("retry-after"), now)
    return FetchError(outcome, f"{host} {says} ({status}).", status=status, retry_after=wait)


def _judged(status: int, headers: Mapping[str, str]) -> tuple[Outcome | None, str]:
    if any(headers.get(name, "").lower() in words for name, words in _CHALLENGES.items()):
        return Outcome.BLOCKED, "wants proof that a person is asking"
    if status in _ANSWERS:
        return _ANSWERS[status]
    if status >= 500:
        return Outcome.HTTP_ERROR, "has a fault of its own"
    if status >= 400:
        return Outcome.HTTP_ERROR, "does not accept the request"
    if not 200 <= status < 300:
        return Outcome.HTTP_ERROR, "answers with a redirect that cannot be followed"
    return None, ""


def retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3).

    From 0 to `MAX_RETRY_AFTER`; None if absent or unreadable. `now` is aware.
    """
    if text is None:
        return None
    digits = re.fullmatch(r"\s*([0-9]+)\s*", text)
    seconds = float(digits[1]) if digits else _seconds_until(text, now)
    return None if seconds is None else min(max(seconds, 0.0), MAX_RETRY_AFTER)


def _seconds_until(date: str, now: datetime) -> float | None:
    try:
        then = email.utils.parsedate_to_datetime(date)
        return ((then if then.tzinfo else then.replace(tzinfo=UTC)) - now).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def wire_failure(error: Exception, *, host: str, seconds: float) -> FetchError:
    """The FetchError for one of `WIRE_ERRORS`; `seconds` is the total deadline that held."""
    if isinstance(error, (httpcore2.TimeoutException, TimeoutError)):
        return FetchError(
            Outcome.TIMEOUT,
            f"{host} gave no complete answer within {seconds:g} s. "
            "If it is always so slow, raise TRACKER_FETCH_SECONDS.",
        )
    return FetchError(Outcome.HTTP_ERROR, f"{host} {_said(error)}")


def _said(error: Exception) -> str:
    # httpcore2 drops __cause__ on the way up, so the socket's own error travels as an argument.
    cause = error.args[0] if error.args else None
    if isinstance(cause, OSError):
        return _socket_said(cause)
    if isinstance(error, httpx2.DecodingError):
        return f"sent a body that cannot be decompressed: {error}."
    return f"did not answer in valid HTTP: {error}"


def _socket_said(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"has a certificate that cannot be trusted: {error.verify_message} "
            "If every shop fails so, install the system's ca-certificates."
        )
    if isinstance(error, ssl.SSLError):
        return f"could not agree on a secure connection: {error.reason or error}."
    if isinstance(error, socket.gaierror):
        return f"has no address: {error.strerror}. Check the spelling of the URL."
    if isinstance(error, ConnectionRefusedError):
        return "refused the connection: nothing answers there."
    if isinstance(error, (ConnectionResetError, BrokenPipeError)):
        return "broke off the connection."
    return f"cannot be reached: {error.strerror or error}."
