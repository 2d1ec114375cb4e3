"""Which URLs may be asked for and which addresses may be connected to; pure, no network."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2

from tracker_db.observation import Outcome
from workers.fetch.page import FetchError

if TYPE_CHECKING:
    from tracker_db.config import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: RFC 9110, 4.1 asks every recipient to take at least this many characters.
MAX_URL_LENGTH = 8000

# ASCII and Latin-1 controls, and halves of surrogate pairs, which no encoding can carry.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_NAME = re.compile(r"(?=.{1,253}\.?$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
# WHATWG URL, "ends in a number": resolvers read such names as IPv4 addresses.
_NUMERIC = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)\.?")

#: All the unicast space IANA has handed out; translated, mapped, compatible,
#: site-local, unique-local, link-local and multicast addresses lie outside it.
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
#: Addresses `ipaddress` calls global (in some of the supported versions) that no shop has.
_SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's metadata and name server
        "192.0.0.0/24",  # IETF protocol assignments; Oracle's metadata server
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # IETF protocol assignments; Teredo
        "2002::/16",  # 6to4: any IPv4 address, private ones too
        "3fff::/20",  # documentation
    )
)


def is_public(address: Address) -> bool:
    """Whether `address` is one that anyone on the internet can reach."""
    address = _unmapped(address)
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    special = any(address in network for network in _SPECIAL)
    return address.is_global and not address.is_multicast and not special


def _unmapped(address: Address) -> Address:
    return getattr(address, "ipv4_mapped", None) or address


@dataclass(frozen=True, slots=True)
class Policy:
    """The user's say: networks allowed though not public, ports allowed on public addresses."""

    allow_nets: tuple[Network, ...] = ()
    allow_ports: tuple[int, ...] = (80, 443)

    def refusal(self, host: str, address: Address, port: int) -> str | None:
        """Why `host` at `address` and `port` may not be connected to; None if it may."""
        if self._is_allowed_net(address):
            return None
        if not is_public(address):
            return (
                f"{_at(host, address)} is not a public address. "
                "If it is meant, add its network to TRACKER_ALLOW_NETS."
            )
        if port not in self.allow_ports:
            return (
                f"Port {port} of {host} is not allowed. If it is meant, "
                "add it to TRACKER_ALLOW_PORTS."
            )
        return None

    def _is_allowed_net(self, address: Address) -> bool:
        return any(_unmapped(address) in network for network in self.allow_nets)


def _at(host: str, address: Address) -> str:
    return host if host == str(address) else f"{host} is {address}, which"


def checked_url(text: str, *, base: httpx2.URL | None = None) -> httpx2.URL:
    """Read `text` as an http(s) URL, relative to `base` if given; FetchError if refused.

    The rules hold for the first URL and for every redirect. Whether its host may
    be reached is decided later, on the addresses the host turns out to have.
    """
    try:
        _check_text(text)
        url = _parsed(text, base)
        _check_parts(url)
    except ValueError as error:
        # The URL itself is not shown: it may hold a password, and webhooks are secrets.
        subject = f"The redirect from {base.host}" if base else "The URL"
        raise FetchError(Outcome.REFUSED, f"{subject} {error}") from None
    return url


def _parsed(text: str, base: httpx2.URL | None) -> httpx2.URL:
    try:
        return httpx2.URL(text) if base is None else base.join(text)
    except (ValueError, httpx2.InvalidURL):
        raise ValueError("is not a valid URL.") from None


def _check_text(text: str) -> None:
    if len(text) > MAX_URL_LENGTH:
        raise ValueError(f"has more than {MAX_URL_LENGTH} characters.")
    if "\\" in text:
        raise ValueError("has a backslash, which programs read in different ways.")
    if _CONTROL.search(text):
        raise ValueError("has a control character.")


def _check_parts(url: httpx2.URL) -> None:
    if url.scheme not in {"http", "https"}:
        raise ValueError("does not start with http:// or https://.")
    if url.userinfo:
        raise ValueError("has a user name or password in it; remove what stands before the @.")
    if url.port is not None and not 0 < url.port <= 65535:
        raise ValueError("has a port that does not exist.")
    _check_host(url.raw_host.decode("ascii"))


def _check_host(host: str) -> None:
    if _is_address(host):
        return
    if _NUMERIC.fullmatch(host):
        raise ValueError("has an address in an unusual form; write it as four decimal numbers.")
    if not _NAME.fullmatch(host):
        raise ValueError("has no valid host name.")


def _is_address(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return getattr(address, "scope_id", None) is None
