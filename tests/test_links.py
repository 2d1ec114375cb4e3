"""One spelling for each page, however its address was pasted."""

import pytest

from tracker_db.errors import InvalidInputError
from tracker_db.links import MOST_CHARACTERS, normalise

#: What was pasted -> what is tracked; written by hand after the cases people meet.
SAME_PAGE = [
    ("https://shop.example/kettle", "https://shop.example/kettle"),
    ("  https://shop.example/kettle \n", "https://shop.example/kettle"),
    ("shop.example/kettle", "https://shop.example/kettle"),
    ("//shop.example/kettle", "https://shop.example/kettle"),
    ("shop.example:8443/kettle", "https://shop.example:8443/kettle"),
    ("localhost:8000/kettle", "https://localhost:8000/kettle"),
    ("http://shop.example/kettle", "http://shop.example/kettle"),
    ("HTTPS://Shop.Example/Kettle", "https://shop.example/Kettle"),
    ("https://shop.example", "https://shop.example/"),
    ("https://shop.example.:443/kettle#reviews", "https://shop.example/kettle"),
    ("http://shop.example:80/", "http://shop.example/"),
    ("https://shop.example:80/", "https://shop.example:80/"),
    ("https://Bücher.example/straße", "https://xn--bcher-kva.example/stra%C3%9Fe"),
    ("https://xn--bcher-kva.example/stra%C3%9Fe", "https://xn--bcher-kva.example/stra%C3%9Fe"),
    ("https://straße.example/", "https://xn--strae-oqa.example/"),
    ("https://my_shop.example/", "https://my_shop.example/"),
    ("http://[2001:DB8::1]:80/a", "http://[2001:db8::1]/a"),
    ("https://shop.example/p?id=7&utm_source=mail&UTM_Campaign=x", "https://shop.example/p?id=7"),
    ("https://shop.example/p?gclid=1&color=red&fbclid=2&size=", "https://shop.example/p?color=red&size="),
    ("https://shop.example/p?msclkid=1&mc_eid=2&igshid=3", "https://shop.example/p"),
    ("https://shop.example/dp/B0?ref_=nav&th=1", "https://shop.example/dp/B0?th=1"),
    # Not a tracking parameter: `ref` alone may choose the product.
    ("https://shop.example/p?ref=123", "https://shop.example/p?ref=123"),
    ("https://shop.example/p?b=2&a=1", "https://shop.example/p?b=2&a=1"),
    ("https://shop.example/p?q=a%26b&x=c+d", "https://shop.example/p?q=a%26b&x=c+d"),
    ("https://shop.example/two words", "https://shop.example/two%20words"),
]  # fmt: skip

REFUSED = [
    ("", "empty"),
    ("   ", "empty"),
    ("kettle", "not the address of a page"),
    ("https://", "not the address of a page"),
    ("https://shop..example/", "not the address of a page"),
    ("https://shop.example:99999/", "not the address of a page"),
    ("https://[::1/", "not the address of a page"),
    ("ftp://shop.example/kettle", "only http"),
    ("javascript:alert(1)", "only http"),
    ("file:///etc/passwd", "only http"),
    ("mailto:me@shop.example", "only http"),
    ("https://shop.example\\@other.example/", "no URL holds"),
    ("https://shop.example/\x1b[31m", "no URL holds"),
    ("https://me:secret@shop.example/", "user name or password"),
    ("https://shop.example/" + "a" * MOST_CHARACTERS, "2021 characters"),
]


@pytest.mark.parametrize(("pasted", "tracked"), SAME_PAGE)
def test_each_page_has_one_spelling(pasted, tracked):
    assert normalise(pasted) == tracked


@pytest.mark.parametrize("tracked", sorted({tracked for _, tracked in SAME_PAGE}))
def test_a_spelling_that_is_one_already_stays(tracked):
    assert normalise(tracked) == tracked


@pytest.mark.parametrize(("pasted", "reason"), REFUSED)
def test_what_is_no_page_is_refused_with_the_reason(pasted, reason):
    with pytest.raises(InvalidInputError, match=reason):
        normalise(pasted)


def test_a_password_is_never_shown():
    with pytest.raises(InvalidInputError) as refused:
        normalise("https://me:hunter2@shop.example/")
    assert "hunter2" not in str(refused.value)
