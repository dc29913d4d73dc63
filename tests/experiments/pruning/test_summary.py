"""The tables of pruned models at the end of a run: a row for each method, the dense model beside it."""

from io import StringIO

from rich.console import Console

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.pruning.summary import pruning_tables
from sparsebench.harness.experiment import no_record
from sparsebench.parts.records import Timing, Verdict
from sparsebench.report.terminal_tables import ACCURACY_TITLE
from tests.judging.records import records


def shown(measured, verdicts=(), record_of=no_record):
    """The lines of all tables and texts, without rules."""
    console = Console(width=140, record=True, file=StringIO())
    for each in pruning_tables(measured, verdicts, record_of):
        console.print(each)
    lines = [" ".join(line.split()) for line in console.export_text().splitlines()]
    return [line for line in lines if line and "─" not in line]


def claim(item, measured, verdict):
    return Verdict(
        item=item.id, kind="claim", verdict=verdict, statement="", expected=[], measured=[],
        interval=None, source="thesis", digests=[each.digest for each in measured], reason="",
    )  # fmt: skip


def test_methods_are_rows_and_percentages_columns_beside_the_dense_models():
    measured = [
        *records(PruningItem("gru", "both", 90, criterion="random"), [0.5, 0.6]),
        *records(PruningItem("gru", "both", 50), [1.0, 0.98]),
        *records(PruningItem("gru", "both", 90), [0.8, 0.7]),
        *records(PruningItem("lstm", "both", 90), [0.6]),
    ]
    measured[2].timing = Timing(
        pruned_median=1.0, dense_median=4.0, rounds=3, batch_size=32, steps=10, density=0.5
    )
    dense = {restored.seed: record for record, restored in bases()}
    known = lambda case: dense[case.seed] if case.variant == "gru" else None  # noqa: E731
    assert shown(measured, record_of=known) == [
        f"both pruned, published: {ACCURACY_TITLE}",
        "variant method dense 50 % 90 % time / dense",
        "lstm magnitude 60.0",
        "gru magnitude 99.0 ±1.4 99.0 ±1.4 75.0 ±7.1 0.25",
        "gru random 99.0 ±1.4 55.0 ±7.1",
    ]


def bases():
    item = BaseItem("gru")
    cases = [case for case in item.cases(range(2)) if hasattr(case, "architecture")]
    return [*zip(records(item, [1.0, 0.98]), cases, strict=True)]


def test_targets_and_semantics_have_tables_of_their_own():
    measured = [
        *records(PruningItem("gru", "both", 50), [0.9]),
        *records(PruningItem("gru", "i2h", 50), [0.9]),
        *records(PruningItem("gru", "i2h", 50, "corrected"), [0.9]),
    ]
    titles = [line.partition(":")[0] for line in shown(measured) if "pruned" in line]
    assert titles == ["both pruned, published", "i2h pruned, published", "i2h pruned, corrected"]


def test_marks_are_explained_where_they_occur_and_once():
    items = [PruningItem("gru", "both", percent) for percent in (50, 60, 70)]
    measured = [records(item, [0.9]) for item in items]
    verdicts = [
        claim(item, found, verdict)
        for item, found, verdict in zip(
            items, measured, ("inconclusive", "inconclusive", "pass"), strict=True
        )
    ]
    *_, row, legend = shown([each for found in measured for each in found], verdicts)
    assert row == "gru magnitude 90.0? 90.0? 90.0"
    assert legend == "? too few seeds to judge the thesis's claim"
    assert shown(measured[2], verdicts)[-1] == "gru magnitude 90.0"
