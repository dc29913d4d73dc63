"""Torch's layers, which the engine is held against, take the thesis's steps."""

import numpy as np
import torch

from sparsebench.engines.training import start, training_steps
from sparsebench.parts.strings import generate
from sparsebench.values.case import BaseCase
from sparsebench.values.protocol import Architecture, ReberStrings, Training
from sparsebench.values.seeding import stream

DATA = ReberStrings(50, 50, 20, 20)
DATASET = generate(DATA)


def case(**training):
    protocol = Training(**{"epochs": 1, "batch_size": 40, **training})
    return BaseCase(Architecture("gru", 2, 8), 0, training=protocol, data=DATA)


def test_steps_are_adam_with_the_gradient_clipped_as_one_vector():
    """Three steps by torch's own pieces, spelled out, end at the same weights."""
    chosen = case(clip_norm=0.05)
    network, twin = start(chosen, "cpu"), start(chosen, "cpu")
    steps = list(training_steps(network, DATASET.train, chosen))
    assert [size for _, _, size in steps] == [40, 40, 20]

    order = stream("shuffle", chosen.seed, 0).permutation(100)
    parameters = list(twin.parameters())
    moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in parameters]
    for count, batch in enumerate(np.split(order, [40, 80]), start=1):
        longest = DATASET.train.lengths[batch].max()
        codes = torch.from_numpy(DATASET.train.inputs[batch, :longest].T.astype(np.int64))
        logits = twin(codes, torch.from_numpy(DATASET.train.lengths[batch]))
        labels = torch.from_numpy(DATASET.train.answers[batch])
        gradients = torch.autograd.grad(
            torch.nn.functional.cross_entropy(logits, labels), parameters
        )
        norm = torch.sqrt(sum((gradient**2).sum() for gradient in gradients))
        assert norm > 0.05
        with torch.no_grad():
            for p, g, (mean, square) in zip(parameters, gradients, moments, strict=True):
                g = g * 0.05 / (norm + 1e-6)
                mean.mul_(0.9).add_(g, alpha=0.1)
                square.mul_(0.999).add_(g * g, alpha=0.001)
                step = mean / (1 - 0.9**count) / ((square / (1 - 0.999**count)).sqrt() + 1e-8)
                p -= 0.001 * step
    for name, weights in network.weights().items():
        np.testing.assert_allclose(weights, twin.weights()[name], atol=2e-6, err_msg=name)


def test_a_step_tells_the_loss_and_the_strings_that_were_right_before_it():
    chosen = case(batch_size=1000)
    network, twin = start(chosen, "cpu"), start(chosen, "cpu")
    ((loss, correct, size),) = training_steps(network, DATASET.train, chosen)
    codes = torch.from_numpy(DATASET.train.inputs.T.astype(np.int64))
    labels = torch.from_numpy(DATASET.train.answers)
    with torch.inference_mode():
        logits = twin(codes, torch.from_numpy(DATASET.train.lengths))
        expected = torch.nn.functional.cross_entropy(logits, labels, reduction="sum")
    torch.testing.assert_close(loss, expected)
    assert (int(correct), size) == (int((logits.argmax(1) == labels).sum()), 100)
