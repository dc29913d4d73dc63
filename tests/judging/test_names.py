"""Names of populations: other ones for other cases, and fit to be shown."""

from dataclasses import fields, is_dataclass, replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.equal_parameters.items import FourWaysItem
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.random_wiring.items import WiredItem
from sparsebench.judging.names import name_of
from sparsebench.parts.records import Record
from sparsebench.values.identity import canonical, digest, seedless
from sparsebench.values.own_data import OwnData
from sparsebench.values.protocol import Training
from sparsebench.values.tasks import NextLetters, Recall, TextLetters
from tests.method_strategies import cases_of_methods
from tests.strategies import cases, cases_of_tasks

ANY = cases | cases_of_tasks | cases_of_methods


def name(case, experiment="some"):
    plain = canonical(case)
    return name_of(Record(digest=digest(case), experiment=experiment, case=plain, metrics={}))


def population(case):
    return digest(seedless(case))


@given(st.lists(ANY, min_size=2, max_size=9))
def test_cases_have_one_name_only_if_they_differ_in_nothing_but_seeds(found):
    names = {name(case, type(case).__name__) for case in found}
    assert len(names) == len({population(case) for case in found})


@st.composite
def spliced(draw, case, other):
    """A case with one field, somewhere in it, of another of its kind."""
    chosen = draw(st.sampled_from([each.name for each in fields(case)]))
    inner, theirs = getattr(case, chosen), getattr(other, chosen)
    if is_dataclass(inner) and type(inner) is type(theirs) and draw(st.booleans()):
        theirs = draw(spliced(inner, theirs))
    try:
        return replace(case, **{chosen: theirs})
    except (TypeError, ValueError):
        assume(False)


@settings(suppress_health_check=[HealthCheck.filter_too_much])  # two cases of one kind of many
@given(st.tuples(ANY, ANY).filter(lambda pair: type(pair[0]) is type(pair[1])), st.data())
def test_every_field_but_seeds_is_in_a_name(pair, data):
    case = pair[0]
    other = data.draw(spliced(*pair))
    assert (name(case) == name(other)) == (population(case) == population(other))


@given(ANY, st.text(max_size=30))
def test_a_name_is_one_printable_line(case, text):
    if hasattr(case, "criterion"):
        case = replace(case, criterion=text)
    found = name(case, text)
    assert found.isprintable()
    assert found == found.strip()


NETWORK = TaskCase("gru", Recall(delay=9), 3, 16, training=Training(epochs=60, learning_rate=0.003))


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (BaseItem("gru", "corrected").cases([7])[0], "gru corrected"),
        (PruningItem("gru", "both", 80, criterion="mine").cases([7])[0], "gru both p80 by mine"),
        (
            PruningItem("gru", "both", 80, criterion="a|b\n").cases([7])[0],
            'gru both p80 by "a|b\\n"',
        ),
        (WiredItem("lstm", "watts_strogatz", 7).cases([])[0], "lstm watts_strogatz"),
        (
            FourWaysItem("gru", "watts_strogatz", 50, 1).cases([])[1],
            "gru watts_strogatz 20 vertices 25 epochs pruned dense p50",
        ),
        (NETWORK, "gru recall delay 9 16 units 60 epochs batch 32 rate 0.003 corrected"),
        (
            FinetuningCase(NETWORK, "i2h", 50, training=Training(3, 128)),
            "gru recall delay 9 16 units 60 epochs batch 32 rate 0.003 i2h p50 then 3 epochs corrected",
        ),
        (
            TaskCase("gru", NextLetters("embedded_reber"), 3, 16),
            "gru next letters embedded_reber 16 units corrected",
        ),
        (
            TaskCase("gru", TextLetters("poem", "abc", "0123"), 3, 16),
            "gru text letters poem #b1c3abb1 16 units corrected",
        ),
        (
            TaskCase(
                "gru", OwnData("a", "class", "0123", ("x", "y"), ("z",), 0, 2, 2, seed=0), 3, 16
            ),
            "gru own data name a class symbols 0 width 2 classes 2 seed 0 #4e82e8e4 16 units corrected",
        ),
    ],
)
def test_a_name_tells_what_is_not_as_usual(case, words):
    assert name(case) == f"some {words}"


def test_a_record_of_an_unknown_kind_is_called_by_its_digest():
    record = Record(digest="0123456789", experiment="new", case={"kind": "NewCase"}, metrics={})
    assert name_of(record) == "new 01234567"
