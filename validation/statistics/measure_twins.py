"""How far rounding alone moves a network that is trained from scratch.

Its figures are in docs/reference/tolerances.md.

Trains wired networks, and twins whose initial weights differ from theirs in the last bit, as
another processor's sums soon would, and prints how far the twins diverge.

    python -m validation.statistics.measure_twins [--graphs 8] [--twins 2] [--epochs 15]
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sparsebench.engines.population_training import Start, train_population
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.items import wired_items
from sparsebench.experiments.random_wiring.network import wired_network
from sparsebench.parts.examples import Dataset
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.strings import generate
from sparsebench.parts.weights import initial_weights
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import CELL_TYPES, VARIANTS, ReberStrings
from sparsebench.values.seeding import stream

THREADS = 2


@dataclass(frozen=True)
class Twins:
    """One network trained several times; the first time from its own initial weights.

    Attributes
    ----------
    case
        The network.
    accuracies
        Test accuracies, (times, epochs).
    onsets
        Loss traces, (times, 5): means of ten steps each.
    """

    case: WiredCase
    accuracies: np.ndarray
    onsets: np.ndarray


def nudged(weights: Weights, twin: int) -> Weights:
    """The weights, each moved by one unit in the last place, up or down."""
    random = stream("twin", twin)
    ends = np.array([-np.inf, np.inf], np.float32)
    return {
        name: np.nextafter(array, ends[random.randint(0, 2, array.shape)])
        for name, array in weights.items()
    }


def train_twins(case: WiredCase, dataset: Dataset, twins: int) -> Twins:
    """Train a network and its twins."""
    network = wired_network(case)
    structure, first = (
        sparse_layout(network.layout, network.masks),
        initial_weights(network.layout, case.seed),
    )
    starts = [
        Start(structure, nudged(first, twin) if twin else first, case.seed)
        for twin in range(twins + 1)
    ]
    courses = train_population(starts, dataset, case.training, case.semantics.readout, "cpu")
    return Twins(
        case,
        np.array([course.history["test_accuracy"] for course in courses]),
        np.array([course.history["onset_loss"] for course in courses]),
    )


def main() -> None:
    """Train all networks and print how far twins diverge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graphs", type=int, default=8)
    parser.add_argument("--twins", type=int, default=2)
    parser.add_argument("--semantics", default="published", choices=["published", "corrected"])
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--variants", nargs="+", default=VARIANTS, choices=CELL_TYPES)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    dataset = generate(ReberStrings())
    items = wired_items(chosen.graphs, variants=chosen.variants)
    cases = []
    for item in items:
        (case, *_) = replace(item, semantics=chosen.semantics).cases([])
        assert isinstance(case, WiredCase)
        cases.append(replace(case, training=replace(case.training, epochs=chosen.epochs)))
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda case: train_twins(case, dataset, chosen.twins), cases))
    if chosen.json:
        plain = [
            {
                "variant": each.case.variant,
                "family": each.case.graph.family,
                "seed": each.case.seed,
                "accuracies": each.accuracies.tolist(),
                "onsets": each.onsets.tolist(),
            }
            for each in found
        ]
        chosen.json.write_text(json.dumps(plain), encoding="utf-8")
    for variant in chosen.variants:
        own = [each for each in found if each.case.variant == variant]
        apart = np.array(
            [np.abs(each.accuracies[1:, -1] - each.accuracies[0, -1]).max() for each in own]
        )
        onset = np.array([np.abs(each.onsets[1:] - each.onsets[0]).max(0) for each in own])
        print(
            f"{variant:9} accuracy of twins apart: median {np.median(apart):.4f}, nine in ten "
            f"{np.quantile(apart, 0.9):.4f}, most {apart.max():.4f}; onset losses apart, most, by "
            f"tens of steps: {', '.join(f'{loss:.1e}' for loss in onset.max(0))} nats"
        )


if __name__ == "__main__":
    main()
