"""Forward passes of networks as they are before their first step: nothing is trained for them."""

from dataclasses import replace

import numpy as np
import pytest

from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.experiments.forward_time.cases import ForwardCase
from sparsebench.experiments.forward_time.measure import measure
from sparsebench.experiments.random_wiring import measure as wired
from sparsebench.experiments.random_wiring.network import wired_network
from sparsebench.harness import measuring
from sparsebench.harness.forward_passes import forward_passes
from sparsebench.harness.trained_models import request
from sparsebench.parts.records import check_complete, check_finite
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.weights import initial_weights, recurrent_weights
from sparsebench.values.case import BaseCase
from sparsebench.values.identity import digest, restore
from sparsebench.values.masks import masked
from sparsebench.values.protocol import Architecture
from sparsebench.values.semantics import CORRECTED, PUBLISHED
from tests.harness import small

BASE = BaseCase(
    Architecture("gru", layers=2, hidden_size=4), 1, PUBLISHED, small.TRAINING, small.DATA
)
WIRED = small.wired(2, "gru", "watts_strogatz", vertices=9)
CASES = {
    "dense": ForwardCase(BASE),
    "pruned": ForwardCase(BASE, 90),
    "wired": ForwardCase(WIRED),
    "wired-corrected": ForwardCase(replace(WIRED, semantics=CORRECTED)),
    "pruned-wired": ForwardCase(WIRED, 50),
}
TOTAL = 2 * 2 * 3 * 4 * 4  # layers, matrices, gates, and what each gate connects


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


def test_a_record_is_complete_finite_and_of_its_case(tmp_path, case):
    bench = small.bench(tmp_path)
    record = measure(case, bench)
    check_complete(record)
    check_finite(record)
    assert (record.digest, record.experiment) == (digest(case), "forward")
    assert restore(record.case) == case
    assert (record.timing, record.weights, record.history) == (None, "", {})
    assert bench.provenances[record.provenance] == bench.here
    assert measuring.measure(case, bench) == record


def test_nothing_is_trained_and_nothing_is_wanted(tmp_path, case, monkeypatch):
    noted, bench = small.noted_trainings(monkeypatch), small.bench(tmp_path)
    request([case], bench)
    measure(case, bench)
    forward_passes(case, bench)
    assert (bench.requested.cases, noted) == ({}, [])


@pytest.mark.parametrize(("percent", "kept"), [(0, TOTAL), (50, TOTAL / 2), (100, 1)])
def test_the_published_rule_prunes_the_weights_of_the_whole_model(tmp_path, percent, kept):
    metrics = measure(ForwardCase(BASE, percent), small.bench(tmp_path)).metrics
    assert metrics == {"kept": kept, "density": kept / TOTAL}


def test_the_corrected_rule_prunes_exactly_its_share(tmp_path):
    corrected, bench = replace(BASE, semantics=CORRECTED), small.bench(tmp_path)
    assert measure(ForwardCase(corrected, 75), bench).metrics["density"] == 0.25
    assert measure(ForwardCase(corrected, 100), bench).metrics["kept"] == 0


@pytest.mark.parametrize("name", ["wired", "wired-corrected"])
def test_a_wired_network_has_the_weights_that_it_is_trained_with(tmp_path, name):
    bench, case = small.bench(tmp_path), CASES[name]
    trained = wired.measure(case.network, bench)
    metrics = measure(case, bench).metrics
    assert metrics["kept"] == trained.properties["recurrent_weights"]
    assert metrics["density"] == trained.properties["weight_density"]


def test_what_a_wired_network_lacks_does_not_count_as_pruned(tmp_path):
    network = wired_network(WIRED)
    had, total = recurrent_weights(network.layout, network.masks)
    metrics = measure(ForwardCase(WIRED, 50), small.bench(tmp_path)).metrics
    assert metrics["kept"] == pytest.approx(had / 2, abs=1)
    assert metrics["density"] == metrics["kept"] / total


def test_the_timed_network_is_that_of_the_initial_weights(tmp_path, case):
    bench = small.bench(tmp_path)
    passes, strings = forward_passes(case, bench), bench.dataset(small.DATA).test
    assert passes.density == measure(case, bench).metrics["density"]
    for timed, some in ((passes.batch, strings), (passes.single, strings.part(0, 1))):
        assert timed.batch_size == len(some)
        assert timed.steps == some.lengths.max()
        assert timed.dense().shape == (len(some), 2)
        if case.percent == 0 and isinstance(case.network, BaseCase):
            np.testing.assert_allclose(timed.network(), initial_logits(case, some), atol=1e-5)


def initial_logits(case, strings):
    layout = case.network.architecture.layout
    weights = masked(initial_weights(layout, case.seed), {})
    readout = case.network.semantics.readout
    (logits,) = CpuPopulation([sparse_layout(layout)], [weights], readout, small.TRAINING).logits(
        strings, len(strings)
    )
    return logits


def test_a_dense_network_is_timed_beside_one_of_its_own_shape(tmp_path, monkeypatch):
    from sparsebench.engines import timing

    built, build = [], timing.forward_pass

    def noted(architecture, *arguments):
        built.append(architecture)
        return build(architecture, *arguments)

    monkeypatch.setattr(timing, "forward_pass", noted)
    for name, expected in (("pruned", BASE.architecture), ("wired", Architecture("gru"))):
        built.clear()
        forward_passes(CASES[name], small.bench(tmp_path))
        assert set(built) == {expected}


@pytest.mark.parametrize("size", [1, 7, 40, 128])
def test_a_batch_has_as_many_strings_as_the_case_says_or_all(tmp_path, size):
    """There are 40."""
    passes = forward_passes(ForwardCase(BASE, 90, size), small.bench(tmp_path))
    assert passes.batch.batch_size == min(size, 40)
