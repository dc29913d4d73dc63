"""What tests of several engines share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sparsebench.engines.reproducibility import reproducible


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Torch on one thread: for small layers, a second one costs more than all the rest."""
    with reproducible():
        yield
