"""The rounds that try what several processes may do to a baseline: they run, and see what is lost."""

import subprocess
import sys

import pytest

from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.parts.documents import write_document
from sparsebench.parts.records import Baseline
from tests.judging.records import records
from validation import ROOT
from validation.robustness import baseline_rounds


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it forks what has loaded torch")
@pytest.mark.long
def test_a_round_loses_no_record_and_accepts_none_that_failed():
    command = [sys.executable, "-m", "validation.robustness.measure_faults", "--only", "baselines"]
    command += ["--rounds", "1", "--first", "6"]
    told = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "baselines: 0 faults in 1 rounds" in told.stdout


@pytest.mark.parametrize(
    ("there", "accuracies", "fault"),
    [
        ([0.9, 0.8], [0.9, 0.8], None),
        ([0.9], [0.9, 0.8], "1 records lost"),
        ([0.9, 0.8], [0.9], "1 records that nobody accepted"),
        ([0.9, 0.7], [0.9, 0.8], "has other figures"),
    ],
)
def test_what_is_lost_or_accepted_wrongly_is_seen(tmp_path, there, accuracies, fault):
    item = PruningItem("gru", "both", 50)
    expected = {record.digest: record for record in records(item, accuracies)}
    place = baseline_rounds.BaselineRounds.__new__(baseline_rounds.BaselineRounds)
    place.baselines, place.found = tmp_path, baseline_rounds.Found()
    place.expected, place.items = expected, {"pruned": set(expected)}
    path = tmp_path / "thesis" / "pruning.json"
    write_document(path, Baseline(provenances={}, records=records(item, there)))
    place._check(0, "updates", ["pruned"])
    assert len(place.found.faults) == (fault is not None)
    assert not fault or fault in place.found.faults[0]
