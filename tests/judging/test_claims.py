"""The claims in the code are those of the published figures, item by item."""

import json

import pytest

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.finetuning.claims import APPROXIMATELY, REGAIN
from sparsebench.experiments.finetuning.items import FinetuningItem, ThresholdItem, finetuning_items
from sparsebench.experiments.pruning.items import PruningItem, pruning_items
from sparsebench.experiments.random_wiring.items import FamiliesItem, VariantsItem, WiredItem
from sparsebench.experiments.random_wiring.table import THESIS
from sparsebench.harness.claims import claims, contrasts, judge_claims
from sparsebench.judging.claims import AROUND_95, CHANCE, FALL, NEAR_100
from sparsebench.values.protocol import VARIANTS
from tests.judging.records import records

LEVELS = {"near 1.0": NEAR_100, "around 0.95": AROUND_95}


@pytest.fixture(scope="module")
def published(artifacts):
    return json.loads((artifacts.parent / "thesis" / "published.json").read_text())


@pytest.mark.parametrize("item", pruning_items(), ids=lambda item: item.id)
def test_a_pruning_claim_is_the_published_one(published, item):
    stated = published["pruning"][item.target][item.variant]
    level = LEVELS.get(stated["level"], stated["level"])
    if item.percent <= stated["holds_through"]:
        expected = [(level, 1)]
    elif item.percent >= stated.get("chance_at", 101):
        expected = [CHANCE]
    elif item.percent == stated["sharp_decline_at"]:
        expected = [(0, pytest.approx(level - FALL))]
    else:
        expected = []
    found = [claim for claim in claims(item) if "fig 6." in claim.source]
    assert [(claim.low, claim.high) for claim in found] == expected
    concluded = [claim for claim in claims(item) if claim not in found]
    assert {claim.source for claim in concluded} <= {"section 7.2", "chapter 8"}
    assert {(claim.low, claim.high) for claim in concluded} <= {(level, 1)}


def test_how_much_can_safely_be_pruned_is_what_section_7_2_says():
    """Three sentences of it, one for each target, name a percentage of each variant."""
    stated = {"both": (80, 70, 60, 80), "i2h": (70, 70, 70, 80), "h2h": (80, 70, 90, 90)}
    found = {
        (item.variant, item.target): item.percent
        for item in pruning_items()
        for claim in claims(item)
        if claim.source == "section 7.2"
    }
    assert found == {
        (variant, target): percent
        for target, percents in stated.items()
        for variant, percent in zip(VARIANTS, percents, strict=True)
    }


def test_more_than_60_percent_is_said_of_every_variant():
    """The thesis concludes that the weights of different RNN variants can be reduced by more."""
    found = [
        (item.variant, item.target, item.percent)
        for item in pruning_items()
        for claim in claims(item)
        if claim.source == "chapter 8"
    ]
    assert found == [(variant, "both", 70) for variant in VARIANTS]


def test_conclusions_are_red_on_spoilt_records():
    for item, statement in (
        (PruningItem("gru", "i2h", 80), "can safely be pruned"),
        (PruningItem("lstm", "both", 70), "more than 60 % can go"),
    ):
        for accuracy, expected in ((1.0, "pass"), (0.9, "fail")):
            found = judge_claims(item, records(item, [accuracy] * 6))
            (verdict,) = [each for each in found if each.statement.startswith(statement)]
            assert verdict.verdict == expected


@pytest.mark.parametrize("item", finetuning_items(10), ids=lambda item: item.id)
def test_a_regain_claim_is_the_published_one(published, item):
    stated = published["pruning"][item.target][item.variant]
    level = stated.get("regain_level", stated["level"])
    level = LEVELS.get(level, level)
    epochs = stated["regain_epochs"].get(str(item.percent), 0)
    if epochs == 0:
        expected = []
    elif epochs is None:
        expected = [(0, level, "regained")]
    else:
        expected = [(level, 1, f"regained within {epochs}")]
        if epochs > 1:
            expected.append((0, level, f"regained within {epochs - 1}"))
        if "note" in stated:
            assert stated["note"] == "100% after two epochs"
            expected.append((NEAR_100, 1, "regained within 2"))
    found = claims(item)
    assert [(claim.low, claim.high, claim.figure.name) for claim in found] == expected
    assert {claim.source for claim in found} <= {f"fig {stated['ref'].rpartition('-')[2]}"}


def test_no_published_percentage_is_left_out(published):
    stated = {
        (variant, target): set(map(int, figures["regain_epochs"]))
        for target, variants in published["pruning"].items()
        for variant, figures in variants.items()
    }
    assert {key: set(regained.epochs) for key, regained in REGAIN.items()} == stated


def test_the_claim_about_thresholds_is_the_slides_s(published):
    stated = published["slides"]["threshold_pruning"]["claim"]
    assert "accuracy stays approximately the same after pruning" in stated
    assert stated.endswith("and training again")
    at_once, in_the_end = claims(ThresholdItem(12))
    assert "stays approximately the same after pruning" in at_once.statement
    assert "stays approximately the same after fine-tuning" in in_the_end.statement
    assert (at_once.figure.name, in_the_end.figure.name) == ("difference_pruned", "difference")
    for claim in (at_once, in_the_end):
        assert (claim.low, claim.high) == (-APPROXIMATELY, APPROXIMATELY)


def test_claims_about_one_item_have_statements_that_differ():
    for item in [*pruning_items(), *finetuning_items(10), ThresholdItem(1)]:
        statements = [claim.statement for claim in claims(item)]
        assert len(set(statements)) == len(statements)


@pytest.mark.parametrize("variant", ["rnn_tanh", "rnn_relu", "lstm", "gru"])
def test_a_base_claim_is_the_published_one(published, variant):
    stated = published["base_accuracy"][variant]
    accuracy, *others = claims(BaseItem(variant))
    first_epoch = [claim for claim in others if claim.figure.name == "first_epoch"]
    assert accuracy.low == stated.get("above", NEAR_100)
    assert accuracy.source == stated["ref"]
    assert bool(first_epoch) == ("first_epoch" in stated)
    for claim in first_epoch:
        assert claim.low < stated["first_epoch"] < claim.high
    assert {claim.source for claim in others if claim not in first_epoch} == {
        stated["ref"],
        "section 7.1",
    }


def curve(item, accuracies):
    """Six records of base models with this accuracy by epoch."""
    found = records(item, [accuracies[-1]] * 6)
    for record in found:
        record.history["test_accuracy"] = accuracies
    return found


@pytest.mark.parametrize(
    ("variant", "statement", "good", "bad"),
    [
        (
            "rnn_tanh",
            "0.90 or more after every epoch",
            [0.5] * 5 + [0.91] * 45,
            [0.91] * 49 + [0.8],
        ),
        ("lstm", "0.99 or more after every epoch", [0.5] * 5 + [0.99] * 45, [1.0] * 6 + [0.9] * 44),
        ("gru", "0.99 or more after every epoch", [0.5] * 5 + [0.99] * 45, [0.5] * 6 + [1.0] * 44),
        ("rnn_relu", "0.96 after most epochs", [0.5] * 24 + [0.97] * 26, [0.5] * 26 + [0.97] * 24),
        ("rnn_tanh", "after training is over 0.90", [0.91], [0.89]),
        ("rnn_relu", "after training is over 0.90", [0.91], [0.89]),
        ("lstm", "after training is over 0.90", [0.91], [0.89]),
        ("gru", "after training is over 0.90", [0.91], [0.89]),
    ],
)
def test_what_is_said_of_a_whole_curve_is_red_where_the_curve_falls(variant, statement, good, bad):
    item = BaseItem(variant)
    for accuracies, expected in ((good, "pass"), (bad, "fail")):
        verdicts = judge_claims(item, curve(item, accuracies))
        (verdict,) = [each for each in verdicts if statement in each.statement]
        assert verdict.verdict == expected


@pytest.mark.parametrize(
    "item",
    [
        BaseItem("gru", "corrected"),
        PruningItem("gru", "both", 10, "corrected"),
        PruningItem("gru", "both", 10, criterion="mine"),
        PruningItem("gru", "both", 0),
        FinetuningItem("gru", "both", 90, 2, "corrected"),
        FinetuningItem("gru", "both", 90, 2, criterion="mine"),
        FinetuningItem("gru", "both", 80, 2),
        ThresholdItem(2, "corrected"),
    ],
)
def test_the_thesis_claims_nothing_about_what_it_did_not_do(item):
    assert claims(item) == ()


def test_the_published_contrasts_hold_of_the_published_figures(published):
    accuracy = published["wired_accuracy"]["accuracy"]
    items = [FamiliesItem(variant, 8) for variant in accuracy]
    items += [VariantsItem(family, 8) for family in ("watts_strogatz", "barabasi_albert")]
    stated = [contrast for item in items for contrast in contrasts(item)]
    assert len(stated) == 4 + 2 * 4
    for contrast in stated:
        better, worse = (
            accuracy[variant][family]["mean"]
            for variant, family in (contrast.better, contrast.worse)
        )
        assert better > worse
        assert "fig 6." in contrast.source


@pytest.mark.parametrize(
    "item",
    [
        FamiliesItem("gru", 8, "corrected"),
        VariantsItem("watts_strogatz", 8, "corrected"),
        VariantsItem("kleinberg", 8),
        WiredItem("gru", "watts_strogatz", 0),
    ],
)
def test_the_thesis_compares_only_what_it_measured(item):
    assert contrasts(item) == ()


def test_the_thesis_s_accuracies_of_wired_networks_are_the_published_ones(published):
    stated = published["wired_accuracy"]["accuracy"]
    names = ("n", "mean", "sd", "median", "min", "max")
    found = {
        (variant, family): tuple(figures[name] for name in names)
        for variant, families in stated.items()
        for family, figures in families.items()
    }
    ours = {
        group: (each.count, each.mean, each.deviation, each.median, each.low, each.high)
        for group, each in THESIS.items()
    }
    assert ours == found
