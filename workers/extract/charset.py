"""Which character encoding a page is really in."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)

#: Labels that browsers read as a larger encoding (WHATWG Encoding Standard, section 4.2).
_BROWSER_READS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
}
#: Encodings whose bytes can be valid UTF-8 by accident, so that the label must be believed.
_LOOKS_LIKE_UTF8 = frozenset({"utf-16", "utf-16-le", "utf-16-be", "iso2022_jp", "hz", "utf-7"})
_META_WINDOW = 4096
#: Bytes checked at a time: small enough for the processor's cache.
_PIECE = 16_384
_HIGH_BYTES = bytes(range(0x80, 0x100))
#: More undecodable characters than this share means that the label was wrong, not a few bytes.
_TOLERATED_DAMAGE = 0.1


def to_utf8(body: bytes, content_type: str | None = None) -> bytes:
    """`body` as UTF-8 without byte order mark and NUL; never fails.

    The order is a byte order mark, UTF-8 when the bytes prove it (labels lie more often
    than bytes do), the HTTP header, the page's own meta tag, then windows-1252.
    """
    labels = [label for label in (_from_header(content_type), _from_markup(body)) if label]
    mark, marked = next((one for one in _BOMS if body.startswith(one[0])), (b"", None))
    body = body[len(mark) :]
    misleading = next(iter(labels), None) in _LOOKS_LIKE_UTF8
    if marked or misleading:
        return _encoded(body.decode(marked or labels[0], errors="replace"))
    if not _is_utf8(body):
        return _encoded(_decode_not_quite_utf8(body, labels))
    return body.replace(b"\0", b" ")


def _is_utf8(body: bytes) -> bool:
    """Whether every byte is UTF-8; read piece by piece, since no one wants the text itself."""
    view, position = memoryview(body), 0
    try:
        while position < len(body):
            end = position + _PIECE
            _, read = codecs.utf_8_decode(view[position:end], "strict", end >= len(body))
            position += read
    except UnicodeDecodeError:
        return False
    return True


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", errors="replace").replace(b"\0", b" ")


def _decode_not_quite_utf8(body: bytes, labels: list[str]) -> str:
    """UTF-8 with a few broken bytes, or the first label that is something else."""
    text = body.decode("utf-8", errors="replace")
    foreign = text.count("\ufffd")
    beyond_ascii = len(text) - len(body.translate(None, delete=_HIGH_BYTES))
    others = [label for label in labels if label != "utf-8"]
    if foreign <= beyond_ascii * _TOLERATED_DAMAGE or (labels and not others and foreign < 3):
        return text
    return body.decode((others or ["cp1252"])[0], errors="replace")


def _from_header(content_type: str | None) -> str | None:
    found = _HEADER_CHARSET.search(content_type or "")
    return _python_name(found[1]) if found else None


def _from_markup(body: bytes) -> str | None:
    head = body[:_META_WINDOW]
    found = _META_CHARSET.search(head) or _XML_CHARSET.search(head)
    return _python_name(found[1].decode("ascii", errors="replace")) if found else None


@lru_cache(maxsize=256)
def _python_name(label: str) -> str | None:
    """Python's codec for a charset label, None for a label that is no text encoding."""
    try:
        codec = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    # Python also registers byte transforms (base64, zlib) under codec names.
    if not getattr(codec, "_is_text_encoding", True):
        return None
    return _BROWSER_READS.get(codec.name, codec.name)
