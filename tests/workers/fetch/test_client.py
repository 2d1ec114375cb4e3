"""Pages, refusals by status, redirects, conditional requests, posts: against real servers."""

from __future__ import annotations

import gzip
import ssl
from concurrent.futures import ThreadPoolExecutor

import pytest
import trustme
from loopback import PUBLIC, Answer, Shop, running

from tracker_db.observation import Outcome
from workers.fetch import FetchError
from workers.fetch.client import MAX_REDIRECTS


def failure_of(call, *args, **kwargs):
    with pytest.raises(FetchError) as failure:
        call(*args, **kwargs)
    return failure.value


def test_a_page_comes_with_all_that_is_known_of_it(client, shop):
    shop.answers["/p"] = Answer(
        b"<p>19.99",
        headers={
            "Content-Type": "text/html; charset=utf-8",
            "ETag": '"v1"',
            "Last-Modified": "Sat, 21 Nov 2026 10:00:00 GMT",
        },
    )
    page = client.get(shop.url("/p#top"))
    assert page.url == shop.url("/p#top")
    assert (page.status, page.body) == (200, b"<p>19.99")
    assert page.content_type == "text/html; charset=utf-8"
    assert page.etag == '"v1"'
    assert page.last_modified == "Sat, 21 Nov 2026 10:00:00 GMT"
    assert page.headers["ETAG"] == '"v1"'
    assert page.elapsed_ms >= 0


def test_a_page_need_not_be_html(client, shop):
    shop.answers["/"] = Answer(b"%PDF-1.7", headers={"Content-Type": "application/pdf"})
    assert client.get(shop.url()).content_type == "application/pdf"


def test_the_server_sees_who_asks(make_client, shop):
    make_client(user_agent="PriceBot/2.0").get(shop.url())
    assert shop.requests[0].headers["User-Agent"] == "PriceBot/2.0"


def test_a_compressed_page_is_decompressed(client, shop):
    shop.answers["/"] = Answer(gzip.compress(b"<p>19.99"), headers={"Content-Encoding": "gzip"})
    assert client.get(shop.url()).body == b"<p>19.99"


def unchanged_if_v1(request):
    is_v1 = request.headers["If-None-Match"] == '"v1"'
    return Answer(status=304) if is_v1 else Answer(headers={"ETag": '"v1"'})


def test_an_unchanged_page_is_a_304_without_a_body_that_keeps_its_validator(client, shop):
    shop.answers["/"] = unchanged_if_v1
    first = client.get(shop.url())
    second = client.get(shop.url(), etag=first.etag, last_modified=first.last_modified)
    assert (second.status, second.body, second.etag) == (304, b"", '"v1"')


def test_the_date_of_a_page_is_sent_back(client, shop):
    client.get(shop.url(), last_modified="Sat, 21 Nov 2026 10:00:00 GMT")
    assert shop.requests[0].headers["If-Modified-Since"] == "Sat, 21 Nov 2026 10:00:00 GMT"


def test_a_304_nobody_asked_for_is_no_page(client, shop):
    shop.answers["/"] = Answer(status=304)
    assert failure_of(client.get, shop.url()).outcome is Outcome.HTTP_ERROR


@pytest.mark.parametrize("etag", ['"é"', '"a\r\nX-Evil: 1"', '"a\x00"', ""])
def test_a_validator_no_header_can_carry_is_left_out(client, shop, etag):
    assert client.get(shop.url(), etag=etag).status == 200
    assert "If-None-Match" not in shop.requests[0].headers
    assert "X-Evil" not in shop.requests[0].headers


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, Outcome.HTTP_ERROR),
        (401, Outcome.BLOCKED),
        (403, Outcome.BLOCKED),
        (404, Outcome.NOT_FOUND),
        (410, Outcome.NOT_FOUND),
        (418, Outcome.HTTP_ERROR),
        (429, Outcome.BLOCKED),
        (500, Outcome.HTTP_ERROR),
        (503, Outcome.HTTP_ERROR),
        (300, Outcome.HTTP_ERROR),
        (302, Outcome.HTTP_ERROR),
    ],
)
def test_a_status_has_its_outcome(client, shop, status, outcome):
    shop.answers["/"] = Answer(b"no", status)
    failure = failure_of(client.get, shop.url())
    assert (failure.outcome, failure.status) == (outcome, status)
    assert str(status) in str(failure)


@pytest.mark.parametrize(
    ("status", "header", "value"),
    [
        (200, "cf-mitigated", "challenge"),
        (403, "cf-mitigated", "challenge"),
        (503, "CF-Mitigated", "Challenge"),
        (202, "x-amzn-waf-action", "challenge"),
        (405, "x-amzn-waf-action", "captcha"),
    ],
)
def test_a_firewalls_challenge_is_blocked_whatever_its_status(client, shop, status, header, value):
    shop.answers["/"] = Answer(b"prove it", status, {header: value})
    assert failure_of(client.get, shop.url()).outcome is Outcome.BLOCKED


def test_the_wait_a_server_asks_for_is_handed_on(client, shop):
    shop.answers["/"] = Answer(b"", 429, {"Retry-After": "120"})
    assert failure_of(client.get, shop.url()).retry_after == 120


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_its_end_named(client, shop, status):
    shop.answers["/old"] = Answer(b"moved", status, {"Location": "new?x=1"})
    shop.answers["/new?x=1"] = Answer(b"here")
    page = client.get(shop.url("/old"))
    assert (page.url, page.body) == (shop.url("/new?x=1"), b"here")


@pytest.mark.usefixtures("_shop_names")
def test_redirects_and_unchanged_pages_keep_their_connection(client, shop, names):
    shop.answers["/"] = Answer(b"moved", 302, {"Location": "/unchanged"})
    shop.answers["/unchanged"] = unchanged_if_v1
    for _ in range(3):
        assert client.get(shop.url(host="shop.test"), etag='"v1"').status == 304
    assert names.asked == ["shop.test"]


def test_a_redirect_in_circles_ends(client, shop):
    shop.answers["/"] = Answer(b"", 302, {"Location": "/"})
    failure = failure_of(client.get, shop.url())
    assert failure.outcome is Outcome.HTTP_ERROR
    assert len(shop.requests) == MAX_REDIRECTS + 1


def cookie_wall(request):
    if "seen=1" in request.headers.get("Cookie", ""):
        return Answer(b"inside")
    return Answer(b"", 302, {"Location": "/", "Set-Cookie": "seen=1"})


def test_a_cookie_lives_from_redirect_to_redirect_and_no_longer(client, shop):
    shop.answers["/"] = cookie_wall
    assert client.get(shop.url()).body == b"inside"
    assert client.get(shop.url()).body == b"inside"
    cookies = [request.headers["Cookie"] for request in shop.requests]
    assert cookies == [None, "seen=1", None, "seen=1"]


def test_a_page_above_the_cap_is_too_large_and_one_at_the_cap_is_not(make_client, shop):
    client = make_client(fetch_bytes=1000)
    shop.answers["/fits"] = Answer(bytes(1000))
    shop.answers["/above"] = Answer(bytes(1001))
    assert len(client.get(shop.url("/fits")).body) == 1000
    failure = failure_of(client.get, shop.url("/above"))
    assert failure.outcome is Outcome.TOO_LARGE
    assert failure.bytes_read > 1000
    assert "TRACKER_FETCH_BYTES" in str(failure)


def test_compression_within_compression_is_not_unpacked(client, shop):
    twice = gzip.compress(gzip.compress(b"<p>"))
    shop.answers["/"] = Answer(twice, headers={"Content-Encoding": "gzip, gzip"})
    assert failure_of(client.get, shop.url()).outcome is Outcome.HTTP_ERROR


def test_a_post_sends_its_content_and_headers(client, shop):
    shop.answers["/hook"] = Answer(b"ok", 202)
    page = client.post(shop.url("/hook"), content=b"{}", headers={"X-Signature": "abc"})
    assert (page.status, page.body) == (202, b"ok")
    (request,) = shop.requests
    assert (request.command, request.content) == ("POST", b"{}")
    assert request.headers["X-Signature"] == "abc"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_post_is_never_redirected(client, shop, status):
    shop.answers["/hook"] = Answer(b"", status, {"Location": "/"})
    failure = failure_of(client.post, shop.url("/hook"), content=b"{}", headers={})
    assert (failure.outcome, failure.status) == (Outcome.HTTP_ERROR, status)
    assert shop.paths == ["/hook"]


def test_a_long_answer_to_a_post_is_cut_since_the_message_arrived(make_client, shop):
    shop.answers["/hook"] = Answer(bytes(5000))
    page = make_client(fetch_bytes=1000).post(shop.url("/hook"), content=b"{}", headers={})
    assert len(page.body) == 1000


def test_one_client_serves_many_threads(client, shop):
    for number in range(40):
        shop.answers[f"/{number}"] = Answer(str(number).encode())
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda number: client.get(shop.url(f"/{number}")), range(40)))
    assert [page.body for page in pages] == [str(number).encode() for number in range(40)]


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def tls_client(make_client, authority):
    """A client that trusts the test authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return make_client(tls=context)


@pytest.fixture
def tls_shop(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("shop.test", PUBLIC).configure_cert(context)
    with running(Shop(PUBLIC, tls=context)) as server:
        yield server


@pytest.fixture
def _shop_names(names):
    names["shop.test"] = names["other.test"] = [[PUBLIC]]


@pytest.mark.usefixtures("_shop_names")
@pytest.mark.parametrize("host", ["shop.test", PUBLIC])
def test_a_secure_page_is_read_when_the_certificate_names_its_host(tls_client, tls_shop, host):
    assert tls_client.get(tls_shop.url(host=host, scheme="https")).status == 200


@pytest.mark.usefixtures("_shop_names")
def test_a_certificate_for_another_name_is_not_trusted(tls_client, tls_shop):
    failure = failure_of(tls_client.get, tls_shop.url(host="other.test", scheme="https"))
    assert failure.outcome is Outcome.HTTP_ERROR
    assert "certificate that cannot be trusted" in str(failure)
    assert "other.test" in str(failure)
    assert not tls_shop.requests


@pytest.mark.usefixtures("_shop_names")
def test_a_certificate_of_an_unknown_authority_is_not_trusted(client, tls_shop):
    failure = failure_of(client.get, tls_shop.url(host="shop.test", scheme="https"))
    assert "certificate that cannot be trusted" in str(failure)


def test_a_plain_server_on_a_secure_url_is_an_http_error(client, shop):
    failure = failure_of(client.get, shop.url(scheme="https"))
    assert failure.outcome is Outcome.HTTP_ERROR
    assert "secure connection" in str(failure)
