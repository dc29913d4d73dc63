"""Groups of networks differ in their seed alone; the table shows ours beside the thesis's."""

from dataclasses import replace
from pathlib import Path
from statistics import mean, median, stdev

import pytest

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.equal_parameters.items import FourWaysItem
from sparsebench.experiments.random_wiring.items import FamiliesItem, WiredItem, WiredPruningItem
from sparsebench.experiments.random_wiring.table import (
    by_group,
    contrasts_markdown,
    contrasts_table,
    distribution,
    distributions_markdown,
    pruned_markdown,
    thesis_networks,
    wired_networks,
)
from tests.judging.records import networks, records
from tests.report import made_up

ROOT = Path(__file__).parents[3]

GRU = FamiliesItem("gru", 3)
ACCURACIES = [0.99, 0.97, 0.98, 0.9, 0.94, 0.89]


def test_a_distribution_describes_its_values():
    found = distribution(ACCURACIES)
    assert (found.count, found.low, found.high) == (6, 0.89, 0.99)
    assert found.mean == pytest.approx(mean(ACCURACIES))
    assert found.deviation == pytest.approx(stdev(ACCURACIES))
    assert found.median == median(ACCURACIES)
    assert distribution([0.5]).deviation == 0


def test_networks_of_one_family_and_variant_are_a_group():
    measured = networks(GRU, ACCURACIES) + records(BaseItem("gru"), [1.0])
    one, other = by_group(measured)
    assert [group.accuracy.mean for group in (one, other)] == pytest.approx([0.98, 0.91])
    assert one.case == WiredItem("gru", "watts_strogatz", 0).cases([])[0]


@pytest.mark.parametrize(
    ("item", "groups"),
    [
        (FamiliesItem("gru", 2, "corrected"), 2),
        (WiredPruningItem("gru", "both", 90, graphs=2, epochs=2), 2),
        (FourWaysItem("gru", "watts_strogatz", 50, graphs=2), 4),
    ],
)
def test_whatever_else_differs_makes_another_group(item, groups):
    found = by_group(networks(item, [0.9] * len(item.cases([]))))
    assert len(found) == groups
    other = replace(item, variant="lstm")
    both = by_group(
        [each for one in (item, other) for each in networks(one, [0.9] * len(item.cases([])))]
    )
    assert len(both) == 2 * groups


def test_the_table_shows_ours_beside_the_thesis_s():
    lines = distributions_markdown(networks(GRU, ACCURACIES)).splitlines()
    assert lines[2] == (
        "| published | barabasi_albert | gru | 3 | 0.910 | 0.026 | 0.900 | 0.890-0.940 | "
        "0.928, 0.050, 0.941, 0.804-0.999 |"
    )
    assert lines[3] == (
        "| published | watts_strogatz | gru | 3 | 0.980 | 0.010 | 0.980 | 0.970-0.990 | "
        "0.984, 0.021, 0.994, 0.911-1.000 |"
    )


def test_a_family_that_the_thesis_does_not_have_stands_alone():
    item = WiredItem("gru", "kleinberg", 0, order="breadth_first")
    line = distributions_markdown(networks(item, [0.9])).splitlines()[2]
    assert line.startswith("| published | kleinberg, breadth_first | gru | 1 | 0.900 |")
    assert line.endswith("|  |")


def test_contrasts_are_judged_over_all_networks_that_there_are():
    measured = networks(GRU, ACCURACIES) + networks(FamiliesItem("lstm", 2), [0.9, 0.8, 0.7, 0.7])
    found = {each.statement: each for each in contrasts_table(measured)}
    assert list(found) == [
        "lstm: Watts-Strogatz above Barabási-Albert on average",
        "gru: Watts-Strogatz above Barabási-Albert on average",
    ]
    assert [len(each.measured) for each in found.values()] == [2, 3]
    *_, line = contrasts_markdown(measured).splitlines()
    assert line == (
        "| gru: Watts-Strogatz above Barabási-Albert on average | 3 | +0.070 | open | fig 6.32 |"
    )
    assert contrasts_table(records(BaseItem("gru"), [1.0])) == []


def test_every_contrast_is_answered_by_a_hundred_pairs_of_the_shipped_baseline(thesis_baseline):
    found = contrasts_table(thesis_baseline.records)
    assert len(found) == 12
    assert {len(each.measured) for each in found} == {100}


def test_networks_of_other_protocols_are_not_the_thesis_s():
    other = networks(WiredItem("gru", "watts_strogatz", 0, order="seed"), [0.9])
    four = networks(FourWaysItem("gru", "watts_strogatz", 50, 1), [0.9] * 4)
    measured = (*made_up.wired(graphs=1), *other, *four)
    assert len(wired_networks(measured)) == 3
    assert len(thesis_networks(measured)) == 2


# Pruned networks


def of_pruned(target="both", percent=90, epochs=10, accuracy=0.95, **fields):
    item = WiredPruningItem("gru", target, percent, graphs=2, epochs=epochs, **fields)
    return networks(item, [accuracy] * len(item.cases([])))


def test_pruned_networks_stand_by_percentage_with_what_they_were_before():
    measured = of_pruned("h2h") + of_pruned(percent=50, accuracy=0.985) + of_pruned()
    measured += of_pruned(semantics="corrected")
    assert pruned_markdown(measured).splitlines() == [
        "| semantics | pruned | variant | family | 50 % | 90 % |",
        "|---|---|---|---|---|---|",
        "| published | both | gru | barabasi_albert | 50 > 98 | 50 > 95 |",
        "| published | both | gru | watts_strogatz | 50 > 98 | 50 > 95 |",
        "| published | h2h | gru | barabasi_albert |  | 50 > 95 |",
        "| published | h2h | gru | watts_strogatz |  | 50 > 95 |",
        "| corrected | both | gru | barabasi_albert |  | 50 > 95 |",
        "| corrected | both | gru | watts_strogatz |  | 50 > 95 |",
    ]


def test_a_table_of_pruned_networks_is_of_the_longest_fine_tuning_only():
    lines = pruned_markdown(of_pruned(percent=50, epochs=2) + of_pruned() + of_pruned(epochs=2))
    assert lines.splitlines()[0] == "| semantics | pruned | variant | family | 90 % |"
    assert pruned_markdown(records(BaseItem("gru"), [1.0])).count("\n") <= 1
