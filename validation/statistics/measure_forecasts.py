"""Which networks and trainings forecast the Mackey-Glass series best?

    python -m validation.statistics.measure_forecasts [--variant lstm] [--stretches 3]
        [--recipes NUMBER...] [--epochs N]

trains a network of each recipe on stretches of the series that lie behind all that the thesis profile
trains or tests on: each is a `Validation` task of twenty Lyapunov times, of which the last ten are
held out to choose by. One forecast tells little, since the system is chaotic: by chance it begins where
errors grow fast, or slowly. So the mean error is printed of forecasts of five Lyapunov times that begin
half a Lyapunov time after one another; beside it, that of the one forecast of all ten, the error of the
next point, and seconds of training. The best recipe is in
`sparsebench.harness.sequence_profiles.THESIS`.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from statistics import fmean, geometric_mean

import numpy as np

from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.engines.population_training import Start, train_population
from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.parts.examples import Examples
from sparsebench.parts.mackey_glass import smape
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.tasks import dataset
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import VARIANTS, Training
from sparsebench.values.sequence_tasks import LYAPUNOV_POINTS, MackeyGlass
from sparsebench.values.tasks import Validation

FIRST_SEED = 100
FIRST_POINT = 3000
"""First point of the first stretch; the thesis profile ends before."""

APART = 5 * LYAPUNOV_POINTS
"""From one stretch to the next."""

BEGINS = range(0, 5 * LYAPUNOV_POINTS + 1, LYAPUNOV_POINTS // 2)
"""Places in the held-out part where forecasts of five Lyapunov times begin."""


@dataclass(frozen=True)
class Recipe:
    """A network, its training, and how many points it reads.

    Attributes
    ----------
    window, units
        Points that are read before each prediction, and units of the one layer.
    training
        How the network is trained.
    """

    window: int
    units: int
    training: Training


def _recipe(
    window: int,
    units: int,
    epochs: int,
    rate: float = 0.01,
    final: float = 1e-5,
    clip: float = 0.01,
) -> Recipe:
    return Recipe(window, units, Training(epochs, 16, rate, clip_norm=clip, final_rate=final))


RECIPES = (
    _recipe(50, 50, 2000, final=1e-4, clip=5.0),
    _recipe(15, 50, 1250, final=1e-4, clip=5.0),
    _recipe(15, 50, 1250, clip=5.0),
    _recipe(15, 50, 1250),
    _recipe(15, 50, 1250, rate=0.02),
    _recipe(15, 32, 2400),
    _recipe(15, 32, 2400, rate=0.02),
    _recipe(15, 32, 2400, final=1e-6),
    _recipe(15, 32, 2400, final=3e-5),
    _recipe(15, 32, 2400, clip=5.0),
    _recipe(15, 24, 3400),
    _recipe(15, 16, 5000),
    _recipe(20, 32, 1800),
    _recipe(10, 32, 3600),
    _recipe(12, 32, 3000),
    _recipe(12, 32, 3000, rate=0.02),
    _recipe(12, 32, 3000, clip=0.001),
    _recipe(12, 32, 4500),
)
"""The thesis profile's former one, and others; all but the first and the last take about as long."""


def stretch(number: int, window: int) -> Validation:
    """Twenty Lyapunov times of the series, the last ten of them held out."""
    usual = MackeyGlass()
    begin = FIRST_POINT + APART * number
    both = MackeyGlass(window=window, train=usual.train + usual.test, test=1, shift=begin)
    return Validation(both, share=usual.test / both.train)


def forecasts(network: CpuPopulation, windows: np.ndarray, steps: int) -> np.ndarray:
    """Forecasts that read their own answers: (N, window, 1) -> (N, steps)."""
    count, window = windows.shape[:2]
    lengths, unknown = np.full(count, window), np.zeros((count, 1), np.float32)
    path = np.empty((count, steps), np.float32)
    for step in range(steps):
        (said,) = network.logits(Examples(windows, lengths, unknown), 256)
        path[:, step] = said[:, 0]
        windows = np.concatenate([windows[:, 1:], said[:, None]], axis=1)
    return path


def errors(variant: str, recipe: Recipe, number: int) -> tuple[float, float, float, float]:
    """Train a network: errors of short forecasts, of the long one, of the next point, and seconds."""
    task = stretch(number, recipe.window)
    data, case = dataset(task), TaskCase(variant, task, FIRST_SEED + number, recipe.units)
    plan = sparse_layout(case.layout)
    begun = time.process_time()
    start = Start(plan, initial_weights(case.layout, case.seed), case.seed)
    (course,) = train_population([start], data, recipe.training, "last_step", "cpu")
    seconds = time.process_time() - begun
    network = CpuPopulation([plan], [course.weights], "last_step", recipe.training)
    held, begins = data.test, list(BEGINS)
    right = np.lib.stride_tricks.sliding_window_view(held.answers[:, 0], 5 * LYAPUNOV_POINTS)
    short = smape(forecasts(network, held.inputs[begins], right.shape[1]), right[begins])
    long = smape(forecasts(network, held.inputs[:1], len(held)), held.answers.T)
    (said,) = network.logits(held, 256)
    return short, long, smape(said, held.answers), seconds


def main() -> None:
    """Print a row for each recipe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variant", default="lstm", choices=VARIANTS)
    parser.add_argument("--stretches", type=int, default=3)
    numbers = range(len(RECIPES))
    parser.add_argument("--recipes", nargs="+", type=int, default=list(numbers), choices=numbers)
    parser.add_argument("--epochs", type=int, help="instead of each recipe's")
    chosen = parser.parse_args()
    print(
        "| window | units | epochs | rate | clipped at | five Lyapunov times, % | ten | next | s |"
    )
    print("|---:|---:|---:|---|---:|---:|---:|---:|---:|")
    for number in chosen.recipes:
        recipe, training = RECIPES[number], RECIPES[number].training
        if chosen.epochs is not None:
            training = replace(training, epochs=chosen.epochs)
            recipe = replace(recipe, training=training)
        found = [errors(chosen.variant, recipe, place) for place in range(chosen.stretches)]
        short, long, following, seconds = zip(*found, strict=True)
        print(
            f"| {recipe.window} | {recipe.units} | {training.epochs} | {training.learning_rate:g} to "
            f"{training.final_rate:g} | {training.clip_norm:g} | {fmean(short):.2f} | "
            f"{fmean(long):.1f} | {geometric_mean(following):.4f} | {fmean(seconds):.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
