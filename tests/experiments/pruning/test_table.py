"""Tables name the thesis's cells, and the README's is the one that the baseline gives."""

from dataclasses import replace
from pathlib import Path

import pytest

from sparsebench.experiments.base.items import BaseCell
from sparsebench.experiments.pruning.items import PruningCell
from sparsebench.experiments.pruning.table import by_cell, cell_of, claims_markdown, claims_table
from sparsebench.parts.documents import read_baseline
from sparsebench.values.protocol import Training
from tests.judging.records import onset, records

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "cell",
    [
        BaseCell("gru"),
        BaseCell("gru", "corrected"),
        PruningCell("lstm", "h2h", 30),
        PruningCell("lstm", "h2h", 30, "corrected"),
        PruningCell("lstm", "h2h", 30, criterion="mine"),
    ],
)
def test_a_case_knows_its_cell(cell):
    assert cell_of(cell.cases([2])[0]) == cell
    (result,) = by_cell(records(cell, [0.5, 0.7]))
    assert (result.cell, result.accuracy, result.ratio) == (cell, pytest.approx(0.6), None)


def test_a_case_of_another_protocol_has_no_cell():
    case = BaseCell("gru").cases([0])[0]
    assert cell_of(replace(case, training=Training(epochs=1))) is None
    assert by_cell([onset([0.7, 0.6])]) == []


def test_neighbouring_percentages_with_one_verdict_share_a_row():
    measured = [
        record
        for percent, accuracies in ((10, [1.0] * 3), (20, [0.95] * 3), (70, [0.5] * 3))
        for record in records(PruningCell("rnn_relu", "both", percent), accuracies)
    ]
    first, second = claims_markdown(measured).splitlines()[2:]
    assert first.startswith("| both | rnn_relu | 10-20 | accuracy holds at 0.90 or more |")
    assert first.endswith("| 0.950-1.000 (0.950-1.000) | holds | fig 6.7 |")
    assert second.startswith("| both | rnn_relu | 70 | accuracy holds at 0.90 or more |")
    assert second.endswith("| 0.500 (0.500) | **contradicted** | fig 6.7 |")


def test_the_readme_shows_the_claims_of_the_shipped_baseline():
    baseline = read_baseline(ROOT / "baselines" / "thesis")
    assert claims_markdown(baseline.records) in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_shipped_baseline_answers_every_claim_with_three_seeds():
    baseline = read_baseline(ROOT / "baselines" / "thesis")
    table = claims_table(baseline.records)
    assert len(table) == 119
    assert {len(verdict.measured) for _, verdict in table} == {3}
