"""Fixtures for tests that train networks together."""

import pytest

from sparsebench.experiments import dispatch
from tests.experiments import small


@pytest.fixture
def noted(monkeypatch):
    """The seeds of each population that this process trains."""
    return small.noted_trainings(monkeypatch)


@pytest.fixture
def impatient(monkeypatch):
    """Progress is told, and a failure seen, twenty times a second."""
    monkeypatch.setattr(dispatch, "_SECONDS_BETWEEN_LOOKS", 0.05)
