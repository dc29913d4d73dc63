"""Cells: the thesis's grid, ids that -k understands, and settings that choose among them."""

import re

import pytest

from sparsebench.experiments.cells import BaseCell, PruningCell, base_cells, pruning_cells
from sparsebench.experiments.settings import PROFILES
from sparsebench.values.case import OnsetCase
from sparsebench.values.protocol import Training
from sparsebench.values.semantics import CORRECTED, PUBLISHED
from tests.experiments.settings import settings


def test_the_grid_is_four_variants_three_targets_and_ten_percentages():
    ids = [cell.id for cell in pruning_cells()]
    assert len(set(ids)) == 120
    assert {"lstm-i2h-p80", "rnn_tanh-both-p100"} < set(ids)
    assert [cell.id for cell in base_cells()] == ["rnn_tanh", "rnn_relu", "lstm", "gru"]


def test_ids_can_be_chosen_with_k(tmp_path):
    cells = settings(tmp_path, semantics=("published", "corrected")).planned(pruning_cells())
    assert len({cell.id for cell in cells}) == 240
    assert all(re.fullmatch(r"[a-z0-9_-]+", cell.id) for cell in cells)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"variants": ["lstmm"]}, "unknown variant 'lstmm': choose one of rnn_tanh, rnn_relu"),
        ({"targets": ["ih"]}, "unknown target 'ih': choose one of i2h, h2h, both"),
        ({"percents": [101]}, "percent is 101: give a whole number from 0 to 100"),
        ({"percents": [-1]}, "percent is -1"),
    ],
)
def test_an_unknown_choice_is_refused_with_the_allowed_ones(choice, message):
    with pytest.raises(ValueError, match=message):
        pruning_cells(**choice)


def test_a_pruned_model_is_a_fully_trained_one_of_the_thesis(tmp_path):
    cases = PruningCell("lstm", "i2h", 80).cases(range(3))
    assert [case.seed for case in cases] == [0, 1, 2]
    assert all(case.base.training == Training(50, 32, 0.001, 5.0) for case in cases)
    assert {case.base.semantics for case in cases} == {PUBLISHED}
    corrected = PruningCell("lstm", "i2h", 80, "corrected").cases([0])
    assert corrected[0].base.semantics == CORRECTED


def test_a_base_cell_watches_the_onset_of_one_training():
    cases = BaseCell("gru").cases(range(2))
    assert [type(case) is OnsetCase for case in cases] == [False, False, True]
    assert cases[-1].base == cases[0]


def test_smoke_measures_fewer_percentages_but_never_drops_a_users_own(tmp_path):
    smoke = settings(tmp_path, profile="smoke")
    percents = {cell.percent for cell in smoke.planned(pruning_cells())}
    assert percents == set(PROFILES["smoke"].percents)
    assert {cell.percent for cell in smoke.planned(pruning_cells(percents=[75]))} == {75}


def test_a_cell_that_names_its_own_semantics_keeps_them(tmp_path):
    corrected = PruningCell("gru", "both", 50, "corrected")
    assert settings(tmp_path).planned([corrected]) == [corrected]
    both = settings(tmp_path, semantics=("published", "corrected"))
    cells = (cell for cell in [PruningCell("gru", "both", 50), corrected])
    assert [cell.semantics for cell in both.planned(cells)] == ["published", "corrected"]


@pytest.mark.parametrize("thing", ["gru", PruningCell, object()])
def test_what_is_no_cell_is_refused_with_what_makes_one(tmp_path, thing):
    with pytest.raises(TypeError, match=r"is no cell: give instances of a frozen dataclass"):
        settings(tmp_path).planned([thing])


def test_an_unknown_criterion_is_refused_before_anything_is_trained():
    with pytest.raises(ValueError, match="unknown criterion 'nope': choose one of magnitude"):
        pruning_cells(criterion="nope")
