"""What was published about sequence tasks is judged where the task is as large, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from sparsebench.experiments.capacity.sequence_claims import judge_sequences
from sparsebench.experiments.capacity.sequence_items import sequence_items
from sparsebench.experiments.capacity.task_items import TaskItem
from sparsebench.harness.claims import judge_claims
from sparsebench.harness.task_profiles import QUICK, SMOKE, THESIS
from sparsebench.parts.records import Record, Verdict
from sparsebench.values.identity import canonical, digest
from sparsebench.values.sequence_tasks import MackeyGlass

ITEMS = {item.id: item for item in sequence_items(THESIS)}


def verdicts_of(item: TaskItem, seeds: int = 6, **metrics: float) -> list[Verdict]:
    records = [
        Record(digest=digest(case), experiment="task", case=canonical(case), metrics=metrics)
        for case in item.cases(range(seeds))
    ]
    return judge_claims(item, records)


@pytest.mark.parametrize(
    ("name", "metric", "holds", "fails"),
    [
        ("adding-200-gru-p0", "loss", 0.0099, 0.0101),
        ("adding-200-lstm-p0", "loss", 0.0099, 0.167),
        ("adding-200-rnn_tanh-p0", "loss", 0.167, 0.0099),
        ("copy-100-lstm-p0", "loss", 1.97, 1.98),
        ("mnist-1d-gru-p0", "accuracy", 0.89, 0.889),
    ],
)
def test_a_published_statement_holds_on_one_side_of_its_bound_only(
    name: str, metric: str, holds: float, fails: float
) -> None:
    (held,), (failed,) = (verdicts_of(ITEMS[name], **{metric: each}) for each in (holds, fails))
    assert (held.verdict, held.true_of) == ("pass", 6)
    assert (failed.verdict, failed.true_of) == ("fail", 0)
    assert held.source == failed.source
    assert "20" in held.source


FORECAST = ITEMS["mackey-glass-17-lstm-p0"]


def forecast(item: TaskItem, errors: Sequence[float], seeds: int = 3) -> Verdict:
    """The verdict on stretches with these errors: seeds differ, and their mean is each error."""
    cases = item.cases(range(seeds))
    found = [
        Record(
            digest=digest(case),
            experiment="task",
            case=canonical(case),
            metrics={"smape": errors[number // seeds] + number % seeds - (seeds - 1) / 2},
        )
        for number, case in enumerate(cases[: seeds * len(errors)])
    ]
    (verdict,) = judge_claims(item, found)
    return verdict


@pytest.mark.parametrize(
    ("middle", "verdict"), [(13.4 - 1, "pass"), (13.4, "inconclusive"), (13.4 + 1, "fail")]
)
def test_a_forecasts_error_is_judged_by_the_interval_of_its_mean_over_stretches(
    middle: float, verdict: str
) -> None:
    errors = [middle + off for off in (-1, 0, 1) for _ in range(5)]
    found = forecast(FORECAST, errors)
    assert found.verdict == verdict
    assert found.measured == pytest.approx(errors)
    assert found.interval is not None
    assert found.interval[0] < middle < found.interval[1]
    assert "over 15 stretches, 95 % interval" in found.reason
    assert "leaderboard" in found.source


def test_few_stretches_decide_nothing_however_many_seeds_there_are() -> None:
    found = forecast(FORECAST, [1.0] * 11, seeds=9)
    assert (found.verdict, found.interval) == ("inconclusive", None)


@pytest.mark.parametrize("task", [MackeyGlass(test=749), MackeyGlass(tau=18)])
def test_a_forecast_of_another_series_or_of_fewer_points_is_not_judged(task: MackeyGlass) -> None:
    assert verdicts_of(replace(FORECAST, task=task), **ANY) == []


def test_no_loss_that_is_no_number_solves_anything() -> None:
    (found,) = verdicts_of(ITEMS["adding-200-gru-p0"], loss=float("nan"))
    assert found.verdict == "fail"


def test_three_seeds_decide_nothing() -> None:
    (found,) = verdicts_of(ITEMS["adding-200-gru-p0"], 3, loss=0.001)
    assert (found.verdict, found.true_of) == ("inconclusive", 3)


def test_nothing_else_is_judged() -> None:
    judged = {name for name, item in ITEMS.items() if verdicts_of(item, **ANY)}
    assert judged == {
        "adding-200-gru-p0", "adding-200-lstm-p0", "adding-200-rnn_tanh-p0", "copy-100-lstm-p0",
        "mnist-1d-gru-p0", "mackey-glass-17-lstm-p0",
    }  # fmt: skip
    for work in (SMOKE, QUICK):
        assert [
            verdict for item in sequence_items(work) for verdict in verdicts_of(item, **ANY)
        ] == []
    assert [*judge_sequences(ITEMS["adding-200-gru-p0"], [], 0.95)] == []


ANY: dict[str, Any] = {"loss": 0.1, "accuracy": 0.5, "smape": 20.0}
