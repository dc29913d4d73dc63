"""The tables of networks on other tasks at the end of a run."""

from __future__ import annotations

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.summary import tables_of_tasks
from sparsebench.experiments.capacity.table import task_tables
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.language_modelling.cases import GenerationCase
from sparsebench.parts.records import Record
from sparsebench.values.identity import Case, canonical, digest
from sparsebench.values.tasks import NextLetters, RandomLabels, Recall
from tests.report.reading import words_of_lines


def record(case: Case, experiment: str = "task", **metrics: float) -> Record:
    return Record(digest=digest(case), experiment=experiment, case=canonical(case), metrics=metrics)


def network(variant: str, units: int, seed: int = 0) -> TaskCase:
    return TaskCase(variant, Recall(), seed, units)


WRITER = TaskCase("lstm", NextLetters(), 0, 8)


def shown(*records: Record) -> list[list[str]]:
    """The lines of all tables, their columns split, without rules."""
    return words_of_lines(tables_of_tasks(records))


def test_a_size_that_a_variant_was_not_measured_at_is_left_blank() -> None:
    title, heads, tanh, gru = shown(
        record(network("gru", 64), loss=0.01),
        record(network("gru", 64, 1), loss=0.03),
        record(network("rnn_tanh", 16), loss=0.25),
        record(network("rnn_tanh", 64), loss=0.1),
    )
    assert " ".join(title).startswith("What is lost of 64 numbers shown once, in %")
    assert heads == ["task", "variant", "network", "pruned", "%", "epochs", "seeds", "16", "64"]
    assert tanh == ["recall", "rnn_tanh", "layers", "0", "10", "1", "75.0", "30.0"]
    assert gru == ["recall", "gru", "layers", "0", "10", "2", "6.0"]


def test_pruned_networks_have_a_row_of_their_own() -> None:
    pruned = FinetuningCase(network("gru", 64), "both", 80)
    _, _, whole, left = shown(
        record(pruned, "pruned_task", loss=0.1), record(network("gru", 64), loss=0.02)
    )
    assert whole == ["recall", "gru", "layers", "0", "10", "1", "6.0"]
    assert left == ["recall", "gru", "layers", "80", "10", "1", "30.0"]


def test_one_size_alone_has_a_slope_and_one_network_no_interval() -> None:
    labels = TaskCase("gru", RandomLabels(99), 0, 4)
    _, _, row = shown(record(labels, bits=200, parameters=50))
    assert row == ["gru", "layers", "1", "0", "10", "1", "4.00", "4.00", "4.00"]


def test_what_was_written_stands_below_how_well_letters_are_said() -> None:
    lines = shown(
        record(GenerationCase(WRITER), "generation", grammatical=0.25, legal_next=0.875),
        record(WRITER, loss=0.7, bits_per_letter=1.0),
    )
    assert [line for line in lines if line[0] == "reber"] == [
        ["reber", "lstm", "layers", "0", "10", "1", "1.000"],
        ["reber", "lstm", "layers", "0", "10", "1", "25.0", "87.50"],
    ]


def test_words_are_on_the_left_and_figures_on_the_right() -> None:
    (table,) = tables_of_tasks([record(network("gru", 64), loss=0.01)])
    (told,) = task_tables([record(network("gru", 64), loss=0.01)])
    assert table.title == told.caption
    assert [column.header for column in table.columns] == [each.title for each in told.columns]
    assert [column.justify for column in table.columns] == [*["left"] * 3, *["right"] * 4]


def test_a_run_without_tasks_has_no_such_table() -> None:
    assert shown() == []
