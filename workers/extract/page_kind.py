"""Pages that are not a product: challenges, errors, logins, articles, lists."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from workers.extract.page import UNSEEN

if TYPE_CHECKING:
    from workers.extract.page import Page


class PageKind(StrEnum):
    """What a page is, as far as its price is concerned."""

    #: A challenge, a captcha or a refusal.
    BLOCKED = "blocked"
    #: A page that says it does not exist, under a status that says it does.
    NOT_FOUND = "not_found"
    #: A form to sign in.
    LOGIN = "login"
    #: News, a blog post, a podcast: prices in it are talk.
    ARTICLE = "article"
    #: A shop's front page.
    HOME = "home"
    #: A category or a search.
    LIST = "list"
    #: Nothing speaks against one product.
    OTHER = "other"


_BLOCKED_TITLE = re.compile(
    r"""
    ^(?: (?:just[ ]a|un|nur[ ]einen|один)[ ](?:moment|момент)[ ]?(?:…|\.{3}) | attention[ ]required
      | access[ ](?:to[ ]this[ ]page[ ]has[ ]been[ ])?denied
      | robot[ ]check | pardon[ ]our[ ]interruption | are[ ]you[ ](?:a[ ])?(?:human|robot)
      | human[ ]verification | security[ ]check | bot[ ]verification | captcha | ddos-guard
      | verify(?:ing)?[ ](?:that[ ])?you[ ]are[ ](?:a[ ])?human
      | request[ ](?:blocked|rejected|unsuccessful) | please[ ]wait\b.{0,20}$
      | blocked$
      | 403[ ]forbidden | forbidden$ | 429[ ]too[ ]many | too[ ]many[ ]requests
      | checking[ ]your[ ]browser
      | unusual[ ]traffic | sorry![ ]something[ ]went[ ]wrong )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BLOCKED_TEXT = re.compile(
    r"""
    enter[ ]the[ ]characters[ ]you[ ]see | not[ ]a[ ]robot | unusual[ ]traffic | press[ ]&[ ]hold
    | verify[ ](?:that[ ])?you(?:'re|[ ]are)[ ](?:a[ ])?human
      | enable[ ]javascript[ ]and[ ]cookies[ ]to[ ]continue
    | checking[ ](?:if[ ]the[ ]site[ ]connection[ ]is[ ]secure | your[ ]browser)
    | access[ ]to[ ]this[ ]page[ ]has[ ]been[ ]denied | automated[ ](?:access|queries|requests)
    | ddos[ ]protection[ ]by | complete[ ]the[ ]security[ ]check | you[ ]have[ ]been[ ]blocked
    | request[ ]unsuccessful\.[ ]incapsula
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NOT_FOUND_TITLE = re.compile(
    r"""
    \b(?:404|410)\b[ ](?:.{0,20}[ ])?(?:error|not[ ]found|page) | ^(?:error[ ])?(?:404|410)\b
      | not[ ]found
    | (?:page|product|item|site|file)s?[ ](?:was|is|could)?[ ]?(?:not|no[ ]longer)[ ]
      (?:be[ ])?(?:found|available|exists?)
    | ^oops\b | ^error\b | seite[ ](?:wurde[ ])?nicht[ ]gefunden
      | page[ ](?:introuvable|non[ ]trouvée)
    | página[ ]no[ ](?:encontrada|existe) | página[ ]não[ ]encontrada | pagina[ ]non[ ]trovata
    | pagina[ ]niet[ ]gevonden | nie[ ](?:została[ ])?znalezion | страница[ ]не[ ]найдена
      | не[ ]найден
    | sidan[ ](?:kunde[ ]inte[ ]hittas|hittades[ ]inte) | siden[ ](?:blev[ ])?ikke[ ]fundet
    | stránka[ ]nenalezena | az[ ]oldal[ ]nem[ ]található | sivua[ ]ei[ ]löyd
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LOGIN_TITLE = re.compile(
    r"\b(?:log ?in|sign ?in|einloggen|iniciar sesión|zaloguj|logowanie)\b"
    r"|^(?:register|my account|anmelden|connexion|вход)\b",
    re.IGNORECASE,
)
_ARTICLE_TYPES = frozenset(
    {"article", "newsarticle", "blogposting", "techarticle", "report", "podcastepisode"}
)
_LIST_TYPES = frozenset({"itemlist", "collectionpage", "searchresultspage", "offercatalog"})
_LIST_PATH = re.compile(r"/(?:search|suche|buscar|recherche|catalogsearch)/?(?:$|/)", re.IGNORECASE)
_LIST_QUERY = re.compile(r"(?:^|&)(?:q|query|search|searchterm|keywords?|s)=[^&]", re.IGNORECASE)
_HOME_PATH = re.compile(
    r"^(?:/(?:[a-z]{2}(?:[-_][a-z]{2})?|index\.\w{3,5}|home|default\.aspx?))?(?:/[a-z]{2})?/?$",
    re.IGNORECASE,
)
#: A challenge page has little to read; a shop that loads a captcha script has much.
_LITTLE_TEXT = 1_500
_CHALLENGE_BYTES = 200_000


def page_kind(page: Page) -> PageKind:
    """The page's kind by its title, head and address."""
    for kind, holds in _TESTS:
        if holds(page):
            return kind
    return PageKind.OTHER


def _headlines(page: Page) -> list[str]:
    return [page.title, *list(page.heading_texts.values())[:2]]


def _is_blocked(page: Page) -> bool:
    if any(_BLOCKED_TITLE.search(text.strip()) for text in _headlines(page)):
        return True
    if len(page.source) > _CHALLENGE_BYTES:
        return False
    seen = _seen_text(page)
    return len(seen) < _LITTLE_TEXT and bool(_BLOCKED_TEXT.search(seen))


def _seen_text(page: Page) -> str:
    """The first text that people see, at most a little more than a challenge page has."""
    parts, size = [], 0
    for element in page.root.iter():
        for text in ((element.text if element.tag not in UNSEEN else None), element.tail):
            if text and not text.isspace():
                parts.append(text.strip())
                size += len(parts[-1])
        if size > _LITTLE_TEXT:
            break
    return " ".join(parts)


def _is_not_found(page: Page) -> bool:
    return any(_NOT_FOUND_TITLE.search(text) for text in _headlines(page))


def _is_login(page: Page) -> bool:
    return any(_LOGIN_TITLE.search(text) for text in _headlines(page))


def _is_article(page: Page) -> bool:
    return (page.meta("og:type") or "").lower() == "article" or bool(_ARTICLE_TYPES & page.ld_types)


def _is_home(page: Page) -> bool:
    path = _parts(page)[0]
    return bool(page.host) and bool(_HOME_PATH.match(path)) and not _parts(page)[1]


def _is_list(page: Page) -> bool:
    path, query = _parts(page)
    listed = _LIST_TYPES & page.ld_types and "product" not in page.ld_types
    return bool(listed or _LIST_PATH.search(path) or _LIST_QUERY.search(query))


def _parts(page: Page) -> tuple[str, str]:
    try:
        parts = urlsplit(page.url or page.canonical)
    except ValueError:
        return "", ""
    return parts.path, parts.query


_TESTS = (
    (PageKind.BLOCKED, _is_blocked),
    (PageKind.NOT_FOUND, _is_not_found),
    (PageKind.LOGIN, _is_login),
    (PageKind.ARTICLE, _is_article),
    (PageKind.HOME, _is_home),
    (PageKind.LIST, _is_list),
)
