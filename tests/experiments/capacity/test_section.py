"""What networks store, remember and predict: drawn by size where nothing is pruned or wired."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.section import tasks_section
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.language_modelling.cases import GenerationCase
from sparsebench.parts.records import Record
from sparsebench.report.contents import Section
from sparsebench.report.measured import Measured
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.identity import Case, canonical, digest
from sparsebench.values.tasks import (
    LabelledText,
    NextLetters,
    RandomFunction,
    RandomLabels,
    Recall,
    Task,
    TextLetters,
)
from tests.report import made_up
from tests.report.reading import rows, tables

TEXT = TextLetters("declaration", "ab", "0" * 16)
MESSAGES = LabelledText("messages", "ab", ("glad", "sad"), "0" * 16)
GRAPH = GraphSpec("watts_strogatz", 0, 16)


def record(case: Case, experiment: str = "task", **metrics: float) -> Record:
    given = {"loss": 0.1, "loss_before": 1.0, "parameters": 100, "kept": 80, "density": 1.0}
    return Record(
        digest=digest(case),
        experiment=experiment,
        case=canonical(case),
        metrics={**given, **metrics},
    )


def network(task: Task, seed: int = 0, units: int = 8, **others: object) -> TaskCase:
    return TaskCase("gru", task, seed, **{"hidden_size": units, **others})  # type: ignore[arg-type]


def wired(task: Task) -> TaskCase:
    return network(task, hidden_size=None, graph=GRAPH)


def section(*found: Record) -> Section:
    return tasks_section(Measured(found))


def drawn(*found: Record) -> list[tuple[str, ...]]:
    """The numbers behind the figure, as they are shown; labels are stored so that there is one."""
    stored = record(network(RandomLabels(9)), bits=300, parameters=100)
    return [tuple(row.values()) for row in rows(section(stored, *found), "capacity-numbers")][1:]


def test_the_best_number_of_samples_is_drawn_for_every_network() -> None:
    found = section(
        record(network(RandomLabels(200)), bits=150, parameters=60),
        record(network(RandomLabels(400)), bits=250, parameters=60),
        record(network(RandomLabels(400), seed=1), bits=200, parameters=60),
        record(network(RandomLabels(400), units=12), bits=500, parameters=120),
    )
    assert [tuple(row.values()) for row in rows(found, "capacity-numbers")] == [
        ("bits", "GRU", "60", "200"),
        ("bits", "GRU", "60", "250"),
        ("bits", "GRU", "120", "500"),
    ]


def test_means_over_seeds_are_drawn_by_units() -> None:
    found = drawn(
        *(record(network(Recall(), seed, 64), loss=0.01 * seed) for seed in (1, 2)),
        record(network(Recall(), units=16), loss=0.25),
        record(network(NextLetters()), bits_per_letter=1.5),
        record(network(RandomFunction()), loss=0.75),
    )
    assert found == [
        ("recall", "GRU", "16", "0.75"),
        ("recall", "GRU", "64", "0.045"),
        ("letters", "GRU", "8", "1.5"),
        ("function", "GRU", "8", "0.75"),
    ]


@pytest.mark.parametrize(
    "other",
    [
        record(FinetuningCase(network(RandomLabels(9)), "both", 80), "pruned_task", bits=9),
        record(wired(RandomLabels(9)), bits=9),
        record(network(RandomLabels(9), layers=2), bits=9),
        record(network(RandomLabels(9), initialisation="identity"), bits=9),
        record(FinetuningCase(network(Recall()), "both", 80), "pruned_task"),
        record(wired(Recall())),
        record(network(NextLetters("embedded_reber")), bits_per_letter=1, remembered=0.5),
        record(network(TEXT), bits_per_letter=2),
        record(network(MESSAGES), accuracy=0.5),
        record(
            GenerationCase(network(NextLetters())), "generation", grammatical=0.5, legal_next=0.5
        ),
    ],
    ids=lambda other: f"{other.experiment}-{other.digest[:4]}",
)
def test_what_is_not_like_the_published_networks_stands_in_the_tables_alone(other: Record) -> None:
    assert drawn(other) == []
    assert len(section(other).shown) >= 1


def test_tables_stand_below_the_figure_and_have_names_and_captions_of_their_own() -> None:
    found = section(
        record(network(RandomLabels(9)), bits=9),
        record(network(Recall())),
        record(network(NextLetters("embedded_reber")), bits_per_letter=1, remembered=0.5),
        record(network(MESSAGES), accuracy=0.5),
        record(
            GenerationCase(network(NextLetters())), "generation", grammatical=0.5, legal_next=0.5
        ),
    )
    assert [each.name for each in found.shown] == [
        "capacity", "bits-by-kind", "tasks",
        "bits", "recall", "letters", "remembered", "labelled", "written",
    ]  # fmt: skip
    shown = tables(found).values()
    assert len({table.caption for table in shown}) == len(shown)
    assert all(re.fullmatch("[a-z-]+", table.name) for table in shown)


def test_networks_that_store_no_labels_have_tables_and_no_figure() -> None:
    assert [each.name for each in section(record(network(Recall()))).shown] == ["recall"]


def test_other_experiments_are_passed_over_and_what_is_missing_is_told() -> None:
    found = section(*made_up.wired(), *made_up.base_models())
    assert found.shown == ()
    (missing,) = found.missing
    assert missing.command.startswith("pytest benchmarks/test_capacity.py")
    assert section(record(network(Recall()))).missing == ()


def test_of_networks_that_were_trained_shorter_and_longer_the_longest_are_drawn() -> None:
    one = network(Recall(), units=16)
    longer = replace(one, training=replace(one.training, epochs=99))
    assert drawn(record(longer, loss=0.1), record(one, loss=0.2)) == [
        ("recall", "GRU", "16", "0.3")
    ]
