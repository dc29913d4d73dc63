"""Items of wired networks: the thesis's, ids that -k understands, and what they measure."""

import re
from dataclasses import replace

import pytest

from sparsebench.experiments.equal_parameters.cases import WAYS, FourWaysCase
from sparsebench.experiments.equal_parameters.items import FourWaysItem, four_ways_items
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.graph_statistics.cases import WiredPopulation
from sparsebench.experiments.graph_statistics.items import correlation_items, prediction_items
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.items import (
    FamiliesItem,
    VariantsItem,
    WiredItem,
    WiredPruningItem,
    families_items,
    variants_items,
    wired_case,
    wired_items,
    wired_pruning_items,
)
from sparsebench.harness.items import PERCENTS
from sparsebench.parts.graphs import FAMILIES
from sparsebench.parts.wirings import ORDERS
from sparsebench.values.graphs import PUBLISHED_FAMILIES, GraphSpec
from sparsebench.values.protocol import TARGETS, VARIANTS, Training
from sparsebench.values.semantics import CORRECTED, PUBLISHED
from tests.harness.settings import settings

BOTH = ("published", "corrected")
THESIS = Training(15, 128, 0.001, 5.0)


def every_kind():
    """All items of each benchmark, and those with other families, orders or criteria."""
    return {
        "wired": [
            *wired_items(12, families=FAMILIES),
            *(item for order in ORDERS for item in wired_items(2, order=order)),
        ],
        "families": families_items(8),
        "variants": variants_items(8),
        "pruned": wired_pruning_items(2, 2),
        "four ways": four_ways_items(2, [50, 90]),
    }


@pytest.mark.parametrize("kind", every_kind())
def test_ids_can_be_chosen_with_k_and_are_unique(tmp_path, kind):
    items = settings(tmp_path, semantics=BOTH).planned(every_kind()[kind])
    assert len({item.id for item in items}) == len(items) == 2 * len(every_kind()[kind])
    assert all(re.fullmatch(r"[a-z0-9_]+(-[a-z0-9_]+)*", item.id) for item in items)
    assert sum(item.id.endswith("-corrected") for item in items) == len(items) / 2


def test_ids_are_those_of_the_documentation():
    assert WiredItem("gru", "watts_strogatz", 17).id == "gru-watts_strogatz-s17"
    assert WiredItem("gru", "layered", 0, "corrected", "seed").id == "gru-layered-s0-seed-corrected"
    assert FamiliesItem("lstm", 8).id == "lstm"
    assert VariantsItem("barabasi_albert", 8).id == "barabasi_albert"
    assert WiredPruningItem("gru", "both", 90, 2, 2).id == "gru-both-p90"
    own = WiredPruningItem("gru", "both", 90, 2, 2, "corrected", "signed")
    assert own.id == "gru-both-p90-signed-corrected"
    assert FourWaysItem("gru", "layered", 50, 1).id == "gru-layered-p50"


# What they measure


def test_the_thesis_has_a_network_for_every_variant_family_and_seed():
    items = wired_items(100)
    assert len(items) == 800
    assert {(item.variant, item.family) for item in items} == {
        (variant, family) for variant in VARIANTS for family in PUBLISHED_FAMILIES
    }
    assert {item.seed for item in items} == set(range(100))
    assert {item.order for item in items} == {None}


@pytest.mark.parametrize("seeds", [[0], [5], range(3)])
def test_a_wired_item_is_one_network_whatever_seeds_the_run_has(seeds):
    item = WiredItem("gru", "watts_strogatz", 17)
    expected = WiredCase("gru", GraphSpec("watts_strogatz", 17), 17, PUBLISHED, THESIS)
    assert item.cases(seeds) == [expected]
    (corrected,) = replace(item, semantics="corrected").cases(seeds)
    assert corrected == replace(expected, semantics=CORRECTED)
    (ordered,) = replace(item, order="seed").cases(seeds)
    assert ordered.graph == GraphSpec("watts_strogatz", 17, order="seed")


def test_groups_are_of_the_networks_that_are_measured_alone():
    alone = {case for item in wired_items(3) for case in item.cases([0])}
    families = [item.cases([0]) for item in families_items(3)]
    variants = [item.cases([0]) for item in variants_items(3)]
    assert {case for cases in families for case in cases} == alone
    assert {case for cases in variants for case in cases} == alone
    assert [[case.graph.family for case in cases] for cases in families] == [
        ["watts_strogatz"] * 3 + ["barabasi_albert"] * 3
    ] * 4
    assert [[case.variant for case in cases] for cases in variants] == [
        [variant for variant in VARIANTS for _ in range(3)]
    ] * 2
    assert all([case.seed for case in cases] == [0, 1, 2] * 2 for cases in families)


def test_a_group_under_corrected_semantics_is_of_corrected_networks():
    for item in (
        FamiliesItem("gru", 2, "corrected"),
        VariantsItem("watts_strogatz", 2, "corrected"),
    ):
        assert {case.semantics for case in item.cases([0])} == {CORRECTED}


def test_pruned_networks_are_the_measured_ones_trained_again_for_the_epochs_of_the_profile():
    item = WiredPruningItem("lstm", "i2h", 80, graphs=2, epochs=10, semantics="corrected")
    networks = [
        wired_case("lstm", family, seed, "corrected")
        for family in PUBLISHED_FAMILIES
        for seed in range(2)
    ]
    assert item.cases(range(3)) == [
        FinetuningCase(network, "i2h", 80, "magnitude", Training(10, 128)) for network in networks
    ]


def test_the_pruned_grid_is_four_variants_three_targets_and_ten_percentages():
    items = wired_pruning_items(2, 3)
    assert {(item.variant, item.target, item.percent) for item in items} == {
        (variant, target, percent)
        for variant in VARIANTS
        for target in TARGETS
        for percent in PERCENTS
    }
    assert {(item.graphs, item.epochs) for item in items} == {(2, 3)}


def test_choices_may_be_generators():
    items = wired_pruning_items(
        1, 1, (name for name in ("lstm", "gru")), iter(TARGETS), iter([50, 90]), "magnitude"
    )
    assert len(items) == 12
    assert len(wired_items(2, iter(("lstm", "gru")), iter(PUBLISHED_FAMILIES))) == 8
    assert len(four_ways_items(1, iter([50, 90]), iter(("lstm", "gru")), iter(["layered"]))) == 4


def test_four_ways_are_compared_network_by_network():
    cases = FourWaysItem("gru", "watts_strogatz", 50, 2).cases([0])
    assert [(case.way, case.seed) for case in cases] == [
        (way, seed) for way in WAYS for seed in (0, 1)
    ]
    for case in cases:
        assert isinstance(case, FourWaysCase)
        assert case.wired.graph == GraphSpec("watts_strogatz", case.seed, 20)
        assert case.wired.training.epochs == case.training.epochs + case.retraining.epochs


# Other seeds, and more of them


def first_seeds(cases):
    """The seeds of graphs and networks, in order."""
    networks = [getattr(case, "network", getattr(case, "wired", case)) for case in cases]
    assert all(network.graph.seed == network.seed for network in networks)
    return [network.seed for network in networks]


@pytest.mark.parametrize(
    ("items", "seeds"),
    [
        (wired_items(2, ["gru"], ["layered"], first=100), [100, 101]),
        (families_items(2, ["gru"], first=100), [100, 101] * 2),
        (variants_items(2, first=100)[:1], [100, 101] * 4),
        (wired_pruning_items(2, 1, ["gru"], ["both"], [90], first=100), [100, 101] * 2),
        (four_ways_items(2, [50], ["gru"], ["layered"], first=100), [100, 101] * 4),
    ],
    ids=["wired", "families", "variants", "pruned", "four-ways"],
)
def test_the_first_seed_may_be_chosen(items, seeds):
    assert first_seeds(case for item in items for case in item.cases([0])) == seeds


def test_ids_of_groups_stay_what_they_are_at_other_seeds():
    for make in (families_items, variants_items):
        assert [item.id for item in make(2, first=100)] == [item.id for item in make(2)]
    (pruned,) = wired_pruning_items(2, 1, ["gru"], ["both"], [90], first=100)
    (ways,) = four_ways_items(2, [50], ["gru"], ["layered"], first=100)
    assert (pruned.id, ways.id) == ("gru-both-p90", "gru-layered-p50")


@pytest.mark.parametrize(("asked", "graphs"), [(0, 4), (3, 4), (4, 4), (6, 6)])
def test_a_group_has_more_networks_where_more_seeds_are_asked_for(asked, graphs):
    families = FamiliesItem("gru", 4, first=10).cases(range(asked))
    variants = VariantsItem("layered", 4, first=10).cases(range(asked))
    assert first_seeds(families) == [*range(10, 10 + graphs)] * 2
    assert first_seeds(variants) == [*range(10, 10 + graphs)] * 4


def test_more_seeds_add_networks_and_change_none():
    for item in (FamiliesItem("gru", 2), VariantsItem("layered", 2)):
        assert set(item.cases(range(2))) < set(item.cases(range(5)))


# What is refused


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: wired_items(1, ["elman"]), "unknown variant 'elman': choose one of rnn_tanh"),
        (lambda: wired_items(1, families=["rings"]), "unknown family 'rings': .* watts_strogatz"),
        (lambda: wired_items(1, order="size"), "unknown order 'size': .* nodes, seed, breadth"),
        (lambda: WiredItem("gru", "layered", -1), "seed is -1: .* at least 0"),
        (
            lambda: WiredItem("gru", "layered", 0, "right"),
            "unknown semantics 'right': .* published",
        ),
        (lambda: families_items(1, ["elman"]), "unknown variant 'elman'"),
        (lambda: families_items(0), "graphs is 0: .* at least 1"),
        (lambda: FamiliesItem("gru", 1, "right"), "unknown semantics 'right'"),
        (lambda: variants_items(0), "graphs is 0: .* at least 1"),
        (lambda: VariantsItem("layered", 1, "right"), "unknown semantics 'right'"),
        (lambda: wired_pruning_items(1, 1, ["elman"]), "unknown variant 'elman'"),
        (lambda: wired_pruning_items(1, 1, targets=["h3h"]), "unknown target 'h3h'"),
        (lambda: wired_pruning_items(1, 1, percents=[101]), "percent is 101: .* from 0 to 100"),
        (lambda: wired_pruning_items(0, 1), "graphs is 0: .* at least 1"),
        (lambda: wired_pruning_items(1, 0), "epochs is 0: .* at least 1"),
        (lambda: WiredPruningItem("gru", "i2h", 1, 1, 1, "right"), "unknown semantics 'right'"),
        (
            lambda: wired_pruning_items(1, 1, criterion="nope"),
            "unknown criterion 'nope': choose one of magnitude",
        ),
        (lambda: four_ways_items(1, [50], ["elman"]), "unknown variant 'elman'"),
        (lambda: four_ways_items(1, [100]), "percent is 100: .* from 1 to 99"),
        (lambda: four_ways_items(0, [50]), "graphs is 0: .* at least 1"),
        (
            lambda: four_ways_items(1, [50], families=["rings"]),
            "unknown family 'rings': .* watts_strogatz",
        ),
    ],
)
def test_an_unknown_choice_is_refused_before_anything_is_trained(make, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        make()


def test_a_family_of_ones_own_has_items_once_it_is_registered(monkeypatch):
    with pytest.raises(ValueError, match="unknown family 'mine'"):
        wired_items(1, families=["mine"])
    monkeypatch.setitem(FAMILIES, "mine", FAMILIES["layered"])
    assert [item.id for item in wired_items(1, ["gru"], ["mine"])] == ["gru-mine-s0"]


def test_collecting_the_thesis_items_loads_no_graph_library():
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from sparsebench import families_items, variants_items, wired_items, wired_pruning_items\n"
        "wired_items(2), families_items(2), variants_items(2), wired_pruning_items(1, 1)\n"
        "assert not {'networkx', 'torch', 'numba'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("graphs", [10_001, 10**9, 10**30])
@pytest.mark.parametrize(
    "make",
    [
        wired_items,
        families_items,
        variants_items,
        lambda graphs: four_ways_items(graphs, [50]),
        lambda graphs: wired_pruning_items(graphs, 1),
        correlation_items,
        lambda graphs: prediction_items(5, graphs),
        lambda graphs: WiredPopulation("gru", graphs),
    ],
    ids=["wired", "families", "variants", "ways", "pruned", "correlation", "prediction", "all"],
)
def test_more_graphs_than_can_be_collected_are_refused_at_once(make, graphs):
    with pytest.raises(ValueError, match=f"^graphs is {graphs}: give .* at most"):
        make(graphs)
