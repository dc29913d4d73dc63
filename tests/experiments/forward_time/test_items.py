"""Items of forward passes whose time is gated."""

import re
import subprocess
import sys

import pytest

from sparsebench.experiments.forward_time.cases import ForwardCase
from sparsebench.experiments.forward_time.items import SpeedItem, speed_items
from sparsebench.experiments.random_wiring.items import wired_case
from sparsebench.harness.items import base_case
from sparsebench.values.identity import digest
from sparsebench.values.protocol import VARIANTS
from tests.harness.settings import settings


def test_every_variant_has_a_item_and_an_id_that_can_be_chosen_with_k(tmp_path):
    both = settings(tmp_path, semantics=("published", "corrected"))
    items = both.planned(speed_items())
    assert [item.id for item in items] == [*VARIANTS, *(f"{name}-corrected" for name in VARIANTS)]
    assert all(re.fullmatch(r"[a-z0-9_]+(-[a-z0-9_]+)*", item.id) for item in items)


@pytest.mark.parametrize("seeds", [[0], [5], range(3)])
@pytest.mark.parametrize("semantics", ["published", "corrected"])
def test_a_item_runs_dense_pruned_and_wired_networks_whatever_seeds_the_run_has(seeds, semantics):
    base = base_case("lstm", 0, semantics)
    wired = wired_case("lstm", "watts_strogatz", 0, semantics)
    cases = SpeedItem("lstm", semantics).cases(seeds)
    assert cases == [
        ForwardCase(base, 0),
        ForwardCase(base, 50),
        ForwardCase(base, 90),
        ForwardCase(wired, 0),
    ]
    assert len({digest(case) for case in cases}) == 4


def test_choices_may_be_generators():
    assert speed_items(iter(("lstm", "gru"))) == [SpeedItem("lstm"), SpeedItem("gru")]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: speed_items(["elman"]), "unknown variant 'elman'"),
        (lambda: speed_items(["mgu"]), "variant is 'mgu', and torch.nn has no such layer: choose"),
        (lambda: SpeedItem("gru", "right"), "unknown semantics 'right'"),
    ],
)
def test_an_unknown_choice_is_refused(make, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        make()


def test_collecting_items_loads_no_library_that_takes_a_while():
    code = (
        "import sys\n"
        "from sparsebench import ThresholdItem, finetuning_items, speed_items\n"
        "speed_items(), finetuning_items(2), ThresholdItem(2)\n"
        "assert not {'networkx', 'torch', 'numba', 'llvmlite', 'scipy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
