"""Predicting one number from several, with scikit-learn, as the thesis did (section 5.3.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Array = np.ndarray

HELD_OUT = 0.1
"""The share of rows that is predicted; the regressors learn from the others."""


def predictor(regressor: str, seed: int, scales: bool = True) -> Pipeline:
    """A scaler to 0-1 and a regressor, untrained, with scikit-learn's own settings.

    The thesis names no settings. The scaler learns from the rows that the regressor learns from.

    Parameters
    ----------
    regressor
        A name in `sparsebench.experiments.graph_statistics.cases.REGRESSORS`.
    seed
        Of what it draws.
    scales
        Whether there is a scaler; columns that were scaled together would lose that by another one.
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
    """What came of one split into rows to learn from and rows to predict.

    Attributes
    ----------
    r2
        The share of the variance of the held-out rows that is predicted; below 0 where their mean
        would have been the better guess.
    importance
        How much each column lowered the impurity in a forest's trees, adding up to 1; empty for other
        regressors.
    """

    r2: float
    importance: Array


def splits(
    regressor: str, columns: Array, target: Array, count: int, scaled_together: bool = False
) -> Iterator[Split]:
    """Learn and predict again and again, each time with another tenth held out.

    Parameters
    ----------
    regressor
        A name in `sparsebench.experiments.graph_statistics.cases.REGRESSORS`.
    columns, target
        float64, one row for each sample, twenty at least: two are predicted then.
    count
        How many splits; the n-th is the same in every call.
    scaled_together
        Scale by all rows, those to be predicted among them, as the thesis did.
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
    """Each row predicted by a regressor that learned from nine tenths without it.

    Attributes
    ----------
    predicted
        float64, one for each row.
    importance
        Of a forest, by how much R² falls, on rows not learned from, when a column is shuffled.
    """

    predicted: Array
    importance: Array | None


def cross_validate(regressor: str, columns: Array, target: Array) -> CrossValidation:
    """Predict every row once, in ten parts."""
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
    """The range that holds the middle 95 % of some values."""
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
