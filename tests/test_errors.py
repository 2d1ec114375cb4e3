"""Errors say something without being told."""

from __future__ import annotations

import inspect

import pytest

from tracker_db import errors


@pytest.mark.parametrize("kind", errors.TrackerError.__subclasses__())
def test_every_error_is_a_tracker_error_that_says_what_happened(kind):
    if kind is errors.MissingExtraError:
        assert "pip install 'tracker-db[worker]'" in str(kind("Fetching", "worker"))
    else:
        assert str(kind()) == inspect.cleandoc(kind.__doc__)
        assert str(kind("the lamp")) == "the lamp"


def test_a_missing_extra_is_passed_over_by_what_imports_every_module():
    # `pw_migrate create --auto` does, on its way to being refused.
    assert issubclass(errors.MissingExtraError, ImportError)
