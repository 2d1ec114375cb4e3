"""Challenges, missing pages and logins are told from pages without a price; bytes from text."""

from __future__ import annotations

import pytest

from workers.extract import extract
from workers.extract.charset import to_utf8

LD = '<script type="application/ld+json">{"@type": "Product", "name": "x", "offers": {"price": 5}}</script>'


def outcome(title: str, body: str = "", url: str = "https://shop.example/lamp") -> str:
    html = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return extract(html.encode(), url=url).outcome


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Just a moment...", "<p>Enable JavaScript and cookies to continue</p>"),
        ("Attention Required! | Cloudflare", "<h1>Sorry, you have been blocked</h1>"),
        ("Access Denied", "<h1>Access Denied</h1>"),
        ("Robot Check", "<p>Enter the characters you see below</p>"),
        ("shop.example", "<p>Please verify you are a human</p>"),
        ("Pardon Our Interruption", ""),
    ],
)
def test_a_challenge_is_blocked(title, body):
    assert outcome(title, body) == "blocked"


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("404 Not Found", ""),
        ("Shop", "<h1>Page not found</h1>"),
        ("Shop", "<h1>This product is no longer available</h1>"),
        ("Seite nicht gefunden", ""),
        ("Страница не найдена", ""),
    ],
)
def test_a_page_that_says_it_is_gone_is_not_found(title, body):
    assert (
        outcome(title, f"{body}<div class=related><a href=/a><p class=price>€ 5.00</p></a></div>")
        == "not_found"
    )


def test_a_login_has_no_price():
    assert outcome("Sign in", "<p class=price>€ 5.00</p>") == "no_price"


def test_a_shop_that_loads_a_captcha_script_is_no_challenge():
    body = f"<h1>Desk lamp</h1><script src=/recaptcha.js></script>{LD}"
    assert outcome("Desk lamp", body) == "ok"


@pytest.mark.parametrize(
    "body", [b"", b"   ", b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04"]
)
def test_what_is_no_page_is_a_parse_error(body):
    found = extract(body, url="https://shop.example/lamp")
    assert found.outcome == "parse_error"
    assert found.message


TEXT = "<meta charset='{}'><p>Größe 5 €</p>"


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (TEXT.format("utf-8").encode(), None),
        (TEXT.format("iso-8859-1").encode(), "text/html"),
        (TEXT.format("utf-8").encode(), "text/html; charset=iso-8859-1"),
        (TEXT.format("windows-1252").encode("cp1252"), "text/html"),
        (TEXT.format("iso-8859-1").encode("cp1252"), "text/html"),
        (TEXT.format("utf-8").encode("cp1252"), "text/html; charset=windows-1252"),
        (TEXT.format("nonsense").encode("cp1252"), None),
        (TEXT.format("base64").encode(), "text/html; charset=base64"),
        (b"\xef\xbb\xbf" + TEXT.format("latin1").encode(), None),
        (b"\xff\xfe" + TEXT.format("utf-8").encode("utf-16-le"), None),
        (TEXT.format("utf-8").encode("utf-16-le"), "text/html; charset=utf-16le"),
    ],
)
def test_the_bytes_decide_before_the_labels(body, header):
    assert "Größe 5 €" in to_utf8(body, header).decode()


def test_a_few_broken_bytes_leave_utf8_utf8():
    body = "Größe und Länge über Straße".encode() * 20 + b"\xff"
    assert to_utf8(body, "text/html; charset=utf-8").decode().startswith("Größe")


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("Цена 5 руб", "windows-1251"),
        ("cena 5 zł", "iso-8859-2"),
        ("가격 5원", "euc-kr"),
        ("価格 5円", "shift_jis"),
    ],
)
def test_other_scripts_are_read_by_the_meta_tag(text, charset):
    body = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}"><p>{text}</p>'
    assert text in to_utf8(body.encode(charset), "text/html").decode()
