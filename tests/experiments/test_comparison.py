"""Files are compared over the union of their cells, and what changed comes first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.cells import BaseCell, PruningCell
from sparsebench.experiments.comparison import compare
from tests.experiments.records import onset, records

CELLS = [PruningCell("gru", "both", 10), PruningCell("gru", "i2h", 10), BaseCell("gru")]


def file(*figures):
    """A file with a record for every cell that has figures."""
    return [
        record
        for cell, accuracies in zip(CELLS, figures, strict=False)
        for record in records(cell, accuracies or [])
    ]


def test_every_state_is_told_apart_and_the_worst_comes_first():
    found = compare(
        [file([0.9, 0.9], [0.8, 0.8], [0.7, 0.7]), file([0.9, 0.9], [0.8, 0.7], [0.8, 0.7])]
    )
    assert [(item.state, item.name) for item in found] == [
        ("regressed", "pruning gru i2h p10"),
        ("improved", "base gru"),
        ("unchanged", "pruning gru both p10"),
    ]
    assert found[0].figures == pytest.approx((0.8, 0.75))


def test_cells_of_one_side_only_are_added_or_removed():
    found = compare([file([0.9]), file(None, [0.8])])
    assert [(item.state, item.name, item.figures) for item in found] == [
        ("added", "pruning gru i2h p10", (None, 0.8)),
        ("removed", "pruning gru both p10", (0.9, None)),
    ]


def test_several_files_show_the_way_and_judge_its_ends():
    (found,) = compare([file([0.9]), file([0.5]), file([0.9])])
    assert (found.state, found.figures) == ("unchanged", (0.9, 0.5, 0.9))


def test_semantics_and_experiments_do_not_mix():
    corrected = BaseCell("gru", "corrected")
    old = [*records(BaseCell("gru"), [0.9]), *records(corrected, [0.8]), onset([0.7])]
    assert sorted(item.name for item in compare([old, old])) == [
        "base gru",
        "base gru corrected",
        "onset gru",
    ]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_a_file_is_unchanged_beside_itself(accuracies):
    assert {item.state for item in compare([file(accuracies)] * 2)} == {"unchanged"}


def test_one_file_cannot_be_compared():
    with pytest.raises(ValueError, match="two or more"):
        compare([file([0.9])])
