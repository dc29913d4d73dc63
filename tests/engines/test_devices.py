"""Every device has populations of one kind, and refuses what it cannot train."""

from __future__ import annotations

import inspect
from dataclasses import replace

import pytest
import torch

from sparsebench.engines.devices import population
from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.engines.gpu import batched
from sparsebench.engines.gpu import population as gpu_population
from sparsebench.engines.gpu.population import GpuPopulation
from sparsebench.engines.populations import Population
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.weights import initial_weights
from sparsebench.values.layout import Block
from sparsebench.values.protocol import Architecture, Training

LAYOUT = Architecture("gru", layers=1, hidden_size=2).layout
WIRED = replace(LAYOUT, sizes=(2, 3), blocks=(Block(-1, 0), Block(0, 1)))


def test_a_cpus_population_is_that_of_the_fused_engine() -> None:
    made = population(
        [sparse_layout(LAYOUT)], [initial_weights(LAYOUT, 0)], "padded", Training(), "cpu"
    )
    assert isinstance(made, CpuPopulation)


def test_a_gpus_stacks_are_multiplied_as_batches_and_others_by_rows(monkeypatch) -> None:
    made = []
    for module, name in ((batched, "BatchedPopulation"), (gpu_population, "GpuPopulation")):
        monkeypatch.setattr(
            module, name, lambda plans, *others, name=name: made.append((name, len(plans)))
        )
    for layouts in ([LAYOUT, LAYOUT], [WIRED]):
        plans = [sparse_layout(layout) for layout in layouts]
        weights = [initial_weights(layout, 0) for layout in layouts]
        population(plans, weights, "padded", Training(), "cuda")
    assert made == [("BatchedPopulation", 2), ("GpuPopulation", 1)]


def test_without_a_gpu_the_error_says_what_to_do() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(RuntimeError, match=r"torch sees no CUDA device .* or run without --gpu"):
        population(
            [sparse_layout(LAYOUT)], [initial_weights(LAYOUT, 0)], "padded", Training(), "cuda"
        )


@pytest.mark.parametrize("engine", [CpuPopulation, GpuPopulation])
def test_engines_say_how_they_compute_and_nothing_else_anew(engine: type[Population]) -> None:
    assert not inspect.isabstract(engine)
    shared = {name for name in vars(Population) if not name.startswith("_")}
    assert shared == {"evaluate", "logits", "train", "weights"}
    assert not shared & vars(engine).keys()


@pytest.mark.parametrize(
    ("layout", "training", "message"),
    [
        (replace(WIRED, symbols=0), Training(), "optimiser adam, networks that read vectors"),
        (WIRED, Training(optimiser="nesterov"), "optimiser nesterov, networks that read letters"),
    ],
)
def test_what_a_gpu_cannot_train_is_refused_before_one_is_looked_for(
    layout, training, message
) -> None:
    with pytest.raises(ValueError, match=f"^{message}: .*leave out --gpu"):
        population(
            [sparse_layout(layout)], [initial_weights(layout, 0)], "padded", training, "cuda"
        )
