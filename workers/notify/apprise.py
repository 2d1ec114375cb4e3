"""Messages through Apprise, to every service it knows (the extra `notify`)."""

from __future__ import annotations

import logging
import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tracker_db.errors import MissingExtraError
from workers.notify import DeliveryError, printable

if TYPE_CHECKING:
    from tracker_db.config import Settings
    from workers.notify import Message


def problem(settings: Settings) -> str | None:
    """What Apprise still lacks, if anything; a bad URL is named by its place only."""
    if not settings.apprise_urls:
        return "Apprise needs TRACKER_APPRISE_URLS: where alerts go."
    try:
        services = _services(settings)
    except MissingExtraError as error:
        return str(error)
    bad = [str(place) for place, service in services.items() if service is None]
    return f"Apprise cannot use URL {', '.join(bad)} of TRACKER_APPRISE_URLS." if bad else None


def send(message: Message, settings: Settings) -> None:
    """Tell every URL; Apprise does not say why one failed, so a failure is a passing one.

    Services that took the message get it again when another one failed.
    """
    apprise = _apprise()
    sender = apprise.Apprise(asset=_asset(settings))
    sender.add([service for service in _services(settings).values() if service])
    with sender.notify(
        title=message.headline, body=printable(message.body), body_format=apprise.NotifyFormat.TEXT
    ) as result:
        if not result:
            raise DeliveryError(_failures(result, settings.apprise_urls), permanent=False)


@cache
def _apprise() -> Any:
    try:
        import apprise  # noqa: PLC0415 - 700 modules, wanted by this channel alone
    except ModuleNotFoundError as error:
        raise MissingExtraError("Sending through Apprise", "notify") from error
    _quieten()
    return apprise


def _quieten() -> None:
    """Keep URLs, which hold tokens, out of the log; what went wrong is in the error."""
    logging.getLogger("apprise").propagate = False
    logging.getLogger("apprise").addHandler(logging.NullHandler())
    logging.getLogger("urllib3").setLevel(logging.INFO)


def _asset(settings: Settings) -> Any:
    # A redirect followed turns the POST into a GET that counts as delivered.
    return _apprise().AppriseAsset(http_redirects=False, service_timeout=settings.fetch_seconds)


def _services(settings: Settings) -> dict[int, Any]:
    """The service of each URL, by its place from 1; None where Apprise cannot use the URL."""
    instantiate, asset = _apprise().Apprise.instantiate, _asset(settings)
    urls = enumerate(settings.apprise_urls, 1)
    return {place: instantiate(url, asset=asset, tag=str(place)) for place, url in urls}


def _failures(result: Any, urls: tuple[str, ...]) -> str:
    failed = [_failure(one, urls) for one in result if not one]
    arrived = len(result) - len(failed)
    return f"{'; '.join(failed)}. {arrived} of {len(result)} Apprise URLs took the message."


def _failure(one: Any, urls: tuple[str, ...]) -> str:
    place = int(one.tag[0])
    said = " ".join(entry.message for entry in one.logs()) or "failed."
    return f"{one.name} (URL {place} of TRACKER_APPRISE_URLS): {_redacted(said, urls[place - 1])}"


def _redacted(text: str, url: str) -> str:
    """`text` without any part of `url`: even Apprise's private form shows paths and headers."""
    parts = [part for part in re.split(r"[/:@?&=+]+", url + "/" + unquote(url)) if len(part) > 3]
    longest_first = sorted(parts, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), "****", printable(text)).rstrip(".")
