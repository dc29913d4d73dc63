"""Does Hessian-free optimisation learn over a longer time than Adam, and what does it cost?

    python -m validation.statistics.measure_hessian_free [--steps 30 60] [--seeds 3] [--seconds 60]

trains RNN-Tanh on the adding problem of some lengths, by Hessian-free steps over all examples (the
reference engine, float64) and by Adam (the fused engine), each for as many seconds on one thread, and
prints the squared error on the test sequences after a third, two thirds and all of the time, with the
steps or epochs that were done. Who always answers 1 has an error of 1/6.
"""

from __future__ import annotations

import argparse
import time
from statistics import fmean

import numpy as np
import torch

from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.engines.hessian_free import hessian_free
from sparsebench.engines.reference import ReferenceNetwork
from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.parts.examples import Halves
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.tasks import dataset
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import Training
from sparsebench.values.sequence_tasks import AddingProblem

Curve = list[tuple[float, int, float]]
"""Seconds, steps or epochs done, error on the test sequences."""


def by_hessian_free(case: TaskCase, halves: Halves, seconds: float) -> Curve:
    """The curve of Hessian-free steps."""
    weights = initial_weights(case.layout, case.seed)
    network = ReferenceNetwork(case.layout, weights, {}, "last_step", torch.float64)
    inputs = torch.from_numpy(halves.test.inputs).double().transpose(0, 1)
    lengths, answers = torch.from_numpy(halves.test.lengths), torch.from_numpy(halves.test.answers)
    curve: Curve = []
    for done, step in enumerate(hessian_free(network, halves.train, 10**6), 1):
        with torch.no_grad():
            error = float(network.loss(inputs, lengths, answers.double()))
        curve.append((step.seconds, done, error))
        if step.seconds > seconds:
            break
    return curve


def by_adam(case: TaskCase, halves: Halves, seconds: float, rate: float) -> Curve:
    """The curve of Adam's epochs."""
    weights = initial_weights(case.layout, case.seed)
    training = Training(1, 32, rate)
    networks = CpuPopulation([sparse_layout(case.layout)], [weights], "last_step", training)
    random = np.random.RandomState(case.seed)
    networks.train(halves.train, [np.zeros(0, np.int64)])  # compiled before the clock starts
    curve: Curve = []
    begin, epoch = time.perf_counter(), 0
    while not curve or curve[-1][0] < seconds:
        epoch += 1
        networks.train(halves.train, [random.permutation(len(halves.train))])
        (found,) = networks.evaluate(halves.test, 256)
        curve.append((time.perf_counter() - begin, epoch, found.loss))
    return curve


def at(curve: Curve, seconds: float) -> tuple[int, float]:
    """Steps done, and the error, by some time."""
    done = [each for each in curve if each[0] <= seconds] or curve[:1]
    return done[-1][1], done[-1][2]


def main() -> None:
    """Print a row for each length and optimiser."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, nargs="+", default=[30, 60])
    parser.add_argument("--units", type=int, default=32)
    parser.add_argument("--train", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=0.003)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    times = [chosen.seconds * share for share in (1 / 3, 2 / 3, 1)]
    heads = " | ".join(f"{each:.0f} s" for each in times)
    print(f"| length | optimiser | {heads} | steps or epochs | errors of seeds |")
    print("|---:|---|" + "---:|" * (len(times) + 1) + "---|")
    for steps in chosen.steps:
        task = AddingProblem(steps, chosen.train, 500)
        halves = dataset(task)
        assert isinstance(halves, Halves)
        for name in ("Hessian-free", "Adam"):
            curves = []
            for seed in range(chosen.seeds):
                case = TaskCase("rnn_tanh", task, seed, chosen.units)
                curves.append(
                    by_hessian_free(case, halves, chosen.seconds)
                    if name == "Hessian-free"
                    else by_adam(case, halves, chosen.seconds, chosen.rate)
                )
            means = [fmean(at(curve, each)[1] for curve in curves) for each in times]
            done = fmean(at(curve, times[-1])[0] for curve in curves)
            errors = ", ".join(f"{at(curve, times[-1])[1]:.4f}" for curve in curves)
            cells = " | ".join(f"{each:.4f}" for each in means)
            print(f"| {steps} | {name} | {cells} | {done:.0f} | {errors} |", flush=True)


if __name__ == "__main__":
    main()
