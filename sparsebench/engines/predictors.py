"""Regressors that predict one number from several, by scikit-learn, as in thesis section 5.3.3."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Array = np.ndarray

HELD_OUT = 0.1
"""The share of rows held out for testing."""


def predictor(regressor: str, seed: int, scales: bool = True) -> Pipeline:
    """A scaler to 0-1 and a regressor, not yet fitted, with scikit-learn's default settings.

    The thesis names no settings. The scaler is fitted on the regressor's training rows.

    Parameters
    ----------
    regressor
        A name in `sparsebench.experiments.graph_statistics.cases.REGRESSORS`.
    seed
        Seed of the regressor's random choices.
    scales
        Whether there is a scaler; without it, columns that were scaled before keep that scale.
    """
    from sklearn.ensemble import AdaBoostRegressor, RandomForestRegressor
    from sklearn.linear_model import BayesianRidge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler

    make: dict[str, Any] = {
        "bayesian_ridge": BayesianRidge,
        "random_forest": lambda: RandomForestRegressor(random_state=seed),
        "ada_boost": lambda: AdaBoostRegressor(random_state=seed),
    }
    return make_pipeline(*([MinMaxScaler()] if scales else []), make[regressor]())


@dataclass(frozen=True, eq=False)
class Split:
    """The result of one split into training and test rows.

    Attributes
    ----------
    r2
        R², the share of the variance of the test rows that is predicted; below 0 if their mean
        would be the better guess.
    importance
        How much each column lowered the impurity in a forest's trees, adding up to 1; empty for
        other regressors.
    """

    r2: float
    importance: Array


def splits(
    regressor: str, columns: Array, target: Array, count: int, scaled_together: bool = False
) -> Iterator[Split]:
    """Fit and test repeatedly, each time with another random tenth of the rows held out.

    Parameters
    ----------
    regressor
        A name in `sparsebench.experiments.graph_statistics.cases.REGRESSORS`.
    columns, target
        float64, one row for each sample; at least twenty, so that two are held out.
    count
        Number of splits; the n-th split is the same in every call.
    scaled_together
        Scale by all rows, including the test rows, as the thesis did.
    """
    from sklearn.metrics import r2_score
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import MinMaxScaler

    if scaled_together:
        columns = MinMaxScaler().fit_transform(columns)
    for seed in range(count):
        parts = train_test_split(columns, target, test_size=HELD_OUT, random_state=seed)
        known, unknown, known_target, unknown_target = parts
        untrained = predictor(regressor, seed, scales=not scaled_together)
        trained = untrained.fit(known, known_target)
        importance = getattr(trained[-1], "feature_importances_", None)
        yield Split(
            float(r2_score(unknown_target, trained.predict(unknown))),
            np.array([]) if regressor != "random_forest" else np.asarray(importance),
        )


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """Predictions of each row by a regressor that was fitted on nine tenths without it.

    Attributes
    ----------
    predicted
        float64, one for each row.
    importance
        For a forest, how much R² falls on test rows if a column is shuffled; None otherwise.
    """

    predicted: Array
    importance: Array | None


def cross_validate(regressor: str, columns: Array, target: Array) -> CrossValidation:
    """Predict every row once, in ten folds."""
    from sklearn.inspection import permutation_importance
    from sklearn.model_selection import KFold

    predicted = np.empty_like(target)
    falls = []
    for known, unknown in KFold(10, shuffle=True, random_state=0).split(columns):
        trained = predictor(regressor, 0).fit(columns[known], target[known])
        predicted[unknown] = trained.predict(columns[unknown])
        if regressor == "random_forest":
            shuffled = permutation_importance(
                trained, columns[unknown], target[unknown], n_repeats=1, random_state=0
            )
            falls.append(shuffled.importances_mean)
    return CrossValidation(predicted, np.mean(falls, axis=0) if falls else None)


def middle(values: Sequence[float]) -> tuple[float, float]:
    """The range of the middle 95 % of some values."""
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
