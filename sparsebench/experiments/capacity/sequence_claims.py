"""What was published about the recognised sequence tasks, and how records are judged by it.

Judged are networks that are not pruned, on a task as long and as large as the thesis profile's.
"Solved" is a squared error below `SOLVED`. "Below the memoryless floor" is a cross entropy of at most
`NOTHING` of it, as in `sparsebench.experiments.capacity.claims`. "Within 2 points" forbids no better
figure. The forecast's error is published as a mean over stretches of the series, and judged as one:
by the interval of the mean of the stretches' means over seeds, since networks on one stretch are
alike good or bad.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from sparsebench.experiments.capacity.claims import NOTHING
from sparsebench.experiments.capacity.sequence_items import ShiftsItem
from sparsebench.experiments.capacity.task_items import TaskItem
from sparsebench.judging.claims import Judgement, judge_share
from sparsebench.judging.intervals import FEWEST_VALUES, Interval, covering_interval
from sparsebench.judging.replicates import by_replicates
from sparsebench.parts.records import Record, Verdict
from sparsebench.values.sequence_tasks import (
    SYMBOLS,
    AddingProblem,
    CopyTask,
    MackeyGlass,
    Mnist1D,
)
from sparsebench.values.tasks import Task

SOLVED = 0.01
"""Squared error below which the adding problem is solved; always answering 1 has 1/6."""

PUBLISHED_STEPS, PUBLISHED_DELAY = 200, 100
"""Length of the adding problem and delay of the copy task that claims are about."""

GRU_OF_AUTHORS = 0.91
"""Accuracy of MNIST-1D's authors' GRU."""

NEAR = 0.02

LSTM_OF_NEUROBENCH = 13.4
"""Error in % of NeuroBench's LSTM, 13.37, rounded up."""


@dataclass(frozen=True)
class _Published:
    """A statement about the networks of a variant: the metric, and where it has to lie."""

    statement: str
    metric: str
    allowed: Interval
    source: str


_LE = "Le, Jaitly and Hinton (2015), figure 1"
_BAI = "Bai, Kolter and Koltun (2018), table 1, at a length of 600"

_COPIED = _Published(
    "LSTM is below the memoryless floor of the copy task, by 5 % at least",
    "loss",
    (0.0, NOTHING * math.log(SYMBOLS)),
    "Arjovsky, Shah and Bengio (2016), on the copying memory problem, at a delay of 100",
)
_NAMED = _Published(
    "GRU is right for 91 % of MNIST-1D, less 2 points at most",
    "accuracy",
    (GRU_OF_AUTHORS - NEAR, 1.0),
    "Greydanus and Kobak (2024), table of accuracies",
)


def judge_sequences(
    item: TaskItem, records: Sequence[Record], confidence: float
) -> Iterator[Verdict]:
    """Judge the records of an item by what was published about its task; none for other tasks."""
    if isinstance(item, ShiftsItem):
        yield from _forecasts(item, records, confidence)
        return
    published = _published(item.task, item.variant) if item.plain else None
    if published is None or not records:
        return
    low, high = published.allowed
    figures = [record.metrics[published.metric] for record in records]
    true = sum(low <= figure <= high for figure in figures)
    found = judge_share(true, len(figures), confidence, "networks")
    yield Verdict(
        item=item.id,
        kind="claim",
        verdict=found.verdict,
        statement=published.statement,
        expected=[max(low, -1e9), min(high, 1e9)],
        measured=figures,
        interval=found.interval,
        source=published.source,
        digests=[record.digest for record in records],
        reason=f"{found.numbers}; {min(figures):.4g} to {max(figures):.4g}",
        true_of=true,
    )


def _published(task: Task, variant: str) -> _Published | None:
    """What was published about a variant on a task of this size; None: nothing."""
    if isinstance(task, AddingProblem) and task.train >= AddingProblem.train:
        return _adding(variant) if task.steps == PUBLISHED_STEPS else None
    if isinstance(task, CopyTask) and task.train >= CopyTask.train and variant == "lstm":
        return _COPIED if task.delay == PUBLISHED_DELAY else None
    if isinstance(task, Mnist1D) and task.train >= Mnist1D.train and variant == "gru":
        return _NAMED
    return None


def _forecasts(item: ShiftsItem, records: Sequence[Record], confidence: float) -> Iterator[Verdict]:
    """Whether LSTM's error is NeuroBench's at most, on the mean over stretches of its series."""
    task = item.task
    assert isinstance(task, MackeyGlass)
    as_large = task.tau == MackeyGlass.tau and task.test >= MackeyGlass.test
    if not (as_large and item.plain and item.variant == "lstm" and records):
        return
    means = [
        fmean(each.metrics["smape"] for each in stretch)
        for stretch in by_replicates(records).values()
    ]
    found = _mean_at_most(LSTM_OF_NEUROBENCH, means, confidence)
    yield Verdict(
        item=item.id,
        kind="claim",
        verdict=found.verdict,
        statement="LSTM forecasts ten Lyapunov times with a mean error of at most 13.4 %",
        expected=[0.0, LSTM_OF_NEUROBENCH],
        measured=means,
        interval=found.interval,
        source="NeuroBench, leaderboard of chaotic function prediction",
        digests=[record.digest for record in records],
        reason=f"mean {fmean(means):.2f} over {found.numbers}; {min(means):.2f} to {max(means):.2f}",
    )


def _mean_at_most(most: float, figures: Sequence[float], confidence: float) -> Judgement:
    """Is the mean of some stretches' figures below a bound?"""
    interval, count = covering_interval(figures, confidence), f"{len(figures)} stretches"
    if interval is None:
        return Judgement(
            "inconclusive", None, f"{count}, fewer than {FEWEST_VALUES} decide nothing"
        )
    low, high = interval
    verdict = "pass" if high <= most else "fail" if low > most else "inconclusive"
    bounds = f"{100 * confidence:.4g} % interval {low:.2f} to {high:.2f}"
    return Judgement(verdict, interval, f"{count}, {bounds}")


def _adding(variant: str) -> _Published | None:
    if variant == "rnn_relu":
        return None
    if variant == "rnn_tanh":
        return _Published(
            f"RNN-Tanh does not solve the adding problem of length {PUBLISHED_STEPS}",
            "loss",
            (SOLVED, math.inf),
            _LE,
        )
    return _Published(
        f"{variant.upper()} solves the adding problem of length {PUBLISHED_STEPS}",
        "loss",
        (0.0, SOLVED),
        _LE if variant == "lstm" else _BAI,
    )
