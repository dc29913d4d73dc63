"""Networks of these tests are trained in small batches."""

import pytest


@pytest.fixture(autouse=True, scope="module")
def _one_width(one_width: None) -> None:
    """Their loops are those that other tests compile anyway."""
