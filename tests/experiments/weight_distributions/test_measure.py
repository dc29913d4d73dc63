"""The record of a distribution of weights."""

from dataclasses import replace

import numpy as np
import pytest

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.weight_distributions.cases import WeightsCase
from sparsebench.experiments.weight_distributions.comparison import WEIGHTS
from sparsebench.experiments.weight_distributions.descriptor import EXPERIMENT
from sparsebench.experiments.weight_distributions.measure import measure
from sparsebench.harness import measuring
from sparsebench.harness.trained_models import model_of, network_of
from sparsebench.parts.records import check_complete, check_finite
from sparsebench.values.identity import digest, restore
from tests.harness import small

BASE = small.base(0, "gru")
WIRED = small.wired(1, "lstm", "watts_strogatz", vertices=12)
FINETUNED = FinetuningCase(BASE, "both", 60, training=small.RETRAINING)
(MEASUREMENT,) = EXPERIMENT.measurements


@pytest.mark.parametrize(
    "case",
    [WeightsCase(BASE), WeightsCase(WIRED), WeightsCase(BASE, "h2h", 100), WeightsCase(FINETUNED)],
    ids=["base", "wired", "pruned", "fine-tuned"],
)
def test_a_record_is_complete_finite_and_of_its_case(tmp_path, case):
    bench = small.bench(tmp_path)
    record = measure(case, bench)
    check_complete(record)
    check_finite(record)
    MEASUREMENT.check(case, record)
    assert (record.digest, record.experiment) == (digest(case), "weights")
    assert restore(record.case) == case
    assert measuring.measure(case, bench) == record


def test_pruned_weights_do_not_count(tmp_path):
    bench = small.bench(tmp_path)
    whole, pruned = (
        measure(case, bench) for case in (WeightsCase(BASE), WeightsCase(BASE, "h2h", 80))
    )
    assert whole.metrics["density"] == 1
    assert pruned.tables["count"]["i2h"] == whole.tables["count"]["i2h"] == 2 * 3 * 25
    assert pruned.tables["count"]["h2h"] == pytest.approx(0.2 * 2 * 3 * 25, abs=1)
    assert pruned.metrics["kept"] == pruned.tables["count"]["both"] == sum(pruned.history["both"])
    assert pruned.tables["sd"]["h2h"] > whole.tables["sd"]["h2h"]
    assert pruned.tables["sd"]["i2h"] == whole.tables["sd"]["i2h"]


def test_a_fine_tuned_network_is_described_without_what_was_pruned(tmp_path):
    bench = small.bench(tmp_path)
    record, weights = measure(WeightsCase(FINETUNED), bench), model_of(FINETUNED, bench).weights
    kept = network_of(FINETUNED, bench).masks["layers.1.i2h"][5:10]
    assert record.tables["count"]["layers.1.i2h.z"] == kept.sum()
    expected = weights["layers.1.i2h"][5:10][kept].astype(float).mean()
    assert record.tables["mean"]["layers.1.i2h.z"] == pytest.approx(expected, rel=1e-5)


def test_of_a_network_with_skips_only_what_pools_all_layers_has_a_histogram(tmp_path):
    record = measure(WeightsCase(WIRED), small.bench(tmp_path))
    layers = {name for name in record.tables["count"] if name.startswith("layers.")}
    assert layers
    assert not layers & record.history.keys()
    assert {"i2h", "h2h.f", "both", "readout"} <= record.history.keys()
    assert {name.rpartition(".")[2] for name in layers} == {"i2h", "h2h"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": "h2h"}, "target is 'h2h' and percent is None: give both"),
        ({"percent": 50}, "target is None and percent is 50: give both"),
        ({"target": "biases", "percent": 50}, "unknown target 'biases'"),
        ({"target": "both", "percent": 101}, "percent"),
    ],
)
def test_half_a_pruning_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(WeightsCase(BASE), **changes)


def test_bins_that_do_not_add_up_are_refused(tmp_path):
    case = WeightsCase(BASE)
    record = measure(case, small.bench(tmp_path))
    record.history["i2h"][60] += 1
    with pytest.raises(ValueError, match="the bins of i2h do not add up to its weights"):
        MEASUREMENT.check(case, record)
    record.history["i2h"] = record.history["i2h"][1:]
    with pytest.raises(ValueError, match="121 bins of i2h, not 122"):
        MEASUREMENT.check(case, record)


@pytest.mark.parametrize("numerics", ["1", ""], ids=["one arithmetic", "another"])
def test_one_figure_that_moves_is_a_change(tmp_path, numerics):
    bench = small.bench(tmp_path)
    was, now = measure(WeightsCase(BASE), bench), measure(WeightsCase(BASE), bench)
    was.numerics = now.numerics = numerics
    assert WEIGHTS.change([was], [now]).kind == "unchanged"
    now.tables = {
        **now.tables,
        "sd": {**now.tables["sd"], "h2h": np.nextafter(now.tables["sd"]["h2h"], 9)},
    }
    change = WEIGHTS.change([was], [now])
    assert change.kind == "changed"
    assert "sd of h2h is" in change.reason


def test_other_weights_decide_nothing(tmp_path):
    bench = small.bench(tmp_path)
    was, now = measure(WeightsCase(BASE), bench), measure(WeightsCase(small.base(1, "gru")), bench)
    assert WEIGHTS.change([was], [now]).kind == "undecided"
