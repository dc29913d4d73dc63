"""How long a step and a batch take in networks that each method makes sparse, by density.

    python -m validation.performance.measure_method_times [--variants ...] [--units 64]
        [--densities .5 .2 .1 .05 .01] [--batch 32] [--rounds 101] [--csv FILE]

Networks are those of the comparison of methods on permuted digits: one layer, 64 pixels read one by
one. Masks are chosen once, of initial weights, by the parts of each method; movement, which needs a
training, takes the masks of magnitude. All networks of a cell type, the small dense ones with as many
weights, the dense one and PyTorch's layer are timed in turn in one run, on one thread: a step of one
sequence by the streaming engine, and a batch of 32 sequences by the faster of our engines. `--csv`
keeps the times: `docs/figures/methods.py` draws accuracy against them.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

from sparsebench.engines.own_programs import PROGRAMS, Program, interleaved, one_thread, program
from sparsebench.engines.own_pruning import prune_network
from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.methods.cases import MethodCase, units_of_small
from sparsebench.experiments.methods.profiles import WORK
from sparsebench.experiments.methods.table import SMALL
from sparsebench.parts.examples import Examples, Halves
from sparsebench.parts.methods.criteria import Magnitude
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.tasks import dataset
from sparsebench.parts.weights import initial_weights
from sparsebench.values.own_structure import OwnStructure, Stack
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.sequence_tasks import SequentialDigits

OURS, TORCH, _ = PROGRAMS
DENSE = "dense"
TASK = SequentialDigits("permuted")
THESIS = next(each for each in WORK["thesis"] if each.task == TASK)


@dataclass(frozen=True)
class MethodTime:
    """Times of a network.

    Attributes
    ----------
    variant, method, density
        The cell type; the method, `dense`, `small dense` or `PyTorch`; the share of recurrent weights
        that is left.
    step_seconds, batch_seconds
        A step of one sequence, and a batch.
    """

    variant: str
    method: str
    density: float
    step_seconds: float
    batch_seconds: float


def dense_network(variant: str, units: int) -> OwnNetwork:
    """A dense network of a size."""
    structure = OwnStructure(variant, (Stack(1, units),), 1, classes=10)
    return OwnNetwork(structure, initial_weights(structure.layout, 0))


def small_dense(variant: str, units: int, density: float) -> OwnNetwork:
    """A dense network with as many weights as a sparse one of some units has."""
    base = TaskCase(variant, TASK, 0, units, training=THESIS.training)
    return dense_network(variant, units_of_small(MethodCase(base, Method(), density)))


def pruned(
    network: OwnNetwork, densities: list[float], examples: Examples
) -> dict[tuple[str, float], OwnNetwork]:
    """The network pruned by every method that fits it, at every density."""
    found = {}
    for name in THESIS.methods:
        method = METHODS[name]
        if not method.fits(network.structure.variant):
            continue
        if method.criterion.follows_movement:
            method = replace(method, criterion=Magnitude())
        for density in densities:
            found[name, density] = prune_network(network, method, density, examples)
    return found


def times_of(
    variant: str, units: int, densities: list[float], batch: int, rounds: int
) -> list[MethodTime]:
    """Times of all networks of a cell type, the dense one first."""
    halves, dense = dataset(TASK), dense_network(variant, units)
    assert isinstance(halves, Halves)
    networks = {(DENSE, 1.0): dense, **pruned(dense, densities, halves.train)}
    networks |= {(SMALL, density): small_dense(variant, units, density) for density in densities}
    part = halves.test.part(0, batch)
    programs: dict[tuple[str, float], Program] = {(TORCH, 1.0): program(TORCH, dense, part)}
    programs |= {key: program(OURS, network, part) for key, network in networks.items()}
    with one_thread():
        steps = interleaved({key: each.step for key, each in programs.items()}, rounds)
        batches = interleaved({key: each.batch for key, each in programs.items()}, rounds)
    return [
        MethodTime(variant, method, density, steps[method, density], batches[method, density])
        for method, density in programs
    ]


def main() -> None:
    """Print a line for each cell type: how many times as fast as the dense network methods are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", nargs="+", default=VARIANTS, choices=VARIANTS)
    parser.add_argument("--units", type=int, default=THESIS.units)
    parser.add_argument("--densities", nargs="+", type=float, default=list(THESIS.densities))
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=101)
    parser.add_argument("--csv", type=Path, metavar="FILE")
    chosen = parser.parse_args()
    found: list[MethodTime] = []
    for variant in chosen.variants:
        own = times_of(variant, chosen.units, chosen.densities, chosen.batch, chosen.rounds)
        found += own
        dense = next(each for each in own if each.method == DENSE)
        print(f"{variant}, times as fast as our dense network: a step / a batch")
        for each in own:
            step = dense.step_seconds / each.step_seconds
            batch = dense.batch_seconds / each.batch_seconds
            print(
                f"  {each.method}, {100 * each.density:g} %: {step:.2f} / {batch:.2f}", flush=True
            )
    if chosen.csv:
        with chosen.csv.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(field.name for field in fields(MethodTime))
            for each in found:
                *names, step, batch = astuple(each)
                rows.writerow([*names, f"{step:.3e}", f"{batch:.3e}"])


if __name__ == "__main__":
    main()
