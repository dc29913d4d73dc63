"""A network of your own is checked when made, and says what it is."""

from dataclasses import replace

import numpy as np
import pytest

import sparsebench as sb
from sparsebench.values.own_structure import Stack
from tests.own_networks import small_network as network


def test_arrays_are_named_by_layer_and_direction():
    own = network([Stack(1, 4, bidirectional=True, bias=False), Stack(1, 2)], symbols=5)
    assert own.structure.shapes() == {
        "embedding": (5, 3),
        "layers.0.i2h": (12, 3),
        "layers.0.h2h": (12, 4),
        "layers.0.reverse.i2h": (12, 3),
        "layers.0.reverse.h2h": (12, 4),
        "layers.1.i2h": (6, 8),
        "layers.1.h2h": (6, 2),
        "layers.1.i2h_bias": (6,),
        "layers.1.h2h_bias": (6,),
        "readout.weight": (2, 2),
        "readout.bias": (2,),
    }
    assert own.prunable("h2h") == [["layers.0.h2h"], ["layers.0.reverse.h2h"], ["layers.1.h2h"]]
    assert str(own) == "gru network of layers 4-2 for 5 symbols, 228 of 228 weights kept"


def test_it_is_pruned_by_the_functions_for_all_networks():
    own = network()
    masks = sb.prune(own.weights, own.prunable(), 90, sb.CORRECTED)
    pruned = own.with_masks(masks)
    assert pruned.kept == (18, 180)
    assert own.kept == (180, 180)
    for name, mask in masks.items():
        assert not pruned.weights[name][~mask].any()
        assert np.array_equal(pruned.weights[name][mask], own.weights[name][mask])


def test_its_arrays_are_copies_that_cannot_be_written_to():
    own = network()
    source = {name: np.array(each) for name, each in own.weights.items()}
    other = own.with_weights(source)
    source["readout.bias"][:] = 7
    assert other.weights["readout.bias"].max() == 1
    with pytest.raises(ValueError, match="read-only"):
        other.weights["readout.bias"][0] = 1


def test_weights_of_the_engine_come_back():
    own = network([Stack(1, 4, bias=False)], classes=0)
    given = own.engine_weights
    assert not given["layers.0.i2h_bias"].any()
    assert np.array_equal(given["readout.weight"], np.eye(4))
    assert given.keys() == own.layout.shapes().keys()
    back = own.with_weights({**given, "layers.0.h2h": np.zeros((12, 4), np.float32)})
    assert back.kept == (84, 84)
    assert not back.weights["layers.0.h2h"].any()
    with pytest.raises(ValueError, match=r"layers\.0\.i2h_bias' is none of them, .* bias=True"):
        own.with_weights({**given, "layers.0.i2h_bias": np.ones(12, np.float32)})


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (network([Stack(1, 4, bidirectional=True)]), "bidirectional, .* use network.forward"),
        (network(reads="mean"), "mean over the steps .* network.reading\\('every_step'\\)"),
    ],
)
def test_what_engines_cannot_compute_is_refused_with_what_to_do(own, said):
    with pytest.raises(ValueError, match=said):
        _ = own.layout


def test_the_mean_of_outputs_is_that_of_every_step():
    own = network(reads="mean")
    inputs = np.linspace(-1, 1, 4 * 2 * 3).reshape(4, 2, 3)
    every, _ = own.reading("every_step").forward(inputs)
    np.testing.assert_allclose(own.forward(inputs)[0], every.mean(0), atol=1e-6)


FRAMES = np.zeros((4, 2, 3), np.float32)


@pytest.mark.parametrize(
    ("own", "arguments", "said"),
    [
        (network(), [FRAMES[0]], r"float32 \(2, 3\): give numbers \(steps, batch, 3\); a frame"),
        (network(batch_first=True), [FRAMES[..., :2]], r"\(batch, steps, 3\)"),
        (network(), [FRAMES.astype(complex)], "complex128"),
        (network(), [FRAMES[:0]], r"\(0, 2, 3\)"),
        (network(symbols=5), [FRAMES], "whole numbers .* rows of the embedding"),
        (network(symbols=5), [np.array([[5]])], "go from 5 to 5: give 0 to 4"),
        (network(), [FRAMES, [4]], r"lengths are int64 \(1,\): give 2 whole numbers from 1 to 4"),
        (network(), [FRAMES, [0, 4]], "from 1 to 4"),
        (network(), [FRAMES, None, np.zeros((1, 2, 4))], r"give h \(2, 2, 4\)"),
        (network(variant="lstm"), [FRAMES, None, np.zeros((2, 2, 4))], r"give \(h, c\), each"),
        (network([Stack(1, 2), Stack(1, 3)]), [FRAMES, None, (1,)], "a state of 1 stacks"),
    ],
    ids=range(11),
)
def test_inputs_that_do_not_fit_are_refused_with_a_sentence(own, arguments, said):
    with pytest.raises(ValueError, match=said):
        own.forward(*arguments)


OWN = network()


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: Stack(1, 2, dropout=2), "dropout of a stack is 2"),
        (lambda: Stack(0, 2), "layers of a stack is 0"),
        (lambda: replace(OWN.structure, stacks=()), "stacks is empty"),
        (lambda: replace(OWN.structure, variant="mgu"), "torch.nn has no such layer"),
        (lambda: replace(OWN.structure, variant="cnn"), "unknown variant 'cnn'"),
        (lambda: replace(OWN.structure, reads="first"), "unknown reads 'first'"),
        (lambda: replace(OWN.structure, padding=0), "padding is 0"),
        (lambda: replace(OWN, weights={}), r"layers\.0\.i2h is missing; .*; and 5 more: give"),
        (lambda: OWN.with_weights({"x": np.ones(2)}), "'x' is none of them"),
        (lambda: OWN.with_weights({"readout.bias": np.ones(2)}), r"float64 \(2,\), not float32"),
        (
            lambda: OWN.with_weights({"readout.bias": np.full(2, np.nan, np.float32)}),
            r"readout\.bias holds NaN",
        ),
        (lambda: OWN.with_masks({"x": np.ones(2, bool)}), "mask for 'x', but the weights are"),
        (lambda: OWN.with_masks({"readout.bias": np.ones(3, bool)}), r"bool \(3,\)"),
        (lambda: OWN.prunable("all"), "unknown target 'all'"),
    ],
    ids=range(14),
)
def test_what_is_no_network_is_refused_with_a_sentence(act, said):
    with pytest.raises(ValueError, match=said):
        act()
