"""The streaming engine computes what the reference does, in steps and at once, in every format."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sparsebench.engines.reference import ReferenceNetwork
from sparsebench.engines.streaming.network import StreamingNetwork
from sparsebench.engines.streaming.packing import DTYPES, FORMATS
from sparsebench.parts.weights import initial_weights
from sparsebench.values.layout import Block, Layout
from sparsebench.values.protocol import CELL_TYPES, VARIANTS

TOLERANCE = 1e-5


class Drawn(NamedTuple):
    layout: Layout
    weights: dict[str, np.ndarray]
    masks: dict[str, np.ndarray]
    formats: dict[str, str]
    sequence: np.ndarray
    dtype: str


def stacked(variant: str, sizes: tuple[int, ...], width: int, symbols: int, classes: int) -> Layout:
    blocks = tuple(Block(layer - 1, layer) for layer in range(len(sizes)))
    return Layout(variant, sizes, blocks, width, symbols, classes)


@st.composite
def networks(draw: st.DrawFn, variant: str) -> Drawn:
    sizes = tuple(draw(st.lists(st.sampled_from([1, 3, 16, 17, 33]), min_size=1, max_size=3)))
    width, symbols = draw(st.sampled_from([1, 5, 16])), draw(st.sampled_from([0, 4]))
    layout = stacked(variant, sizes, width, symbols, draw(st.sampled_from([1, 2, 17])))
    if len(sizes) == 3 and draw(st.booleans()):
        skips = sorted([*layout.blocks, Block(0, 2)], key=lambda block: block.order)
        layout = replace(layout, blocks=tuple(skips))
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.RandomState(seed)
    matrices = [name for name in layout.shapes() if name.endswith((".i2h", ".h2h"))]
    density = draw(st.sampled_from([0.05, 0.5, 1.0]))
    masks = {name: random.random_sample(layout.shapes()[name]) < density for name in matrices}
    formats = {name: draw(st.sampled_from(FORMATS)) for name in (*matrices, "readout.weight")}
    steps, dtype = draw(st.integers(1, 9)), draw(st.sampled_from(DTYPES))
    sequence = (
        random.randint(0, symbols, steps)
        if symbols
        else random.standard_normal((steps, width)).astype(np.float32)
    )
    return Drawn(layout, initial_weights(layout, seed % 1000), masks, formats, sequence, dtype)


def quantised(matrix: np.ndarray) -> np.ndarray:
    """The nearest multiples of a 127th of the largest weight of each row."""
    steps = np.abs(matrix).max(1, keepdims=True) / 127
    return np.where(steps > 0, np.rint(matrix / np.where(steps > 0, steps, 1)), 0) * steps


def expected(drawn: Drawn) -> np.ndarray:
    """The reference's outputs after every step, in float64."""
    weights = {
        name: np.where(drawn.masks.get(name, True), array, 0) if name in drawn.formats else array
        for name, array in drawn.weights.items()
    }
    if drawn.dtype == "int8":
        weights |= {name: quantised(weights[name]) for name in drawn.formats}
    network = ReferenceNetwork(drawn.layout, weights, {}, "padded", torch.float64)
    inputs = torch.from_numpy(drawn.sequence)[:, None]
    inputs = inputs.long() if drawn.layout.symbols else inputs.double()
    return network.logits_at_every_step(inputs).detach().numpy()[:, 0]


@pytest.mark.parametrize("variant", CELL_TYPES)
@settings(max_examples=25)
@given(data=st.data())
def test_outputs_are_the_references(variant: str, data: st.DataObject) -> None:
    drawn = data.draw(networks(variant))
    network = StreamingNetwork(
        drawn.layout, drawn.weights, drawn.masks, drawn.formats, dtype=drawn.dtype
    )
    assert network.formats == drawn.formats
    said, after = network.run(drawn.sequence)
    np.testing.assert_allclose(said, expected(drawn), rtol=TOLERANCE, atol=TOLERANCE)
    state = network.start()
    for frame, whole in zip(drawn.sequence, said, strict=True):
        step, state = network.step(frame, state)
        np.testing.assert_allclose(step, whole, rtol=TOLERANCE, atol=TOLERANCE)
    for own, whole in zip(state.hidden + state.cells, after.hidden + after.cells, strict=True):
        np.testing.assert_allclose(own, whole, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_sequence_goes_on_from_a_state(variant: str) -> None:
    layout = stacked(variant, (20, 7), 3, 0, 2)
    network = StreamingNetwork(layout, initial_weights(layout, 0))
    sequence = np.random.RandomState(0).standard_normal((11, 3)).astype(np.float32)
    whole, end = network.run(sequence)
    first, middle = network.run(sequence[:4])
    kept = middle.hidden
    again = network.state(middle.hidden, middle.cells if variant == "lstm" else None)
    rest, last = network.run(sequence[4:], again)
    np.testing.assert_allclose(np.concatenate([first, rest]), whole, rtol=1e-6, atol=1e-6)
    for own, other in zip(last.hidden, end.hidden, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-6, atol=1e-6)
    network.step(sequence[0], middle)
    for own, before in zip(middle.hidden, kept, strict=True):
        np.testing.assert_array_equal(own, before)  # a step leaves the given state as it is


@pytest.mark.parametrize("variant", VARIANTS)
@settings(max_examples=10)
@given(data=st.data(), batch=st.integers(1, 9))
def test_sequences_of_a_batch_are_each_as_alone(
    variant: str, data: st.DataObject, batch: int
) -> None:
    drawn = data.draw(networks(variant))
    arrays = drawn.weights, drawn.masks
    network = StreamingNetwork(drawn.layout, *arrays, drawn.formats, dtype=drawn.dtype)
    together = np.stack([np.roll(drawn.sequence, shift, axis=0) for shift in range(batch)])
    said = network.run_batch(together)
    assert said.shape == (batch, len(drawn.sequence), drawn.layout.classes)
    for own, sequence in zip(said, together, strict=True):
        alone, _ = network.run(sequence)
        np.testing.assert_allclose(own, alone, rtol=TOLERANCE, atol=TOLERANCE)


def test_formats_are_measured_and_told() -> None:
    layout = stacked("gru", (64,), 64, 0, 2)
    weights = initial_weights(layout, 0)
    sparse = np.zeros((192, 64), np.bool_)
    sparse[:, 3] = True
    network = StreamingNetwork(layout, weights, {"layers.0.h2h": sparse})
    assert network.formats["layers.0.h2h"] in ("16x1", "8x1")
    assert set(network.formats) == {"layers.0.i2h", "layers.0.h2h", "readout.weight"}


def test_int8_takes_a_quarter_of_the_memory() -> None:
    layout = stacked("lstm", (64,), 64, 0, 16)
    weights, every = initial_weights(layout, 0), ("layers.0.i2h", "layers.0.h2h", "readout.weight")
    formats = dict.fromkeys(every, "full")
    floats, ints = (
        StreamingNetwork(layout, weights, formats=formats, dtype=dtype) for dtype in DTYPES
    )
    matrices, rows = 2 * 256 * 64 + 16 * 64, 2 * 256 + 16
    assert (floats.weight_bytes, ints.weight_bytes) == (4 * matrices, matrices + 4 * rows)


@pytest.mark.parametrize("form", ["16x1", "8x1"])
def test_int8_takes_less_in_blocks_too(form: str) -> None:
    layout = stacked("gru", (64,), 64, 0, 2)
    weights = initial_weights(layout, 0)
    matrices = ("layers.0.i2h", "layers.0.h2h")
    masks = {name: np.arange(192 * 64).reshape(192, 64) % 10 == 0 for name in matrices}
    floats, ints = (
        StreamingNetwork(layout, weights, masks, dict.fromkeys(matrices, form), dtype=dtype)
        for dtype in DTYPES
    )
    assert ints.weight_bytes < 0.5 * floats.weight_bytes


def test_what_does_not_fit_is_refused() -> None:
    layout = stacked("lstm", (4, 4), 3, 0, 2)
    weights = initial_weights(layout, 0)
    network = StreamingNetwork(layout, weights)
    with pytest.raises(ValueError, match=r"give 3 numbers"):
        network.step(np.zeros(4), network.start())
    with pytest.raises(ValueError, match=r"give numbers, \(steps, 3\)"):
        network.run(np.zeros((5, 2), np.float32))
    for shape in ((4, 5, 2), (3,), (2, 3), (0, 4, 3), (2, 0, 3), (2, 3, 4, 3)):
        said = rf"shape {re.escape(str(shape))}: give \(sequences, steps, 3\), one at least"
        with pytest.raises(ValueError, match=said):
            network.run_batch(np.zeros(shape))
    with pytest.raises(TypeError, match="state is a NoneType: give a State"):
        network.step(np.zeros(3), None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="1 arrays for 2 blocks"):
        network.state([np.zeros(4)])
    with pytest.raises(ValueError, match="for a block of 4 units"):
        network.state([np.zeros(4), np.zeros(5)])
    other = stacked("lstm", (4,), 3, 0, 2)
    with pytest.raises(ValueError, match="of another network"):
        network.step(np.zeros(3), StreamingNetwork(other, initial_weights(other, 0)).start())
    with pytest.raises(ValueError, match="unknown format 'dense'"):
        StreamingNetwork(layout, weights, formats={"layers.0.i2h": "dense"})
    with pytest.raises(ValueError, match="unknown dtype 'int4': choose one of float32, int8"):
        StreamingNetwork(layout, weights, dtype="int4")
    letters = stacked("gru", (4,), 3, 5, 2)
    reader = StreamingNetwork(letters, initial_weights(letters, 0))
    with pytest.raises(ValueError, match="from 0 to 4"):
        reader.step(5, reader.start())
    with pytest.raises(ValueError, match="give codes of letters"):
        reader.run(np.zeros((2, 3)))
