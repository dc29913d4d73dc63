"""Cells of base models that are pruned and trained again."""

import re
from dataclasses import replace

import pytest

from sparsebench.experiments.base.items import BaseCell
from sparsebench.experiments.finetuning.cases import RetrainingCase
from sparsebench.experiments.finetuning.items import (
    THRESHOLD,
    RegainCell,
    ThresholdCell,
    regain_cells,
)
from sparsebench.experiments.pruning.items import PruningCell
from sparsebench.harness.items import PERCENTS, base_case
from sparsebench.values.identity import digest
from sparsebench.values.protocol import TARGETS, VARIANTS, Architecture, Training
from sparsebench.values.semantics import CORRECTED
from tests.harness.settings import settings

BOTH = ("published", "corrected")


def test_the_grid_is_four_variants_three_targets_and_ten_percentages():
    cells = regain_cells(2)
    assert {(cell.variant, cell.target, cell.percent) for cell in cells} == {
        (variant, target, percent)
        for variant in VARIANTS
        for target in TARGETS
        for percent in PERCENTS
    }
    assert len(cells) == 120
    assert {(cell.epochs, cell.order) for cell in cells} == {(2, None)}


def test_ids_can_be_chosen_with_k_and_are_unique(tmp_path):
    cells = settings(tmp_path, semantics=BOTH).planned([*regain_cells(2), ThresholdCell(2)])
    assert len({cell.id for cell in cells}) == len(cells) == 242
    assert all(re.fullmatch(r"[a-z0-9_]+(-[a-z0-9_]+)*", cell.id) for cell in cells)
    assert RegainCell("gru", "i2h", 90, 2).id == "gru-i2h-p90"
    own = RegainCell("gru", "i2h", 90, 2, "corrected", "signed", order=7)
    assert own.id == "gru-i2h-p90-signed-corrected"
    assert ThresholdCell(2, "corrected").id == "rnn_relu-h2h-threshold-corrected"


@pytest.mark.parametrize("semantics", BOTH)
def test_the_models_that_are_pruned_are_those_that_are_measured_alone(semantics):
    cases = RegainCell("lstm", "i2h", 80, 10, semantics).cases(range(3))
    bases = [base_case("lstm", seed, semantics) for seed in range(3)]
    assert cases == [
        RetrainingCase(base, "i2h", 80, "magnitude", Training(epochs=10)) for base in bases
    ]
    assert bases == BaseCell("lstm", semantics).cases(range(3))[:3]
    pruned = PruningCell("lstm", "i2h", 80, semantics).cases(range(3))
    assert [case.base for case in pruned] == bases


def test_they_are_trained_again_as_in_the_thesis():
    (case,) = RegainCell("gru", "both", 90, 10).cases([0])
    assert case.training == Training(10, 32, 0.001, 5.0) == replace(Training(), epochs=10)


def test_another_order_of_strings_is_another_case_of_the_same_models():
    cell = RegainCell("gru", "both", 90, 2)
    for one in (cell, ThresholdCell(2)):
        other = replace(one, order=7)
        (*_, plain), (*_, ordered) = one.cases([0]), other.cases([0])
        assert ordered == replace(plain, order=7)
        assert digest(ordered) != digest(plain)
        assert other.id == one.id
    assert {each.order for each in regain_cells(2, order=7)} == {7}


def test_the_threshold_cell_is_the_slides_first_experiment():
    cases = ThresholdCell(3).cases(range(2))
    models, pruned = cases[:2], cases[2:]
    assert [case.seed for case in cases] == [0, 1, 0, 1]
    for model, case in zip(models, pruned, strict=True):
        assert model.architecture == Architecture("rnn_relu", layers=3, hidden_size=100)
        assert model.training == Training(12, 16, 0.001, 5.0)
        assert case == RetrainingCase(
            model, "h2h", training=Training(3, 16, 0.001, 5.0), threshold=THRESHOLD
        )
    corrected = ThresholdCell(3, "corrected").cases([0])
    assert [case.semantics for case in corrected[:1]] == [CORRECTED]


def test_the_slides_say_so(artifacts):
    import json

    published = json.loads((artifacts.parent / "thesis" / "published.json").read_text())
    stated = published["slides"]["threshold_pruning"]
    model, case = ThresholdCell(12).cases([0])
    assert stated["absolute_threshold"] == THRESHOLD == case.threshold
    assert model.architecture == Architecture(
        stated["variant"], stated["layers"], stated["hidden_size"]
    )
    assert model.training == Training(
        stated["epochs"], stated["batch_size"], stated["learning_rate"]
    )


def test_choices_may_be_generators():
    cells = regain_cells(1, iter(("lstm", "gru")), iter(TARGETS), iter([50, 90]))
    assert len(cells) == 12


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: regain_cells(1, ["elman"]), "unknown variant 'elman': choose one of rnn_tanh"),
        (lambda: regain_cells(1, targets=["h3h"]), "unknown target 'h3h'"),
        (lambda: regain_cells(1, percents=[101]), "percent is 101: .* from 0 to 100"),
        (lambda: regain_cells(0), "epochs is 0: .* at least 1"),
        (lambda: regain_cells(1, criterion="nope"), "unknown criterion 'nope': choose one of"),
        (lambda: RegainCell("gru", "i2h", 1, 1, "right"), "unknown semantics 'right'"),
        (lambda: ThresholdCell(0), "epochs is 0: .* at least 1"),
        (lambda: ThresholdCell(1, "right"), "unknown semantics 'right'"),
    ],
)
def test_an_unknown_choice_is_refused_before_anything_is_trained(make, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        make()
