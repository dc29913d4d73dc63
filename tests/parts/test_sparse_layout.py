from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from sparsebench.parts.sparse_layout import FULL_FROM, SparseLayout, sparse_layout
from sparsebench.parts.weights import initial_weights
from sparsebench.values.layout import GATES, INPUT
from sparsebench.values.masks import masked
from sparsebench.values.protocol import Architecture
from tests import network_strategies

SMALL = Architecture("gru", layers=2, hidden_size=3).layout


def numbered(network: network_strategies.SparseNetwork) -> dict[str, np.ndarray]:
    """Arrays of the layout's shapes, in which no number comes twice."""
    arrays, count = {}, 1
    for name, shape in network.layout.shapes().items():
        size = int(np.prod(shape))
        arrays[name] = np.arange(count, count + size, dtype=np.float64).reshape(shape)
        count += size
    return arrays


def listed(network: network_strategies.SparseNetwork) -> dict[str, np.ndarray]:
    """Which entries of each array have a place: the kept ones, or all where nearly all are kept."""
    entries = {}
    for name, shape in network.layout.shapes().items():
        mask = network.masks.get(name, np.ones(shape, np.bool_))
        entries[name] = mask if mask.mean() < FULL_FROM else np.ones(shape, np.bool_)
    return entries


def row_by_row(
    made: SparseLayout, flat: np.ndarray, block: np.void, kind: str, shape: tuple[int, int]
) -> np.ndarray:
    """A dense matrix from the structure of its rows."""
    dense = np.zeros(shape)
    for row in range(shape[0]):
        begin, end = made.starts[block[kind] + row : block[kind] + row + 2]
        dense[row, made.columns[begin:end]] = flat[begin:end]
        assert np.all(np.diff(made.columns[begin:end]) > 0)
    return dense


def column_by_column(
    made: SparseLayout, flat: np.ndarray, block: np.void, kind: str, shape: tuple[int, int]
) -> np.ndarray:
    """The same from the structure of its columns."""
    gates = GATES[made.layout.variant]
    hidden = shape[0] // gates
    shared = {"gru": 2, "mgu": 1}.get(made.layout.variant, gates) * hidden
    dense = np.zeros((shape[0] + hidden, shape[1]))
    for column in range(shape[1]):
        first = block[f"{kind}_back"] + column
        begin, end = made.back_starts[first : first + 2]
        dense[made.back_rows[begin:end], column] = flat[made.back_entries[begin:end]]
        assert np.all(np.diff(made.back_rows[begin:end]) > 0)
    if kind == "h2h" and shared < shape[0]:
        assert not dense[shared : shape[0]].any()
        return np.concatenate([dense[:shared], dense[shape[0] :]])
    assert not dense[shape[0] :].any()
    return dense[: shape[0]]


@given(network=network_strategies.sparse_networks)
def test_packing_lists_every_kept_entry_once_and_zeros_in_holes(
    network: network_strategies.SparseNetwork,
) -> None:
    made, arrays = sparse_layout(network.layout, network.masks), numbered(network)
    places, kept = listed(network), masked(arrays, network.masks)
    expected = np.concatenate([array[places[name]] for name, array in kept.items()])
    flat = made.pack(arrays, np.float64)
    assert flat.dtype == np.float64
    assert flat.shape == (made.size,)
    assert flat.tolist() == expected.tolist()  # in the order of the arrays, row by row
    assert made.holes.tolist() == np.flatnonzero(flat == 0).tolist()
    matrices = [name for name in arrays if name.endswith((".i2h", ".h2h"))]
    assert made.kept == sum(int(places[name].sum()) for name in matrices)


@pytest.mark.parametrize(("kept", "holes"), [(16, 0), (17, 10), (26, 1), (27, 0), (0, 0)])
def test_a_mask_that_keeps_most_entries_leaves_holes(kept: int, holes: int) -> None:
    mask = np.arange(27).reshape(9, 3) < kept
    made = sparse_layout(SMALL, {"layers.1.h2h": mask})
    assert len(made.holes) == holes
    assert made.size == sparse_layout(SMALL).size - (27 - kept - holes)


@pytest.mark.parametrize("kept", [16, 17])
def test_what_a_vector_says_of_pruned_entries_is_not_unpacked(kept: int) -> None:
    mask = np.arange(27).reshape(9, 3) < kept
    made = sparse_layout(SMALL, {"layers.1.h2h": mask})
    assert np.array_equal(made.unpack(np.ones(made.size))["layers.1.h2h"], mask)


@given(network=network_strategies.sparse_networks)
def test_unpacking_gives_back_what_was_packed(network: network_strategies.SparseNetwork) -> None:
    made = sparse_layout(network.layout, network.masks)
    flat = made.pack(network.weights)
    assert flat.dtype == np.float32
    for pruned, expected in (
        (None, masked(network.weights, network.masks)),
        (network.weights, network.weights),
    ):
        arrays = made.unpack(flat, pruned)
        assert list(arrays) == list(expected)
        for name, array in arrays.items():
            assert array.dtype == np.float32
            assert np.array_equal(array, expected[name])


@given(network=network_strategies.sparse_networks)
def test_pruned_entries_come_from_where_they_are_said_to(
    network: network_strategies.SparseNetwork,
) -> None:
    made = sparse_layout(network.layout, network.masks)
    others = {name: array + 1 for name, array in network.weights.items()}
    arrays = made.unpack(made.pack(network.weights), others)
    for name, array in arrays.items():
        keep = network.masks.get(name, np.ones(array.shape, np.bool_))
        assert np.array_equal(array, np.where(keep, network.weights[name], others[name]))


@given(network=network_strategies.sparse_networks)
def test_what_is_unpacked_can_be_written_to(network: network_strategies.SparseNetwork) -> None:
    made = sparse_layout(network.layout, network.masks)
    flat = made.pack(network.weights)
    for array in made.unpack(flat, network.weights).values():
        array[...] = 7
    assert np.array_equal(flat, made.pack(network.weights))
    assert not any(np.any(array == 7) for array in network.weights.values())


@given(network=network_strategies.sparse_networks)
def test_rows_and_columns_lead_to_the_same_kept_entries(
    network: network_strategies.SparseNetwork,
) -> None:
    made, arrays = sparse_layout(network.layout, network.masks), numbered(network)
    flat, kept = made.pack(arrays, np.float64), masked(arrays, network.masks)
    assert len(made.blocks) == len(network.layout.blocks)
    for record, block in zip(made.blocks, network.layout.blocks, strict=True):
        for kind in ("i2h", "h2h"):
            dense = kept[f"{block.name}.{kind}"]
            assert np.array_equal(row_by_row(made, flat, record, kind, dense.shape), dense)
            assert np.array_equal(column_by_column(made, flat, record, kind, dense.shape), dense)
            assert record[f"{kind}_full"] == listed(network)[f"{block.name}.{kind}"].all()
            bias = arrays[f"{block.name}.{kind}_bias"]
            place = record[f"{kind}_bias"]
            assert np.array_equal(flat[place : place + len(bias)], bias)
    place = made.readout_weight
    weight, bias = arrays["readout.weight"], arrays["readout.bias"]
    assert np.array_equal(flat[place : place + weight.size], weight.ravel())
    assert np.array_equal(flat[made.readout_bias :], bias)
    assert np.array_equal(flat[: arrays["embedding"].size], arrays["embedding"].ravel())


@given(network=network_strategies.sparse_networks)
def test_blocks_say_where_they_read_and_write(network: network_strategies.SparseNetwork) -> None:
    layout = network.layout
    made = sparse_layout(layout, network.masks)
    assert made.units == layout.width + sum(layout.sizes)
    gates = states = 0
    written = set()
    for record, block in zip(made.blocks, layout.blocks, strict=True):
        hidden = layout.sizes[block.target]
        first = layout.width + sum(layout.sizes[: block.source]) if block.source > INPUT else 0
        assert (record["hidden"], record["inputs"]) == (hidden, layout.inputs(block))
        assert (record["source"], record["target"]) == (
            first,
            layout.width + sum(layout.sizes[: block.target]),
        )
        assert record["rows"] == GATES[layout.variant] * hidden
        assert record["adds"] == (block.target in written)
        written.add(block.target)
        assert (record["gates"], record["states"]) == (gates, states)
        gates, states = gates + record["stored"], states + hidden


def test_without_masks_every_weight_is_kept() -> None:
    made = sparse_layout(SMALL)
    assert made.size == sum(int(np.prod(shape)) for shape in SMALL.shapes().values())
    assert made.kept == 4 * 9 * 3
    assert made.masks == {}


@pytest.mark.parametrize("kept", [0, 1, 3])
@pytest.mark.parametrize("name", ["embedding", "layers.0.i2h_bias", "readout.weight"])
def test_pruned_entries_of_other_arrays_are_holes_whatever_is_kept(name: str, kept: int) -> None:
    shape = SMALL.shapes()[name]
    mask = np.arange(int(np.prod(shape))).reshape(shape) < kept
    made = sparse_layout(SMALL, {name: mask})
    weights = initial_weights(SMALL, 0)
    assert made.size == sparse_layout(SMALL).size
    assert len(made.holes) == mask.size - kept
    assert made.kept == sparse_layout(SMALL).kept
    for pruned in (None, weights):
        found = made.unpack(made.pack(weights), pruned)[name]
        assert np.array_equal(found, np.where(mask, weights[name], 0 if pruned is None else found))
        assert pruned is None or np.array_equal(found, weights[name])


@pytest.mark.parametrize("name", ["layers.2.i2h", "skips.0.2.i2h", "readout"])
def test_a_mask_of_an_array_that_the_network_lacks_is_refused(name: str) -> None:
    message = f"^mask for '{name}': the network has only embedding, layers.0.i2h, layers.0.h2h, "
    with pytest.raises(ValueError, match=message):
        sparse_layout(SMALL, {name: np.ones((9, 3), np.bool_)})


@pytest.mark.parametrize(
    "mask", [np.ones((3, 9), np.bool_), np.ones(27, np.bool_), np.ones((9, 3))]
)
def test_a_mask_of_another_shape_or_type_is_refused(mask: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"^mask of 'layers.1.h2h' is .* shape \(9, 3\)$"):
        sparse_layout(SMALL, {"layers.1.h2h": mask})


def test_weights_of_another_network_are_refused() -> None:
    other = replace(SMALL, classes=3)
    with pytest.raises(ValueError, match=r"readout.weight has shape \(3, 3\), not \(2, 3\)"):
        sparse_layout(SMALL).pack(initial_weights(other, 0))
    made = sparse_layout(SMALL)
    with pytest.raises(ValueError, match=r"readout.weight has shape \(3, 3\), not \(2, 3\)"):
        made.unpack(np.zeros(made.size), initial_weights(other, 0))


def test_a_vector_of_another_length_is_refused() -> None:
    made = sparse_layout(SMALL)
    for shape in ((0,), (made.size - 1,), (made.size + 1,), (1, made.size)):
        with pytest.raises(ValueError, match=rf"this plan's is \({made.size},\)"):
            made.unpack(np.zeros(shape))


def test_masks_that_change_later_do_not_change_a_plan() -> None:
    mask = np.ones((9, 3), np.bool_)
    mask[0, 0] = False
    made, weights = sparse_layout(SMALL, {"layers.0.i2h": mask}), initial_weights(SMALL, 0)
    before = made.pack(weights)
    mask[:] = False
    assert np.array_equal(made.pack(weights), before)
