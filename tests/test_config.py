"""Settings: read from the environment and `.env`, refused with all one needs to mend them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import fields
from pathlib import Path

import pytest

from tracker_db.config import Settings, load, settings, state_dir
from tracker_db.errors import SettingError

EXAMPLE = Path(__file__).parents[1] / ".env.example"
NAMES = [entry.metadata["name"] for entry in fields(Settings)]

#: variable, what it got, what the error says it wants
MALFORMED = [
    ("DATABASE_URL", "mysql://db/x", "postgresql://user:password@host:5432/database"),
    ("DIRECT_URL", "db.example", "postgresql://user:password@host:5432/database"),
    ("DATABASE_URL", "postgresql://me@db:port/prices", "postgresql://user:password@host"),
    ("TRACKER_DATA_DIR", "~no-such-user/data", "a folder"),
    ("TRACKER_POLL_SECONDS", "soon", "seconds from 0.05 to 3600"),
    ("TRACKER_POLL_SECONDS", "nan", "seconds from 0.05 to 3600"),
    ("TRACKER_THREADS", "0", "a whole number from 1 to 64"),
    ("TRACKER_THREADS", "2.5", "a whole number from 1 to 64"),
    ("TRACKER_CATCH_UP", "some", "coalesce or all"),
    ("TRACKER_ROBOTS", "perhaps", "true or false"),
    ("TRACKER_ALLOW_NETS", "10.0.0.0/8, home", "networks such as 192.168.1.0/24"),
    ("TRACKER_ALLOW_PORTS", "80 https", "port numbers separated by commas"),
    ("TRACKER_CHANNELS", ",", "any of console, email, webhook, apprise"),
    ("TRACKER_EMAIL_TO", "me@example.com, you", "addresses such as me@example.com"),
    ("TRACKER_EMAIL_FROM", "tracker", "an address such as tracker@example.com"),
    ("TRACKER_FETCH_BYTES", "5MB", "1000 to 100000000 bytes"),
    ("TRACKER_CHANNELS", "console, pigeon", "any of console, email, webhook, apprise"),
    ("TRACKER_LLM_BUDGET_USD", "-1", "0 to 1000000"),
    ("TRACKER_LLM_BUDGET_USD", "nan", "0 to 1000000"),
    ("TRACKER_WEBHOOK_URL", "example.com/hook", "an http(s) URL"),
]


@pytest.mark.parametrize(("name", "value", "wants"), MALFORMED)
def test_a_malformed_value_is_refused_by_name_with_what_is_wanted(monkeypatch, name, value, wants):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=f"^{name} is .*{re.escape(wants)}"):
        load()


@pytest.mark.parametrize(("name", "value"), [row[:2] for row in MALFORMED[3:-1]])
def test_a_malformed_value_is_shown(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=re.escape(repr(value))):
        load()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://",
        "postgresql:///prices?host=/run/postgresql",
        "postgres://me:pass:word@db:5432/prices",
        "postgresql://me@[::1]:5432,standby,other:/prices",
    ],
)
def test_every_form_of_a_postgresql_url_is_taken(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    assert load().database_url == url


def test_a_sender_may_have_a_name(monkeypatch):
    monkeypatch.setenv("TRACKER_EMAIL_FROM", "Price tracker <tracker@example.com>")
    assert load().email_from == "Price tracker <tracker@example.com>"


def test_a_file_that_is_no_text_is_refused_by_name(tmp_path):
    file = tmp_path / ".env"
    file.write_bytes(b"TRACKER_USER_AGENT=\xff")
    with pytest.raises(SettingError, match=re.escape(str(file))):
        load(file)


def test_a_malformed_secret_is_not_shown(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgre://me:hunter2@db/prices")
    with pytest.raises(SettingError) as caught:
        load()
    assert "hunter2" not in str(caught.value)


def test_secrets_stay_out_of_the_printed_settings(monkeypatch):
    for name, value in {
        "DATABASE_URL": "postgresql://me:hunter2@db/prices",
        "DIRECT_URL": "postgresql://me:hunter2@db/prices",
        "TRACKER_SMTP_PASSWORD": "hunter2",
        "TRACKER_WEBHOOK_URL": "https://example.com/hunter2",
        "TRACKER_WEBHOOK_SECRET": "hunter2",
        "TRACKER_APPRISE_URLS": "ntfy://hunter2",
        "TRACKER_LLM_KEY": "hunter2",
    }.items():
        monkeypatch.setenv(name, value)
    assert load().smtp_password == "hunter2"
    assert "hunter2" not in repr(load())


def test_values_are_read_as_what_they_mean(monkeypatch):
    monkeypatch.setenv("TRACKER_ALLOW_NETS", "10.0.0.0/8, ::1/128")
    monkeypatch.setenv("TRACKER_CHANNELS", "Email console")
    monkeypatch.setenv("TRACKER_ROBOTS", "off")
    read = load()
    assert read.allow_nets == (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1/128"))
    assert read.channels == ("email", "console")
    assert read.robots is False


def test_the_environment_wins_over_the_file(monkeypatch, tmp_path):
    file = tmp_path / "some.env"
    file.write_text("TRACKER_THREADS=3\nTRACKER_MAX_ATTEMPTS=5\n")
    monkeypatch.setenv("TRACKER_THREADS", "4")
    assert (load(file).threads, load(file).max_attempts) == (4, 5)


def test_an_empty_value_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("TRACKER_THREADS", " ")
    assert load() == Settings()


def test_every_setting_is_documented_and_nothing_else():
    assert re.findall(r"^#?([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE) == NAMES


def test_the_documented_defaults_are_the_defaults(tmp_path):
    file = tmp_path / "all.env"
    optional = ("DATABASE_URL", "DIRECT_URL")
    lines = EXAMPLE.read_text().splitlines()
    file.write_text(
        "\n".join(
            line[1:]
            for line in lines
            if re.match("#[A-Z_]+=", line) and line[1:].partition("=")[0] not in optional
        )
    )
    assert load(file) == Settings()


def test_the_data_directory_can_be_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("TRACKER_DATA_DIR", str(tmp_path / "data"))
    assert state_dir() == tmp_path / "data"


def test_the_data_directory_of_a_user_is_the_platforms(monkeypatch, tmp_path):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert state_dir() == tmp_path / "tracker-db"


def test_settings_are_read_once(monkeypatch):
    before = settings()
    monkeypatch.setenv("TRACKER_THREADS", "4")
    assert settings() is before
