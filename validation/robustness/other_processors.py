"""Whether other processors' code gives the same bits, for every variant, optimiser and loss.

Numba compiles the engine's loops for any processor of this family. Each runs in its own process,
which prints a digest of all weights, losses and logits for each training; the digests of all must
be equal. Code for processors without AVX-512 or FMA is run as well, with their instructions.
`--masked` adds trainings during which masks change.

    python -m validation.robustness.other_processors
    python -m validation.robustness.other_processors --names host haswell --masked gru lstm

On a machine of another family, real or emulated, `--here` prints the digests of its own code, to be
compared with the table in docs/reference/numerics.md.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

import msgspec
import numpy as np
from llvmlite import binding

from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.engines.mask_changes import Masking
from sparsebench.engines.population_training import Start, train_population
from sparsebench.parts.examples import Examples, Halves
from sparsebench.parts.letters import next_letters
from sparsebench.parts.methods.criteria import GradientSize, Grasp, MovementScores, SynFlow, Taylor
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.schedules import AtStart, Dynamic, Gradual
from sparsebench.parts.random_tasks import recall
from sparsebench.parts.sparse_layout import SparseLayout, sparse_layout
from sparsebench.parts.strings import generate
from sparsebench.parts.weights import initial_weights
from sparsebench.parts.wired import wired_layout, wired_masks
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Masks
from sparsebench.values.protocol import CELL_TYPES, OPTIMISERS, Architecture, ReberStrings, Training
from sparsebench.values.tasks import NextLetters, Recall
from sparsebench.values.wiring import Wiring
from validation import ROOT

_AVX512 = "+avx512f,+avx512vl,+avx512bw,+avx512dq"
PROCESSORS = {
    "host": None,
    "znver4": _AVX512,
    "skylake-avx512": _AVX512,
    "haswell": "",
    "ivybridge": "",
    "nehalem": "",
}
"""Targets of compilation: LLVM's name of a processor, and further features. The last two have no
FMA."""

_NEEDED = {
    "host": "",
    "znver4": _AVX512,
    "skylake-avx512": _AVX512,
    "haswell": "+avx2,+fma,+bmi2",
    "ivybridge": "+avx",
    "nehalem": "+sse4.2",
}
"""Features that a processor needs to run code for another."""

WIRING = Wiring((2, 3, 1), ((0, 2), (0, 3), (0, 5), (1, 3), (1, 4), (2, 5), (3, 5), (4, 5)))

TASKS = {
    "classes": generate(ReberStrings(90, 90, 20, 20)),
    "letters": next_letters(NextLetters("reber", 180, 40)),
    "numbers": recall(Recall(5, 3, 180, 40)),
}
"""Kinds of targets: one class, a class after every step, numbers."""

_BATCHES = 75, 21, 3
"""Batch sizes: several blocks with a short one after them, and sizes for narrower vectors."""


def runnable() -> list[str]:
    """The `PROCESSORS` whose code runs here; a processor of another family runs only its own."""
    there = binding.get_host_cpu_features()
    return [
        name
        for name, needed in _NEEDED.items()
        if all(there.get(feature.lstrip("+")) for feature in needed.split(",") if feature)
    ]


def digests(
    variants: Sequence[str], batch_sizes: Sequence[int] = _BATCHES
) -> Iterator[tuple[str, str]]:
    """Train and evaluate everything; yield what was trained, and a digest of the results.

    A population has a dense network of two layers, one pruned to a quarter, and a wired one.
    """
    for variant in variants:
        for task, data in TASKS.items():
            plans = _plans(variant, data)
            weights = [initial_weights(plan.layout, seed) for seed, plan in enumerate(plans)]
            for optimiser in OPTIMISERS:
                for size in batch_sizes:
                    rate = 0.01 if optimiser != "nesterov" else 0.1
                    training = Training(batch_size=size, learning_rate=rate, optimiser=optimiser)
                    population = CpuPopulation(plans, weights, "padded", training)
                    yield f"{variant} {task} {optimiser} {size}", _digest(population, data)


METHODS = {
    "rigl": Method(schedule=Dynamic(growth=GradientSize(40), every=2)),
    "set": Method(schedule=Dynamic(every=2)),
    "grasp": Method(Grasp(40), schedule=AtStart()),
    "synflow": Method(SynFlow(), schedule=AtStart(rounds=5)),
    "taylor": Method(Taylor(40, 9), schedule=Gradual(every=2)),
    "movement": Method(MovementScores(), schedule=Gradual(every=2)),
}
"""Methods whose masks follow from every kind of derivative, and change during training."""


def mask_digests(variants: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Train networks by `METHODS`, all of a variant together; yield a digest of each."""
    data = TASKS["classes"]
    training = Training(epochs=4, batch_size=_BATCHES[0], learning_rate=0.01)
    for variant in variants:
        layout = Architecture(variant, layers=2, hidden_size=9).layout
        starts = [
            Start(
                sparse_layout(layout),
                initial_weights(layout, seed),
                seed,
                masking=Masking(method, 0.3, "both", seed),
            )
            for seed, method in enumerate(METHODS.values())
        ]
        courses = train_population(starts, data, training, "padded", "cpu")
        for name, course in zip(METHODS, courses, strict=True):
            content = hashlib.sha256(repr((course.after, course.history)).encode())
            for array in (*course.weights.values(), *course.masks.values()):
                content.update(array.tobytes())
            yield f"masks of {name} in {variant}", content.hexdigest()


def _plans(variant: str, data: Halves) -> list[SparseLayout]:
    inputs = data.train.inputs
    classes = _classes(data.train)
    wired = wired_layout(WIRING, variant)
    dense = Architecture(variant, layers=2, hidden_size=9).layout
    made: list[tuple[Layout, Masks]] = [
        (dense, {}),
        (dense, _masks(dense)),
        (wired, wired_masks(WIRING, wired, "repeated")),
    ]
    plans = []
    for layout, masks in made:
        if not data.train.letters:
            width = inputs.shape[2]
            layout = replace(layout, width=width, symbols=0)
            masks = {
                name: mask for name, mask in masks.items() if not name.startswith("layers.0.i2h")
            }
        plans.append(sparse_layout(replace(layout, classes=classes), masks))
    return plans


def _classes(examples: Examples) -> int:
    answers = examples.answers
    return answers.shape[1] if answers.dtype.kind == "f" else int(answers.max()) + 1


def _masks(layout: Layout) -> Masks:
    """A random quarter of the recurrent weights, the same everywhere."""
    random = np.random.RandomState(5)
    shapes = {
        name: shape for name, shape in layout.shapes().items() if name.endswith(("i2h", "h2h"))
    }
    return {name: random.random_sample(shape) < 0.25 for name, shape in shapes.items()}


def _digest(population: CpuPopulation, data: Halves) -> str:
    """Digest of weights, losses, logits after two epochs, the first with an odd number of examples."""
    content = hashlib.sha256()
    count = len(data.train)
    for epoch, taken in enumerate((count - 7, count)):
        orders = [
            np.random.RandomState(10 * epoch + number).permutation(count)[:taken]
            for number in range(len(population.plans))
        ]
        for one in population.train(data.train, orders):
            assert one is not None
            content.update(one.losses.tobytes())
    for number in range(len(population.plans)):
        for name, array in sorted(population.weights(number).items()):
            content.update(name.encode() + array.tobytes())
    content.update(population.logits(data.test, 16).tobytes())
    for judged in population.evaluate(data.test, 16):
        content.update(repr((judged.correct, judged.total, judged.loss)).encode())
    return content.hexdigest()


def under(
    name: str,
    variants: Sequence[str],
    batch_sizes: Sequence[int] = _BATCHES,
    masked: Sequence[str] = (),
) -> dict[str, str]:
    """The digests from a process whose loops are compiled for another processor.

    Parameters
    ----------
    name
        One of `PROCESSORS`.
    variants, batch_sizes
        As in `digests`.
    masked
        Variants for `mask_digests`.

    Raises
    ------
    subprocess.CalledProcessError
        If the process failed; its output is on the terminal.
    """
    environment = dict(os.environ)
    features = PROCESSORS[name]
    if features is not None:
        environment |= {"NUMBA_CPU_NAME": name, "NUMBA_CPU_FEATURES": features}
    wanted = ["--here", "--variants", *variants, "--batches", *map(str, batch_sizes)]
    wanted += ["--masked", *masked]
    command = [sys.executable, "-m", "validation.robustness.other_processors", *wanted]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(done.stdout, type=dict[str, str])


def of_variant(found: dict[str, str], variant: str) -> str:
    """One short digest of all digests of a variant."""
    own = (digest for what, digest in found.items() if what.startswith(variant + " "))
    return hashlib.sha256("".join(own).encode()).hexdigest()[:6]


def main() -> int:
    """Compare processors; return 1 if some bits differ."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--names", nargs="+", choices=PROCESSORS, default=runnable())
    parser.add_argument("--variants", nargs="*", choices=CELL_TYPES, default=CELL_TYPES)
    parser.add_argument(
        "--masked", nargs="*", choices=CELL_TYPES, default=(), help="variants with changing masks"
    )
    parser.add_argument("--batches", nargs="+", type=int, default=_BATCHES, metavar="N")
    parser.add_argument(
        "--here", action="store_true", help="print the digests of this process, as JSON"
    )
    chosen = parser.parse_args()
    if chosen.here:
        made = chain(digests(chosen.variants, chosen.batches), mask_digests(chosen.masked))
        print(msgspec.json.encode(dict(made)).decode())
        return 0
    found = {
        name: under(name, chosen.variants, chosen.batches, chosen.masked) for name in chosen.names
    }
    first = found[chosen.names[0]]
    print(f"| | {' | '.join(chosen.variants)} |")
    print("|---" * (len(chosen.variants) + 1) + "|")
    for name, each in found.items():
        row = [name, *(of_variant(each, variant) for variant in chosen.variants)]
        print(f"| {' | '.join(row)} |")
    differing = sorted(
        f"{name}: {what}"
        for name, each in found.items()
        for what in first
        if each[what] != first[what]
    )
    print("\n".join([f"{len(first)} trainings, {len(differing)} with other bits", *differing[:20]]))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
