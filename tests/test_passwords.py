"""Password hashes: checked by what is inside them, and slow on purpose."""

from __future__ import annotations

import hashlib

import pytest

from tracker_db import passwords
from tracker_db.errors import InvalidInputError
from tracker_db.passwords import hash_password, needs_rehash, verify_password

#: RFC 7914, section 12: password, salt, N = 1024, r = 8, p = 16, the first 32 bytes.
RFC = "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI"


@pytest.fixture
def cheap(monkeypatch):
    """Less work for tests that hash often."""
    monkeypatch.setattr(passwords, "_COST", passwords._Cost(log_n=4))


def test_the_right_password_is_and_another_is_not(cheap):
    stored = hash_password("correct horse")
    assert verify_password("correct horse", stored)
    assert not verify_password("correct hors", stored)


def test_the_same_password_never_has_the_same_hash(cheap):
    assert hash_password("correct horse") != hash_password("correct horse")


def test_a_published_hash_is_verified():
    digest = hashlib.scrypt(b"password", salt=b"NaCl", n=1024, r=8, p=16, dklen=64)
    assert digest.hex().startswith("fdbabe1c9d3472007856e7190d01e9fe")
    assert verify_password("password", RFC)


def test_letters_that_look_the_same_are_the_same(cheap):
    assert verify_password("caf\u00e9", hash_password("cafe\u0301"))


def test_a_hash_says_how_much_work_it_is_and_new_ones_are_by_owasps_advice():
    stored = hash_password("x")
    assert stored.startswith("$scrypt$ln=17,r=8,p=1$")
    assert not needs_rehash(stored)
    assert needs_rehash(RFC)


def test_without_a_hash_nothing_is_right_and_it_takes_the_same_work(cheap, monkeypatch):
    calls = []
    derive = passwords._Cost.derive
    monkeypatch.setattr(passwords._Cost, "derive", lambda *args: calls.append(1) or derive(*args))
    assert not verify_password("anything", None)
    assert calls == [1]


@pytest.mark.parametrize("stored", ["", "hashed_password", "$scrypt$ln=17,r=8$a$b", "$2b$10$abc"])
def test_what_is_no_hash_of_ours_is_refused(stored):
    with pytest.raises(InvalidInputError, match="not one of scrypt's"):
        verify_password("x", stored)
