"""Sections are quicker to test when nothing is rendered."""

import pytest

from sparsebench.experiments.report import drawing

NOTHING = b"<svg xmlns='http://www.w3.org/2000/svg'/>"


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are made, and neither laid out nor rendered."""
    monkeypatch.setattr(drawing, "_rendered", lambda figure: (NOTHING, b""))
