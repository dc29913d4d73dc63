"""Training follows from the seed, bit for bit, and takes the thesis's steps."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from sparsebench.parts.snapshots import load_snapshot, save_snapshot

from sparsebench.engines.training import first_losses, start, train, training_steps
from sparsebench.parts.strings import generate
from sparsebench.parts.weight_files import checksum
from sparsebench.values.case import BaseCase
from sparsebench.values.protocol import VARIANTS, Architecture, ReberStrings, Training
from sparsebench.values.semantics import CORRECTED, PUBLISHED

DATA = ReberStrings(50, 50, 20, 20)
DATASET = generate(DATA)


def case(variant="gru", seed=0, semantics=PUBLISHED, **training):
    protocol = Training(**{"epochs": 2, "batch_size": 16, **training})
    return BaseCase(Architecture(variant, 2, 8), seed, semantics, protocol, DATA)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_training_repeats_bit_for_bit_whatever_threads_are_allowed(variant):
    threads = torch.get_num_threads()
    first = train(case(variant), DATASET, "cpu")
    torch.set_num_threads(2)
    try:
        second = train(case(variant), DATASET, "cpu")
    finally:
        torch.set_num_threads(threads)
    assert checksum(first.weights) == checksum(second.weights)
    assert first.history == second.history


def test_seed_and_semantics_make_other_models():
    models = [case(), case(seed=1), case(semantics=CORRECTED)]
    assert len({checksum(train(model, DATASET, "cpu").weights) for model in models}) == 3


def test_the_history_has_a_figure_per_epoch_and_ends_with_the_result():
    snapshots = []
    result = train(case(), DATASET, "cpu", snapshots.append)
    assert {name: len(series) for name, series in result.history.items()} == dict.fromkeys(
        ("train_loss", "train_accuracy", "test_loss", "test_accuracy"), 2
    )
    assert result.history["test_accuracy"][-1] == result.correct / result.total
    assert [snapshot.epoch for snapshot in snapshots] == [1, 2]
    assert snapshots[-1].history == result.history


@pytest.mark.parametrize("semantics", [PUBLISHED, CORRECTED], ids=["padded", "last-step"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_training_goes_on_from_any_snapshot_and_ends_bit_for_bit_as_it_would_have(
    tmp_path, variant, semantics
):
    chosen, path = case(variant, semantics=semantics, epochs=3), tmp_path / "snapshot"
    snapshots = []
    whole = train(chosen, DATASET, "cpu", snapshots.append)
    for snapshot in snapshots:  # the last one is of the end
        save_snapshot(path, "name", snapshot)
        later = []
        begun = load_snapshot(path, "name", chosen.architecture.layout)
        resumed = train(chosen, DATASET, "cpu", later.append, begun)
        assert checksum(resumed.weights) == checksum(whole.weights)
        assert resumed.history == whole.history
        assert (resumed.correct, resumed.total) == (whole.correct, whole.total)
        assert [each.epoch for each in later] == list(range(snapshot.epoch + 1, 4))
        for each in later:
            assert same(each, snapshots[each.epoch - 1])


def test_a_snapshot_stays_as_it_is_while_the_training_goes_on():
    chosen, at_once, snapshots = case(epochs=3), [], []

    def keep(snapshot):
        snapshots.append(snapshot)
        at_once.append(deepcopy(snapshot))

    train(chosen, DATASET, "cpu", keep)
    assert all(map(same, snapshots, at_once))
    train(chosen, DATASET, "cpu", begun=snapshots[0])  # nor does a training change its beginning
    assert all(map(same, snapshots, at_once))


def same(one, other):
    """Whether two snapshots are the same bit for bit."""
    return (one.epoch, one.steps, one.history) == (other.epoch, other.steps, other.history) and all(
        checksum(getattr(one, group)) == checksum(getattr(other, group))
        for group in ("weights", "means", "squares")
    )


def test_training_learns_the_strings():
    result = train(case("gru", epochs=40, learning_rate=0.01), DATASET, "cpu")
    assert result.history["train_loss"][-1] < 0.5 * result.history["train_loss"][0]
    assert result.history["train_accuracy"][-1] > 0.9


def test_steps_are_adam_with_the_gradient_clipped_as_one_vector():
    """Three steps by torch's own pieces, spelled out, end at the same weights."""
    chosen = case(clip_norm=0.05, batch_size=40, epochs=1)
    network, twin = start(chosen, "cpu"), start(chosen, "cpu")
    steps = list(training_steps(network, DATASET.train, chosen))
    assert [size for _, _, size in steps] == [40, 40, 20]

    from sparsebench.values.seeding import stream

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


def test_the_padding_row_of_the_embedding_is_trained():
    before = start(case(), "cpu").weights()["embedding"][0]
    assert not np.array_equal(before, train(case(), DATASET, "cpu").weights["embedding"][0])


def test_first_losses_are_those_of_the_training():
    chosen = case(epochs=1)
    losses = first_losses(chosen, DATASET, 3, "cpu")
    whole = [
        float(loss) / n
        for loss, _, n in training_steps(start(chosen, "cpu"), DATASET.train, chosen)
    ]
    assert losses == whole[:3]
    assert len(first_losses(chosen, DATASET, 1000, "cpu")) == len(whole) == 7


def test_a_diverging_training_says_so():
    chosen = case("rnn_relu", learning_rate=1e30, clip_norm=1e30, epochs=3)
    with pytest.raises(FloatingPointError, match=r"NaN or infinite|the loss is"):
        train(chosen, DATASET, "cpu")
