from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.weight_files import (
    LARGEST,
    LARGEST_HEADER,
    checksum,
    load_weights,
    save_weights,
)
from sparsebench.parts.weights import initial_weights
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Architecture
from tests import network_strategies, strategies

SMALL = Architecture("lstm", layers=1, hidden_size=2, symbols=3)
WEIGHTS = initial_weights(SMALL.layout, 0)
WIDTHS = {"F64": 8, "F16": 2, "BF16": 2, "F8_E5M2": 1, "I32": 4, "I8": 1, "BOOL": 1, "C64": 8}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a small network's file."""
    path = tmp_path_factory.mktemp("whole") / "small.safetensors"
    save_weights(path, WEIGHTS)
    return path.read_bytes()


def same(one: Weights, other: Weights) -> bool:
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype
        and one[name].shape == other[name].shape
        and one[name].tobytes() == other[name].tobytes()
        for name in one
    )


@given(architecture=strategies.architectures, seed=strategies.seeds)
def test_weights_come_back_bit_for_bit(
    scratch: Path, architecture: Architecture, seed: int
) -> None:
    weights = initial_weights(architecture.layout, seed)
    path = scratch / "weights.safetensors"
    save_weights(path, weights)
    loaded = load_weights(path, architecture.layout)
    assert same(loaded, weights)
    assert checksum(loaded) == checksum(weights)


def test_an_array_is_stored_by_its_values_and_not_its_memory_layout(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    transposed = {name: np.asfortranarray(array) for name, array in WEIGHTS.items()}
    save_weights(path, transposed)
    assert same(load_weights(path, SMALL.layout), WEIGHTS)
    assert checksum(transposed) == checksum(WEIGHTS)


def test_saving_makes_missing_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "weights.safetensors"
    save_weights(path, WEIGHTS)
    assert same(load_weights(path, SMALL.layout), WEIGHTS)


@given(data=st.data())
def test_a_truncated_file_is_refused_wherever_it_was_cut(
    scratch: Path, whole: bytes, data: st.DataObject
) -> None:
    path = scratch / "cut.safetensors"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(ValueError, match=f"^{path}: not a whole safetensors file"):
        load_weights(path, SMALL.layout)


@given(content=st.binary(max_size=300))
def test_garbage_is_refused_with_the_name_of_the_file(scratch: Path, content: bytes) -> None:
    path = scratch / "garbage.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"^{path}: not "):
        load_weights(path, SMALL.layout)


@given(
    header=st.text(max_size=40)
    | st.recursive(
        st.none() | st.integers() | strategies.names,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strategies.names, inner),
    ).map(json.dumps)
)
def test_a_well_framed_header_of_anything_is_refused(scratch: Path, header: str) -> None:
    path = scratch / "header.safetensors"
    encoded = header.encode()
    path.write_bytes(struct.pack("<Q", len(encoded)) + encoded)
    with pytest.raises(ValueError, match=f"^{path}: not "):
        load_weights(path, SMALL.layout)


@given(data=st.data())
def test_a_flipped_bit_is_refused_or_changes_the_checksum(
    scratch: Path, whole: bytes, data: st.DataObject
) -> None:
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    damaged = bytearray(whole)
    damaged[bit // 8] ^= 1 << bit % 8
    path = scratch / "flipped.safetensors"
    path.write_bytes(damaged)
    try:
        weights = load_weights(path, SMALL.layout)
    except ValueError as error:
        refusal = str(error)
    else:
        # Some bits of the header, such as those of its padding, say nothing about the weights.
        assert checksum(weights) != checksum(WEIGHTS) or same(weights, WEIGHTS)
        return
    assert refusal.startswith(f"{path}: not ")


@pytest.mark.parametrize(
    "other",
    [
        Architecture("gru", layers=1, hidden_size=2, symbols=3),
        Architecture("lstm", layers=2, hidden_size=2, symbols=3),
        Architecture("lstm", layers=1, hidden_size=3, symbols=3),
        Architecture("lstm", layers=1, hidden_size=2, symbols=4),
        Architecture("lstm", layers=1, hidden_size=2, symbols=3, classes=3),
    ],
    ids=["variant", "layers", "hidden-size", "symbols", "classes"],
)
def test_the_weights_of_another_architecture_are_refused(
    tmp_path: Path, other: Architecture
) -> None:
    path = tmp_path / "weights.safetensors"
    save_weights(path, WEIGHTS)
    wanted = f"{other.layers} x {other.hidden_size} {other.variant}"
    with pytest.raises(ValueError, match=f"^{path}: not the weights of a {wanted} network: "):
        load_weights(path, other.layout)


@pytest.mark.parametrize("kind", list(WIDTHS))
def test_arrays_that_are_not_float32_are_refused(tmp_path: Path, kind: str) -> None:
    header, end = {}, 0
    for name, shape in SMALL.layout.shapes().items():
        start, end = end, end + WIDTHS[kind] * int(np.prod(shape))
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [start, end]}
    encoded = json.dumps(header).encode()
    path = tmp_path / "foreign.safetensors"
    path.write_bytes(struct.pack("<Q", len(encoded)) + encoded + bytes(end))
    with pytest.raises(ValueError, match=f"^{path}: not "):
        load_weights(path, SMALL.layout)


@pytest.mark.parametrize("header", [LARGEST_HEADER + 1, 2**40, 2**63, 2**64 - 1])
def test_a_header_that_would_take_gigabytes_is_not_read(
    tmp_path: Path, whole: bytes, header: int
) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(struct.pack("<Q", header) + whole[8:])
    with pytest.raises(
        ValueError, match=f"^{path}: not weights: a header of {header} bytes, and no"
    ):
        load_weights(path, SMALL.layout)


def test_a_name_is_not_repeated_at_any_length(tmp_path: Path) -> None:
    name = "\x1b[31m" + "x" * 100_000
    path = tmp_path / "weights.safetensors"
    save_weights(path, {**WEIGHTS, name: WEIGHTS["embedding"]})
    with pytest.raises(ValueError, match=r"'\\x1b\[31mx+\.\.\. is not expected$") as refusal:
        load_weights(path, SMALL.layout)
    assert len(str(refusal.value)) < 300 + len(str(path))


def test_no_more_than_the_limit_is_read_of_a_huge_file(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(whole)
    with path.open("r+b") as file:
        file.truncate(2**40)  # sparse: it takes no room on the disk
    with pytest.raises(ValueError, match=f"^{path}: more than {LARGEST} bytes"):
        load_weights(path, SMALL.layout)


def test_an_absent_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_weights(tmp_path / "absent.safetensors", SMALL.layout)


@given(network=network_strategies.networks, data=st.data())
def test_the_checksum_changes_with_any_bit(network: dict, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(list(network)))
    bits = network[name].view(np.uint32).copy()
    bits.flat[data.draw(st.integers(0, bits.size - 1))] ^= 1 << data.draw(st.integers(0, 31))
    assert checksum(network | {name: bits.view(np.float32)}) != checksum(network)


@given(network=network_strategies.networks, data=st.data())
def test_the_checksum_changes_with_a_name_a_shape_or_a_type(
    network: dict, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(list(network)))
    array = network[name]
    rest = {other: network[other] for other in network if other != name}
    variations = [
        rest,
        rest | {f"{name}_": array},
        rest | {name: array[np.newaxis]},
        rest | {name: array.view(np.int32)},
    ]
    checksums = {checksum(variation) for variation in variations}
    assert len(checksums) == len(variations)
    assert checksum(network) not in checksums


@given(network=network_strategies.networks)
def test_the_checksum_does_not_depend_on_the_order_of_the_names(network: dict) -> None:
    assert checksum(dict(reversed(network.items()))) == checksum(network)
