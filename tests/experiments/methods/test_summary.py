"""The tables at the end of a run: a row for each method and control, a column for each density."""

from io import StringIO

from rich.console import Console

from sparsebench.experiments.methods.items import CONTROLS
from sparsebench.experiments.methods.summary import method_tables
from sparsebench.report.terminal_tables import ACCURACY_TITLE
from tests.experiments.methods import tiny
from tests.experiments.methods.records import of_item, without_doubles

CONTROLLED = {name: [0.5, 0.6] for name in CONTROLS} | {"dense": [0.9, 0.9], "": [0.7, 0.8]}


def shown(measured):
    """The lines of all tables, without rules."""
    console = Console(width=160, record=True, file=StringIO())
    for table in method_tables(measured):
        console.print(table)
    lines = [" ".join(line.split()) for line in console.export_text().splitlines()]
    return [line for line in lines if line and "─" not in line]


def test_methods_stand_below_each_other_and_controls_below_them():
    records = [
        *of_item(tiny.item("gradual", 0.5), CONTROLLED),
        *of_item(tiny.item("gradual", 0.1), CONTROLLED),
    ]
    assert shown(without_doubles(records)) == [
        f"digits-rows, gru of 8 units, 3 epochs: {ACCURACY_TITLE}",
        "method control dense 50 % kept 10 % kept",
        "dense 90.0 ±0.0",
        "random 55.0 ±7.1 55.0 ±7.1",
        "gradual 75.0 ±7.1 75.0 ±7.1",
        "gradual shuffled masks 55.0 ±7.1 55.0 ±7.1",
        "gradual masks on new weights 55.0 ±7.1 55.0 ±7.1",
        "small dense 55.0 ±7.1 55.0 ±7.1",
    ]


def test_losses_are_not_shown_in_percent():
    records = of_item(tiny.item(controls=["dense"]), {"dense": [0.5, 0.75], "": [2.0, 1.0]}, "loss")
    assert shown(records) == [
        "digits-rows, gru of 8 units, 3 epochs: loss, mean ± sd over seeds",
        "method control dense 10 % kept",
        "dense 0.625 ±0.177",
        "gradual 1.5 ±0.707",
    ]


def test_each_cell_type_has_a_table():
    records = [
        record
        for variant in ("gru", "lstm")
        for record in of_item(tiny.item(variant=variant), {"": [0.5]})
    ]
    assert [line for line in shown(records) if "units" in line] == [
        f"digits-rows, {variant} of 8 units, 3 epochs: {ACCURACY_TITLE}"
        for variant in ("gru", "lstm")
    ]


def test_without_records_there_is_nothing_to_show():
    assert shown([]) == []
