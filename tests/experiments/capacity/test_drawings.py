"""Figures of the report on capacity: which networks are drawn, and what their lines are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sparsebench.experiments.capacity.drawings import _COLOUR_OF, _COLOURS, drawings
from sparsebench.experiments.capacity.report_items import (
    InitialisationsItem,
    LongMemoryItem,
    OptimisersItem,
)
from sparsebench.experiments.capacity.table import read
from sparsebench.parts.records import Record
from sparsebench.values.protocol import INITIALISATIONS, OPTIMISERS, ReberStrings, Training
from sparsebench.values.sequence_tasks import AddingProblem
from sparsebench.values.tasks import RandomLabels
from tests.experiments.capacity.test_section import network, record, wired

LABELS = RandomLabels(9)


def numbers(*found: Record) -> dict[str, list[tuple[object, ...]]]:
    """The numbers behind each figure, by the figure's name."""
    drawn = drawings([read(each) for each in found])
    return {each.name: [tuple(row) for row in each.numbers.rows] for each in drawn if each.numbers}


def curve(case: object, *accuracies: float) -> Record:
    """A network's record with its accuracy by epoch; the loss is what is missing to 1."""
    made = record(case, accuracy=accuracies[-1])  # type: ignore[arg-type]
    losses = [1 - each for each in accuracies]
    made.history.update(test_accuracy=list(accuracies), test_loss=losses)
    return made


def test_bits_are_drawn_by_layers_and_by_activation() -> None:
    found = numbers(
        *(
            record(replace(network(LABELS), variant=variant, **others), bits=bits, parameters=50)
            for variant, others, bits in (
                ("rnn_tanh", {}, 200),
                ("rnn_relu", {}, 150),
                ("rnn_relu", {"initialisation": "identity"}, 100),
                ("gru", {}, 80),
                ("gru", {"layers": 2}, 90),
            )
        )
    )
    assert found == {
        "bits-by-kind": [
            ("two layers", "GRU", 50, 90),
            ("one layer, for each parameter", "RNN-Tanh", 50, 4),
            ("one layer, for each parameter", "RNN-ReLU", 50, 3),
            ("one layer, for each parameter", "GRU", 50, 1.6),
            ("one layer, ReLU against tanh", "RNN-Tanh", 50, 200),
            ("one layer, ReLU against tanh", "RNN-ReLU", 50, 150),
            ("one layer, ReLU against tanh", "RNN-ReLU, identity", 50, 100),
        ]
    }


def test_long_memory_is_drawn_for_each_task_by_the_longest_trainings_of_each_cell_type() -> None:
    items = [
        LongMemoryItem(variant, AddingProblem(steps, 9, 9), 4, epochs)
        for variant, steps, epochs in (
            ("mgu", 20, 1),
            ("mgu", 20, 2),
            ("rnn_tanh", 20, 1),
            ("rnn_tanh", 30, 1),
        )
    ]
    stopped = curve(items[1].cases([7])[0], 0.3)
    made = [
        curve(case, *[0.5, 0.25][: case.training.epochs])
        for item in items
        for case in item.cases([0, 1])
    ]
    found = numbers(stopped, *made)["long-memory-by-epoch"]
    assert {row[0] for row in found} == {
        "RNN-Tanh, adding-20, squared error",
        "RNN-Tanh, adding-30, squared error",
        "MGU, adding-20, squared error",
    }
    uniform = [row[2:] for row in found if row[:2] == ("MGU, adding-20, squared error", "uniform")]
    assert uniform == [(1, pytest.approx(0.5 + 0.2 / 3)), (2, 0.75)]  # who stopped counts once


def test_no_two_lines_of_a_figure_have_one_colour() -> None:
    assert len(set(_COLOUR_OF.values())) == len(_COLOUR_OF)
    assert len(_COLOURS) >= max(len(OPTIMISERS), len(INITIALISATIONS))


def test_wired_networks_and_other_tasks_are_not_drawn() -> None:
    assert numbers(record(wired(LABELS), bits=9)) == {}
    assert numbers(curve(network(ReberStrings()), 0.5, 0.6)) == {}  # no optimiser is compared
    other = replace(ReberStrings(), negatives="author_like")
    training = Training(2, optimiser="adam")
    assert numbers(curve(network(other, training=training), 0.5, 0.6)) == {}


@pytest.mark.parametrize(
    ("item", "name", "ways", "panels"),
    [
        (OptimisersItem, "optimisers-by-epoch", OPTIMISERS, ["test accuracy", "test loss, nats"]),
        (InitialisationsItem, "initialisations-by-epoch", INITIALISATIONS, ["test accuracy"]),
    ],
)
def test_curves_are_means_over_the_seeds_of_each_way(
    item: type, name: str, ways: tuple[str, ...], panels: list[str]
) -> None:
    short, long = (item("rnn_relu", epochs).cases([0, 1]) for epochs in (1, 2))
    found = numbers(
        *(curve(case, 0.1) for case in short),
        *(curve(case, 0.5, 0.6 + 0.2 * case.seed) for case in long),
    )
    assert found.keys() == {name}
    expected = [
        (f"RNN-ReLU, {panel}", way, epoch, up if panel == "test accuracy" else 1 - up)
        for panel in panels
        for way in ways
        for epoch, up in ((1, 0.5), (2, 0.7))
    ]
    assert [row[:3] for row in found[name]] == [row[:3] for row in expected]
    assert [row[3] for row in found[name]] == pytest.approx([row[3] for row in expected])
