"""An exported model computes the same in ONNX Runtime."""

import builtins
import sys

import numpy as np
import pytest
from hypothesis import given, settings

from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.own_onnx import check_in_runtime, save_onnx, weights_in_onnx
from sparsebench.values.own_structure import Stack
from tests.own_networks import inputs_of, own_networks, small_network

NEEDED = "the extra onnx is not installed: pip install 'sparsebench[onnx]'"


def flat(state):
    if isinstance(state, tuple):
        return [each for part in state for each in flat(part)]
    return [state]


@settings(max_examples=30)
@given(own_networks())
def test_outputs_and_states_are_those_of_the_network(scratch, network):
    pytest.importorskip("onnx", reason=NEEDED)
    runtime = pytest.importorskip("onnxruntime", reason=NEEDED)
    path = scratch / "own.onnx"
    save_onnx(network, path)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = runtime.InferenceSession(path, options, ["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()[1:]]
    _, state = network.forward(inputs_of(network, 2, 3))
    for steps in (1, 5):
        inputs = inputs_of(network, steps, 3)
        given = dict(zip(names, flat(state), strict=True))
        said, *last = session.run(None, {"input": inputs, **given})
        expected, state = network.forward(inputs, None, state)
        np.testing.assert_allclose(said, expected, rtol=1e-5, atol=1e-5)
        for mine, its in zip(flat(state), last, strict=True):
            np.testing.assert_allclose(mine, its, rtol=1e-5, atol=1e-5)


@settings(max_examples=15)
@given(own_networks())
def test_its_weights_are_those_of_the_network(scratch, network):
    pytest.importorskip("onnx", reason=NEEDED)
    save_onnx(network, scratch / "own.onnx")
    found = weights_in_onnx(scratch / "own.onnx", network.structure)
    assert found.keys() == network.weights.keys()
    for name, array in found.items():
        np.testing.assert_array_equal(array, network.weights[name])


@pytest.mark.parametrize("options", [{}, {"symbols": 5, "batch_first": True}], ids=range(2))
@pytest.mark.parametrize("variant", ["gru", "lstm", "rnn_tanh", "rnn_relu"])
def test_a_model_that_computes_something_else_is_refused(tmp_path, variant, options):
    pytest.importorskip("onnx", reason=NEEDED)
    pytest.importorskip("onnxruntime", reason=NEEDED)
    network = small_network([Stack(1, 4), Stack(1, 3)], variant=variant, **options)
    save_onnx(network, tmp_path / "own.onnx")
    check_in_runtime(network, tmp_path / "own.onnx")
    for name in ("layers.0.h2h", "layers.1.i2h_bias", "readout.weight"):
        other = {**network.weights, name: -network.weights[name]}
        with pytest.raises(ArithmeticError, match=r"own\.onnx: .* off the network's by [\d.]+ of"):
            check_in_runtime(OwnNetwork(network.structure, other), tmp_path / "own.onnx")


def test_without_onnx_runtime_a_model_is_not_run(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    check_in_runtime(small_network(), tmp_path / "own.onnx")


def test_without_the_package_the_error_says_what_to_install(monkeypatch, tmp_path):
    plain = builtins.__import__

    def without(name, *rest):
        if name.startswith("onnx"):
            raise ModuleNotFoundError("No module named 'onnx'", name="onnx")
        return plain(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'sparsebench\[onnx\]'"):
        weights_in_onnx(tmp_path / "own.onnx", None)
