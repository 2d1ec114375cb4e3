"""What git could not bring back, or not as it is."""

from __future__ import annotations

import pytest
from migration_files import git

from tracker_db.schema.squash.version_control import uncommitted


@pytest.fixture
def paths(tmp_path):
    paths = [tmp_path / "migrations" / name for name in ("one.py", "two.py")]
    paths[0].parent.mkdir()
    for path in paths:
        path.write_text("pass\n")
    return paths


@pytest.fixture
def repository(paths, tmp_path):
    """A repository whose subfolder has the files; the first is committed."""
    git(tmp_path, "init")
    git(tmp_path, "add", paths[0])
    git(tmp_path, "commit", "-m", "one")
    return tmp_path


def test_what_is_committed_can_be_brought_back(repository, paths):
    assert uncommitted(paths[:1]) == []


def test_what_is_new_cannot(repository, paths):
    assert uncommitted(paths) == paths[1:]


def test_what_is_only_staged_cannot(repository, paths):
    git(repository, "add", ".")
    assert uncommitted(paths) == paths[1:]


def test_what_is_ignored_cannot(repository, paths):
    (repository / ".gitignore").write_text("two.py\n")
    assert uncommitted(paths) == paths[1:]


def test_what_has_been_changed_since_cannot(repository, paths):
    paths[0].write_text("changed\n")
    assert uncommitted(paths[:1]) == paths[:1]


def test_nothing_can_be_brought_back_outside_of_a_repository(paths):
    assert uncommitted(paths) == paths


def test_nothing_can_be_brought_back_without_git(repository, paths, monkeypatch):
    monkeypatch.setenv("PATH", str(repository))
    assert uncommitted(paths) == paths
