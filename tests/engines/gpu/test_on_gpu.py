"""The kernels as a GPU runs them, at the thesis's size: what the interpreter shows of small networks.

Skipped where torch sees no GPU.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.engines.populations import Stopped
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.parts.strings import generate
from sparsebench.parts.weights import initial_weights
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import CELL_TYPES, Architecture, ReberStrings, Training

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="torch sees no GPU: the interpreter tests the kernels"
)

TRAINING = Training(batch_size=128, learning_rate=0.002)
STRINGS = generate(ReberStrings(550, 550, 50, 50)).train


def networks(variant: str) -> tuple[list[SparseLayout], list[Weights]]:
    """Wired networks, a dense base model, and copies of it pruned by 50, 90 and 100 percent."""
    from sparsebench.experiments.engine_speed.measure import pruned_plans, wired_plans
    from sparsebench.parts.sparse_layout import sparse_layout

    architecture = Architecture(variant)
    pruned = pruned_plans(architecture)
    plans = [
        *wired_plans(variant, 4),
        sparse_layout(architecture.layout),
        *(pruned[n] for n in (24, 28, 9)),
    ]
    return plans, [initial_weights(each.layout, seed) for seed, each in enumerate(plans)]


def orders(count: int) -> list[np.ndarray]:
    """Eight steps and a short last one for most, fewer for the first."""
    shuffled = [np.random.RandomState(seed).permutation(len(STRINGS)) for seed in range(count)]
    return [shuffled[0][:100], *shuffled[1:]]


def on_gpu(
    plans: list[SparseLayout], weights: list[Weights], readout: str, **options: object
) -> object:
    from sparsebench.engines.gpu.population import GpuPopulation

    return GpuPopulation(plans, weights, readout, TRAINING, **options)


@pytest.mark.parametrize("readout", ["padded", "last_step"])
@pytest.mark.parametrize("variant", CELL_TYPES)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-9), ("float32", 2e-3)])
def test_steps_are_those_of_the_fused_cpu_engine(
    variant: str, readout: str, dtype: str, tolerance: float
) -> None:
    plans, weights = networks(variant)
    mine = on_gpu(plans, weights, readout, dtype=dtype)
    other = CpuPopulation(plans, weights, readout, TRAINING, dtype=dtype)
    before = mine.logits(STRINGS, 128)
    np.testing.assert_allclose(before, other.logits(STRINGS, 128), rtol=0, atol=tolerance)
    epochs = [each.train(STRINGS, orders(len(plans))) for each in (mine, other)]
    for ours, theirs in zip(*epochs, strict=True):
        np.testing.assert_allclose(ours.losses, theirs.losses, rtol=tolerance)
    after = mine.logits(STRINGS, 128)
    assert np.abs(after - before).max() > 0.01, "nothing was learned"
    np.testing.assert_allclose(after, other.logits(STRINGS, 128), rtol=0, atol=10 * tolerance)


@pytest.mark.parametrize("variant", CELL_TYPES)
def test_company_turns_and_another_run_change_no_bit(variant: str) -> None:
    plans, weights = networks(variant)
    given = orders(len(plans))
    runs = [on_gpu(plans, weights, "padded") for _ in range(2)]
    runs.append(on_gpu(plans, weights, "padded", scratch_bytes=1))
    alone = on_gpu(plans[1:2], weights[1:2], "padded")
    epochs = [each.train(STRINGS, given) for each in runs]
    (own,) = alone.train(STRINGS, given[1:2])
    assert np.array_equal(own.losses, epochs[0][1].losses)
    for number in range(len(plans)):
        expected = runs[0].weights(number)
        for other in runs[1:]:
            assert all(
                np.array_equal(array, expected[name])
                for name, array in other.weights(number).items()
            )
    assert all(
        np.array_equal(array, runs[0].weights(1)[name]) for name, array in alone.weights(0).items()
    )


def test_a_network_that_overflows_is_stopped_and_no_other() -> None:
    plans, weights = networks("rnn_relu")
    broken = {name: array * 1e30 for name, array in weights[4].items()}
    made = on_gpu(plans, [*weights[:4], broken, *weights[5:]], "padded")
    made.train(STRINGS, orders(len(plans)))
    assert made.stopped == {4: Stopped(1, "the loss is NaN or infinite")}
    assert made.train(STRINGS, orders(len(plans)))[4] is None


def in_batches(variant: str, **options: object) -> object:
    """Nine pruned base models, as batched products."""
    from sparsebench.engines.gpu.batched import BatchedPopulation
    from sparsebench.experiments.engine_speed.measure import pruned_plans

    plans = pruned_plans(Architecture(variant))[::4]
    weights = [initial_weights(each.layout, seed) for seed, each in enumerate(plans)]
    return BatchedPopulation(plans, weights, "padded", TRAINING, **options)


@pytest.mark.parametrize("variant", CELL_TYPES)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-9), ("float32", 2e-3)])
def test_batched_steps_are_those_of_a_cpu(variant: str, dtype: str, tolerance: float) -> None:
    mine, other = (in_batches(variant, device=each, dtype=dtype) for each in ("cuda", "cpu"))
    given = orders(len(mine.plans))
    for ours, theirs in zip(*(each.train(STRINGS, given) for each in (mine, other)), strict=True):
        np.testing.assert_allclose(ours.losses, theirs.losses, rtol=tolerance)
    np.testing.assert_allclose(
        mine.logits(STRINGS, 128), other.logits(STRINGS, 128), rtol=0, atol=10 * tolerance
    )


@pytest.mark.parametrize("variant", CELL_TYPES)
def test_another_run_in_batches_changes_no_bit(variant: str) -> None:
    runs = [in_batches(variant) for _ in range(2)]
    given = orders(len(runs[0].plans))
    for each in runs:
        for _ in range(3):
            each.train(STRINGS, given)
    for number in range(len(given)):
        expected = runs[0].weights(number)
        for name, array in runs[1].weights(number).items():
            np.testing.assert_array_equal(array, expected[name])


@pytest.mark.parametrize("rows", [16, 8])
@pytest.mark.parametrize("readout", ["padded", "last_step"])
@pytest.mark.parametrize("variant", CELL_TYPES)
def test_logits_by_blocks_of_rows_are_those_of_a_cpu(variant: str, readout: str, rows: int) -> None:
    from sparsebench.engines.gpu.forward import captured
    from sparsebench.engines.gpu.row_blocks import pass_by_blocks
    from sparsebench.experiments.engine_speed.measure import pruned_plans

    plan = pruned_plans(Architecture(variant))[28]
    weights = plan.unpack(plan.pack(initial_weights(plan.layout, 0)))
    strings = STRINGS.part(0, 100)
    run = captured(pass_by_blocks(plan, weights, readout, strings, "cuda", rows), "cuda")
    expected = CpuPopulation([plan], [weights], readout, TRAINING, dtype="float64")
    first = run()
    np.testing.assert_allclose(first, expected.logits(strings, 100)[0], rtol=0, atol=1e-5)
    np.testing.assert_array_equal(run(), first)
