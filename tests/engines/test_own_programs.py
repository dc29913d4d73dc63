"""A network runs the same in all programs, and they are timed in turn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from sparsebench.engines.own_programs import PROGRAMS, interleaved, one_thread, program
from sparsebench.parts.examples import Examples
from sparsebench.values.own_structure import Stack
from tests.own_networks import inputs_of, small_network
from tests.torch_strategies import flat

pytestmark = pytest.mark.usefixtures("one_width")

NEEDED = "the extra onnx is not installed: pip install 'sparsebench[onnx]'"


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"batch_first": True, "variant": "lstm", "stacks": [Stack(1, 4), Stack(2, 3)]},
        {"symbols": 5},
        {"reads": "every_step", "batch_first": True},
    ],
    ids=str,
)
def test_step_and_batch_are_the_networks(name: str, options: dict[str, Any]) -> None:
    if name == "ONNX Runtime":
        pytest.importorskip("onnx", reason=NEEDED)
        pytest.importorskip("onnxruntime", reason=NEEDED)
    network = small_network(**options)
    inputs = inputs_of(network, 5, 4)
    first = inputs if network.structure.batch_first else inputs.swapaxes(0, 1)
    kind = np.uint8 if network.structure.symbols else np.float32
    every = network.structure.reads == "every_step"
    answers = np.zeros((4, 5) if every else 4, np.int64)
    batch = Examples(np.ascontiguousarray(first, kind), np.full(4, 5), answers)
    made = program(name, network, batch)
    expected, _ = network.forward(inputs)
    said: Any = made.batch()
    found = np.asarray(said if name == "sparsebench" else said[0])
    np.testing.assert_allclose(found.reshape(expected.shape), expected, atol=1e-5)
    start = inputs[:1, :1]
    step, after = network.forward(start)
    said = made.step()
    np.testing.assert_allclose(np.asarray(said[0]).ravel(), step.ravel(), atol=1e-5)
    if name == "PyTorch":
        for own, its in zip(flat(said[1]), flat(after), strict=True):
            np.testing.assert_allclose(own, its, atol=1e-5)


def test_programs_run_in_turn_and_the_second_run_counts() -> None:
    order: list[str] = []
    times = interleaved({name: lambda name=name: order.append(name) for name in "ab"}, rounds=3)  # type: ignore[misc]
    assert order == [*"aabb"] * 5
    assert set(times) == {*"ab"}
    assert all(seconds >= 0 for seconds in times.values())


@pytest.mark.usefixtures("two_threads")
def test_torch_has_its_threads_back() -> None:
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2
