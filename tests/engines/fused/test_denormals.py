"""Numbers below the smallest normal float are zero while networks are trained, and only then."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest

from sparsebench.engines.fused import population
from sparsebench.engines.fused.denormals import without_denormals
from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.strings import generate
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import Architecture, ReberStrings, Training

DENORMAL = np.full(8, 1e-40, np.float32)


def are_there() -> bool:
    """Whether this thread tells half of such a number from zero."""
    return bool((DENORMAL * np.float32(0.5) > 0).all())


def test_they_count_as_zero_inside_and_as_themselves_outside():
    assert are_there()
    with without_denormals():
        assert not are_there()
    assert are_there()


def test_an_error_leaves_nothing_behind():
    with pytest.raises(KeyError), without_denormals():
        raise KeyError
    assert are_there()


def test_other_threads_are_left_alone():
    with ThreadPoolExecutor(1) as pool:
        pool.submit(are_there).result()
        with without_denormals():
            assert pool.submit(are_there).result()


@pytest.mark.parametrize("threads", [1, 2])
def test_every_thread_that_trains_does_without_them(monkeypatch, threads):
    entered = []

    @contextmanager
    def noted():
        entered.append(True)
        with without_denormals():
            yield

    monkeypatch.setattr(population, "without_denormals", noted)
    data = generate(ReberStrings(8, 8, 4, 4)).train
    layout = Architecture("rnn_relu", layers=1, hidden_size=4).layout
    networks = [sparse_layout(layout)] * 2
    weights = [initial_weights(layout, seed) for seed in range(2)]
    trained = CpuPopulation(networks, weights, "padded", Training(batch_size=8), threads=threads)
    trained.train(data, [np.arange(len(data))] * 2)
    assert len(entered) == threads
