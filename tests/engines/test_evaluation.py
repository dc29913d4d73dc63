"""Grouping strings by their padded length changes no result."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.engines.evaluation import padded_lengths
from sparsebench.engines.network import StackedNetwork
from sparsebench.parts.strings import generate
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import VARIANTS, Architecture, ReberStrings
from tests.engines.torch_evaluation import evaluate, evaluate_weights

STRINGS = generate(ReberStrings(1, 1, 50, 50)).test


@given(st.lists(st.integers(1, 60), min_size=1), st.integers(1, 9))
def test_each_string_is_padded_to_the_longest_of_its_batch(lengths, batch_size):
    expected = []
    for start in range(0, len(lengths), batch_size):
        batch = lengths[start : start + batch_size]
        expected += [max(batch)] * len(batch)
    assert padded_lengths(np.array(lengths), batch_size).tolist() == expected


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("readout", ["padded", "last_step"])
def test_the_result_is_that_of_one_batch_after_another(variant, readout):
    architecture = Architecture(variant, hidden_size=6)
    network = StackedNetwork(architecture, initial_weights(architecture.layout, 3), readout)
    logits = []
    with torch.inference_mode():
        for start in range(0, 100, 32):
            lengths = STRINGS.lengths[start : start + 32]
            codes = STRINGS.inputs[start : start + 32, : lengths.max()].T.astype(np.int64)
            logits.append(network(torch.from_numpy(codes), torch.from_numpy(lengths)))
    labels = torch.from_numpy(STRINGS.answers)
    expected = torch.nn.functional.cross_entropy(torch.cat(logits), labels)
    measured = evaluate(network, STRINGS, 32)
    assert measured.correct == int((torch.cat(logits).argmax(1) == labels).sum())
    assert measured.total == 100
    assert measured.accuracy == measured.correct / 100
    assert measured.loss == pytest.approx(float(expected), abs=1e-6)


def test_only_the_published_readout_depends_on_batch_mates():
    architecture = Architecture("gru", hidden_size=6)
    weights = initial_weights(architecture.layout, 3)
    losses = {
        readout: {
            evaluate_weights(architecture, weights, readout, STRINGS, size, "cpu").loss
            for size in (1, 100)
        }
        for readout in ("padded", "last_step")
    }
    assert max(losses["last_step"]) == pytest.approx(min(losses["last_step"]), abs=1e-6)
    assert max(losses["padded"]) - min(losses["padded"]) > 1e-4


def test_weights_that_overflow_are_an_error_and_no_accuracy():
    architecture = Architecture("rnn_relu", hidden_size=6)
    weights = initial_weights(architecture.layout, 3)
    weights["layers.1.h2h"] = np.full((6, 6), 1e30, dtype=np.float32)
    with pytest.raises(FloatingPointError, match="logits are NaN or infinite"):
        evaluate_weights(architecture, weights, "padded", STRINGS, 32, "cpu")
