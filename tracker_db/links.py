"""The address of a product's page as people paste it, made one address a page."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

import idna

from tracker_db.errors import InvalidInputError

#: A unique index of PostgreSQL cannot hold much longer ones.
MOST_CHARACTERS = 2000

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d)", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}
#: Already in RFC 3986's alphabet, or written by shops as it is.
_KEPT = "%/:@!$&'()*+,;=~?[]|-._"
#: Query parameters that say where a click came from, never which product is shown.
_TRACKING = frozenset(
    """
    _ga _gl _hsenc _hsmi _openstat dclid epik fbclid gad_source gbraid gclid gclsrc igsh igshid
    li_fat_id mc_cid mc_eid mkt_tok msclkid oly_anon_id oly_enc_id ref_ s_kwcid srsltid ttclid
    twclid vero_id wbraid yclid
    """.split()
)
_TRACKING_PREFIXES = ("utm_", "pd_rd_", "pf_rd_")


def normalise(text: str) -> str:
    """The http(s) URL that `text` means: one spelling for each page.

    A missing scheme is https; the host is lower-case and in its IDNA form; the default port, the
    fragment and well-known tracking parameters go. Path and query are kept, in case and order.
    Raises InvalidInputError, which says what is wrong, and shows no URL that holds a password.
    """
    pasted = text.strip()
    _check_text(pasted)
    parts = _split(pasted)
    host = _host(parts, pasted)
    path = quote(parts.path, safe=_KEPT) or "/"
    query = quote(_untracked(parts.query), safe=_KEPT)
    url = urlunsplit((parts.scheme, host + _port(parts, pasted), path, query, ""))
    if len(url) > MOST_CHARACTERS:
        raise InvalidInputError(
            f"The URL has {len(url)} characters; up to {MOST_CHARACTERS} can be tracked."
        )
    return url


def _check_text(text: str) -> None:
    if not text:
        raise InvalidInputError("The URL is empty. Paste the address of the product's page.")
    if "\\" in text or not text.isprintable():
        raise InvalidInputError(f"{text!r} has a character that no URL holds. Paste it again.")


def _split(text: str) -> SplitResult:
    named = _SCHEME.match(text)
    if named and named[1].lower() not in _DEFAULT_PORTS:
        raise InvalidInputError(f"{named[1]}: cannot be tracked; only http:// and https:// can.")
    full = text if named else f"https://{text.lstrip('/')}"
    try:
        parts = urlsplit(full)
    except ValueError:
        raise _not_a_page(text) from None
    if "@" in parts.netloc:
        raise InvalidInputError(
            "The URL has a user name or password in it. Remove what stands before the @."
        )
    if not named and "." not in parts.netloc and parts.hostname != "localhost":
        raise _not_a_page(text)
    return parts


def _host(parts: SplitResult, text: str) -> str:
    name = (parts.hostname or "").removesuffix(".")
    try:
        return _address(name) or idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        # Names with an underscore are none by IDNA's rules, and yet some shops answer to them.
        if name.isascii() and re.fullmatch(r"[\w-]+(\.[\w-]+)*", name):
            return name
        raise _not_a_page(text) from None


def _address(name: str) -> str | None:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return None
    return f"[{address}]" if address.version == 6 else str(address)


def _port(parts: SplitResult, text: str) -> str:
    try:
        port = parts.port
    except ValueError:
        raise _not_a_page(text) from None
    return "" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}"


def _untracked(query: str) -> str:
    return "&".join(pair for pair in query.split("&") if pair and not _is_tracking(pair))


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def _not_a_page(text: str) -> InvalidInputError:
    return InvalidInputError(
        f"{text!r} is not the address of a page. "
        "Paste it from the browser, such as https://shop.example/kettle."
    )
