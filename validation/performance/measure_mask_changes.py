"""Cost of masks that change during training: time of the updates, memory of many networks.

    python -m validation.performance.measure_mask_changes
    python -m validation.performance.measure_mask_changes --variants gru --methods rigl --rounds 1

A network of a tenth of its weights is trained with masks that change every 100 steps, and with the
masks that it has in the end, interleaved. An update may take 15 % of the training at most. Then many
networks are trained together, each kind in its own process, for its peak memory: below 1 GB for 500.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from dataclasses import dataclass, replace

import numpy as np

from sparsebench.engines.mask_changes import Masking
from sparsebench.engines.population_training import Start, train_population
from sparsebench.parts.examples import Examples, Halves
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.tasks import dataset
from sparsebench.parts.weights import initial_weights
from sparsebench.values.layout import Layout
from sparsebench.values.masks import masked
from sparsebench.values.protocol import VARIANTS, Architecture, ReberStrings, Training
from sparsebench.values.sequence_tasks import SequentialDigits
from validation import ROOT

DENSITY = 0.1
STEPS, BATCH = 100, 32
"""Steps of an epoch here: as many as there are between two updates."""

MOST, MEMORY = 0.15, 1.0
"""The share of the training that updates may take, and GB of 500 networks."""

DYNAMIC = ("rigl", "set")
MANY = ("rigl", "gradual")
"""Methods of the networks whose memory is measured: sparse from the start, and dense at first."""


@dataclass(frozen=True)
class Work:
    """Networks of a size, and what they learn."""

    name: str
    layers: int
    units: int

    def data(self, steps: int = STEPS) -> Halves:
        """So many steps of examples, some more than once, and a batch to test on."""
        letters = self.name == "letters"
        made = dataset(ReberStrings(800, 800, 50, 50) if letters else SequentialDigits())
        train = next(made.pieces(0))
        return Halves(_repeated(train, steps * BATCH), _repeated(made.test, BATCH))

    def layout(self, variant: str) -> Layout:
        """The network's blocks and sizes."""
        layout = Architecture(variant, self.layers, self.units).layout
        return layout if self.name == "letters" else replace(layout, width=8, symbols=0, classes=10)


WORK = Work("letters", 3, 50), Work("digits", 1, 64)


def _repeated(examples: Examples, count: int) -> Examples:
    return examples.chosen(np.arange(count) % len(examples))


def seconds(start: Start, data: Halves, epochs: int) -> float:
    """Processor time of a training, without compilation: an epoch came before."""
    begin = time.thread_time()
    train_population([start], data, Training(epochs=epochs), "last_step", "cpu")
    return time.thread_time() - begin


def share(work: Work, variant: str, name: str, epochs: int, rounds: int) -> tuple[float, float]:
    """How much longer a training takes with updates, and the milliseconds of an update."""
    data, layout = work.data(), work.layout(variant)
    weights, method = initial_weights(layout, 0), METHODS[name]
    until = replace(method.schedule, until=1.0)  # type: ignore[type-var]
    masking = Masking(replace(method, schedule=until), DENSITY, "both", 0)
    changing = Start(sparse_layout(layout), weights, 0, masking=masking)
    (course,) = train_population([changing], data, Training(epochs=1), "last_step", "cpu")
    fixed = Start(sparse_layout(layout, course.masks), masked(weights, course.masks), 0)
    seconds(fixed, data, 1)
    found: dict[Start, list[float]] = {changing: [], fixed: []}
    for _ in range(rounds):
        for start in (changing, fixed, fixed, changing):
            found[start].append(seconds(start, data, epochs))
    with_updates, without = (min(each) for each in found.values())
    return with_updates / without - 1, 1000 * (with_updates - without) / (epochs + 1)


def peak_memory(work: Work, variant: str, method: Method, networks: int) -> float:
    """GB of this process after it has trained networks whose masks change every second step."""
    layout, data = work.layout(variant), work.data(4)
    quick = replace(method, schedule=replace(method.schedule, every=2))  # type: ignore[type-var]
    starts = [
        Start(
            sparse_layout(layout),
            initial_weights(layout, seed),
            seed,
            masking=Masking(quick, DENSITY, "both", seed),
        )
        for seed in range(networks)
    ]
    train_population(starts, data, Training(epochs=2), "last_step", "cpu")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def memory_elsewhere(variant: str, name: str, networks: int) -> float:
    """`peak_memory` of a process of its own."""
    wanted = ["--memory-of", name, "--variants", variant, "--networks", str(networks)]
    module = "validation.performance.measure_mask_changes"
    command = [sys.executable, "-m", module, *wanted]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return float(done.stdout)


def main() -> None:
    """Print a line for each network and method, and for each kind of population."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--variants", nargs="+", default=("gru", "lstm"), choices=VARIANTS)
    parser.add_argument("--methods", nargs="+", default=DYNAMIC, choices=DYNAMIC)
    parser.add_argument("--epochs", type=int, default=5, help=f"of {STEPS} steps each")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--networks", type=int, default=500)
    parser.add_argument("--memory-of", choices=MANY, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.memory_of:
        method = METHODS[chosen.memory_of]
        print(peak_memory(WORK[0], chosen.variants[0], method, chosen.networks))
        return
    for work in WORK:
        for variant in chosen.variants:
            for name in chosen.methods:
                more, each = share(work, variant, name, chosen.epochs, chosen.rounds)
                print(
                    f"{work.name}, {work.layers} x {work.units} {variant}, {name}: updates take "
                    f"{100 * more:.1f} % of a training (goal: {100 * MOST:.0f} %), {each:.2f} ms each",
                    flush=True,
                )
    for name in MANY:
        peak = memory_elsewhere(chosen.variants[0], name, chosen.networks)
        print(
            f"{chosen.networks} networks of {WORK[0].layers} x {WORK[0].units} {chosen.variants[0]}, "
            f"{name}: {peak:.2f} GB at most (goal: {MEMORY:g} GB for 500)"
        )


if __name__ == "__main__":
    main()
