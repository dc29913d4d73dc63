"""Records by one arithmetic must be the same bit for bit; where they are not, it is told since when."""

from collections.abc import Callable
from math import nan, nextafter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.finetuning.items import FinetuningItem
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.random_wiring.items import FamiliesItem, WiredItem
from sparsebench.harness.comparing import change
from sparsebench.judging.bits import by_one_arithmetic, difference
from sparsebench.parts.records import Record
from tests.judging.records import networks, records, retrained

EXACT = "1"
NETWORK = WiredItem("gru", "watts_strogatz", 3)
HISTORY = {
    "onset_loss": [0.8, 0.75, 0.7],
    "train_loss": [0.6, 0.5, 0.4, 0.3],
    "test_accuracy": [0.6, 0.7, 0.8, 0.95],
}
STRING = 1 / 6250


def network(**changes) -> Record:
    fields = {
        "history": HISTORY,
        "numerics": EXACT,
        "tables": {"pearson": {"nodes": 0.5, "edges": 0.25}},
        "pruned_from": "base",
        **changes,
    }
    return networks(NETWORK, [0.95], **fields)[0]


def moved(value: float) -> float:
    """The next float: the least that can differ."""
    return nextafter(value, 9)


def changed(record: Record, what: str, name: str, place: object = None) -> Record:
    """The record with one figure one bit higher."""
    figures = dict(getattr(record, what))
    if what == "history":
        figures[name] = [*figures[name]]
        figures[name][place] = moved(figures[name][place])
    elif what == "tables":
        figures[name] = {**figures[name], place: moved(figures[name][place])}
    else:
        figures[name] = moved(figures[name])
    return msgspec.structs.replace(record, **{what: figures})


PLACES = [
    *(("metrics", name, None) for name in network().metrics),
    *(("properties", name, None) for name in network().properties),
    *(("history", name, place) for name, row in HISTORY.items() for place in range(len(row))),
    *(("tables", "pearson", name) for name in ("nodes", "edges")),
]


@pytest.mark.parametrize(("what", "name", "place"), PLACES)
def test_one_bit_of_any_figure_is_seen_and_named(what, name, place):
    old, new = network(), changed(network(), what, name, place)
    for was, now in ((old, new), (new, old)):
        found = change([was], [now])
        assert found.kind != "unchanged"
        assert name in found.reason


@given(st.sampled_from(PLACES), st.integers(0, 7), st.randoms(use_true_random=False))
def test_one_bit_of_one_network_among_many_is_never_unchanged(place, which, random):
    item = FamiliesItem("gru", 4)
    fields = {"history": HISTORY, "numerics": EXACT, "tables": network().tables}
    old = networks(item, [0.9 + 0.01 * number for number in range(8)], **fields)
    new = list(old)
    new[which] = changed(old[which], *place)
    random.shuffle(new)
    found = change(old, new)
    assert found.kind != "unchanged"
    assert old[which].digest[:8] in found.reason
    assert found.reason.startswith("1 of 8 records are not the same")


@pytest.mark.parametrize("also", [{"weights": "new"}, {"pruned_from": "another"}])
def test_other_weights_are_seen_where_all_figures_are_the_same(also):
    old, new = network(), msgspec.structs.replace(network(), **also)
    found = change([old], [new])
    assert found.kind == "changed"
    assert next(iter(also.values())) in found.reason


@pytest.mark.parametrize("what", ["metrics", "properties", "tables"])
def test_a_figure_that_only_one_side_has_is_seen(what):
    old = network()
    row = dict(getattr(old, what))
    row.pop(sorted(set(row) - {"accuracy", "strings"})[0])
    new = msgspec.structs.replace(old, **{what: row})
    for was, now in ((old, new), (new, old)):
        assert change([was], [now]).kind != "unchanged"
        assert "missing" in difference(was, now)


def test_series_that_only_one_side_keeps_are_left_out():
    """A baseline keeps some of them, and a model that was loaded was not trained."""
    few = network(history={"onset_loss": HISTORY["onset_loss"]})
    assert change([few], [network()]).kind == change([network()], [few]).kind == "unchanged"


@pytest.mark.parametrize("name", HISTORY)
def test_a_series_that_is_shorter_or_longer_has_changed(name):
    shorter = network(history={**HISTORY, name: HISTORY[name][:-1]})
    length = len(HISTORY[name])
    assert difference(network(), shorter) == f"{length - 1} values of {name}, expected {length}"
    assert difference(shorter, network()) == f"{length} values of {name}, expected {length - 1}"


@pytest.mark.parametrize(
    ("parted", "told"),
    [
        (
            {"onset_loss": 1, "train_loss": 0, "test_accuracy": 0},
            "steps 11 to 20, where onset_loss",
        ),
        ({"train_loss": 2, "test_accuracy": 1}, "epoch 2 of 4 on record, where test_accuracy"),
        ({"train_loss": 0, "test_accuracy": 3}, "epoch 1 of 4 on record, where train_loss"),
    ],
)
def test_the_first_place_at_which_trainings_part_is_told(parted, told):
    new = network(weights="new")
    for name, place in parted.items():
        new = changed(new, "history", name, place)
    assert f"weights are new0, expected same0: the training diverges at {told} is" in difference(
        network(), new
    )


def test_steps_of_first_losses_and_series_of_other_experiments_have_their_own_words():
    one, other = {"loss": [0.7, 0.6, 0.5]}, {"loss": [0.7, 0.65, 0.5]}
    told = "the training diverges at step 2, where loss is 0.65, expected 0.6"
    assert difference(network(history=one), network(history=other)) == told
    one, other = {"mine": [0.7, 0.6, 0.5]}, {"mine": [0.7, 0.6, 0.4]}
    assert "diverges at value 3 of 3, where mine" in difference(
        network(history=one), network(history=other)
    )


def test_weights_that_nothing_explains_are_told_so():
    told = difference(network(), network(weights="new"))
    assert told.endswith("all figures of the training that the baseline holds are the same")


def test_what_is_no_number_on_both_sides_is_the_same_and_on_one_is_not():
    old = network(metrics={**network().metrics, "loss": nan})
    same = network(metrics={**network().metrics, "loss": nan})
    assert change([old], [same]).kind == "unchanged"
    other = network(metrics={**network().metrics, "loss": 0.5})
    assert difference(old, other) == "loss is 0.5, expected nan"
    assert difference(other, old) == "loss is nan, expected 0.5"


def test_times_are_no_matter_of_arithmetic():
    old = network(history={**HISTORY, "time_ratios": [1.0, 1.1]})
    new = network(history={**HISTORY, "time_ratios": [2.0, 2.1]})
    old.metrics["time_ratio"], new.metrics["time_ratio"] = 1.0, 2.0
    assert difference(old, new) == ""
    del new.metrics["time_ratio"]
    assert change([old], [new]).kind == "unchanged"


def test_what_is_no_matter_of_a_case_is_left_out():
    """Where, when and by which item it was measured."""
    new = network(provenance="elsewhere", trained="before", outcome="failed")
    assert change([network()], [new]).kind == "unchanged"


@pytest.mark.parametrize(
    ("before", "after", "exact"),
    [("1", "1", True), ("1", "2", False), ("1", "", False), ("", "1", False), ("", "", False)],
)
def test_bits_are_promised_where_both_sides_tell_of_one_arithmetic(before, after, exact):
    pair = network(numerics=before), network(numerics=after, weights="new")
    assert by_one_arithmetic(pair) == exact
    assert (change(*([each] for each in pair)).kind == "changed") == exact


# Exact and inexact pairs in one item


def test_a_pair_that_must_be_the_same_is_held_to_that_among_others_that_need_not():
    old = networks(FamiliesItem("gru", 2), [0.95] * 4)
    old[1].numerics = EXACT
    new = [msgspec.structs.replace(each, weights=f"new{n}") for n, each in enumerate(old)]
    found = change(old, new)
    assert (found.kind, old[1].digest[:8] in found.reason) == ("changed", True)
    new[1].weights = old[1].weights
    assert change(old, new).kind == "unchanged"


def test_pairs_that_need_not_be_the_same_are_held_to_their_bound_beside_those_that_must():
    old = networks(FamiliesItem("gru", 2), [0.95] * 4)
    old[1].numerics = EXACT
    new = [msgspec.structs.replace(each, weights=f"new{n}") for n, each in enumerate(old)]
    new[1] = old[1]
    new[2].metrics = {**new[2].metrics, "accuracy": 0.85}
    found = change(old, new)
    assert (found.kind, "one fell by 0.1000" in found.reason) == ("regressed", True)


def test_seeds_that_the_baseline_lacks_are_not_asked_for_where_the_others_are_the_same():
    item = PruningItem("gru", "both", 90)
    old, new = records(item, [0.9] * 3), records(item, [0.9] * 3 + [0.1] * 3)
    for each in (*old, *new):
        each.numerics = EXACT
    assert change(old, new).kind == "unchanged"


# Shifts that a mean hides


def base_models(variant: str) -> list[Record]:
    return records(PruningItem(variant, "i2h", 90), [0.95, 0.96, 0.99])


def again(variant: str) -> list[Record]:
    item = FinetuningItem(variant, "i2h", 90, epochs=2)
    return retrained(item, [[0.9, accuracy] for accuracy in (0.95, 0.96, 0.99)])


@pytest.mark.parametrize("of", [base_models, again])
@pytest.mark.parametrize(
    ("variant", "points"),
    [
        ("gru", (3, 2, 3)),
        ("gru", (4.5, 3, 4)),
        ("lstm", (5, 3, 5)),
        ("rnn_tanh", (45, 40, 42)),
    ],
)
def test_three_seeds_that_fall_unevenly_are_worse(
    of: Callable[[str], list[Record]], variant: str, points: tuple[float, ...]
):
    old = [msgspec.structs.replace(each, numerics=EXACT) for each in of(variant)]
    new = [lowered(each, by) for each, by in zip(old, points, strict=True)]
    found = change(old, new)
    assert (found.kind, "are they worse? worse: -" in found.reason) == ("regressed", True)


@pytest.mark.parametrize(
    ("variant", "points", "kind"),
    [
        ("gru", 5.9, "changed"),
        ("lstm", 9, "changed"),
        ("rnn_tanh", 45, "regressed"),
        ("gru", 100 * STRING, "changed"),
        ("gru", -100 * STRING, "changed"),
    ],
)
def test_one_network_that_moves_at_all_is_seen(variant: str, points: float, kind: str):
    old = networks(WiredItem(variant, "watts_strogatz", 0), [0.95], numerics=EXACT)
    found = change(old, [lowered(old[0], points)])
    assert found.kind == kind
    assert "accuracy is" in found.reason


def lowered(record: Record, points: float) -> Record:
    """The same weights, so that nothing but accuracy tells."""
    metrics = {**record.metrics, "accuracy": record.metrics["accuracy"] - points / 100}
    return msgspec.structs.replace(record, metrics=metrics)
