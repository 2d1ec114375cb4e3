"""The guard's rules, without a network."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker_db.observation import Outcome
from workers.fetch import FetchError
from workers.fetch.guard import MAX_URL_LENGTH, Policy, checked_url, is_public

PUBLIC_ADDRESSES = """
    1.1.1.1 8.8.8.8 93.184.216.34 172.15.255.255 172.32.0.1 192.167.255.255 100.63.255.255
    100.128.0.1 168.63.129.15 ::ffff:8.8.8.8 2606:4700:4700::1111 2a00:1450:4001:81b::200e
""".split()

# IANA's special-purpose registries, RFC 6890 and the clouds' metadata addresses.
OTHER_ADDRESSES = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255
    127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254 172.16.0.1 172.31.255.255
    192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.51.100.1
    203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
    64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::7f00:1 100::1 2001::1 2001:0:7f00:1:: 2001:2::1
    2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:808:808:: 3fff::1 5f00::1 fc00::1
    fd00:ec2::254 fd20:ce::254 fe80::1 fec0::1 ff02::1 ff0e::1 4000::1
""".split()

REFUSED_NETWORKS = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
    192.168.0.0/16 198.18.0.0/15 224.0.0.0/4 240.0.0.0/4
    ::/96 64:ff9b::/96 2001::/32 2002::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8
""".split()


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
def test_an_address_anyone_can_reach_is_public(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", OTHER_ADDRESSES)
def test_a_special_address_is_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@settings(deadline=None)
@given(st.sampled_from(REFUSED_NETWORKS).flatmap(lambda network: st.ip_addresses(network=network)))
def test_no_address_of_a_special_network_is_public(address):
    assert not is_public(address)


def accepted(text):
    """The URL as read, None if it is refused; no other error may come out."""
    try:
        return checked_url(text)
    except FetchError:
        return None


def refusal(address, port, **policy):
    return Policy(**policy).refusal("shop.example", ipaddress.ip_address(address), port)


SPELLINGS = (
    str,
    int,
    lambda address: hex(int(address)),
    lambda address: ".".join(f"0{byte:o}" for byte in address.packed),
    lambda address: ".".join(hex(byte) for byte in address.packed),
    lambda address: f"{address.packed[0]}.{int(address) & 0xFFFFFF}",
    lambda address: f"{address}.",
    lambda address: f"[::ffff:{address}]",
    lambda address: f"[64:ff9b::{address}]",
    lambda address: f"[::{address}]",
    lambda address: "。".join(str(byte) for byte in address.packed),
    lambda address: "".join(chr(0xFF10 + int(c)) if c.isdigit() else c for c in str(address)),
)
PRIVATE_V4 = [network for network in REFUSED_NETWORKS if ":" not in network]


@settings(deadline=None)
@given(
    st.sampled_from(PRIVATE_V4).flatmap(lambda network: st.ip_addresses(network=network)),
    st.sampled_from(SPELLINGS),
)
def test_no_spelling_of_a_private_address_passes(address, spell):
    url = accepted(f"http://{spell(address)}/")
    assert url is None or refusal(url.host, 80)


@settings(deadline=None)
@given(st.text(max_size=80).map("http://{}".format) | st.text(max_size=80))
def test_any_text_is_refused_or_a_plain_http_url(text):
    url = accepted(text)
    if url is not None:
        assert url.scheme in {"http", "https"}
        assert not url.userinfo
        assert url.raw_host.isascii()
        assert url.raw_host


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/p/1?variant=2#reviews",
        "http://shop.example:8080/",
        "https://sub_domain.shop.example/",
        "https://müller.example/straße?q=größe",
        "https://shop.example/with space",
        "https://[2606:4700::1111]/",
        "https://8.8.8.8/",
        "https://3m.example/",
    ],
)
def test_the_url_of_a_shop_is_accepted(url):
    assert checked_url(url).host


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "does not start with http"),
        ("shop.example/p", "does not start with http"),
        ("file:///etc/passwd", "does not start with http"),
        ("FILE:///etc/passwd", "does not start with http"),
        ("ftp://shop.example/", "does not start with http"),
        ("javascript:alert(1)", "does not start with http"),
        ("http+unix://%2Frun%2Fdocker.sock/", "does not start with http"),
        (" http://shop.example/", "does not start with http"),
        ("http://user@shop.example/", "user name"),
        ("http://user:secret@shop.example/", "user name"),
        ("http://shop.example\\@10.0.0.1/", "backslash"),
        ("http://shop.example/a\\b", "backslash"),
        ("http://shop.example/\r\nHost: x", "control character"),
        ("http://shop.example/\x00", "control character"),
        ("http://shop.example/\x85", "control character"),
        (f"http://shop.example/{'a' * MAX_URL_LENGTH}", "more than 8000"),
        ("http:///p", "host name"),
        ("http:/shop.example", "host name"),
        ("http://shop..example/", "host name"),
        ("http://.shop.example/", "host name"),
        (f"http://{'a' * 64}.example/", "host name"),
        (f"http://{'a.' * 130}example/", "host name"),
        ("http://shop example/", "host name"),
        ("http://127.0.0.1%2f/", "host name"),
        ("http://%31%32%37.0.0.1/", "unusual form"),
        ("http://[fe80::1%25eth0]/", "host name"),
        ("http://[fe80::1%eth0]/", "host name"),
        ("http://2130706433/", "unusual form"),
        ("http://0177.0.0.1/", "valid"),
        ("http://0x7f.1/", "unusual form"),
        ("http://127.1/", "unusual form"),
        ("http://127.0.0.1./", "unusual form"),
        ("http://shop.example:0/", "port"),
        ("http://shop.example:65536/", "port"),
        ("http://shop.example:-1/", "port"),
        ("http://shop.example:web/", "valid URL"),
        ("http://①②⑦.⓪.⓪.①/", "valid URL"),
    ],
)
def test_an_odd_url_is_refused_with_its_reason(url, says):
    with pytest.raises(FetchError, match=says) as refused:
        checked_url(url)
    assert refused.value.outcome is Outcome.REFUSED


def test_a_refusal_does_not_repeat_what_the_url_holds():
    with pytest.raises(FetchError) as refused:
        checked_url("https://user:hunter2@shop.example/token-4711")
    assert "hunter2" not in str(refused.value)
    assert "4711" not in str(refused.value)


def test_a_redirect_is_read_relative_to_its_page_and_checked_alike():
    page = checked_url("https://shop.example/a/b")
    assert str(checked_url("../c", base=page)) == "https://shop.example/c"
    with pytest.raises(FetchError, match=r"The redirect from shop\.example has a backslash"):
        checked_url("//evil\\@shop.example/", base=page)


def test_a_private_address_names_the_setting_that_allows_it():
    assert "TRACKER_ALLOW_NETS" in refusal("10.0.0.5", 80)
    assert refusal("10.0.0.5", 80, allow_nets=(ipaddress.ip_network("10.0.0.0/24"),)) is None


def test_an_odd_port_names_the_setting_that_allows_it():
    assert "TRACKER_ALLOW_PORTS" in refusal("8.8.8.8", 25)
    assert refusal("8.8.8.8", 8443, allow_ports=(443, 8443)) is None


def test_an_allowed_network_is_allowed_on_every_port_and_in_its_mapped_form():
    home = (ipaddress.ip_network("192.168.1.0/24"),)
    assert refusal("192.168.1.9", 3000, allow_nets=home) is None
    assert refusal("::ffff:192.168.1.9", 3000, allow_nets=home) is None
    assert refusal("192.168.2.9", 3000, allow_nets=home)


def test_an_allowed_network_does_not_open_odd_ports_elsewhere():
    home = (ipaddress.ip_network("192.168.1.0/24"),)
    assert refusal("8.8.8.8", 3000, allow_nets=home)
