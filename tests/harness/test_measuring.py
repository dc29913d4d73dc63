"""A case is measured by its experiment, or refused where only its own benchmark can measure it."""

import pytest

from sparsebench.experiments.conformance.cases import ConformanceCase
from sparsebench.harness.measuring import measure
from tests.harness import small


def test_a_case_that_needs_somebodys_files_is_not_measured_from_a_bench(tmp_path):
    with pytest.raises(TypeError, match="ConformanceCase"):
        measure(ConformanceCase("gru", "both", 10, "w", "s"), small.bench(tmp_path))
