"""Records of tasks are held against the report on capacity: by shares, trends and pairs of seeds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.capacity.claims import best_bits, judge_tasks, slope
from sparsebench.experiments.capacity.items import CapacityItem, CapacityVariantsItem
from sparsebench.experiments.capacity.report_items import (
    FunctionItem,
    FunctionVariantsItem,
    InitialisationsItem,
    LongMemoryItem,
    OptimisersItem,
    RecallItem,
)
from sparsebench.experiments.language_modelling.items import LettersItem, WritingItem
from sparsebench.harness.claims import judge_claims
from sparsebench.parts.records import Record, Verdict
from sparsebench.values.identity import canonical, digest
from sparsebench.values.sequence_tasks import AddingProblem
from sparsebench.values.tasks import NextLetters

CAPACITY = CapacityItem("rnn_tanh", 1, (200, 300, 400), (2, 4), 10)
SEEDS = range(6)


def records_of(item: Any, metrics: Callable[[Any], dict[str, float]]) -> list[Record]:
    """What an item's cases would have measured."""
    return [
        Record(digest=digest(case), experiment="task", case=canonical(case), metrics=metrics(case))
        for case in item.cases(SEEDS)
    ]


def parameters_of(case: Any) -> int:
    return sum(math.prod(shape) for shape in case.layout.shapes().values())


def verdicts_of(item: Any, metrics: Callable[[Any], dict[str, float]]) -> list[Verdict]:
    return judge_claims(item, records_of(item, metrics))


def words(verdicts: list[Verdict]) -> list[str]:
    return [verdict.verdict for verdict in verdicts]


def stored(per_parameter: float, noise: float = 0.01) -> Callable[[Any], dict[str, float]]:
    """Networks that store so many bits for each parameter, most of them of the fewest samples."""

    def metrics(case: Any) -> dict[str, float]:
        parameters = parameters_of(case)
        fewer = case.task.samples == 2 * parameters
        bits = parameters * per_parameter * (1 + noise * case.seed) * (1 if fewer else 0.5)
        return {"parameters": parameters, "bits": bits}

    return metrics


@pytest.mark.parametrize(
    ("per_parameter", "expected"),
    [
        (5.0, ["pass", "pass"]),
        (3.5, ["pass", "inconclusive"]),  # found is a bound from below
        (1.5, ["inconclusive", "inconclusive"]),
        (5.7, ["pass", "fail"]),
        (9.0, ["fail", "fail"]),
    ],
)
def test_bits_per_parameter_are_judged_network_by_network(
    per_parameter: float, expected: list[str]
) -> None:
    found = verdicts_of(CAPACITY, stored(per_parameter))
    assert words(found) == expected
    assert all("section IV.A" in verdict.source for verdict in found)
    assert all(len(verdict.digests) == 18 for verdict in found)


def test_seeds_that_scatter_leave_it_open() -> None:
    found = verdicts_of(CAPACITY, stored(4.0, noise=0.2))
    assert words(found)[1] == "inconclusive"


def test_the_best_number_of_samples_counts() -> None:
    records = records_of(CAPACITY, stored(5.0))
    best = best_bits(records)
    assert len(best) == 18
    for (kind, seed), record in best.items():
        alike = [
            other.metrics["bits"]
            for other in records
            if (other.case["hidden_size"], other.case["seed"]) == (kind[3], seed)
        ]
        assert record.metrics["bits"] == max(alike)


def test_a_slope_is_the_lines_with_students_interval() -> None:
    random = np.random.RandomState(0)
    across = np.arange(1.0, 11)
    up = 3 * across + random.normal(size=10)
    found, interval = slope(list(zip(across, up, strict=True)), 0.95)
    (steepness, _), covariance = np.polyfit(across, up, 1, cov="unscaled")
    left = up - np.polyval(np.polyfit(across, up, 1), across)
    error = math.sqrt(covariance[0, 0] * (left @ left) / 8)
    assert found == pytest.approx(steepness)
    assert interval == pytest.approx((steepness - 2.306004 * error, steepness + 2.306004 * error))
    assert slope([(2.0, 6.0), (2.0, 6.2)], 0.95)[0] == pytest.approx(3.05)
    assert slope([(1.0, 3.0), (2.0, 5.0)], 0.95) == (pytest.approx(2.0), None)


@given(
    st.floats(-9, 9),
    st.floats(-9, 9),
    st.lists(st.integers(-50, 50), min_size=3, max_size=9, unique=True),
)
def test_a_line_without_noise_is_found(steepness: float, height: float, across: list[int]) -> None:
    found, interval = slope([(each, steepness * each + height) for each in across], 0.95)
    assert found == pytest.approx(steepness, abs=1e-6)
    assert interval == pytest.approx((steepness, steepness), abs=1e-4)


def test_a_level_line_is_a_line_too() -> None:
    assert slope([(1, 7), (2, 7), (3, 7)], 0.95) == (0, (0, 0))
    assert slope([(1, 7), (2, 7)], 0.95) == (0, None)
    found = verdicts_of(CAPACITY, lambda case: {"parameters": case.seed + 1, "bits": 0})
    assert words(found) == ["inconclusive", "inconclusive"]


@pytest.mark.parametrize(("power", "told"), [(0.5, "they rise: "), (-0.5, "they fall: ")])
def test_bits_that_are_not_proportional_to_parameters_are_told(power: float, told: str) -> None:
    def metrics(case: Any) -> dict[str, float]:
        parameters = parameters_of(case)
        return {"parameters": parameters, "bits": parameters * (parameters / 300) ** power}

    assert f"not in proportion, {told}Page's test" in verdicts_of(CAPACITY, metrics)[0].reason
    assert "not in proportion" not in verdicts_of(CAPACITY, stored(4.0))[0].reason


def test_of_cell_types_that_are_not_the_thesis_s_the_report_says_nothing() -> None:
    assert verdicts_of(CapacityItem("mgu", 1, (200, 400), (2,), 10), stored(5.0)) == []
    assert verdicts_of(RecallItem("mgu", (16, 64), 3), lambda case: {"loss": 0.01}) == []


def test_one_size_alone_says_no_slope_of_errors() -> None:
    item = LettersItem("lstm", NextLetters(), (8,), 3)
    assert verdicts_of(item, lambda case: {"parameters": 99, "bits_per_letter": 2.0}) == []


def test_two_networks_leave_it_open() -> None:
    records = records_of(CapacityItem("rnn_tanh", 1, (200, 400), (2,), 10), stored(5.0, 0))
    two = [record for record in records if record.case["seed"] == 0]
    found = list(judge_tasks(CAPACITY, two, 0.95))
    assert words(found) == ["inconclusive", "inconclusive"]
    assert found[0].reason.startswith("2 of 2 networks, 95 % interval 0.16-1.00; 5.00 to 5.00 were")


def test_variants_are_compared_pair_by_pair() -> None:
    names = ("rnn_tanh", "rnn_relu", "lstm", "gru")
    items = [CapacityItem(name, 1, (200, 400), (2,), 10) for name in names]
    items.append(CapacityItem("rnn_relu", 1, (200, 400), (2,), 10, initialisation="identity"))
    level = {"rnn_tanh": 5.0, "lstm": 4.0, "gru": 5.5, "rnn_relu": 3.0}

    def metrics(case: Any) -> dict[str, float]:
        parameters = parameters_of(case)
        per_parameter = level[case.variant] + 0.05 * case.seed
        if case.initialisation:
            per_parameter = 5.0 + (case.seed - 0.6)
        return {"parameters": parameters, "bits": parameters * per_parameter}

    found = verdicts_of(CapacityVariantsItem(tuple(items)), metrics)
    assert words(found) == ["pass", "inconclusive", "pass", "inconclusive"]
    assert found[1].reason.endswith("both are bounds from below")
    subjects = [verdict.statement.split()[0] for verdict in found]
    assert subjects == ["LSTM", "GRU", "RNN-ReLU", "RNN-ReLU"]
    assert "over 12 pairs" in found[0].reason


@pytest.mark.parametrize(
    ("enough", "fewer", "expected"),
    [
        (0.01, 0.4, ["pass", "pass"]),
        (0.3, 0.4, ["fail", "pass"]),
        (0.01, 0.02, ["pass", "fail"]),
        (0.05, 1.2, ["pass", "pass"]),  # worse than saying nothing is more than 5 % too
    ],
)
def test_memory_is_judged_below_and_from_sixty_four_units_on(
    enough: float, fewer: float, expected: list[str]
) -> None:
    item = RecallItem("gru", (32, 64, 80), 10)

    def metrics(case: Any) -> dict[str, float]:
        return {"loss": (fewer if case.hidden_size < 64 else enough) / 3}

    assert words(verdicts_of(item, metrics)) == expected


def test_memory_that_one_seed_in_three_has_is_open_and_told_by_units() -> None:
    item = RecallItem("gru", (32, 64), 10)

    def metrics(case: Any) -> dict[str, float]:
        return {"loss": (0.02 if case.hidden_size == 64 and case.seed == 1 else 0.5) / 3}

    enough, fewer = verdicts_of(item, metrics)
    assert (enough.verdict, fewer.verdict) == ("inconclusive", "pass")
    assert enough.reason == (
        "1 of 6 networks, 95 % interval 0.00-0.64; 50.0 % at the worst; by units 32 50.0 %, 64 42.0 %"
    )
    assert enough.measured == pytest.approx([0.5, 0.02, *[0.5] * 4])
    assert enough.true_of == 1
    assert (enough.expected, fewer.expected) == ([0, 0.05], [0.05, 1e9])


@pytest.mark.parametrize(("sign", "expected"), [(-1, "pass"), (1, "fail")])
def test_errors_fall_as_parameters_grow_or_not(sign: int, expected: str) -> None:
    letters = LettersItem("lstm", NextLetters(), (4, 8, 16), 3)
    function = FunctionItem("lstm", (4, 8, 16), 1024, 3)

    def metrics(case: Any) -> dict[str, float]:
        parameters = parameters_of(case)
        figure = 0.8 + 0.1 * sign * (math.log(parameters) - 6) + 0.001 * case.seed
        return {"parameters": parameters, "bits_per_letter": figure, "loss": figure}

    for item in (letters, function):
        assert words(verdicts_of(item, metrics)) == [expected]


@pytest.mark.parametrize(("apart", "expected"), [(0.01, "pass"), (0.2, "fail")])
def test_two_variants_of_as_many_parameters_err_alike_or_not(apart: float, expected: str) -> None:
    items = (FunctionItem("rnn_tanh", (8, 32), 1024, 3), FunctionItem("lstm", (8, 32), 1024, 3))

    def metrics(case: Any) -> dict[str, float]:
        parameters = parameters_of(case)
        loss = (
            0.5 - 0.01 * math.log(parameters) + 0.001 * case.seed + apart * (case.variant == "lstm")
        )
        return {"parameters": parameters, "loss": loss}

    assert words(verdicts_of(FunctionVariantsItem(items), metrics)) == [expected]


def test_where_nothing_is_learned_nothing_is_alike_and_nothing_falls() -> None:
    """Both say 0, whose error is the variance: that they agree is no finding."""
    items = (FunctionItem("rnn_tanh", (8, 32), 1024, 3), FunctionItem("lstm", (8, 32), 1024, 3))

    def metrics(case: Any) -> dict[str, float]:
        parameters = parameters_of(case)
        return {"parameters": parameters, "loss": 1.005 - 1e-6 * parameters}

    for item in (FunctionVariantsItem(items), items[0]):
        (found,) = verdicts_of(item, metrics)
        assert found.verdict == "inconclusive"
        assert "nothing was learned" in found.reason


def test_one_size_alone_has_no_line_to_compare_another_variant_with() -> None:
    items = (FunctionItem("rnn_tanh", (8,), 1024, 3), FunctionItem("lstm", (8,), 1024, 3))
    found = verdicts_of(FunctionVariantsItem(items), lambda case: {"parameters": 99, "loss": 1.0})
    assert found == []


def test_adam_is_held_against_every_other_optimiser() -> None:
    level = {"adam": 0.95, "nesterov": 0.9, "adagrad": 0.97, "rmsprop": 0.95}

    def metrics(case: Any) -> dict[str, float]:
        nearly = 0.01 * (case.seed - 2.5) * (case.training.optimiser == "rmsprop")
        return {"accuracy": level[case.training.optimiser] + nearly + 0.001 * case.seed}

    found = verdicts_of(OptimisersItem("gru", 2), metrics)
    assert [verdict.statement.split()[-1] for verdict in found] == [
        "nesterov",
        "adagrad",
        "rmsprop",
    ]
    assert words(found) == ["pass", "fail", "inconclusive"]


def test_what_is_no_different_in_any_pair_is_no_better() -> None:
    found = verdicts_of(OptimisersItem("gru", 2), lambda case: {"accuracy": 1.0})
    assert words(found) == ["inconclusive"] * 3


def test_he_is_held_against_the_others_for_relu_alone() -> None:
    def metrics(case: Any) -> dict[str, float]:
        return {"accuracy": 0.9 + 0.05 * (case.initialisation == "he")}

    assert words(verdicts_of(InitialisationsItem("rnn_relu", 2), metrics)) == ["pass"] * 4
    assert verdicts_of(InitialisationsItem("lstm", 2), metrics) == []


@pytest.mark.parametrize(
    ("identity", "verdict"), [(0.01, "pass"), (0.17, "fail"), (0.1, "inconclusive")]
)
def test_an_identity_is_held_against_usual_weights_where_memory_is_long(
    identity: float, verdict: str
) -> None:
    def metrics(case: Any) -> dict[str, float]:
        own = {"uniform": 0.1 + 0.001 * (case.seed % 2), "identity": identity, "orthogonal": 0.0}
        swings = 0.002 * (case.seed % 3 - 1) if identity == 0.1 else 0.0
        return {"loss": own[case.initialisation] + swings * (case.initialisation == "identity")}

    item = LongMemoryItem("rnn_relu", AddingProblem(100), 4, 2, seeds=8)
    (found,) = verdicts_of(item, metrics)
    assert words([found]) == [verdict]
    assert found.source == "report on capacity, section VI"


def test_nothing_was_published_of_pruned_and_wired_networks_and_of_writing() -> None:
    def metrics(case: Any) -> dict[str, float]:
        return {"loss": 0.1, "parameters": 10, "bits": 30, "bits_per_letter": 1, "accuracy": 0.9}

    for item in (
        CapacityItem("gru", 1, (300,), (2,), 10, percent=80),
        RecallItem("gru", (16, 64), 3, wired=True),
        LettersItem("gru", NextLetters(), (4, 8), 3, percent=50),
        WritingItem("gru", "reber", 4, 3, 10),
    ):
        assert list(judge_tasks(item, records_of(item, metrics), 0.95)) == []


def test_claims_of_tasks_are_among_those_of_all_items() -> None:
    records = records_of(CAPACITY, stored(5.0))
    assert judge_claims(CAPACITY, records) == list(judge_tasks(CAPACITY, records, 0.95))
