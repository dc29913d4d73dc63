"""A change is seen when it is there, and not when it is not."""

import pytest

from sparsebench.experiments.equal_parameters.items import FourWaysItem
from sparsebench.experiments.finetuning.items import FinetuningItem
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.random_wiring.items import FamiliesItem, WiredItem, WiredPruningItem
from sparsebench.harness.comparing import change
from sparsebench.judging.accuracy_change import APART, MARGIN, REMADE, SAME_WEIGHTS
from sparsebench.judging.change import ONSET_LOSS, ONSET_STEPS
from tests.judging.records import networks, onset, records, retrained

ITEM = PruningItem("lstm", "both", 70)
OLD = records(ITEM, [0.9, 0.8, 0.95])


@pytest.mark.parametrize(
    ("new", "kind"),
    [
        ([0.9, 0.8, 0.95], "unchanged"),
        ([0.9 - 0.9 * SAME_WEIGHTS, 0.8 + 0.9 * SAME_WEIGHTS, 0.95], "unchanged"),
        ([0.9, 0.8 - 1.1 * SAME_WEIGHTS, 0.95], "regressed"),
        ([0.9, 0.8, 0.95 + 1.1 * SAME_WEIGHTS], "improved"),
        ([0.9, 0.8 - 1.1 * SAME_WEIGHTS, 0.95 + 1.1 * SAME_WEIGHTS], "regressed"),
    ],
)
def test_the_same_weights_are_held_to_the_rounding_seed_by_seed(new, kind):
    found = change(OLD, records(ITEM, new))
    assert (found.kind, found.same_weights) == (kind, True)


def test_other_masks_are_a_change_even_at_the_same_accuracy():
    found = change(OLD, records(ITEM, [0.9, 0.8, 0.95], kept=9))
    assert found.kind == "changed"
    assert "weights kept 9, 9, 9, expected 10, 10, 10" in found.reason


def test_records_without_a_checksum_are_not_taken_for_the_same_weights():
    old, new = (
        records(ITEM, [0.9, 0.9, 0.9], weights=""),
        records(ITEM, [0.9, 0.9, 0.89], weights=""),
    )
    assert not change(old, new).same_weights


@pytest.mark.parametrize(
    ("step", "moved", "kind"),
    [
        (0, 0.9 * ONSET_LOSS, "unchanged"),
        (0, 1.1 * ONSET_LOSS, "changed"),
        (ONSET_STEPS - 1, -1.1 * ONSET_LOSS, "changed"),
        (ONSET_STEPS, 10 * ONSET_LOSS, "unchanged"),
    ],
)
def test_the_onset_is_judged_step_by_step_until_rounding_has_grown(step, moved, kind):
    losses = [0.7] * 100
    other = list(losses)
    other[step] += moved
    assert change([onset(losses)], [onset(other)]).kind == kind


def test_onsets_of_several_seeds_are_held_each_to_its_own():
    """However the two sides are ordered, and whatever other seeds one of them has."""
    zero, one, two = onset([0.7] * 100, 0), onset([0.6] * 100, 1), onset([0.5] * 100, 2)
    assert change([zero, one], [two, one]).kind == "unchanged"
    moved = onset([0.6] * 40 + [0.65] * 60, 1)
    found = change([zero, one], [moved, zero])
    assert (found.kind, "step 41, expected 0.6" in found.reason) == ("changed", True)
    assert change([zero], [one]).kind == "undecided"


def test_an_onset_of_another_length_has_changed():
    assert change([onset([0.7] * 100)], [onset([0.7] * 99)]).kind == "changed"


NETWORK = WiredItem("gru", "watts_strogatz", 3)
NETWORKS = FamiliesItem("gru", 4)
PRUNED = WiredPruningItem("gru", "both", 90, graphs=2, epochs=2)
WAYS = FourWaysItem("gru", "watts_strogatz", 50, graphs=1)
ONSET = [0.8, 0.75, 0.7, 0.7, 0.69]


def test_a_network_whose_bits_came_out_again_is_held_to_its_accuracy():
    old = networks(NETWORK, [0.95])
    assert change(old, networks(NETWORK, [0.95])).kind == "unchanged"
    assert change(old, networks(NETWORK, [0.94])).kind == "regressed"


@pytest.mark.parametrize(
    ("accuracy", "kind"),
    [
        (0.95 - MARGIN + 1e-6, "unchanged"),
        (0.95 - MARGIN - 1e-6, "undecided"),
        (0.95 - APART["gru"] + 1e-6, "undecided"),
        (0.95 - APART["gru"] - 1e-6, "regressed"),
        (0.95 + APART["gru"] - 1e-6, "unchanged"),
        (0.95 + APART["gru"] + 1e-6, "improved"),
    ],
)
def test_a_network_by_another_engine_may_move_as_far_as_rounding_was_seen_to(accuracy, kind):
    found = change(networks(NETWORK, [0.95]), networks(NETWORK, [accuracy], weights="new"))
    assert (found.kind, found.same_weights) == (kind, False)


@pytest.mark.parametrize("step", range(5))
def test_a_first_loss_that_rounding_does_not_explain_is_a_change(step):
    losses = [*ONSET]
    losses[step] += 1.1 * ONSET_LOSS
    new = networks(NETWORK, [0.95], weights="new", history={"onset_loss": losses})
    found = change(networks(NETWORK, [0.95]), new)
    assert found.kind == "changed"
    assert f"step {10 * (step + 1)}" in found.reason
    losses[step] = ONSET[step] + 0.9 * ONSET_LOSS
    new = networks(NETWORK, [0.95], weights="new", history={"onset_loss": losses})
    assert change(networks(NETWORK, [0.95]), new).kind == "unchanged"


@pytest.mark.parametrize(
    "changes",
    [
        {"properties": {"nodes": 21.0, "density": 0.1}},
        {"properties": {"nodes": 20.0}},
        {"properties": {"nodes": 20.0, "density": 0.1, "edges": 3.0}},
        {"metrics": {"strings": 6250, "kept": 99}},
        {"history": {"onset_loss": ONSET[:4]}},
    ],
)
def test_another_graph_or_network_is_a_change(changes):
    new = networks(NETWORK, [0.95], weights="new", **changes)
    assert change(networks(NETWORK, [0.95]), new).kind == "changed"


def test_a_group_is_held_to_the_mean_difference_of_each_from_itself():
    accuracies = [0.99, 0.5, 0.98, 0.97, 0.9, 0.8, 0.85, 0.6]
    old = networks(NETWORKS, accuracies)
    worse = [accuracy - 0.01 - 0.001 * (i % 2) for i, accuracy in enumerate(accuracies)]
    mixed = [accuracy + 0.02 * (-1) ** i for i, accuracy in enumerate(accuracies)]
    better = [accuracy + 0.01 + 0.001 * (i % 2) for i, accuracy in enumerate(accuracies)]
    little = [accuracy + 0.001 * (-1) ** i for i, accuracy in enumerate(accuracies)]
    kinds = [
        change(old, networks(NETWORKS, new, weights="new")).kind
        for new in (worse, little, mixed, better)
    ]
    assert kinds == ["regressed", "unchanged", "undecided", "improved"]


def test_first_losses_after_pruning_are_those_of_the_network_that_was_pruned():
    old = networks(PRUNED, [0.9] * 4, pruned_from="one")
    history = {"onset_loss": [loss + 0.1 for loss in ONSET]}
    again = networks(PRUNED, [0.9] * 4, weights="new", pruned_from="one", history=history)
    other = networks(PRUNED, [0.9] * 4, weights="new", pruned_from="other", history=history)
    assert change(old, again).kind == "changed"
    assert change(old, other).kind == "unchanged"


# The same arithmetic makes the same bits (test_bits.py)


@pytest.mark.parametrize("item", [NETWORK, NETWORKS, PRUNED, WAYS], ids=lambda item: item.id)
def test_other_bits_by_the_same_arithmetic_are_a_change_even_at_the_same_accuracy(item):
    accuracies = [0.95] * len(item.cases([]))
    old = networks(item, accuracies, numerics="z80")
    found = change(old, networks(item, accuracies, weights="new", numerics="z80"))
    assert found.kind == "changed"
    assert "not the same bit for bit, though made by the same arithmetic" in found.reason
    assert "expected same" in found.reason


@pytest.mark.parametrize(("before", "after"), [("1", "2"), ("1", ""), ("", "1"), ("", "")])
def test_another_arithmetic_or_one_that_is_not_told_may_round_otherwise(before, after):
    old = networks(NETWORK, [0.95], numerics=before)
    new = networks(NETWORK, [0.946], numerics=after, weights="new")
    assert change(old, new).kind == "unchanged"


def test_other_bits_of_what_was_pruned_are_told_before_those_that_came_of_them():
    old = networks(PRUNED, [0.9] * 4, pruned_from="one", numerics="z80")
    new = {"weights": "new", "numerics": "z80"}
    for pruned_from, told in (("one", "weights are new0"), ("two", "another network was pruned")):
        found = change(old, networks(PRUNED, [0.9] * 4, pruned_from=pruned_from, **new))
        assert (found.kind, told in found.reason) == ("changed", True)


FELL = {
    "other bits": {"weights": "new", "numerics": "z80"},
    "another graph": {"weights": "new", "properties": {"nodes": 21.0, "density": 0.1}},
    "other weights kept": {"weights": "new", "metrics": {"strings": 6250, "kept": 99}},
    "other first losses": {"weights": "new", "history": {"onset_loss": [0.9, *ONSET[1:]]}},
}
"""What may change beside accuracy."""


@pytest.mark.parametrize("also", FELL.values(), ids=FELL)
@pytest.mark.parametrize("variant", APART)
@pytest.mark.parametrize("networks_of_each", [1, 4])
def test_accuracy_that_fell_is_worse_whatever_else_changed(variant, networks_of_each, also):
    item = FamiliesItem(variant, 2) if networks_of_each == 4 else WiredItem(variant, "layered", 0)
    old = networks(item, [0.95, 0.96, 0.99, 0.97][:networks_of_each], numerics="z80")
    for lower, kind in ((0.2, "regressed"), (0.0, "changed"), (-0.2, "changed")):
        moved = [each.metrics["accuracy"] - lower for each in old]
        assert change(old, networks(item, moved, **also)).kind == kind


def test_a_single_network_that_is_another_one_may_fall_by_no_more_than_most_twins_do():
    item = WiredItem("rnn_tanh", "watts_strogatz", 3)
    old = networks(item, [0.95], numerics="z80")
    for accuracy, processor, kind in (
        (0.95 - REMADE + 1e-6, "z80", "changed"),
        (0.95 - REMADE - 1e-6, "z80", "regressed"),
        (0.95 - REMADE - 1e-6, "6502", "undecided"),  # rounding may move it by half
        (0.95 - APART["rnn_tanh"] - 1e-6, "6502", "regressed"),
    ):
        new = networks(item, [accuracy], weights="new", numerics=processor)
        assert change(old, new).kind == kind


@pytest.mark.parametrize("fell", range(8))
def test_one_of_many_networks_that_fell_further_than_rounding_explains_is_worse(fell):
    """Student's interval of the eight does not see it."""
    old = networks(NETWORKS, [0.9] * 8)
    accuracies = [0.9] * 8
    accuracies[fell] -= APART["gru"] + 1e-6
    found = change(old, networks(NETWORKS, accuracies, weights="new"))
    assert (found.kind, "one fell by 0.0600" in found.reason) == ("regressed", True)


@pytest.mark.parametrize(
    ("variant", "points", "kind"),
    [
        ("gru", (3, 2, 3), "undecided"),
        ("gru", (4.5, 3, 4), "undecided"),
        ("lstm", (5, 3, 5), "undecided"),
        ("gru", (6.1, 0, 0), "regressed"),
        ("rnn_tanh", (45, 40, 42), "undecided"),
    ],
)
def test_seeds_that_fell_unevenly_by_another_engine_are_never_unchanged(variant, points, kind):
    item = FinetuningItem(variant, "i2h", 90, epochs=2)
    old = retrained(item, [[0.9, each] for each in (0.95, 0.96, 0.99)], numerics="1")
    courses = [
        [0.9, each.metrics["accuracy"] - by / 100] for each, by in zip(old, points, strict=True)
    ]
    new = retrained(item, courses, weights="new")
    assert change(old, new).kind == kind


def test_two_networks_that_fell_further_than_one_may_are_worse_however_they_scatter():
    old = networks(FamiliesItem("gru", 1), [0.95, 0.9])
    new = networks(FamiliesItem("gru", 1), [0.75, 0.6], weights="new")
    assert change(old, new).kind == "regressed"


def test_a_network_of_the_same_weights_is_held_to_its_accuracy_among_others_too():
    old = networks(NETWORKS, [0.9] * 8)
    new = networks(NETWORKS, [0.9] * 8, weights="new")
    new[5].weights = old[5].weights
    assert change(old, new).kind == "unchanged"
    new[5].metrics["accuracy"] = 0.85  # by another engine, and of other weights, it might
    found = change(old, new)
    assert (found.kind, "0.8500, expected 0.9000" in found.reason) == ("regressed", True)
    new[5].metrics.update(accuracy=0.9, kept=7)
    assert change(old, new).kind == "changed"


def test_one_network_with_other_bits_among_those_that_have_the_same_is_a_change():
    old = networks(NETWORKS, [0.9] * 8, numerics="z80")
    new = networks(NETWORKS, [0.9] * 8, numerics="z80")
    new[5].weights = "new"
    found = change(old, new)
    assert found.kind == "changed"
    assert new[5].digest[:8] in found.reason


def test_where_bits_must_be_the_same_another_network_is_still_told_first():
    new = networks(
        NETWORK, [0.95], weights="new", numerics="z80", properties={"nodes": 21.0, "density": 0.1}
    )
    found = change(networks(NETWORK, [0.95], numerics="z80"), new)
    assert (found.kind, "nodes of the graph is 21.0" in found.reason) == ("changed", True)


def test_pruned_base_models_that_are_trained_again_are_held_to_bits_or_to_a_bound():
    item = FinetuningItem("gru", "both", 90, epochs=2)
    old = retrained(item, [[0.8, 0.95]], numerics="z80")
    same = retrained(item, [[0.8, 0.95]], numerics="z80", weights="new")
    lower = retrained(item, [[0.8, 0.95 - APART["gru"] - 1e-6]], numerics="6502", weights="new")
    assert change(old, old).kind == "unchanged"
    assert change(old, same).kind == "changed"
    assert change(old, lower).kind == "regressed"
