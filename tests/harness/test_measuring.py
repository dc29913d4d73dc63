"""A case is measured by its experiment, or refused where only its own benchmark can measure it."""

import msgspec
import pytest

from sparsebench.experiments.base.cases import LossTraceCase
from sparsebench.experiments.conformance.cases import ConformanceCase
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.harness.measuring import measure
from sparsebench.values.numerics import NUMERICS
from tests.harness import small


def test_a_case_that_needs_somebodys_files_is_not_measured_from_a_bench(tmp_path):
    with pytest.raises(TypeError, match="ConformanceCase"):
        measure(ConformanceCase("gru", "both", 10, "w", "s"), small.bench(tmp_path))


@pytest.mark.parametrize(
    "case",
    [
        small.base(0),
        LossTraceCase(small.base(0), steps=3),
        PruningCase(small.base(0), "both", 50),
        small.finetuned(small.base(0)),
        small.wired(0),
        small.retraining(0),
    ],
    ids=lambda case: type(case).__name__,
)
def test_a_record_names_its_arithmetic_and_is_the_same_whatever_threads_there_are(tmp_path, case):
    one, two = (
        measure(case, small.bench(tmp_path / str(threads), threads=threads)) for threads in (1, 2)
    )
    assert one.numerics == NUMERICS
    places = {"provenance": "", "trained": ""}
    assert msgspec.structs.replace(one, **places) == msgspec.structs.replace(two, **places)
