"""Which gate of LSTM and GRU should be denser or sparser than the others, at equal density in all?

    python -m validation.statistics.measure_gates [--seeds 6] [--density 0.05] [--epochs 15]

prunes networks of 64 units gradually while they learn the digits of scikit-learn, pixel by pixel in a
permuted order, with one gate four times as dense, or as sparse, as the others, and prints the mean
accuracy on a validation part of the training images. `gates_lstm` and `gates_gru` of
`sparsebench.METHODS` are the best of these.
"""

from __future__ import annotations

import argparse
from statistics import fmean, stdev

from sparsebench.engines.mask_changes import Masking
from sparsebench.engines.population_training import Start, train_population
from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.parts.methods.allocations import ByGate
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.schedules import Gradual
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.tasks import dataset
from sparsebench.parts.weights import initial_weights
from sparsebench.values.layout import GATES
from sparsebench.values.protocol import Training
from sparsebench.values.sequence_tasks import SequentialDigits
from sparsebench.values.tasks import Validation

RATIOS = (0.25, 4.0)
"""Density of one gate relative to the others."""


def ratios_of(variant: str) -> list[tuple[float, ...]]:
    """Equal densities, then each gate sparser and denser than the others."""
    gates = GATES[variant]
    found = [(1.0,) * gates]
    for gate in range(gates):
        found += [
            tuple(ratio if each == gate else 1.0 for each in range(gates)) for ratio in RATIOS
        ]
    return found


def accuracies(
    variant: str, relative: tuple[float, ...], density: float, seeds: int, epochs: int
) -> list[float]:
    """The accuracy of each seed's network on the validation part."""
    task = Validation(SequentialDigits("permuted"))
    training = Training(epochs, 32, 0.005)
    case = TaskCase(variant, task, 0, 64, training=training)
    method = Method(allocation=ByGate(relative), schedule=Gradual())
    plan = sparse_layout(case.layout)
    starts = [
        Start(
            plan,
            initial_weights(case.layout, seed),
            seed,
            masking=Masking(method, density, "both", seed),
        )
        for seed in range(seeds)
    ]
    courses = train_population(starts, dataset(task), training, "last_step", "cpu")
    return [course.after.accuracy for course in courses]


def main() -> None:
    """Print a row for each variant and set of ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", nargs="+", default=["gru", "lstm"], choices=["gru", "lstm"])
    parser.add_argument("--density", type=float, default=0.05)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--epochs", type=int, default=15)
    chosen = parser.parse_args()
    print("| variant | relative densities | accuracy | SD |")
    print("|---|---|---:|---:|")
    for variant in chosen.variants:
        for relative in ratios_of(variant):
            found = accuracies(variant, relative, chosen.density, chosen.seeds, chosen.epochs)
            spread = stdev(found) if len(found) > 1 else 0.0
            shown = " : ".join(f"{each:g}" for each in relative)
            print(f"| {variant} | {shown} | {fmean(found):.4f} | {spread:.4f} |", flush=True)


if __name__ == "__main__":
    main()
