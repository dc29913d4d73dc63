"""What was measured of tasks is told in tables, in the terminal and in the report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.report_items import LongMemoryItem
from sparsebench.experiments.capacity.section import tasks_section
from sparsebench.experiments.capacity.summary import tables_of_tasks
from sparsebench.experiments.capacity.table import task_tables
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.language_modelling.cases import GenerationCase
from sparsebench.parts.records import Record
from sparsebench.report.contents import Drawing, Table
from sparsebench.report.measured import Measured
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.identity import Case, canonical, digest
from sparsebench.values.protocol import ReberStrings, Training
from sparsebench.values.sequence_tasks import AddingProblem, MackeyGlass
from sparsebench.values.tasks import NextLetters, RandomFunction, RandomLabels, Recall


def record(experiment: str, case: Case, **metrics: float) -> Record:
    given = {"loss": 0.1, "loss_before": 1.0, "parameters": 100, "kept": 80, "density": 1.0}
    return Record(
        digest=digest(case),
        experiment=experiment,
        case=canonical(case),
        metrics={**given, **metrics},
    )


def labels(samples: int, seed: int = 0) -> TaskCase:
    return TaskCase("gru", RandomLabels(samples), seed, 3)


WRITER = TaskCase("lstm", NextLetters(), 0, graph=GraphSpec("watts_strogatz", 0, 12))
RECORDS = [
    record("task", labels(200), bits=150),
    record("task", labels(400), bits=250),
    record("task", labels(400, 1), bits=350),
    record("pruned_task", FinetuningCase(labels(100), "both", 80), bits=40, parameters=40),
    record("task", TaskCase("gru", Recall(), 0, 64), loss=0.01),
    record("task", TaskCase("gru", Recall(), 1, 64), loss=0.03),
    record("task", TaskCase("rnn_tanh", Recall(), 0, 16), loss=0.2),
    record("task", TaskCase("lstm", RandomFunction(), 0, 8), loss=0.9),
    record("task", TaskCase("gru", NextLetters(), 0, 8), bits_per_letter=1.25),
    record("task", WRITER, bits_per_letter=1.5),
    record("generation", GenerationCase(WRITER), grammatical=0.25, legal_next=0.75, strings=8),
    record(
        "task",
        TaskCase("gru", ReberStrings(), 0, 4, training=Training(3, optimiser="adagrad")),
        accuracy=0.875,
    ),
    record("task", TaskCase("gru", ReberStrings(), 0, 4, initialisation="he"), accuracy=0.5),
    record(
        "task",
        TaskCase("gru", ReberStrings(negatives="author_like"), 0, 4, initialisation="he"),
        accuracy=0.1,
    ),
]


def rows(name: str) -> list[list[object]]:
    (table,) = (table for table in task_tables(RECORDS) if table.name == name)
    assert all(len(row) == len(table.columns) for row in table.rows)
    return [list(row) for row in table.rows]


def test_bits_count_the_best_number_of_samples_of_each_network() -> None:
    whole, pruned = rows("bits")
    assert whole[:8] == ["gru", "layers", 1, 0, 10, 2, 3.0, 3.5]
    assert pruned[:8] == ["gru", "layers", 1, 80, 10, 1, 1.0, 1.0]


def test_networks_that_store_nothing_have_a_level_line() -> None:
    found = [record("task", labels(200, seed), bits=0, parameters=50 + seed) for seed in range(3)]
    (table,) = task_tables(found)
    assert list(table.rows[0]) == ["gru", "layers", 1, 0, 10, 3, 0, 0, 0, 0, 0]


def test_memory_is_a_share_of_what_was_shown() -> None:
    assert rows("recall") == [
        ["recall", "rnn_tanh", "layers", 0, 10, 1, pytest.approx(60), None],
        ["recall", "gru", "layers", 0, 10, 2, None, pytest.approx(6)],
    ]


def test_wired_networks_are_told_apart_from_layers() -> None:
    assert rows("letters") == [
        ["reber", "lstm", "wired", 0, 10, 1, None, 1.5],
        ["reber", "gru", "layers", 0, 10, 1, 1.25, None],
    ]
    assert rows("written") == [["reber", "lstm", "wired", 0, 10, 1, 25.0, 75.0]]
    assert rows("functions") == [["function", "lstm", "layers", 0, 10, 1, 0.9]]


def test_networks_that_were_trained_for_longer_have_rows_of_their_own() -> None:
    def trained(epochs: int) -> list[Record]:
        training = Training(epochs)
        writer = TaskCase("gru", NextLetters(), 0, 8, training=training)
        return [
            record("task", TaskCase("gru", RandomLabels(9), 0, 3, training=training), bits=epochs),
            record("task", TaskCase("gru", Recall(), 0, 64, training=training), loss=1 / epochs),
            record("task", writer, bits_per_letter=1 / epochs),
            record("generation", GenerationCase(writer), grammatical=1 / epochs, legal_next=1),
        ]

    shorter, longer = task_tables(trained(2)), task_tables(trained(50))
    both = task_tables([*trained(50), *trained(2)])
    assert [table.name for table in both] == ["bits", "recall", "letters", "written"]
    for one, other, all_of in zip(shorter, longer, both, strict=True):
        assert [column.title for column in all_of.columns].count("epochs") == 1
        assert [*all_of.rows] == [*one.rows, *other.rows]


def test_optimisers_and_initial_weights_have_tables_of_their_own() -> None:
    assert rows("optimisers") == [["gru", 3, 1, None, None, 87.5, None]]
    assert rows("initialisations") == [["gru", 10, 1, None, None, None, 50.0, None]]


def test_what_was_not_measured_has_no_table() -> None:
    assert [table.name for table in task_tables(RECORDS[4:7])] == ["recall"]
    assert task_tables([]) == []


def test_the_terminal_shows_the_same(tmp_path: Path) -> None:
    with (tmp_path / "shown").open("w") as file:
        for table in tables_of_tasks(RECORDS):
            Console(file=file, width=160).print(table)
    text = (tmp_path / "shown").read_text()
    assert "Bits of random labels stored for each parameter" in text
    assert "25.0" in text
    assert all(table.caption[:40] in text for table in task_tables(RECORDS))


def test_the_report_draws_them_and_lists_the_numbers() -> None:
    section = tasks_section(Measured(tuple(RECORDS)))
    drawings = [each for each in section.shown if isinstance(each, Drawing)]
    tables = [each for each in section.shown if isinstance(each, Table)]
    drawing = drawings[0]
    assert [each.name for each in drawings] == ["capacity", "bits-by-kind"]
    assert [table.name for table in tables] == [table.name for table in task_tables(RECORDS)]
    assert ("bits", "GRU", 100, 350) in list(drawing.numbers.rows)
    assert ("recall", "GRU", 64, pytest.approx(0.06)) in list(drawing.numbers.rows)
    assert not section.missing


def test_the_report_says_how_to_measure_what_is_missing() -> None:
    section = tasks_section(Measured(()))
    assert not section.shown
    assert "benchmarks/test_capacity.py" in section.missing[0].command


def test_stretches_of_a_series_and_compared_initial_weights_are_not_averaged_with_others() -> None:
    series = MackeyGlass(window=9, train=40, test=10)
    first = [TaskCase("gru", series, seed, 8) for seed in (0, 1)]
    later = [TaskCase("gru", replace(series, shift=shift), 0, 8) for shift in (75, 150)]
    memory = LongMemoryItem("gru", AddingProblem(20, 9, 9), 8, 1).cases([0])
    adding = TaskCase("gru", AddingProblem(20, 9, 9), 0, 8)
    found = {
        table.name: table
        for table in task_tables(
            [
                *(record("task", case, smape=10, loss=0.1) for case in first),
                *(record("task", case, smape=30, loss=0.1) for case in later),
                *(record("task", case, loss=0.5) for case in memory),
                record("task", adding, loss=0.25),
            ]
        )
    }
    rows = [row for table in found.values() for row in table.rows if "mackey" in str(row[0])]
    assert ["mackey-glass-17", "gru", "layers", 0, 10, 2, 10] in [list(row) for row in rows]
    assert ["mackey-glass-17, other stretches", "gru", "layers", 0, 10, 1, 30] in [
        list(row) for row in rows
    ]
    (sums,) = (row for row in found["adding"].rows if row[0] == "adding-20")
    assert (sums[5], sums[6]) == (1, 0.25)
    assert [list(row) for row in found["long-memory"].rows] == [
        ["gru", 1, 1, 0.5, 0.5, 0.5, None, None]
    ]
