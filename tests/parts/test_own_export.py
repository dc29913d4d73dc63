"""Exports tell by the file itself what was kept."""

import re

import numpy as np
import pytest
from hypothesis import given, settings

import sparsebench as sb
from sparsebench.parts import own_export
from sparsebench.parts.own_export import export_network
from sparsebench.parts.own_network import OwnNetwork
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


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", ["layers.0.h2h", "layers.1.h2h_bias", "readout.bias", "embedding"])
def test_a_file_with_other_weights_is_an_error(monkeypatch, tmp_path, ending, name):
    if ending == ".onnx":
        pytest.importorskip("onnx", reason="the extra onnx is not installed")
    network = small_network(symbols=5)
    write, read = own_export._FORMATS[ending]

    def spoilt(network, path):
        other = network.weights[name] + np.float32(1)
        write(OwnNetwork(network.structure, {**network.weights, name: other}), path)

    monkeypatch.setitem(own_export._FORMATS, ending, (spoilt, read))
    said = rf"own\{ending}: {re.escape(name)} was not written as it is"
    with pytest.raises(ArithmeticError, match=said):
        export_network(network, tmp_path / f"own{ending}")


def test_an_onnx_model_is_run(monkeypatch, tmp_path):
    pytest.importorskip("onnx", reason="the extra onnx is not installed")
    run = []
    monkeypatch.setattr(own_export, "check_in_runtime", lambda network, path: run.append(path))
    export_network(small_network(), tmp_path / "own.onnx")
    assert run == [tmp_path / "own.onnx"]


def test_another_ending_is_refused(tmp_path):
    network = small_network()
    with pytest.raises(ValueError, match=r"unknown ending .* '\.pt': choose one of \.safetensors"):
        export_network(network, tmp_path / "own.pt")


def test_what_is_no_network_of_ones_own_is_refused(tmp_path):
    with pytest.raises(TypeError, match="network is a dict: give an OwnNetwork"):
        export_network({}, tmp_path / "network.npz")
