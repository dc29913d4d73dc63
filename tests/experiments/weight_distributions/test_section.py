"""Distributions of weights in the report, in tables and on the page."""

import pytest

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.weight_distributions.cases import WeightsCase
from sparsebench.experiments.weight_distributions.items import weights_items, wired_weights_items
from sparsebench.experiments.weight_distributions.section import sections
from sparsebench.experiments.weight_distributions.summary import weight_tables
from sparsebench.experiments.weight_distributions.table import by_stage, markdown, stage_of
from sparsebench.harness.items import base_case
from sparsebench.parts.distributions import BINS
from sparsebench.parts.records import Record
from sparsebench.report.measured import Measured
from sparsebench.values.identity import canonical, digest, restore
from sparsebench.values.protocol import Training
from tests.report.reading import rows

(STACKED,) = weights_items(10, ["lstm"], ["both"], [90])
(WIRED,) = wired_weights_items(1, 10, ["lstm"], ["both"], [90])
GROUPS = ("both", "i2h", "h2h", "i2h.f", "layers.0.i2h.f", "layers.2.h2h.o", "readout")


def record(case, sd=0.1):
    bins = [0.0] * (BINS + 2)
    bins[60:62] = [30.0, 70.0]
    tables = {"count": 100.0, "mean": 0.01, "sd": sd, "near zero": 0.2}
    return Record(
        digest=digest(case),
        experiment="weights",
        case=canonical(case),
        metrics={"kept": 100, "prunable": 1000, "density": 0.1, "sd": sd, "near_zero": 0.2},
        tables={name: dict.fromkeys(GROUPS, figure) for name, figure in tables.items()},
        history=dict.fromkeys(GROUPS, bins),
    )


FOUND = [record(case, sd) for case, sd in zip(STACKED.cases([0, 1]), (0.1, 0.2) * 3, strict=True)]
FOUND += [record(case) for case in WIRED.cases([0])]


def test_an_item_has_each_network_trained_pruned_and_fine_tuned():
    words = [stage_of(case).words for case in STACKED.cases([0])]
    assert words == [
        "trained",
        "90 % of both pruned",
        "90 % of both pruned, fine-tuned for 10 epochs",
    ]
    assert len(WIRED.cases([])) == 6
    assert (STACKED.id, WIRED.id) == ("lstm-both-p90", "wired-lstm-both-p90")


def test_digests_are_those_of_stored_records():
    base = base_case("gru", 0)
    assert digest(WeightsCase(base)) == "8a6e403b7de12addd51fa9a7c8aa2358"
    assert digest(WeightsCase(base, "both", 90)) == "3531c05306cac748bf3de1d107757f32"


def test_networks_of_another_making_have_no_stage():
    base = base_case("gru", 0)
    twice = FinetuningCase(FinetuningCase(base, "i2h", 50), "h2h", 50)
    assert stage_of(WeightsCase(twice)) is None
    assert stage_of(WeightsCase(FinetuningCase(base, "i2h", threshold=0.01))) is None
    assert stage_of(WeightsCase(FinetuningCase(base, "i2h", 50), "i2h", 90)) is None


def test_replicates_are_taken_together_in_the_table_of_all_groups():
    (section,) = sections(Measured(tuple(FOUND)))
    found = rows(section, "weights")
    layers = [name for name in GROUPS if name.startswith("layers.")]
    assert len(found) == 6 * len(GROUPS) - 5 * len(layers)
    assert all(row["stage"] == "trained" for row in found if row["group"] in layers)
    first = found[0]
    assert (first["networks"], first["stage"], first["group"]) == ("base models", "trained", "i2h")
    assert (first["number"], first["sd"], first["within 0.01"]) == ("2", "0.1500", "0.2000")
    assert not section.missing


def test_of_several_lengths_of_fine_tuning_that_of_most_networks_is_shown():
    (short,) = weights_items(2, ["lstm"], ["both"], [90])
    few = [record(short.cases([0])[-1])]
    assert {stage.epochs for stage in by_stage([*FOUND, *few])} == {0, 10}
    alone = [each for each in FOUND if stage_of_record(each).epochs == 0]
    assert {stage.epochs for stage in by_stage([*alone, *few])} == {0, 2}


def stage_of_record(each):
    return stage_of(restore(each.case))


def test_figures_are_drawn_of_what_there_is():
    names = [drawing.name for drawing in sections(Measured(tuple(FOUND)))[0].shown]
    assert names == ["weights-base", "weights-wired", "weights-by-layer", "weights"]
    names = [drawing.name for drawing in sections(Measured(tuple(FOUND[-6:])))[0].shown]
    assert names == ["weights-wired", "weights"]


def test_without_records_the_command_is_named():
    (section,) = sections(Measured(()))
    assert "benchmarks/test_weights.py" in section.missing[0].command
    assert not section.shown
    assert markdown([]) == []
    assert list(weight_tables([])) == []


def test_the_page_has_a_row_for_each_stage():
    first, *others = markdown(FOUND)[0].splitlines()[2:]
    assert first == "| base models | lstm | trained | 2 | 100 | 0.010 | 0.150 |  |  |  | 0.200 |"
    assert len(others) == 5


def test_the_terminal_has_one_too():
    (table,) = weight_tables(FOUND)
    assert table.row_count == len(by_stage(FOUND)) == 6


@pytest.mark.parametrize("epochs", [1, 2])
def test_the_fine_tuned_networks_are_those_that_are_fine_tuned_anyway(epochs):
    (item,) = weights_items(epochs, ["gru"], ["both"], [90])
    *_, finetuned = item.cases([0])
    assert finetuned.network == FinetuningCase(
        base_case("gru", 0), "both", 90, training=Training(epochs=epochs)
    )
