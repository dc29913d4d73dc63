"""Items of base models that are pruned and fine-tuned."""

import re
from dataclasses import replace

import pytest

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.finetuning.items import (
    THRESHOLD,
    FinetuningItem,
    ThresholdItem,
    finetuning_items,
)
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.harness.items import PERCENTS, base_case
from sparsebench.values.identity import digest
from sparsebench.values.protocol import TARGETS, VARIANTS, Architecture, Training
from sparsebench.values.semantics import CORRECTED
from tests.harness.settings import settings

BOTH = ("published", "corrected")


def test_the_grid_is_four_variants_three_targets_and_ten_percentages():
    items = finetuning_items(2)
    assert {(item.variant, item.target, item.percent) for item in items} == {
        (variant, target, percent)
        for variant in VARIANTS
        for target in TARGETS
        for percent in PERCENTS
    }
    assert len(items) == 120
    assert {(item.epochs, item.order) for item in items} == {(2, None)}


def test_ids_can_be_chosen_with_k_and_are_unique(tmp_path):
    items = settings(tmp_path, semantics=BOTH).planned([*finetuning_items(2), ThresholdItem(2)])
    assert len({item.id for item in items}) == len(items) == 242
    assert all(re.fullmatch(r"[a-z0-9_]+(-[a-z0-9_]+)*", item.id) for item in items)
    assert FinetuningItem("gru", "i2h", 90, 2).id == "gru-i2h-p90"
    own = FinetuningItem("gru", "i2h", 90, 2, "corrected", "signed", order=7)
    assert own.id == "gru-i2h-p90-signed-corrected"
    assert ThresholdItem(2, "corrected").id == "rnn_relu-h2h-threshold-corrected"


@pytest.mark.parametrize("semantics", BOTH)
def test_the_models_that_are_pruned_are_those_that_are_measured_alone(semantics):
    cases = FinetuningItem("lstm", "i2h", 80, 10, semantics).cases(range(3))
    bases = [base_case("lstm", seed, semantics) for seed in range(3)]
    assert cases == [
        FinetuningCase(base, "i2h", 80, "magnitude", Training(epochs=10)) for base in bases
    ]
    assert bases == BaseItem("lstm", semantics).cases(range(3))[:3]
    pruned = PruningItem("lstm", "i2h", 80, semantics).cases(range(3))
    assert [case.base for case in pruned] == bases


def test_they_are_trained_again_as_in_the_thesis():
    (case,) = FinetuningItem("gru", "both", 90, 10).cases([0])
    assert case.training == Training(10, 32, 0.001, 5.0) == replace(Training(), epochs=10)


def test_another_order_of_strings_is_another_case_of_the_same_models():
    item = FinetuningItem("gru", "both", 90, 2)
    for one in (item, ThresholdItem(2)):
        other = replace(one, order=7)
        (*_, plain), (*_, ordered) = one.cases([0]), other.cases([0])
        assert ordered == replace(plain, order=7)
        assert digest(ordered) != digest(plain)
        assert other.id == one.id
    assert {each.order for each in finetuning_items(2, order=7)} == {7}


def test_the_threshold_item_is_the_slides_first_experiment():
    cases = ThresholdItem(3).cases(range(2))
    models, pruned = cases[:2], cases[2:]
    assert [case.seed for case in cases] == [0, 1, 0, 1]
    for model, case in zip(models, pruned, strict=True):
        assert model.architecture == Architecture("rnn_relu", layers=3, hidden_size=100)
        assert model.training == Training(12, 16, 0.001, 5.0)
        assert case == FinetuningCase(
            model, "h2h", training=Training(3, 16, 0.001, 5.0), threshold=THRESHOLD
        )
    corrected = ThresholdItem(3, "corrected").cases([0])
    assert [case.semantics for case in corrected[:1]] == [CORRECTED]


def test_the_slides_say_so(artifacts):
    import json

    published = json.loads((artifacts.parent / "thesis" / "published.json").read_text())
    stated = published["slides"]["threshold_pruning"]
    model, case = ThresholdItem(12).cases([0])
    assert stated["absolute_threshold"] == THRESHOLD == case.threshold
    assert model.architecture == Architecture(
        stated["variant"], stated["layers"], stated["hidden_size"]
    )
    assert model.training == Training(
        stated["epochs"], stated["batch_size"], stated["learning_rate"]
    )


def test_choices_may_be_generators():
    items = finetuning_items(1, iter(("lstm", "gru")), iter(TARGETS), iter([50, 90]))
    assert len(items) == 12


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: finetuning_items(1, ["elman"]), "unknown variant 'elman': choose one of rnn_tanh"),
        (lambda: finetuning_items(1, targets=["h3h"]), "unknown target 'h3h'"),
        (lambda: finetuning_items(1, percents=[101]), "percent is 101: .* from 0 to 100"),
        (lambda: finetuning_items(0), "epochs is 0: .* at least 1"),
        (lambda: finetuning_items(1, criterion="nope"), "unknown criterion 'nope': choose one of"),
        (lambda: FinetuningItem("gru", "i2h", 1, 1, "right"), "unknown semantics 'right'"),
        (lambda: ThresholdItem(0), "epochs is 0: .* at least 1"),
        (lambda: ThresholdItem(1, "right"), "unknown semantics 'right'"),
    ],
)
def test_an_unknown_choice_is_refused_before_anything_is_trained(make, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        make()
