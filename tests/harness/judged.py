"""Records of an item, a bench that has a baseline for them, and how their judgement should end."""

import re
from types import SimpleNamespace

from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.harness.measuring import ItemResult
from sparsebench.harness.registry import measurement_of
from sparsebench.judging.gate import BaselineRecords
from sparsebench.values.identity import digest
from tests.harness.settings import settings
from tests.judging.records import records

ITEM = PruningItem("rnn_relu", "both", 60)  # the thesis: at least 0.90, and nothing else
GOOD, BAD, MIXED = [0.95, 0.951, 0.949] * 2, [0.6, 0.61, 0.6] * 2, [0.95, 0.85, 0.95] * 2


def bench(tmp_path, baseline=(), **chosen):
    known = BaselineRecords.of(baseline)
    times = tmp_path / "times" / "z80.json"

    def of(case):
        return known.find(measurement_of(case).name, digest(case))

    baseline = SimpleNamespace(records=known, times_path=times, of=of)
    return SimpleNamespace(settings=settings(tmp_path, **chosen), baseline=baseline)


PASSED = ("passed", "")
MOVED, CONTRADICTED = ("failed", "baseline moved"), ("failed", "claim contradicted")
GONE, KNOWN = ("failed", "contradiction gone"), ("xfailed", "contradiction known")
MISSING, MISSING_AND_GATED = ("skipped", "baseline missing"), ("failed", "baseline missing")
UNTIMED, UNJUDGED = ("skipped", "not timed"), ("skipped", "speed not judged")


def assert_ends(outcome, ending, told=""):
    """Hold an outcome to its status, its cause and what it tells; it is given back."""
    assert (outcome.status, outcome.cause) == ending, outcome.reason
    assert bool(outcome.reason) == (ending != PASSED)
    assert re.search(told, outcome.reason), outcome.reason
    return outcome


def measured(accuracies, first=0, looks=1, **chosen):
    cases = ITEM.cases(range(first, first + len(accuracies)))
    return ItemResult(ITEM, cases, records(ITEM, accuracies, first=first, **chosen), looks)
