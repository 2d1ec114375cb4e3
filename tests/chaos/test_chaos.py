"""Kill -9, SIGSTOP past the lease, terminated backends, a crashed server: counted afterwards."""

import os

import chaos
import pytest


@pytest.fixture
def _own_environment(monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ.copy())


@pytest.mark.chaos
@pytest.mark.usefixtures("_own_environment")
def test_nothing_is_missed_and_nothing_is_doubled_whatever_happens_to_the_workers():
    count = chaos.run(chaos.SHORT, limit=240)
    assert count.faults() == {}
    assert count.runs >= chaos.SHORT.products * chaos.SHORT.slots
