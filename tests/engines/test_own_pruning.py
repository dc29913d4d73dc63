"""Networks of one's own are pruned by the parts of a method."""

import numpy as np
import pytest
import torch
from torch import nn

import sparsebench as sb
from sparsebench.engines.own_pruning import prune_network
from sparsebench.engines.torch_conversion import from_torch
from sparsebench.engines.torch_networks import to_torch
from sparsebench.values.own_structure import Stack
from tests.own_networks import small_network


def spotter(**options):
    torch.manual_seed(0)
    layer = nn.GRU(3, 32, 2, batch_first=True)
    return from_torch(layer, nn.Linear(32, 4), **options)


def examples():
    random = np.random.default_rng(0)
    frames = random.standard_normal((20, 6, 3)).astype(np.float32)
    return sb.Examples(frames, np.full(20, 6), random.integers(0, 4, 20))


@pytest.mark.parametrize("reads", ["last_step", "mean"])
def test_blocks_are_kept_or_removed_together(reads):
    pruned = prune_network(spotter(reads=reads), sb.Method(pattern=sb.Blocks(16, 1)), 0.25)
    kept, total = pruned.kept
    assert abs(kept - total / 4) <= 16
    for mask in pruned.masks.values():
        blocks = mask.reshape(-1, 16, mask.shape[1])
        assert (blocks.all(1) | ~blocks.any(1)).all()


def test_a_method_is_found_by_its_name_and_pruned_weights_stay_pruned():
    first = prune_network(spotter(), "magnitude_uniform", 0.5, target="h2h")
    assert set(first.masks) == {"layers.0.h2h", "layers.1.h2h"}
    second = prune_network(first, "magnitude_uniform", 0.2, target="h2h")
    for name, mask in second.masks.items():
        assert not (mask & ~first.masks[name]).any()
        assert abs(mask.sum() - 0.2 * mask.size) <= 1


def test_gradients_are_those_of_pytorch():
    network, data = spotter(), examples()
    pruned = prune_network(network, "snip", 0.3, data)
    module = to_torch(network)
    said, _ = module(torch.from_numpy(data.inputs))
    nn.functional.cross_entropy(said, torch.from_numpy(data.answers)).backward()
    scores = {
        f"layers.{layer}.{ours}": module.stacks[0].get_parameter(f"{theirs}_l{layer}")
        for layer in (0, 1)
        for ours, theirs in (("i2h", "weight_ih"), ("h2h", "weight_hh"))
    }
    scores = {name: (each * each.grad).abs().detach().numpy() for name, each in scores.items()}
    least = min(scores[name][mask].min() for name, mask in pruned.masks.items())
    most = max(scores[name][~mask].max() for name, mask in pruned.masks.items())
    assert least >= most * 0.999
    assert pruned.kept[0] == round(0.3 * pruned.kept[1])


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ((small_network(), "snip", 0.5), ValueError, r"Snip\(.*\) takes gradients: give examples"),
        ((small_network(), "movement", 0.5), ValueError, "follows weights in training"),
        ((small_network(), "best", 0.5), ValueError, "unknown method 'best'"),
        ((small_network(), sb.Magnitude(), 0.5), TypeError, "method is a Magnitude: give a Method"),
        ((small_network(), "magnitude", 50), ValueError, "density is 50: give the share"),
        ((small_network(), "gates_lstm", 0.5), ValueError, "does not fit a gru"),
        (
            (small_network([Stack(1, 2, bidirectional=True)]), "magnitude", 0.5),
            ValueError,
            "bidirectional, .* sparsebench.prune",
        ),
        (
            (prune_network(small_network(), "magnitude", 0.5), "magnitude", 0.6),
            ValueError,
            "0.5 of the weights are left",
        ),
        ((small_network(reads="mean"), "snip", 0.5, examples()), ValueError, "mean over the steps"),
        ((small_network(), "snip", 0.5, examples()), ValueError, "class is 0 or 3"),
    ],
    ids=range(10),
)
def test_what_cannot_be_pruned_is_refused_with_a_sentence(arguments, error, said):
    with pytest.raises(error, match=said):
        prune_network(*arguments)
