"""Rounds under pytest: accepted, gated green, also by two workers, and red where one does worse."""

import pytest

from sparsebench.shell.command import main
from tests.shell import projects

BENCHMARK = """
import pytest

from sparsebench.experiments.iterative_pruning.items import IterativePruningItem
from sparsebench.values.protocol import ReberStrings

DATA = ReberStrings(30, 30, 20, 20)
ITEMS = [IterativePruningItem("gru", "both", (50, 75)[:each], 2, 1, DATA) for each in (1, 2)]


@pytest.mark.sparsebench(ITEMS)
def test_rounds(item, sparsebench, time_forward):
    measured = sparsebench.measure(item)
    time_forward(measured)
    sparsebench.judge(measured)
"""

ITEMS = ["gru-both-p50-r1-k1", "gru-both-p75-r2-k1"]


@pytest.fixture
def accepted(pytester):
    """A project whose benchmark has two rounds, with their baseline."""
    pytester.makeini("[pytest]\nsparsebench_store = store\nsparsebench_baselines = baselines\n")
    pytester.makepyfile(test_rounds=BENCHMARK)
    result = projects.run(
        pytester,
        *("--sparsebench-update", "--sparsebench-claims=off", "--sparsebench-json=old.json", "-v"),
    )
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["both pruned in rounds, rewound to epoch 1*"])
    return pytester


def test_what_was_accepted_passes_the_gate_alone_and_beside_another_worker(accepted):
    gate = "--sparsebench-gate", "--sparsebench-claims=off"
    projects.run(accepted, *gate, "--sparsebench-store=other").assert_outcomes(passed=2)
    projects.run(accepted, *gate, "-n2", "--sparsebench-store=third").assert_outcomes(passed=2)


def test_a_baseline_that_did_better_makes_it_red_and_compare_says_so(accepted, capsys):
    old = accepted.path / "old.json"
    better = accepted.path / "better.json"
    text = old.read_text()
    projects.edit_records(accepted, projects.better_by(0.3))
    result = projects.run(accepted, "--sparsebench-gate", "--sparsebench-claims=off")
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"*{item}: baseline fail*" for item in ITEMS])
    assert main(["compare", str(old), str(old)]) == 0
    better.write_text(projects.baseline_file(accepted, "iterative_pruning").read_text())
    assert old.read_text() == text
    assert main(["compare", str(better), str(old)]) == 1
    assert "regressed" in capsys.readouterr().out
