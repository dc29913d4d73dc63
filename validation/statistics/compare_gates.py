"""GRU and MGU by their published equations beside those in PyTorch's form, which all engines compute.

    python -m validation.statistics.compare_gates [DIR] [--variant gru] [--seeds 10] [--epochs 2]

The thesis's GRU (3.35 to 3.38) differs from PyTorch's in two points. The thesis keeps 1 - z of the old
state and adds z of the candidate, PyTorch the other way round; and the thesis multiplies the old state
by the reset gate before the matrix, PyTorch the product with the matrix after it. The minimal gated
unit (Zhou et al. 2016) has the second point alone: its forget gate multiplies the old state. Prints how
far the outputs are apart with the same weights, and the test accuracy of both, trained from the same
weights on the same strings (one layer of 50 units). With DIR, a checkout of the thesis author's
repository, also the accuracy of his GRU on his test strings by either rule.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import fmean

import numpy as np
import torch
from torch import Tensor

from sparsebench.engines.batches import batch
from sparsebench.engines.checkpoints import read_base_checkpoint
from sparsebench.judging.intervals import mean_interval
from sparsebench.parts.examples import Examples
from sparsebench.parts.strings import generate
from sparsebench.parts.tables import read_strings
from sparsebench.parts.weights import initial_weights
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Architecture, ReberStrings
from sparsebench.values.seeding import stream

RESETS = ("after", "before")
"""Whether the gate of the candidate acts after the product with the matrix (PyTorch) or before (the
publications)."""


def exchanged(weights: Weights) -> dict[str, np.ndarray]:
    """The same network with z and 1 - z exchanged: the update gate's weights and biases negated."""
    found = {name: array.copy() for name, array in weights.items()}
    for name, array in found.items():
        if name.startswith("layers."):
            hidden = len(array) // 3
            array[hidden : 2 * hidden] *= -1
    return found


def outputs(
    used: dict[str, Tensor],
    codes: Tensor,
    reset: str = "after",
    keeps: str = "z",
    variant: str = "gru",
) -> Tensor:
    """(B, classes) logits after the last step.

    Parameters
    ----------
    used
        Named arrays (`sparsebench.values.layout`) of a network of the variant.
    codes
        (T, B) codes of letters.
    reset
        One of `RESETS`.
    keeps
        Which share of the old state is kept: `z` (PyTorch) or `1 - z` (the thesis).
    variant
        `gru`; or `mgu`, whose forget gate resets the candidate's state too, and as its z keeps one
        minus itself.
    """
    sequence = used["embedding"][codes]
    layer = 0
    while f"layers.{layer}.i2h" in used:
        i2h, h2h = used[f"layers.{layer}.i2h"], used[f"layers.{layer}.h2h"]
        i2h_bias, h2h_bias = used[f"layers.{layer}.i2h_bias"], used[f"layers.{layer}.h2h_bias"]
        read = sequence @ i2h.T + i2h_bias
        units = h2h.shape[1]
        first = len(h2h) - units  # of the candidate's rows
        state = sequence.new_zeros(sequence.shape[1], units)
        states = []
        for values in read:
            gates = torch.sigmoid(values[:, :first] + state @ h2h[:first].T + h2h_bias[:first])
            r, z = (gates[:, :units], gates[:, units:]) if variant == "gru" else (gates, 1 - gates)
            matrix, bias = h2h[first:], h2h_bias[first:]
            if reset == "after":
                recurrent = r * (state @ matrix.T + bias)
            else:
                recurrent = (r * state) @ matrix.T + bias
            candidate = torch.tanh(values[:, first:] + recurrent)
            kept = z if keeps == "z" else 1 - z
            state = kept * state + (1 - kept) * candidate
            states.append(state)
        sequence = torch.stack(states)
        layer += 1
    return sequence[-1] @ used["readout.weight"].T + used["readout.bias"]


def tensors(weights: Weights, dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    """Named arrays as leaves with gradients."""
    return {
        name: torch.from_numpy(np.array(array)).to(dtype).requires_grad_()
        for name, array in weights.items()
    }


def accuracy(
    used: dict[str, Tensor], strings: Examples, reset: str, batch_size: int, variant: str = "gru"
) -> float:
    """The share of strings that are right, in padded batches in order."""
    right = 0
    with torch.no_grad():
        for first in range(0, len(strings), batch_size):
            rows = np.arange(first, min(first + batch_size, len(strings)))
            codes, labels = _batch(strings, rows)
            said = outputs(used, codes, reset, variant=variant)
            right += int((said.argmax(1) == labels).sum())
    return right / len(strings)


def _batch(strings: Examples, rows: np.ndarray) -> tuple[Tensor, Tensor]:
    longest = int(strings.lengths[rows].max())
    codes, _, labels = batch(strings, rows, longest, torch.device("cpu"))
    return codes, labels


def trained(reset: str, seed: int, epochs: int, variant: str, size: int = 128) -> float:
    """Test accuracy of a small network, trained by Adam as in table 5.1 at ten times its rate."""
    data = generate(ReberStrings(2000, 2000, 1000, 1000, seed))
    layout = Architecture(variant, layers=1).layout
    used = tensors(initial_weights(layout, seed))
    adam = torch.optim.Adam(used.values(), 0.01)
    random = stream(f"compared {variant.upper()}", seed)
    for _ in range(epochs):
        order = random.permutation(len(data.train.lengths))
        for first in range(0, len(order), size):
            codes, labels = _batch(data.train, order[first : first + size])
            adam.zero_grad()
            said = outputs(used, codes, reset, variant=variant)
            torch.nn.functional.cross_entropy(said, labels).backward()
            torch.nn.utils.clip_grad_norm_(used.values(), 5.0)
            adam.step()
    return accuracy(used, data.test, reset, size, variant)


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("artifacts", nargs="?", type=Path, metavar="DIR")
    parser.add_argument("--variant", choices=["gru", "mgu"], default="gru")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=2)
    chosen = parser.parse_args()
    if chosen.artifacts is not None and chosen.variant != "gru":
        parser.error("DIR has the thesis author's GRU: leave out --variant, or DIR")
    torch.set_num_threads(1)
    variant = chosen.variant
    weights = initial_weights(Architecture(variant).layout, seed=0)
    codes, _ = _batch(generate(ReberStrings(32, 32, 32, 32)).test, np.arange(32))
    used = tensors(weights)
    ours = outputs(used, codes, variant=variant).detach()
    others = {"reset before the product": outputs(used, codes, "before", variant=variant)}
    if variant == "gru":
        negated = outputs(tensors(exchanged(weights)), codes, keeps="1 - z")
        others["z and 1 - z exchanged, z's weights negated"] = negated
        others["z and 1 - z exchanged, the same weights"] = outputs(used, codes, keeps="1 - z")
    for name, theirs in others.items():
        print(f"{name}: logits up to {float((ours - theirs.detach()).abs().max()):.1g} apart")
    found = {
        reset: [trained(reset, seed, chosen.epochs, variant) for seed in range(chosen.seeds)]
        for reset in RESETS
    }
    for reset, values in found.items():
        print(f"reset {reset} the product, trained: {' '.join(f'{each:.4f}' for each in values)}")
    differences = [one - other for other, one in zip(*found.values(), strict=True)]
    interval = mean_interval(differences)
    bounds = f", 95 % interval {interval[0]:+.4f} to {interval[1]:+.4f}" if interval else ""
    print(f"before minus after: {fmean(differences):+.4f}{bounds}")
    if chosen.artifacts is not None:
        (folder,) = sorted(chosen.artifacts.glob("**/state_dicts/prune"))
        _, his = read_base_checkpoint(folder / "gru.pt", "gru")
        strings = read_strings(folder.parents[2] / "dataset" / "test_data.csv")
        for reset in RESETS:
            share = accuracy(tensors(his), strings, reset, 32)
            print(f"the author's GRU, reset {reset} the product: {share:.4f}")


if __name__ == "__main__":
    main()
