"""Exports tell by the file itself what was kept."""

import numpy as np
import pytest
from hypothesis import given, settings

import sparsebench as sb
from sparsebench.parts import own_export
from sparsebench.parts.own_export import export_network
from tests.own_networks import assert_same, own_networks, small_network

ENDINGS = [".safetensors", ".npz", ".h", ".onnx"]


@pytest.mark.parametrize("ending", ENDINGS)
@settings(max_examples=10)
@given(network=own_networks(bidirectional=False))
def test_what_was_kept_is_counted_in_the_file(scratch, ending, network):
    if ending == ".onnx":
        pytest.importorskip("onnx", reason="the extra onnx is not installed")
    path = scratch / f"own{ending}"
    told = export_network(network, path)
    assert (told.kept, told.total) == network.kept
    assert (told.path, told.bytes) == (path, path.stat().st_size)
    if ending in (".safetensors", ".npz"):
        assert_same(sb.load_network(path), network)


def test_a_file_with_other_weights_is_an_error(monkeypatch, tmp_path):
    network = small_network()
    write, read = own_export._FORMATS[".npz"]

    def spoilt(network, path):
        weights = dict(read(network, path))
        name = network.prunable("h2h")[0][0]
        return {**weights, name: weights[name] + np.float32(1)}

    monkeypatch.setitem(own_export._FORMATS, ".npz", (write, spoilt))
    with pytest.raises(ArithmeticError, match=r"own\.npz: layers\.0\.h2h was not written as it is"):
        export_network(network, tmp_path / "own.npz")


def test_another_ending_is_refused(tmp_path):
    network = small_network()
    with pytest.raises(ValueError, match=r"unknown ending .* '\.pt': choose one of \.safetensors"):
        export_network(network, tmp_path / "own.pt")
