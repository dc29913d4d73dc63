"""Fixtures for tests that train networks together."""

from concurrent.futures import wait

import pytest

from sparsebench.experiments import together
from tests.experiments import small


@pytest.fixture
def noted(monkeypatch):
    """The seeds of each population that this process trains."""
    return small.noted_trainings(monkeypatch)


@pytest.fixture
def impatient(monkeypatch):
    """Progress is told, and a failure seen, twenty times a second."""
    monkeypatch.setattr(together, "wait", lambda futures, timeout: wait(futures, 0.05))
