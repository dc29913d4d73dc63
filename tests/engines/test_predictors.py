"""Predictors: what is predicted was never seen before, and all of them are asked the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance
from sklearn.linear_model import BayesianRidge
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler

from sparsebench.engines import predictors
from sparsebench.engines.predictors import cross_validate, middle, predictor, splits
from sparsebench.experiments.graph_statistics.cases import REGRESSORS


def samples(rows: int = 30, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Four columns of different sizes, and a target that follows from two of them and noise."""
    random = np.random.default_rng(seed)
    columns = random.normal(size=(rows, 4)) * [1, 30, 0.01, 5] + [0, 200, 1, -7]
    target = 0.9 + 0.02 * columns[:, 0] + 0.001 * columns[:, 1] + 0.01 * random.normal(size=rows)
    return columns, target


class Memory:
    """A regressor that knows by heart what it has learned from, and nothing else.

    It stands in for the real ones; whatever it is taught and asked is noted.
    """

    noted: list[Memory]

    def fit(self, columns: np.ndarray, target: np.ndarray) -> Memory:
        self.known = {tuple(row): value for row, value in zip(columns, target, strict=True)}
        Memory.noted.append(self)
        return self

    def predict(self, columns: np.ndarray) -> np.ndarray:
        self.asked = [tuple(row) for row in columns]
        return np.array([self.known.get(row, -99.0) for row in self.asked])

    def __getitem__(self, place: int) -> Memory:
        return self


@pytest.fixture
def memories(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Memory]]:
    """What each regressor was taught and asked from now on."""
    monkeypatch.setattr(Memory, "noted", [], raising=False)
    monkeypatch.setattr(predictors, "predictor", lambda *arguments, **others: Memory())
    return Memory.noted


@pytest.fixture
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forests and boosted trees are small from now on."""

    def small(regressor: str, *arguments: Any, **others: Any) -> Pipeline:
        made = predictor(regressor, *arguments, **others)
        if "n_estimators" in made[-1].get_params():
            made[-1].set_params(n_estimators=9)
        return made

    monkeypatch.setattr(predictors, "predictor", small)


# Splits


@pytest.mark.parametrize("together", [False, True])
def test_nobody_is_asked_what_it_has_learned(memories: list[Memory], together: bool) -> None:
    columns, target = samples()
    found = list(splits("ada_boost", columns, target, 9, scaled_together=together))
    if together:
        columns = MinMaxScaler().fit_transform(columns)
    everything = {tuple(row): value for row, value in zip(columns, target, strict=True)}
    assert len(memories) == len(found) == 9
    for memory in memories:
        assert len(memory.asked) == 3
        assert memory.known.keys() == everything.keys() - set(memory.asked)
        assert all(memory.known[row] == everything[row] for row in memory.known)
    assert len({tuple(memory.asked) for memory in memories}) == 9
    assert all(split.r2 < -100 for split in found)  # it knows none of the answers


def test_the_splits_are_the_same_for_every_regressor_and_feature_set(
    memories: list[Memory],
) -> None:
    columns, target = samples()
    number = dict(zip(map(tuple, columns), range(30), strict=True))
    narrow = dict(zip(map(tuple, columns[:, 1:3]), range(30), strict=True))
    rows = []
    for regressor in REGRESSORS[::2]:
        for chosen, numbers in ((columns, number), (columns[:, 1:3], narrow)):
            memories.clear()
            list(splits(regressor, chosen, target, 3))
            rows.append([[numbers[row] for row in memory.asked] for memory in memories])
    assert all(each == rows[0] for each in rows)
    memories.clear()
    list(splits("ada_boost", columns, target, 5))
    assert [[number[row] for row in memory.asked] for memory in memories[:3]] == rows[0]


@pytest.mark.parametrize("together", [False, True])
def test_r_squared_is_that_of_the_held_out_rows_scaled_as_asked_for(together: bool) -> None:
    """Nothing of the module's own is used here."""
    columns, target = samples()
    found = list(splits("bayesian_ridge", columns, target, 3, scaled_together=together))
    for seed, split in enumerate(found):
        known, unknown = train_test_split(np.arange(30), test_size=0.1, random_state=seed)
        scaler = MinMaxScaler().fit(columns if together else columns[known])
        trained = BayesianRidge().fit(scaler.transform(columns[known]), target[known])
        guess = trained.predict(scaler.transform(columns[unknown]))
        assert split.r2 == pytest.approx(r2_score(target[unknown], guess), rel=1e-12)


def test_scaling_by_all_rows_changes_what_a_regression_predicts_and_no_tree() -> None:
    columns, target = samples()
    for regressor, changes in (("bayesian_ridge", True), ("random_forest", False)):
        apart = splits(regressor, columns, target, 4)
        together = splits(regressor, columns, target, 4, scaled_together=True)
        moved = [abs(one.r2 - other.r2) for one, other in zip(apart, together, strict=True)]
        assert (max(moved) > 1e-6) == changes


def test_a_predictor_without_a_scaler_takes_columns_as_they_are() -> None:
    assert [name for name, _ in predictor("random_forest", 3).steps] == [
        "minmaxscaler",
        "randomforestregressor",
    ]
    (step,) = predictor("random_forest", 3, scales=False).steps
    assert step[0] == "randomforestregressor"


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("regressor", REGRESSORS)
def test_everything_is_the_same_again(regressor: str) -> None:
    columns, target = samples(20)

    def figures() -> list[Any]:
        found = list(splits(regressor, columns, target, 1))
        whole = cross_validate(regressor, columns, target)
        return [
            [split.r2 for split in found],
            [split.importance.tolist() for split in found],
            whole.predicted.tolist(),
            None if whole.importance is None else whole.importance.tolist(),
        ]

    first = figures()
    np.random.seed(7)
    assert figures() == first


def test_a_forest_s_importances_add_up_to_1_and_others_have_none() -> None:
    columns, target = samples()
    for split in splits("random_forest", columns, target, 2):
        assert split.importance.shape == (4,)
        assert split.importance.sum() == pytest.approx(1)
        assert split.importance.argmax() in (0, 1)  # the target follows from these
    for regressor in ("ada_boost", "bayesian_ridge"):
        (split,) = splits(regressor, columns, target, 1)
        assert split.importance.size == 0


def test_what_follows_from_the_columns_is_predicted_and_noise_is_not() -> None:
    columns, _ = samples(60)
    line = columns @ [0.1, 0.01, 3, 0.2]
    noise = np.random.default_rng(1).normal(size=60)
    assert min(split.r2 for split in splits("bayesian_ridge", columns, line, 5)) > 0.999
    assert np.median([split.r2 for split in splits("bayesian_ridge", columns, noise, 20)]) < 0.1


# Cross-validation


def test_every_row_is_predicted_once_by_a_regressor_that_has_not_seen_it(
    memories: list[Memory],
) -> None:
    columns, target = samples(23)
    found = cross_validate("ada_boost", columns, target)
    assert len(memories) == 10
    asked = [row for memory in memories for row in memory.asked]
    assert sorted(asked) == sorted(map(tuple, columns))
    for memory in memories:
        assert memory.known.keys() == set(asked) - set(memory.asked)
    assert (found.predicted == -99).all()
    assert found.importance is None


def test_predictions_stand_in_the_order_of_the_rows() -> None:
    columns, _ = samples(40)
    line = columns @ [0.1, 0.01, 3, 0.2]
    assert cross_validate("bayesian_ridge", columns, line).predicted == pytest.approx(
        line, abs=0.01
    )


def test_a_scaler_learns_nothing_from_what_is_predicted() -> None:
    """A held-out row far from all others moves no prediction of the rows held out beside it."""
    columns, target = samples(40)
    before = cross_validate("bayesian_ridge", columns, target).predicted
    (part,) = [
        held for _, held in KFold(10, shuffle=True, random_state=0).split(columns) if 7 in held
    ]
    others = part[part != 7]
    assert len(others) == 3
    far = columns.copy()
    far[7] = 1e6
    after = cross_validate("bayesian_ridge", far, target).predicted
    assert after[others].tolist() == before[others].tolist()
    assert after[7] != before[7]


@pytest.mark.parametrize("regressor", REGRESSORS)
def test_a_predictor_s_scaler_knows_the_rows_that_it_was_trained_by(regressor: str) -> None:
    columns, target = samples(20)
    trained = predictor(regressor, 0).fit(columns[:15], target[:15])
    assert isinstance(trained, Pipeline)
    assert trained[0].data_min_.tolist() == columns[:15].min(axis=0).tolist()
    assert trained[0].data_max_.tolist() == columns[:15].max(axis=0).tolist()


@pytest.mark.usefixtures("few_trees")
def test_shuffling_what_the_target_follows_from_costs_the_most() -> None:
    columns, target = samples(40)
    found = cross_validate("random_forest", columns, target).importance
    assert found is not None
    assert found.shape == (4,)
    assert set(np.argsort(found)[-2:]) == {0, 1}
    assert abs(found[2:]).max() < 0.3 * found[1]


@pytest.mark.usefixtures("few_trees")
def test_columns_are_shuffled_among_rows_that_were_not_learned_from() -> None:
    columns, target = samples()
    falls = []
    for known, unknown in KFold(10, shuffle=True, random_state=0).split(columns):
        forest = predictors.predictor("random_forest", 0).fit(columns[known], target[known])
        shuffled = permutation_importance(
            forest, columns[unknown], target[unknown], n_repeats=1, random_state=0
        )
        falls.append(shuffled.importances_mean)
    found = cross_validate("random_forest", columns, target).importance
    assert found == pytest.approx(np.mean(falls, axis=0))


def test_settings_are_scikit_learn_s_own_but_for_the_seed() -> None:
    ours = predictor("random_forest", 5)[-1].get_params()
    assert ours == {**RandomForestRegressor().get_params(), "random_state": 5}


# The middle 95 %


@given(st.lists(st.floats(-5, 1), min_size=1, max_size=50))
def test_the_middle_lies_among_the_values_and_leaves_out_few(values: list[float]) -> None:
    low, high = middle(values)
    assert min(values) <= low <= high <= max(values)
    for outside in (
        [each for each in values if each < low],
        [each for each in values if each > high],
    ):
        assert len(outside) <= 0.025 * (len(values) - 1) + 1


def test_of_201_values_the_middle_leaves_out_five_at_each_end() -> None:
    assert middle(range(201)) == (5, 195)
