"""The guard end to end: what may be reached is reached, the secret server never is.

The cases are those on which plain clients, check-then-request clients and curl go
wrong: odd spellings, lying name servers, parsers that disagree, redirects.
"""

from __future__ import annotations

import pytest
from loopback import PUBLIC, SECRET, Answer

from tracker_db.observation import Outcome
from workers.fetch import FetchError

NAMES = {
    "shop.test": [[PUBLIC]],
    "shop.test.": [[PUBLIC]],
    "secret.test": [[SECRET]],
    "lan.test": [["192.168.1.10"]],
    "mapped.test": [["::ffff:127.0.0.1"]],
    "nat64.test": [["64:ff9b::7f00:1"]],
    "zone.test": [["fe80::1%lo"]],
    "mixed.test": [["fe80::1", "10.0.0.1", SECRET, PUBLIC]],
    "mixed-bad.test": [["fe80::1", "10.0.0.1", SECRET]],
    "localhost": [["::1", SECRET]],
    "localhost.": [[SECRET]],
    "x.localhost": [[SECRET]],
    # What a resolver makes of numbers, should one ever be asked.
    "2130706433": [[SECRET]],
    "0177.0.0.1": [[SECRET]],
    "0x7f.0.0.1": [[SECRET]],
    "127.1": [[SECRET]],
    "127.0.0.1.": [[SECRET]],
}

ALLOWED = {
    "public literal": f"http://{PUBLIC}:PORT/",
    "public name": "http://shop.test:PORT/",
    "upper case": "HTTP://SHOP.TEST:PORT/",
    "public name with its dot": "http://shop.test.:PORT/",
    "public address beside junk": "http://mixed.test:PORT/",
    "mapped public literal": f"http://[::ffff:{PUBLIC}]:PORT/",
}

REFUSED = {
    "private name": "http://lan.test:PORT/",
    "name of the secret": "http://secret.test:PORT/",
    "only junk addresses": "http://mixed-bad.test:PORT/",
    "mapped by name": "http://mapped.test:PORT/",
    "NAT64 by name": "http://nat64.test:PORT/",
    "zone by name": "http://zone.test:PORT/",
    "loopback": "http://127.0.0.1:PORT/",
    "loopback, decimal": "http://2130706433:PORT/",
    "loopback, octal": "http://0177.0.0.1:PORT/",
    "loopback, hexadecimal": "http://0x7f.0.0.1:PORT/",
    "loopback, short": "http://127.1:PORT/",
    "loopback, trailing dot": "http://127.0.0.1.:PORT/",
    "loopback, ideographic dots": "http://127。0。0。1:PORT/",
    "loopback, circled digits": "http://①②⑦.⓪.⓪.①:PORT/",
    "loopback, full-width digits": "http://１２７.0.0.1:PORT/",
    "loopback, percent-encoded": "http://%31%32%37.0.0.1:PORT/",
    "loopback, IPv6": "http://[::1]:PORT/",
    "mapped": "http://[::ffff:127.0.0.1]:PORT/",
    "mapped, hexadecimal": "http://[::ffff:7f00:1]:PORT/",
    "IPv4-compatible": "http://[::127.0.0.1]:PORT/",
    "NAT64": "http://[64:ff9b::7f00:1]:PORT/",
    "NAT64, local prefix": "http://[64:ff9b:1::7f00:1]:PORT/",
    "6to4": "http://[2002:7f00:1::]:PORT/",
    "Teredo": "http://[2001:0:7f00:1::]:PORT/",
    "site-local": "http://[fec0::1]:PORT/",
    "unique local": "http://[fc00::1]:PORT/",
    "link-local, IPv6": "http://[fe80::1]:PORT/",
    "zone id": "http://[fe80::1%25lo]:PORT/",
    "link-local": "http://169.254.1.1:PORT/",
    "private": "http://10.0.0.1:PORT/",
    "CGNAT": "http://100.64.0.1:PORT/",
    "unspecified": "http://0.0.0.0:PORT/",
    "unspecified, IPv6": "http://[::]:PORT/",
    "multicast": "http://224.0.0.1:PORT/",
    "multicast, IPv6": "http://[ff02::1]:PORT/",
    "broadcast": "http://255.255.255.255:PORT/",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "metadata, Azure": "http://168.63.129.16/",
    "metadata, AWS IPv6": "http://[fd00:ec2::254]/",
    "metadata, Alibaba": "http://100.100.100.200/",
    "localhost": "http://localhost:PORT/",
    "localhost with its dot": "http://localhost.:PORT/",
    "below localhost": "http://x.localhost:PORT/",
    "user name": "http://shop.test@127.0.0.1:PORT/",
    "user name before the shop": "http://127.0.0.1@shop.test:PORT/",
    "backslash": "http://127.0.0.1\\@shop.test:PORT/",
    "backslash after": "http://shop.test\\@127.0.0.1:PORT/",
    "public address, odd port": "http://8.8.8.8:25/",
    "another scheme": "file:///etc/passwd",
    "Unix socket": "http+unix://%2Frun%2Fdocker.sock/",
}


@pytest.fixture(autouse=True)
def _names(names):
    names.update({host: [list(answer) for answer in NAMES[host]] for host in NAMES})


@pytest.fixture(params=REFUSED.values(), ids=REFUSED.keys())
def refused_url(request, shop):
    return request.param.replace("PORT", str(shop.server_port))


@pytest.mark.parametrize("url", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_is_public_is_reached(client, shop, secret, url):
    page = client.get(url.replace("PORT", str(shop.server_port)))
    assert page.body == b"<p>page</p>"
    assert not secret.requests


def test_what_is_not_public_is_refused(client, secret, refused_url):
    with pytest.raises(FetchError) as refused:
        client.get(refused_url)
    assert refused.value.outcome is Outcome.REFUSED
    assert not secret.requests


def test_a_redirect_to_what_is_not_public_is_refused(client, shop, secret, refused_url):
    shop.answers["/"] = Answer(b"", 302, {"Location": refused_url})
    with pytest.raises(FetchError) as refused:
        client.get(shop.url())
    assert refused.value.outcome is Outcome.REFUSED
    assert shop.paths == ["/"]
    assert not secret.requests


def test_a_message_is_not_posted_to_what_is_not_public(client, secret, refused_url):
    with pytest.raises(FetchError) as refused:
        client.post(refused_url, content=b"{}", headers={})
    assert refused.value.outcome is Outcome.REFUSED
    assert not secret.requests


def test_a_name_is_asked_for_once_a_connection_and_judged_each_time(client, shop, secret, names):
    names["rebind.test"] = [[PUBLIC], [SECRET]]
    shop.answers["/"] = Answer(headers={"Connection": "close"})
    url = shop.url(host="rebind.test")
    assert client.get(url).status == 200
    assert names.asked == ["rebind.test"]
    with pytest.raises(FetchError) as refused:
        client.get(url)
    assert refused.value.outcome is Outcome.REFUSED
    assert not secret.requests


def test_a_kept_connection_is_used_again_without_asking(client, shop, names):
    for _ in range(3):
        client.get(shop.url(host="shop.test"))
    assert names.asked == ["shop.test"]


def test_a_literal_address_asks_no_name_server(client, shop, names):
    client.get(shop.url())
    assert names.asked == []


def test_a_proxy_of_the_environment_is_not_used(make_client, shop, secret, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, secret.url())
    assert make_client().get(shop.url()).status == 200
    assert not secret.requests
