"""The pass that is timed is that of the trained network; a dense one stands beside it."""

from dataclasses import replace

import numpy as np
import pytest

from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.experiments.base.cases import LossTraceCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.experiments.random_wiring.measure import measure
from sparsebench.harness import forward_passes as forward
from sparsebench.harness.forward_passes import forward_passes
from sparsebench.harness.trained_models import model_of, network_of
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.values.case import BaseCase
from sparsebench.values.protocol import Architecture
from sparsebench.values.semantics import CORRECTED, PUBLISHED
from tests.harness import small

BASE = BaseCase(
    Architecture("gru", layers=2, hidden_size=4), 1, PUBLISHED, small.TRAINING, small.DATA
)
SPARSE = {
    "wired": small.wired(2, "gru", "watts_strogatz", vertices=9),
    "corrected": small.wired(2, "gru", "watts_strogatz", vertices=9, semantics=CORRECTED),
    "pruned-wired": small.retraining(2, variant="gru", family="watts_strogatz", vertices=9),
    "pruned-stacked": FinetuningCase(BASE, "both", 50, training=small.RETRAINING),
}


def logits_of(case, bench, strings):
    """What the trained network says, by the engine that trained it."""
    origin = case.network if isinstance(case, FinetuningCase) else case
    network, weights = network_of(case, bench), model_of(case, bench).weights
    trained = CpuPopulation(
        [sparse_layout(network.layout, network.masks)],
        [weights],
        origin.semantics.readout,
        small.TRAINING,
    )
    return trained.logits(strings, len(strings))[0]


@pytest.mark.parametrize("name", SPARSE)
def test_the_timed_network_is_the_trained_one(tmp_path, name):
    case, bench = SPARSE[name], small.bench(tmp_path)
    passes, strings = forward_passes(case, bench), bench.dataset(small.DATA).test
    first = strings.part(0, 1)
    for timed, some in ((passes.batch, strings), (passes.single, first)):
        assert timed.batch_size == len(some)
        assert timed.steps == some.lengths.max()
        np.testing.assert_allclose(timed.network(), logits_of(case, bench, some), atol=1e-5)
        assert timed.dense().shape == (len(some), 2)


def test_a_batch_has_128_strings_where_there_are_as_many(tmp_path):
    data = replace(small.DATA, test_valid=100, test_invalid=50)
    passes = forward_passes(small.wired(0, data=data), small.bench(tmp_path))
    assert (passes.batch.batch_size, passes.single.batch_size) == (128, 1)


def test_a_wired_network_is_timed_beside_the_thesis_model_of_its_variant(tmp_path, monkeypatch):
    from sparsebench.engines import timing

    built, build = [], timing.forward_pass

    def noted(architecture, *arguments):
        built.append(architecture)
        return build(architecture, *arguments)

    monkeypatch.setattr(timing, "forward_pass", noted)
    forward_passes(SPARSE["wired"], small.bench(tmp_path))
    assert set(built) == {Architecture("gru")}
    built.clear()
    forward_passes(SPARSE["pruned-stacked"], small.bench(tmp_path))
    assert set(built) == {BASE.architecture}


def test_density_is_the_share_of_the_weights_of_wholly_connected_layers(tmp_path):
    bench = small.bench(tmp_path)
    for name in ("wired", "corrected"):
        record = measure(SPARSE[name], bench)
        passes = forward_passes(SPARSE[name], bench)
        assert passes.density == record.properties["weight_density"]
    for case in (PruningCase(BASE, "both", 50), SPARSE["pruned-stacked"]):
        assert forward_passes(case, bench).density == pytest.approx(0.5, abs=0.01)
    assert forward_passes(BASE, bench).density == 1


def test_a_network_that_torch_computes_otherwise_is_not_timed(tmp_path, monkeypatch):
    monkeypatch.setattr(forward, "AGREEMENT", 0.0)
    with pytest.raises(ArithmeticError, match="differ from those of torch's layers by"):
        forward_passes(SPARSE["pruned-stacked"], small.bench(tmp_path))
    forward_passes(SPARSE["wired"], small.bench(tmp_path))  # torch has no such layers


def test_a_case_without_a_network_is_refused(tmp_path):
    with pytest.raises(TypeError, match="forward passes of a LossTraceCase are not timed: leave"):
        forward_passes(LossTraceCase(BASE), small.bench(tmp_path))


def test_a_cell_type_that_torch_does_not_have_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"forward passes of mgu networks are not timed, .* leave"):
        forward_passes(small.wired(0, "mgu"), small.bench(tmp_path))
