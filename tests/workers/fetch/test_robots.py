"""robots.txt by RFC 9309, from real servers."""

from __future__ import annotations

import pytest
from loopback import PUBLIC, SECRET, Answer

from tracker_db.observation import Outcome
from workers.fetch import FetchError, robots
from workers.fetch.robots import MAX_BYTES, product_token


@pytest.fixture
def polite(make_client):
    return make_client(robots=True)


def rules(text):
    return Answer(text.encode(), headers={"Content-Type": "text/plain"})


def blocked(client, url):
    with pytest.raises(FetchError) as failure:
        client.get(url)
    assert failure.value.outcome is Outcome.BLOCKED
    return str(failure.value)


def test_a_disallowed_page_is_blocked_and_names_the_setting(polite, shop):
    shop.answers["/robots.txt"] = rules("User-agent: *\nDisallow: /")
    assert "TRACKER_ROBOTS" in blocked(polite, shop.url())
    assert shop.paths == ["/robots.txt"]


def test_an_allowed_page_is_fetched_and_the_rules_are_read_once(polite, shop):
    shop.answers["/robots.txt"] = rules("User-agent: *\nDisallow: /basket")
    polite.get(shop.url())
    polite.get(shop.url())
    assert shop.paths == ["/robots.txt", "/", "/"]


@pytest.mark.parametrize("status", [200, 404])
def test_the_page_comes_over_the_connection_of_its_rules(polite, shop, names, status):
    names["shop.test"] = [[PUBLIC]]
    shop.answers["/robots.txt"] = Answer(b"", status)
    polite.get(shop.url(host="shop.test"))
    assert names.asked == ["shop.test"]


def test_the_setting_switches_it_off(make_client, shop):
    shop.answers["/robots.txt"] = rules("User-agent: *\nDisallow: /")
    assert make_client(robots=False).get(shop.url()).status == 200
    assert shop.paths == ["/"]


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /*?sort=", "/p?sort=price", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", True),
        ("User-agent: *\nDisallow: /p\nAllow: /p/1", "/p/1", True),
        ("User-agent: *\nAllow: /p\nDisallow: /p/1", "/p/1", False),
        ("User-agent: tracker-db\nDisallow: /", "/p", False),
        ("User-agent: TRACKER-DB\nDisallow: /", "/p", False),
        ("User-agent: otherbot\nDisallow: /", "/p", True),
        ("User-agent: mozilla\nDisallow: /", "/p", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: tracker-db\nAllow: /", "/p", True),
        ("\ufeffUser-agent: *\nDisallow: /", "/p", False),
        ("<html>not found</html>", "/p", True),
        ("\x00\xff garbage : : :", "/p", True),
        ("", "/p", True),
    ],
)
def test_the_rules_mean_what_rfc_9309_says(polite, shop, text, path, allowed):
    shop.answers |= {"/robots.txt": rules(text), path: Answer()}
    if allowed:
        assert polite.get(shop.url(path)).status == 200
    else:
        blocked(polite, shop.url(path))


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429])
def test_a_client_error_means_there_are_no_rules(polite, shop, status):
    shop.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /", status)
    assert polite.get(shop.url()).status == 200


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_error_means_keep_out(polite, shop, status):
    shop.answers["/robots.txt"] = Answer(b"", status)
    message = blocked(polite, shop.url())
    assert str(status) in message
    assert "TRACKER_ROBOTS" in message


def test_rules_are_asked_for_again_when_they_are_old(polite, shop, monkeypatch):
    monkeypatch.setattr(robots, "_OUTAGE_SECONDS", 0.0)
    shop.answers["/robots.txt"] = Answer(b"", 503)
    blocked(polite, shop.url())
    shop.answers["/robots.txt"] = rules("")
    assert polite.get(shop.url()).status == 200


def test_no_more_origins_are_remembered_than_there_is_room_for(polite, shop, names, monkeypatch):
    monkeypatch.setattr(robots, "_ORIGINS", 1)
    names["one.test"] = names["two.test"] = [[PUBLIC]]
    shop.answers["/robots.txt"] = rules("User-agent: *\nCrawl-delay: 3")
    polite.get(shop.url(host="one.test"))
    polite.get(shop.url(host="two.test"))
    assert polite.crawl_delay(shop.url(host="one.test")) is None
    assert polite.crawl_delay(shop.url(host="two.test")) == 3


def test_the_rules_may_be_redirected(polite, shop):
    shop.answers["/robots.txt"] = Answer(b"", 301, {"Location": "/rules"})
    shop.answers["/rules"] = rules("User-agent: *\nDisallow: /")
    blocked(polite, shop.url())


def test_rules_that_redirect_in_circles_are_no_rules(polite, shop):
    shop.answers["/robots.txt"] = Answer(b"", 301, {"Location": "/robots.txt"})
    assert polite.get(shop.url()).status == 200


def test_the_rules_are_not_fetched_from_a_private_address(polite, shop, secret):
    shop.answers["/robots.txt"] = Answer(b"", 301, {"Location": secret.url("/robots.txt")})
    with pytest.raises(FetchError, match=SECRET) as failure:
        polite.get(shop.url())
    assert failure.value.outcome is Outcome.REFUSED
    assert not secret.requests


def test_a_redirect_leads_to_pages_the_rules_allow_only(polite, shop):
    shop.answers["/robots.txt"] = rules("User-agent: *\nDisallow: /private")
    shop.answers["/"] = Answer(b"", 302, {"Location": "/private"})
    shop.answers["/private"] = Answer()
    blocked(polite, shop.url())
    assert shop.paths == ["/robots.txt", "/"]


def test_only_the_first_500_kib_are_rules(polite, shop):
    late = "User-agent: *\nAllow: /\n" + "#" * MAX_BYTES + "\nDisallow: /"
    shop.answers["/robots.txt"] = rules(late)
    assert polite.get(shop.url()).status == 200


def test_a_post_asks_no_robots_txt(polite, shop):
    shop.answers["/robots.txt"] = rules("User-agent: *\nDisallow: /")
    assert polite.post(shop.url(), content=b"{}", headers={}).status == 200


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 2.5", 2.5),
        ("User-agent: *\nDisallow: /x", None),
        ("User-agent: *\nCrawl-delay: -1", None),
        ("User-agent: *\nCrawl-delay: nan", None),
    ],
)
def test_the_crawl_delay_is_known_after_the_first_page(polite, shop, text, seconds):
    shop.answers["/robots.txt"] = rules(text)
    assert polite.crawl_delay(shop.url("/p")) is None
    polite.get(shop.url())
    assert polite.crawl_delay(shop.url("/p")) == seconds


@pytest.mark.parametrize(
    ("user_agent", "token"),
    [
        ("Mozilla/5.0 (compatible; tracker-db/0.1; personal price tracker)", "tracker-db"),
        ("PriceBot/2.0 (+https://shop.example/bot)", "PriceBot"),
        ("PriceBot", "PriceBot"),
    ],
)
def test_robots_txt_knows_a_user_agent_by_its_product_token(user_agent, token):
    assert product_token(user_agent) == token
