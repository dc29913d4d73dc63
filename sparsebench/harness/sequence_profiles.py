"""Work of each profile on sequence tasks and on the package's texts: sizes, networks, training."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.values.protocol import VARIANTS, Training
from sparsebench.values.sequence_tasks import (
    LYAPUNOV_POINTS,
    ORDERS,
    AddingProblem,
    CopyTask,
    JapaneseVowels,
    MackeyGlass,
    Mnist1D,
    SequentialDigits,
)
from sparsebench.values.tasks import Task
from sparsebench.values.text_tasks import READ, AliceLetters, Passages


@dataclass(frozen=True)
class SequenceWork:
    """An amount of work on one task.

    Attributes
    ----------
    task
        The task, with its size.
    units
        Units of the one layer of each network.
    training
        How networks are trained, and fine-tuned if something is pruned.
    variants
        The cell types.
    percents
        Percentages of input and hidden weights that are pruned, 0-100; 0: not pruned.
    shifts
        Of a Mackey-Glass series, the stretches that networks are trained on which are not pruned:
        points that are left out before each. Empty: the task's own.
    small
        Units of a dense network with as many recurrent weights as pruning leaves; 0: there is none.
    vertices
        Vertices of a wired network with about as many recurrent weights; 0: there is none.
    """

    task: Task
    units: int
    training: Training
    variants: tuple[str, ...]
    percents: tuple[int, ...]
    shifts: tuple[int, ...] = ()
    small: int = 0
    vertices: int = 0


def _alike(
    tasks: tuple[Task, ...], units: int, epochs: int, variants: tuple[str, ...], percent: int
) -> tuple[SequenceWork, ...]:
    training = Training(epochs, 32, 0.01, final_rate=0.001)
    return tuple(SequenceWork(task, units, training, variants, (0, percent)) for task in tasks)


SMOKE = _alike(
    (
        AddingProblem(steps=8, train=128, test=64),
        CopyTask(delay=3, train=128, test=64),
        *(SequentialDigits(order, train=128, test=64) for order in ORDERS),
        Mnist1D(train=128, test=64),
        MackeyGlass(window=20, train=120, test=40),
        AliceLetters(train=2000),
        *(Passages(read, train=128, test=64) for read in READ),
    ),
    units=8,
    epochs=2,
    variants=("gru",),
    percent=80,
)
QUICK = _alike(
    (
        AddingProblem(steps=20, train=1000, test=200),
        CopyTask(delay=5, train=500, test=100),
        *(SequentialDigits(order, train=500, test=200) for order in ORDERS),
        Mnist1D(train=500, test=200),
        MackeyGlass(window=30, train=300, test=75),
        AliceLetters(train=60_000),
        *(Passages(read, train=2000, test=500) for read in READ),
        JapaneseVowels(),
    ),
    units=16,
    epochs=10,
    variants=("rnn_tanh", "gru"),
    percent=80,
)

_SOME = ("rnn_tanh", "lstm", "gru")
"""Variants on tasks whose trainings are long."""

THESIS = (
    SequenceWork(
        AddingProblem(),
        32,
        Training(40, 16, 0.01, final_rate=0.001),
        _SOME,
        (0, 90),
        small=9,
        vertices=14,
    ),
    SequenceWork(
        CopyTask(),
        64,
        Training(30, 16, 0.01, final_rate=0.001),
        _SOME,
        (0, 90),
        small=20,
        vertices=40,
    ),
    *(
        SequenceWork(
            SequentialDigits(order),
            64,
            Training(100, 32, 0.005, final_rate=0.0005),
            VARIANTS,
            (0, 90),
            small=18 if order == "rows" else 20,
            vertices=28,
        )
        for order in ORDERS
    ),
    SequenceWork(
        Mnist1D(),
        64,
        Training(200, 32, 0.005, final_rate=0.0001),
        VARIANTS,
        (0, 90),
        small=20,
        vertices=28,
    ),
    # Chosen for LSTM by validation parts of other stretches of the series, between trainings that take
    # about as long (validation/statistics/measure_forecasts.py). A prediction takes 50,700
    # multiply-adds, NeuroBench's LSTM 60,000. Stretches are every second of NeuroBench's thirty.
    SequenceWork(
        MackeyGlass(window=12),
        32,
        Training(3000, 16, 0.01, clip_norm=0.01, final_rate=1e-5),
        _SOME,
        (0, 90),
        shifts=tuple(range(0, 15 * LYAPUNOV_POINTS, LYAPUNOV_POINTS)),
        small=10,
        vertices=14,
    ),
    SequenceWork(
        AliceLetters(),
        128,
        Training(15, 32, 0.003, final_rate=0.0003),
        _SOME,
        (0, 90),
        small=40,
        vertices=76,
    ),
    *(
        SequenceWork(
            Passages(read),
            64,
            Training(epochs, 32, 0.002, final_rate=0.0002),
            VARIANTS,
            (0, 90),
            small=small,
            vertices=vertices,
        )
        for read, epochs, small, vertices in (
            ("letters", 20, 20, 40),
            ("words", 10, 20, 40),
            ("vectors", 10, 13, 32),
        )
    ),
    SequenceWork(
        JapaneseVowels(),
        64,
        Training(200, 32, 0.005, final_rate=0.0001),
        VARIANTS,
        (0, 90),
        small=17,
        vertices=30,
    ),
)
