"""Tasks of another project: a class after every step, and numbers at the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sparsebench import Examples, Halves, TaskFigure, TaskKind, kind, register_task
from sparsebench.parts.task_kind import Answered
from sparsebench.values.seeding import stream


@kind("ParityOfBits", seeds={})
@dataclass(frozen=True)
class Parity:
    """Bits, one a step: is the number of ones so far odd?"""

    steps: int = 5
    train: int = 24
    test: int = 8
    seed: int = 0

    symbols, classes = 2, 2


@kind("SumAndMost", seeds={})
@dataclass(frozen=True)
class SumAndMost:
    """Numbers, one a step: what is their sum, and which is the largest?"""

    samples: int = 24
    steps: int = 3

    symbols, width, classes = 0, 1, 2


def parity(task: Parity) -> Halves:
    """Draw bits; every third sequence is shorter, and nothing is asked after its first step."""
    halves = []
    for name, count in (("train", task.train), ("test", task.test)):
        random = stream("parity", task.seed, name)
        bits = random.randint(0, 2, (count, task.steps)).astype(np.uint8)
        lengths = np.full(count, task.steps)
        lengths[::3] -= 1
        steps = np.arange(task.steps)
        asked = (steps > 0) & (steps < lengths[:, None])
        answers = np.where(asked, bits.cumsum(1) % 2, -1).astype(np.int64)
        halves.append(Examples(np.where(steps < lengths[:, None], bits, 0), lengths, answers))
    return Halves(*halves)


def sum_and_most(task: SumAndMost) -> Halves:
    """Draw numbers; what was learned is asked of the same ones."""
    shape = task.samples, task.steps, 1
    numbers = stream("sum and most").normal(size=shape).astype(np.float32)
    answers = np.concatenate([numbers.sum(1), numbers.max(1)], axis=1)
    whole = Examples(numbers, np.full(task.samples, task.steps), answers)
    return Halves(whole, whole)


def errors(task: SumAndMost, answered: Answered) -> dict[str, float]:
    """The largest error of either number."""
    off = np.abs(answered.said - answered.test.answers)
    return {"worst_sum": off[:, 0].max(), "worst_most": off[:, 1].max()}


PARITY = TaskKind(task=Parity, make=parity, title="parity")
SUM_AND_MOST = TaskKind(
    task=SumAndMost,
    make=sum_and_most,
    metrics=errors,
    figures=(
        TaskFigure(
            name="worst-sums", metric="worst_sum", caption="Largest error of a sum", form=".2f"
        ),
    ),
)
register_task(PARITY)
register_task(SUM_AND_MOST)
