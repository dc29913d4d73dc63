"""Terminal table of distributions: all recurrent weights, a row for each stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

from rich.table import Table

from sparsebench.experiments.weight_distributions.table import by_stage
from sparsebench.harness.experiment import RecordOf, no_record
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.terminal_tables import empty_table


def weight_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), record_of: RecordOf = no_record
) -> Iterable[Table]:
    """Density, standard deviation and the share near zero, means over networks."""
    stages = by_stage(records)
    if not stages:
        return
    table = empty_table(
        "recurrent weights: means over networks",
        ["networks", "variant", "semantics", "stage"],
        ["number", "density", "sd", "within 0.01"],
    )
    for stage, found in stages.items():
        figures = (
            fmean(each.metrics[name] for each in found) for name in ("density", "sd", "near_zero")
        )
        table.add_row(
            stage.networks,
            stage.variant,
            stage.semantics,
            stage.words,
            str(len(found)),
            *(f"{figure:.3f}" for figure in figures),
        )
    yield table
