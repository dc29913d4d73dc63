"""Torch's layers take letters that have one class each, by time step."""

from __future__ import annotations

import numpy as np
import pytest

from sparsebench.engines.batches import batch, check_classified_letters
from sparsebench.engines.timing import forward_pass
from sparsebench.parts.examples import Examples
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import Architecture
from tests.engines.torch_evaluation import evaluate_weights

ARCHITECTURE = Architecture("gru", 1, 2, symbols=4)
WEIGHTS = initial_weights(ARCHITECTURE.layout, 0)
CODES, LENGTHS = np.array([[1, 2, 3], [3, 0, 0]], np.uint8), np.array([3, 1])
CLASS = np.array([0, 1])


def test_a_batch_is_by_time_step() -> None:
    codes, lengths, classes = batch(Examples(CODES, LENGTHS, CLASS), np.array([1, 0]), 2, "cpu")
    assert codes.tolist() == [[3, 1], [0, 2]]
    assert (lengths.tolist(), classes.tolist()) == ([1, 3], [1, 0])


@pytest.mark.parametrize(
    "examples",
    [
        Examples(np.zeros((2, 3, 4), np.float32), LENGTHS, CLASS),
        Examples(CODES, LENGTHS, np.zeros((2, 3), np.int64)),
        Examples(CODES, LENGTHS, np.zeros((2, 2), np.float32)),
    ],
    ids=["vectors", "classes", "values"],
)
def test_other_examples_are_refused(examples: Examples) -> None:
    with pytest.raises(
        ValueError, match=r"and answers .*: these read letters \(N, T\).*; do that$"
    ):
        check_classified_letters(examples, "these", "do that")
    with pytest.raises(ValueError, match="torch's layers here read letters"):
        evaluate_weights(ARCHITECTURE, WEIGHTS, "padded", examples, 2, "cpu")
    with pytest.raises(ValueError, match="torch's layers here read letters"):
        forward_pass(ARCHITECTURE, WEIGHTS, "padded", examples, 2, "cpu")
