"""Items: the thesis's grid, ids that -k understands, and settings that choose among them."""

import inspect
import re
from dataclasses import dataclass

import numpy as np
import pytest

import sparsebench
from sparsebench.experiments.base.cases import LossTraceCase
from sparsebench.experiments.base.items import BaseItem, base_items
from sparsebench.experiments.pruning.items import PruningItem, pruning_items
from sparsebench.harness.items import base_case, cases_of
from sparsebench.harness.profiles import PROFILES
from sparsebench.parts.methods.method import Method
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.values.checks import NotReproducible
from sparsebench.values.own_structure import OwnStructure, Stack
from sparsebench.values.protocol import Training
from sparsebench.values.semantics import CORRECTED, PUBLISHED
from sparsebench.values.tasks import NextLetters
from tests.harness.settings import settings


def test_the_grid_is_four_variants_three_targets_and_ten_percentages():
    ids = [item.id for item in pruning_items()]
    assert len(set(ids)) == 120
    assert {"lstm-i2h-p80", "rnn_tanh-both-p100"} < set(ids)
    assert [item.id for item in base_items()] == ["rnn_tanh", "rnn_relu", "lstm", "gru"]


def test_ids_can_be_chosen_with_k(tmp_path):
    items = settings(tmp_path, semantics=("published", "corrected")).planned(pruning_items())
    assert len({item.id for item in items}) == 240
    assert all(re.fullmatch(r"[a-z0-9_-]+", item.id) for item in items)


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
        pruning_items(**choice)


def test_a_pruned_model_is_a_fully_trained_one_of_the_thesis(tmp_path):
    cases = PruningItem("lstm", "i2h", 80).cases(range(3))
    assert [case.seed for case in cases] == [0, 1, 2]
    assert all(case.base.training == Training(50, 32, 0.001, 5.0) for case in cases)
    assert {case.base.semantics for case in cases} == {PUBLISHED}
    corrected = PruningItem("lstm", "i2h", 80, "corrected").cases([0])
    assert corrected[0].base.semantics == CORRECTED


def test_a_base_item_watches_the_onset_of_one_training():
    cases = BaseItem("gru").cases(range(2))
    assert [type(case) is LossTraceCase for case in cases] == [False, False, True]
    assert cases[-1].base == cases[0]


def test_smoke_measures_fewer_percentages_but_never_drops_a_users_own(tmp_path):
    smoke = settings(tmp_path, profile="smoke")
    percents = {item.percent for item in smoke.planned(pruning_items())}
    assert percents == set(PROFILES["smoke"].percents)
    assert {item.percent for item in smoke.planned(pruning_items(percents=[75]))} == {75}


def test_a_item_that_names_its_own_semantics_keeps_them(tmp_path):
    corrected = PruningItem("gru", "both", 50, "corrected")
    assert settings(tmp_path).planned([corrected]) == [corrected]
    both = settings(tmp_path, semantics=("published", "corrected"))
    items = (item for item in [PruningItem("gru", "both", 50), corrected])
    assert [item.semantics for item in both.planned(items)] == ["published", "corrected"]


@pytest.mark.parametrize("thing", ["gru", PruningItem, object()])
def test_what_is_no_item_is_refused_with_what_makes_one(tmp_path, thing):
    with pytest.raises(TypeError, match=r"is not an item: give instances of a frozen dataclass"):
        settings(tmp_path).planned([thing])


def test_an_unknown_criterion_is_refused_before_anything_is_trained():
    with pytest.raises(ValueError, match="unknown criterion 'nope': choose one of magnitude"):
        pruning_items(criterion="nope")


# Lists


NEEDED = {
    "work": PROFILES["thesis"].tasks,
    "epochs": 1,
    "graphs": 1,
    "splits": 1,
    "percents": [50],
    "tasks": [NextLetters()],
    "task": NextLetters(),
    "variants": ["gru"],
    "targets": ["both"],
    "methods": {"magnitude": Method()},
    "densities": [0.1],
    "pairs": {"one beside the other": (print, print)},
}
"""What some of the functions cannot do without."""


def own_reader():
    """A network of one's own that says a letter after each step, as `NextLetters` asks."""
    task = NEEDED["task"]
    structure = OwnStructure(
        "gru", (Stack(1, 3),), 2, task.symbols, classes=task.classes, reads="every_step"
    )
    arrays = {name: np.ones(shape, np.float32) for name, shape in structure.shapes().items()}
    return OwnNetwork(structure, arrays)


MAKERS = [getattr(sparsebench, name) for name in sparsebench.__all__ if name.endswith("_items")]


def parameters_of(make):
    return inspect.signature(make).parameters


def needed_by(make):
    """A call's arguments, as few as there can be; of labelled texts, those of the package."""
    needed = {
        name: own_reader() if name == "network" else NEEDED[name]
        for name, each in parameters_of(make).items()
        if each.default is inspect.Parameter.empty
    }
    if make is sparsebench.labels_items:
        needed["tasks"] = [sparsebench.corpus_task("messages")]
    return needed


LISTS = [
    (make, name)
    for make in MAKERS
    for name, each in parameters_of(make).items()
    if "Iterable" in str(each.annotation) and "None" not in str(each.annotation)
]


@pytest.mark.parametrize(("make", "name"), LISTS, ids=lambda each: getattr(each, "__name__", each))
@pytest.mark.parametrize(
    ("given", "message"),
    [("gru", "is 'gru': give a list, such as ['gru']"), (50, "is 50: give a list, such as [50]"),
     (None, "is None: give a list"), (NextLetters(), "is a NextLetters: give a list")],
    ids=["text", "number", "none", "task"],
)  # fmt: skip
def test_one_thing_where_a_list_of_them_is_wanted_is_told_so(make, name, given, message):
    with pytest.raises(TypeError, match=f"^{re.escape(f'{name} {message}')}$"):
        make(**{**needed_by(make), name: given})


@pytest.mark.parametrize("make", MAKERS, ids=lambda each: each.__name__)
def test_what_can_be_gone_through_but_once_makes_the_same_items_as_a_list(make):
    given = needed_by(make)
    for name, each in parameters_of(make).items():
        if "Iterable" in str(each.annotation) and name not in given and each.default is not None:
            given[name] = list(each.default)
    lists = {name for name in given if "Iterable" in str(parameters_of(make)[name].annotation)}
    once = {name: iter(each) if name in lists else each for name, each in given.items()}
    assert make(**given)
    assert make(**once) == make(**given)


@pytest.mark.parametrize("items", ["gru", BaseItem("gru"), None, 3])
def test_a_benchmark_whose_items_are_no_list_is_told_so(tmp_path, items):
    with pytest.raises(TypeError, match=r"^items is .*: give a list"):
        settings(tmp_path).planned(items)


# A project's own items


@dataclass(frozen=True)
class Own:
    """An item whose cases are what a test likes."""

    make: object
    id: str = "own"
    semantics: str = "published"

    def cases(self, seeds):
        return self.make(seeds)


def test_the_cases_of_a_item_are_those_of_its_seeds():
    item = BaseItem("gru")
    assert cases_of(item, range(2)) == item.cases(range(2))
    once = Own(lambda seeds: (base_case("gru", seed, "published") for seed in seeds))
    assert [case.seed for case in cases_of(once, range(3))] == [0, 1, 2]


def test_a_item_that_draws_its_cases_is_refused_by_its_id():
    numbers = iter(range(9))
    drawing = Own(lambda seeds: [base_case("gru", next(numbers), "published")])
    message = (
        r"^item own: cases\(seeds\) returned two different lists for the same seeds: let it draw"
    )
    with pytest.raises(NotReproducible, match=message):
        cases_of(drawing, [0])


@pytest.mark.parametrize("made", [None, base_case("gru", 0, "published"), "gru"], ids=repr)
def test_a_item_that_gives_no_list_of_cases_is_refused_by_its_id(made):
    with pytest.raises(
        TypeError, match=r"^item own: what cases\(seeds\) returns is .*: give a list"
    ):
        cases_of(Own(lambda seeds: made), [0])


def test_a_function_that_gives_items_is_asked_with_the_settings(tmp_path):
    chosen = settings(tmp_path, graphs=2)
    asked = chosen.asked_for(lambda given: (BaseItem("gru") for _ in range(given.graphs)))
    assert asked == [BaseItem("gru"), BaseItem("gru")]
    assert chosen.asked_for([BaseItem("gru")]) == chosen.planned([BaseItem("gru")])


def test_a_function_that_draws_its_items_is_refused_by_name(tmp_path):
    numbers = iter(range(9))

    def drawn(given):
        return [PruningItem("gru", "both", next(numbers))]

    message = (
        r"^drawn\(settings\) returned items of different ids for the same settings: let it draw"
    )
    with pytest.raises(NotReproducible, match=message):
        settings(tmp_path).asked_for(drawn)


@pytest.mark.parametrize("made", [None, BaseItem("gru"), "gru", ["gru"]], ids=repr)
def test_a_function_that_gives_no_list_of_items_is_refused(tmp_path, made):
    def broken(given):
        return made

    message = (
        r"^what broken\(settings\) returns is .*: give a list|^'gru' is not an item: give instances"
    )
    with pytest.raises(TypeError, match=message):
        settings(tmp_path).asked_for(broken)
