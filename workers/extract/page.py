"""Bytes to a document: the one module that knows the HTML parser."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import cssselect
from lxml import etree

from tracker_db.errors import SelectorError
from workers.extract.charset import to_utf8

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Element = Any
"""An element of the parsed page: ElementTree's interface (tag, text, tail, get, iter)."""

_NOT_HTML = (b"%PDF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b", b"RIFF")
_NOT_HTML_TYPES = ("image/", "video/", "audio/", "font/", "application/pdf", "application/zip")
_LD_TYPE = re.compile(r"\"@type\"\s{0,9}:\s{0,9}\"(?:https?://schema.org/)?(\w+)\"")
_MONSTROUS_TAG = 50_000
_MANY_WORDS = 2_000
_MONSTER = re.compile(rb"(<[a-zA-Z][^\s<>]{0,50})[^<>]{50000,}>?")
_XPATH_LITERAL = re.compile(r"\"[^\"]*\"|'[^']*'")
_XPATH_CALL = re.compile(r"([\w:.-]+)\s{0,9}\(")
#: The function library and node tests of XPath 1.0, and the operators that may precede "(".
_XPATH_NAMES = frozenset(
    """
    last position count id local-name namespace-uri name string concat starts-with contains
    substring-before substring-after substring string-length normalize-space translate boolean not
    true false lang number sum floor ceiling round
    text node comment processing-instruction and or div mod
    """.split()
)
_LANDMARKS = ("html", "base", "title", "link", "meta", "script", "h1")
#: Elements whose text is not part of the page as people see it.
UNSEEN = frozenset({"script", "style", "noscript", "template", "head", "title", "textarea", "svg"})


class UnreadablePageError(Exception):
    """The body is not an HTML page."""


@dataclass(frozen=True)
class Page:
    """A parsed page and what its head says about it."""

    root: Element
    source: bytes
    url: str
    _positions: dict[Element, int] = field(default_factory=dict, init=False, compare=False)

    @cached_property
    def _landmarks(self) -> dict[str, list[Element]]:
        """The elements that the head is read from, by tag: one walk finds them all."""
        found: dict[str, list[Element]] = {tag: [] for tag in _LANDMARKS}
        for element in self.root.iter(*_LANDMARKS):
            found[element.tag].append(element)
        return found

    @cached_property
    def json_ld(self) -> list[str]:
        """The texts of the JSON-LD scripts, in document order."""
        scripts = self._landmarks["script"]
        return [script.text for script in scripts if _is_json_ld(script) and script.text]

    @cached_property
    def scripts(self) -> list[str]:
        """The texts of all other inline scripts, in document order."""
        scripts = self._landmarks["script"]
        return [script.text for script in scripts if not _is_json_ld(script) and script.text]

    @cached_property
    def metas(self) -> dict[str, list[str]]:
        """Contents of the meta tags by lower-case property or name, in document order."""
        found: dict[str, list[str]] = {}
        for tag in self._landmarks["meta"]:
            name = tag.get("property") or tag.get("name")
            content = tag.get("content")
            if name and content:
                found.setdefault(name.strip().lower(), []).append(content.strip())
        return found

    def meta(self, *names: str) -> str | None:
        """The first content under the first of `names` that the page has."""
        return next((self.metas[name][0] for name in names if name in self.metas), None)

    @cached_property
    def title(self) -> str:
        """The text of the title element."""
        titles = self._landmarks["title"]
        return text_of(titles[0], 300) if titles else ""

    @cached_property
    def headings(self) -> list[Element]:
        """Every h1 with text, in document order."""
        return list(self.heading_texts)

    @cached_property
    def heading_texts(self) -> dict[Element, str]:
        """The texts of the headings, in document order."""
        texts = {h1: text_of(h1, 300) for h1 in self._landmarks["h1"]}
        return {h1: text for h1, text in texts.items() if text}

    @cached_property
    def ld_types(self) -> frozenset[str]:
        """Every "@type" written in a JSON-LD script, in lower case, whatever it belongs to."""
        written = map(_LD_TYPE.findall, self.json_ld)
        return frozenset(name.lower() for names in written for name in names)

    @cached_property
    def names(self) -> list[str]:
        """What the page calls itself: its headings, Open Graph title and title."""
        texts = list(self.heading_texts.values())[:3]
        return [text for text in (*texts, self.meta("og:title"), self.title) if text]

    @cached_property
    def canonical(self) -> str:
        """The page's own address: rel=canonical, og:url, else where it was fetched from."""
        for link in self._landmarks["link"]:
            if "canonical" in (link.get("rel") or "").lower().split():
                return link.get("href") or self.url
        return self.meta("og:url") or self.url

    @cached_property
    def language(self) -> str:
        """The html element's lang in lower case, such as "de-at"; "" when not said."""
        html = next(iter(self._landmarks["html"]), self.root)
        return (
            html.get("lang") or html.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
        ).lower()

    @cached_property
    def host(self) -> str:
        """The host of the page's address in lower case, "" without an address."""
        return _host(self.url) or _host(self.canonical)

    def position(self, element: Element) -> int:
        """How many elements begin before the element."""
        if element not in self._positions:
            self._positions[element] = int(_BEGUN_BEFORE(element))
        return self._positions[element]

    def absolute(self, address: str) -> str | None:
        """The web address that `address` means on this page; None when it means none."""
        bases = (one.get("href") for one in self._landmarks["base"])
        base = next((href for href in bases if href), "")
        try:
            joined = urljoin(urljoin(self.url, base.strip()), address.strip())
        except ValueError:
            return None
        return joined if joined.lower().startswith(("http://", "https://")) else None


def _is_json_ld(script: Element) -> bool:
    return "ld+json" in (script.get("type") or "").lower()


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def parse_page(body: bytes, *, url: str, content_type: str | None = None) -> Page:
    """Decode and parse; raises UnreadablePageError for what is not HTML."""
    if body[:8].lstrip().startswith(_NOT_HTML) or (content_type or "").lower().startswith(
        _NOT_HTML_TYPES
    ):
        raise UnreadablePageError("The address answers with a file, not with an HTML page.")
    source = _without_attribute_storms(to_utf8(body, content_type))
    # A depth limit drops the rest of a page with unclosed tags without a word: huge_tree.
    parser = etree.HTMLParser(
        huge_tree=True, encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False
    )
    try:
        root = etree.fromstring(source, parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        root = None
    if root is None:
        raise UnreadablePageError("The page is empty.")
    return Page(root, source, url)


def _without_attribute_storms(source: bytes) -> bytes:
    """The page with the attributes of monstrous tags left out: the parser takes n^2 for them."""
    step = _MONSTROUS_TAG // 2
    starts = range(0, len(source) - step, step)
    return (
        _MONSTER.sub(_plain_tag, source)
        if any(map(partial(_inside_tag, source), starts))
        else source
    )


def _inside_tag(source: bytes, position: int) -> bool:
    """Whether the window at `position` has no bracket and a tag that is open before it."""
    window = position + _MONSTROUS_TAG // 2
    if source.find(b"<", position, window) >= 0 or source.find(b">", position, window) >= 0:
        return False
    opening = source.rfind(b"<", 0, position)
    is_tag = opening >= 0 and source[opening + 1 : opening + 2].isalpha()
    return is_tag and source.find(b">", opening, position) < 0


def _plain_tag(tag: re.Match[bytes]) -> bytes:
    return tag[0] if len(tag[0].split(None, _MANY_WORDS)) <= _MANY_WORDS else tag[1] + b">"


def text_of(element: Element, limit: int) -> str:
    """The element's text with single spaces, at most `limit` characters of it read."""
    if not len(element):
        return " ".join((element.text or "")[: limit * 4].split())[:limit]
    parts: list[str] = []
    size = 0
    for part in element.itertext():
        parts.append(part[: limit * 4])
        size += len(part)
        if size > limit * 4:
            break
    return " ".join("".join(parts).split())[:limit]


def following(element: Element) -> Iterator[Element]:
    """The element and its descendants, then all that stand after it, in document order."""
    yield from element.iter()
    for one in ancestors(element):
        for sibling in one.itersiblings():
            yield from sibling.iter()


def ancestors(element: Element, limit: int = 100) -> Iterator[Element]:
    """The element itself, then its ancestors, nearest first, at most `limit` of them."""
    while element is not None and limit > 0:
        yield element
        element = element.getparent()
        limit -= 1


def is_element(value: Any) -> bool:
    """Whether a query's result is an element rather than a text, a number or a truth."""
    return isinstance(value, etree._Element)  # noqa: SLF001 - lxml exports no public name


@lru_cache(maxsize=256)
def css_query(selector: str) -> Callable[[Element], list[Any]]:
    """A compiled CSS selector; SelectorError when it cannot be read."""
    try:
        return xpath_query(cssselect.HTMLTranslator().css_to_xpath(selector))
    except (cssselect.SelectorError, RecursionError) as error:
        raise SelectorError(f"The CSS selector {selector!r} cannot be read: {error}.") from error


@lru_cache(maxsize=256)
def xpath_query(expression: str) -> Callable[[Element], Any]:
    """A compiled XPath 1.0 expression; SelectorError when it cannot be read.

    Only the functions of XPath 1.0 are let through: none of them reaches files, addresses or
    the environment.
    """
    strange = set(_XPATH_CALL.findall(_XPATH_LITERAL.sub("", expression))) - _XPATH_NAMES
    if strange:
        raise SelectorError(
            f"The XPath {expression!r} calls {min(strange)}(), which XPath 1.0 does not have."
        )
    try:
        return etree.XPath(expression, smart_strings=False)
    except etree.XPathError as error:
        raise SelectorError(f"The XPath {expression!r} cannot be read: {error}.") from error


def find_all(query: Callable[[Element], Any], page: Page) -> list[Any]:
    """What the query finds, a single number or text in a list too; SelectorError if it fails."""
    try:
        found = query(page.root)
    except etree.XPathError as error:
        raise SelectorError(f"The selector {query!s} cannot be used: {error}.") from error
    return found if isinstance(found, list) else [found]


_BEGUN_BEFORE = xpath_query("count(preceding::*) + count(ancestor::*)")
