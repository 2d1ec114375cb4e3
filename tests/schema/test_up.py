"""Up: a database that answers, or the command that starts one."""

from __future__ import annotations

import pytest

from tracker_db import config
from tracker_db.errors import DatabaseUnavailableError
from tracker_db.schema.up import up


def _set(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    config.settings.cache_clear()


def test_a_database_that_answers_is_left_alone(servers, monkeypatch):
    _set(monkeypatch, servers[0])
    assert up() == servers[0]


def test_one_that_does_not_answer_is_told_how_to_start(monkeypatch):
    _set(monkeypatch, "postgresql://localhost:1/shop")
    with pytest.raises(DatabaseUnavailableError, match="docker compose up --detach --wait"):
        up()
