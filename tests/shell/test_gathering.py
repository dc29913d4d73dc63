"""What several items found of one record comes together."""

import pytest

from sparsebench.experiments.measuring import Measured
from sparsebench.experiments.wired_cells import WiredCell
from sparsebench.parts.records import Timing
from sparsebench.shell.gathering import Gathered, attach
from tests.experiments.records import networks

CELL = WiredCell("gru", "watts_strogatz", 0)
TIMING = Timing(pruned_median=1.0, dense_median=2.0, rounds=3, batch_size=4, steps=5, density=0.5)


def gathered(*items):
    """A run in which items, each with an outcome and a timing or none, measured the same network."""
    run = Gathered()
    for number, (outcome, timing) in enumerate(items):
        (record,) = networks(CELL, [0.9], timing=timing)
        nodeid = f"test_it.py::test_it[{number}]"
        report = pytest.TestReport(nodeid, ("", 0, ""), {}, outcome, None, "call")
        attach(report, [Measured(CELL, records=[record])], {})
        run.add(report)
    return run


@pytest.mark.parametrize(
    ("outcomes", "worst", "acceptable"),
    [
        (["passed", "passed"], "passed", 1),
        (["passed", "failed"], "failed", 0),
        (["failed", "passed"], "failed", 0),
        (["skipped", "passed"], "skipped", 1),
    ],
)
def test_a_record_has_the_worst_outcome_of_its_items(outcomes, worst, acceptable):
    run = gathered(*((outcome, None) for outcome in outcomes))
    (record,) = run.records.values()
    assert record.outcome == worst
    assert len(run.acceptable()) == acceptable


@pytest.mark.parametrize("timings", [(TIMING, None), (None, TIMING)])
def test_a_record_keeps_the_timing_of_the_item_that_timed_it(timings):
    run = gathered(*(("passed", timing) for timing in timings))
    (record,) = run.records.values()
    assert record.timing == TIMING
