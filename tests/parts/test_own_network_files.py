"""What is written is read again, and a file that is no network is refused by name."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from safetensors.numpy import save

from sparsebench.parts.own_blocks import Blocks
from sparsebench.parts.own_network_files import load_network, save_blocks, save_safetensors
from tests.own_networks import assert_same, own_networks


@settings(max_examples=25)
@given(own_networks())
def test_a_network_comes_back_from_both_kinds_of_files(scratch, network):
    for write, name in ((save_safetensors, "own.safetensors"), (save_blocks, "own.npz")):
        write(network, scratch / name)
        assert_same(load_network(scratch / name), network)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda told: told.clear(), "no network of sparsebench"),
        (lambda told: told.update(variant="cnn"), "unknown variant 'cnn'"),
        (lambda told: told.update(stacks=3), "no network"),
        (lambda told: told.update(stacks=[]), "stacks is empty"),
        (lambda told: told.update(name="x"), "unexpected keyword"),
        (lambda told: told["stacks"][0].update(layers=10**9), "more layers than there are arrays"),
        (lambda told: told["stacks"][0].update(size="4"), "size of a stack is '4'"),
        (lambda told: told.update(width=7), r"layers\.0\.i2h is float32 \(12, 3\), not"),
    ],
    ids=range(8),
)
def test_a_structure_that_is_none_is_refused_by_name(tmp_path, change, said):
    path = tmp_path / "own.safetensors"
    structure = {"variant": "gru", "stacks": [{"layers": 1, "size": 4, "bias": False}], "width": 3}
    change(structure)
    arrays = {
        "layers.0.i2h": np.ones((12, 3), np.float32),
        "layers.0.h2h": np.ones((12, 4), np.float32),
    }
    path.write_bytes(save(arrays, {"sparsebench": json.dumps(structure)}))
    with pytest.raises(ValueError, match=r"own\.safetensors: .*" + said):
        load_network(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("own.safetensors", b""),
        ("own.safetensors", save({"x": np.ones(1)})),
        ("own.safetensors", save({"x": np.ones(1)}, {"sparsebench": "["})),
        ("own.npz", b"PK"),
    ],
    ids=range(4),
)
def test_a_file_that_is_none_is_refused_by_name(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=name):
        load_network(tmp_path / name)


@pytest.mark.parametrize(
    ("part", "array"),
    [
        ("columns", np.array([0, 9], np.int32)),
        ("columns", np.array([0, -1], np.int32)),
        ("columns", np.array([0, 1], np.int64)),
        ("columns", np.array([0], np.int32)),
        ("starts", np.array([1, 2], np.int32)),
        ("starts", np.array([0, 1], np.int32)),
        ("starts", np.array([0, 1, 2], np.int32)),
        ("values", np.ones((2, 8), np.float32)),
    ],
    ids=range(8),
)
def test_blocks_outside_of_their_matrix_are_refused(tmp_path, part, array):
    structure = {"variant": "gru", "stacks": [{"layers": 1, "size": 4, "bias": False}], "width": 3}
    arrays = {"sparsebench": np.frombuffer(json.dumps(structure).encode(), np.uint8)}
    for name in ("layers.0.i2h", "layers.0.h2h"):
        arrays |= {
            f"{name}.starts": np.array([0, 2], np.int32),
            f"{name}.columns": np.array([0, 2], np.int32),
            f"{name}.values": np.ones((2, 16), np.float32),
        }
    np.savez(tmp_path / "own.npz", **arrays)
    assert load_network(tmp_path / "own.npz").kept == (48, 84)
    np.savez(tmp_path / "own.npz", **{**arrays, f"layers.0.h2h.{part}": array})
    with pytest.raises(ValueError, match=r"own\.npz: .*blocks of layers\.0\.h2h"):
        load_network(tmp_path / "own.npz")


@pytest.mark.parametrize("sizes", [{"width": 10**9}, {"stacks": [{"layers": 1, "size": 10**5}]}])
def test_a_structure_of_more_weights_than_fit_is_refused_before_they_are_made(
    monkeypatch, tmp_path, sizes
):
    def made(blocks):
        raise AssertionError(f"a matrix {blocks.shape} was made")

    monkeypatch.setattr(Blocks, "matrix", made)
    structure = {"variant": "gru", "stacks": [{"layers": 1, "size": 4, "bias": False}], "width": 3}
    text = json.dumps({**structure, **sizes}).encode()
    arrays = {"sparsebench": np.frombuffer(text, np.uint8)}
    for name in ("layers.0.i2h", "layers.0.h2h"):
        arrays[f"{name}.starts"] = np.zeros(2, np.int32)
    np.savez(tmp_path / "own.npz", **arrays)
    with pytest.raises(
        ValueError, match=r"own\.npz: .*\d{11} weights, and no more than \d+ are read"
    ):
        load_network(tmp_path / "own.npz")
