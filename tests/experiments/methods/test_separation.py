"""Methods are told apart where differences, paired by seed, have intervals clear of zero."""

from __future__ import annotations

import pytest

from sparsebench.experiments.methods.separation import (
    blocks_table,
    differences,
    scores_of,
    separation,
    separation_table,
)
from sparsebench.experiments.methods.table import Setting, settings_of
from tests.experiments.methods import tiny
from tests.experiments.methods.records import of_item


def setting(figure: str = "accuracy", **values: list[float]) -> Setting:
    """One setting, in which methods have some figures by seed, and no controls."""
    records = []
    for name, figures in values.items():
        records += of_item(tiny.item(name, controls=()), {"": figures}, figure)
    (found,) = settings_of(records)
    return found


FOUR = {
    "gradual": [0.90, 0.91, 0.92],
    "magnitude": [0.80, 0.95, 0.85],
    "snip": [0.70, 0.71, 0.72],
    "random": [0.50, 0.51, 0.52],
}


def test_pairs_and_the_longest_chain_are_those_of_paired_intervals() -> None:
    found = separation(setting(**FOUR), 0.1)
    assert found is not None
    # magnitude scatters: it is told from random alone
    assert (found.clear, found.pairs) == (4, 6)
    assert found.chain == ("gradual", "snip", "random")


def test_seeds_are_paired() -> None:
    swinging = [0.3, 0.6, 0.9]
    found = separation(setting(gradual=[each + 0.01 for each in swinging], snip=swinging), 0.1)
    assert found is not None
    assert found.chain == ("gradual", "snip")
    one = setting(gradual=[0.9, 0.8, 0.7], snip=[0.6, 0.6])
    assert differences(scores_of(one, 0.1), "gradual", "snip") == pytest.approx([0.3, 0.2])
    assert differences(scores_of(one, 0.5), "gradual", "snip") == []


def test_low_losses_are_better() -> None:
    found = separation(setting("loss", gradual=[0.1, 0.2, 0.1], snip=[1.0, 1.1, 1.0]), 0.1)
    assert found is not None
    assert found.chain == ("gradual", "snip")


def test_one_seed_or_one_method_tells_nothing() -> None:
    assert separation(setting(gradual=[0.9], snip=[0.5]), 0.1) is None
    assert separation(setting(gradual=[0.9, 0.8]), 0.1) is None


def test_tables_have_a_row_for_each_setting() -> None:
    assert separation_table([setting(gradual=[0.9], snip=[0.5])]) is None
    table = separation_table([setting(**FOUR)])
    assert table is not None
    assert table.texts == [
        [
            "digits-rows, gru of 8 units, 3 epochs",
            "4 of 6: gradual > snip > random",
        ]
    ]
    assert blocks_table([setting(**FOUR)]) is None
    both = blocks_table([setting(gradual=[0.9, 0.8], blocks=[0.85, 0.79])])
    assert both is not None
    assert both.texts[0][1].startswith("-3.0 (")
