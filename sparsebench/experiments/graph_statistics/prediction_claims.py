"""The thesis's predictions, and its claims about them: sections 6.4, 7.3, tables 6.5, B.1, B.2.

The thesis split 200 networks once, into 180 for training and 20 for testing. Another split gives
another R². So a claim is tested on many splits, at least `ENOUGH`. It passes if it holds in a share
`SURVIVES` of them, fails if it holds in at most 1 - `SURVIVES`, and is inconclusive otherwise,
because it depends on the split.

Words are turned into numbers here: a weak fit has R² below 0.5 (stated in section 7.3), a strong
one (0.81 and 0.88) at least 0.7, a moderate one (0.60 and 0.61) from 0.5 to 0.7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sparsebench.experiments.graph_statistics.items import PredictionItem
from sparsebench.experiments.graph_statistics.published_predictions import (
    IMPORTANCE,
    R_SQUARED,
    SET_R_SQUARED,
)
from sparsebench.parts.records import Record, Verdict

SURVIVES = 0.95

ENOUGH = 100
"""Fewest splits for a verdict."""

WEAK, STRONG = 0.5, 0.7

FITS: dict[str, tuple[tuple[str, str, tuple[float, float]], ...]] = {
    "rnn_tanh": (
        ("bayesian_ridge", "weak", (-float("inf"), WEAK)),
        ("random_forest", "weak", (-float("inf"), WEAK)),
        ("ada_boost", "weak", (-float("inf"), WEAK)),
    ),
    "rnn_relu": (("random_forest", "moderate", (WEAK, STRONG)),),
    "lstm": (("ada_boost", "moderate", (WEAK, STRONG)),),
    "gru": (("random_forest", "strong", (STRONG, 2.0)),),
}
"""Quality of each regressor's fit, in the words of section 7.3."""

BEST: dict[str, str] = {"rnn_relu": "random_forest", "lstm": "ada_boost", "gru": "random_forest"}
"""The regressor that fits best according to sections 6.4 and 7.3."""

_TABLES = {"rnn_relu": "table B.1", "gru": "table B.2"}

NOTHING = 0.1
"""Largest R² of a regressor that predicts nothing: the thesis prints -0.05 and 0.06."""

MATTERS_MOST = {"gru": "source_nodes"}
"""The property with by far the largest importance in table B.2, 0.67 of 1."""

FOREMOST: dict[tuple[str, str], tuple[str, ...]] = {
    ("rnn_relu", "all"): ("sink_nodes",),
    ("rnn_relu", "nodes_and_edges"): ("edges", "source_nodes"),
    ("rnn_relu", "without_nodes_and_edges"): ("eccentricity_std", "closeness_var"),
    ("rnn_relu", "variances"): ("nodes_betweenness_var",),
    ("gru", "nodes_and_edges"): ("source_nodes",),
    ("gru", "without_nodes_and_edges"): ("closeness_std",),
    ("gru", "variances"): ("closeness_var",),
}
"""The property, or properties with equal figures, of the largest importance in each column of tables
B.1 and B.2 but the one above."""

EXCELLENT = 0.67
"""Least R² that is excellent: "GRU has excellent R-squared values for all three regressor algorithms"
(section 6.4), and the lowest of the three is 0.672."""

_Key = tuple[str, str]
"""A regressor and a feature set."""

_ALL = "all"


def printed(variant: str, regressor: str, features: str) -> float | None:
    """The R² that the thesis prints for a regressor and feature set; None if it prints none."""
    if features == _ALL:
        return R_SQUARED.get(variant, {}).get(regressor)
    return SET_R_SQUARED.get(variant, {}).get(features) if regressor == "random_forest" else None


def prediction_verdicts(
    item: PredictionItem, records: Sequence[Record], confidence: float
) -> Iterator[Verdict]:
    """Judge an item's predictions by the thesis's, which are of the published semantics."""
    if item.semantics == "published":
        yield from judge_predictions(item.id, item.variant, records)


def judge_predictions(item: str, variant: str, records: Sequence[Record]) -> Iterator[Verdict]:
    """Judge the predictions of a variant by all figures and statements of the thesis."""
    found = {(each.case["regressor"], each.case["features"]): each for each in records}
    yield from _printed(item, variant, found)
    for statement, source, keys, holds in _statements(variant):
        if all(key in found for key in keys):
            yield _survives(item, statement, source, [found[key] for key in keys], holds)
    forest, name = found.get(("random_forest", _ALL)), MATTERS_MOST.get(variant)
    if forest is not None and name is not None and name in importances(forest):
        yield _matters_most(item, variant, name, forest)
    for (of, features), names in FOREMOST.items():
        record = found.get(("random_forest", features))
        if of == variant and record is not None and set(names) <= importances(record).keys():
            yield _foremost(item, variant, features, names, record)


def _printed(item: str, variant: str, found: Mapping[_Key, Record]) -> Iterator[Verdict]:
    """Is the printed R² within the range over our splits?"""
    for key, record in found.items():
        r2 = printed(variant, *key)
        if r2 is None:
            continue
        source = "table 6.5" if key[1] == _ALL else _TABLES[variant]
        metrics = record.metrics
        low, high = metrics["r2_low"], metrics["r2_high"]
        yield Verdict(
            item=item,
            kind="claim",
            verdict=_decided("pass" if low <= r2 <= high else "fail", record),
            statement=f"{_words(key)}: R² {r2:.2f} is what a split gives",
            expected=[r2, r2],
            measured=[metrics["r2_median"]],
            interval=(low, high),
            source=f"thesis, {source}",
            digests=[record.digest],
            reason=_spread(record),
        )


_Holds = Callable[..., bool]
"""Whether a statement holds for the R² values of one split, one value per record."""


def _statements(variant: str) -> Iterator[tuple[str, str, list[_Key], _Holds]]:
    """Statements about R²: words, source, the records needed, and the test on one split."""
    for regressor, word, (low, high) in FITS.get(variant, ()):
        key = (regressor, _ALL)
        yield (
            f"{_words(key)}: the fit is {word}, R² {_range(low, high)}",
            "section 7.3",
            [key],
            lambda r2, low=low, high=high: low <= r2 < high,
        )
    if variant in BEST:
        best = BEST[variant]
        others = [each for each in R_SQUARED[variant] if each != best]
        yield (
            f"{_words((best, _ALL))} fits best of the three",
            "section 6.4, table 6.5",
            [(each, _ALL) for each in (best, *others)],
            lambda best, *others: best >= max(others),
        )
    forests = {features: ("random_forest", features) for features in SET_R_SQUARED.get(variant, {})}
    if variant == "rnn_relu":
        yield (
            f"{_words(forests['nodes_and_edges'])} fits better than with all properties",
            _TABLES[variant],
            [forests["nodes_and_edges"], forests[_ALL]],
            lambda counts, every: counts > every,
        )
        for features in ("without_nodes_and_edges", "variances"):
            yield (
                f"{_words(forests[features])} predicts nothing, R² {NOTHING} or less",
                _TABLES[variant],
                [forests[features]],
                lambda r2: r2 <= NOTHING,
            )
    if variant == "gru":
        yield (
            f"all three regressors fit excellently, R² {EXCELLENT} or more",
            "section 6.4",
            [(each, _ALL) for each in R_SQUARED[variant]],
            lambda *each: min(each) >= EXCELLENT,
        )
        for features in ("without_nodes_and_edges", "variances"):
            yield (
                f"{_words(forests[features])} still fits strongly, R² {_range(STRONG, 1.0)}",
                _TABLES[variant],
                [forests[features]],
                lambda r2: r2 >= STRONG,
            )


def _survives(
    item: str, statement: str, source: str, records: Sequence[Record], holds: _Holds
) -> Verdict:
    splits = list(zip(*(record.history["r2"] for record in records), strict=True))
    holding = sum(holds(*split) for split in splits)
    share = holding / len(splits)
    otherwise = "fail" if share <= 1 - SURVIVES else "inconclusive"
    return Verdict(
        item=item,
        kind="claim",
        verdict=_decided("pass" if share >= SURVIVES else otherwise, records[0]),
        statement=statement,
        expected=[SURVIVES, 1.0],
        measured=[share],
        interval=None,
        source=f"thesis, {source}",
        digests=[record.digest for record in records],
        reason=f"in {holding} of {len(splits)} splits; {_spread(records[0])}",
    )


def importances(forest: Record) -> dict[str, tuple[float, float, float]]:
    """Impurity decrease of each property in a forest's trees: mean, low and high."""
    mean, low, high = (forest.tables.get(f"impurity{end}", {}) for end in ("", "_low", "_high"))
    return {name: (mean[name], low[name], high[name]) for name in mean if name in low.keys() & high}


def _matters_most(item: str, variant: str, name: str, forest: Record) -> Verdict:
    found = importances(forest)
    mean, low, high = found.pop(name)
    second = max(found, key=lambda each: found[each][2], default="nothing")
    mean_of_second, _, high_of_second = found.get(second, (0.0, 0.0, 0.0))
    otherwise = "inconclusive" if mean > mean_of_second else "fail"
    return Verdict(
        item=item,
        kind="claim",
        verdict=_decided("pass" if low > high_of_second else otherwise, forest),
        statement=f"{name} matters most to the forest by far",
        expected=[high_of_second, 1.0],
        measured=[mean],
        interval=(low, high),
        source=f"thesis, {_TABLES[variant]}",
        digests=[forest.digest],
        reason=(
            f"importance {mean:.2f} ({low:.2f} to {high:.2f}), next {second} "
            f"{mean_of_second:.2f} (to {high_of_second:.2f}), the thesis "
            f"{IMPORTANCE[variant][_ALL][name]:.2f}"
        ),
    )


def _foremost(
    item: str, variant: str, features: str, names: Sequence[str], forest: Record
) -> Verdict:
    """Is the largest importance, a mean over splits, that of the property, or of one of them?

    It holds if the lower bound of its importance lies above the mean of every other property, and is
    contradicted if its upper bound lies below the mean of another one.
    """
    found = importances(forest)
    best = max(names, key=lambda each: found[each][0])
    mean, low, high = found[best]
    others = {name: row[0] for name, row in found.items() if name not in names}
    second = max(others, key=others.__getitem__, default="nothing")
    mean_of_second = others.get(second, 0.0)
    undecided = "fail" if high < mean_of_second else "inconclusive"
    key = ("random_forest", features)
    theirs = IMPORTANCE[variant][features][names[0]]
    return Verdict(
        item=item,
        kind="claim",
        verdict=_decided("pass" if low > mean_of_second else undecided, forest),
        statement=f"{_words(key)}: {' or '.join(names)} matters most",
        expected=[mean_of_second, 1.0],
        measured=[mean],
        interval=(low, high),
        source=f"thesis, {_TABLES[variant]}",
        digests=[forest.digest],
        reason=(
            f"importance of {best} {mean:.2f} ({low:.2f} to {high:.2f}), next {second} "
            f"{mean_of_second:.2f}, the thesis {theirs:.2f}"
        ),
    )


def _decided(verdict: str, record: Record) -> str:
    """A verdict; inconclusive if there are too few splits."""
    return verdict if len(record.history["r2"]) >= ENOUGH else "inconclusive"


def _spread(record: Record) -> str:
    metrics = record.metrics
    return (
        f"R² {metrics['r2_median']:.2f} in the middle, {metrics['r2_low']:.2f} to "
        f"{metrics['r2_high']:.2f} in 95 % of {len(record.history['r2'])} splits"
    )


def _words(key: _Key) -> str:
    """A regressor and its feature set, in words."""
    regressor, features = (each.replace("_", " ") for each in key)
    return regressor if key[1] == _ALL else f"{regressor}, {features}"


def _range(low: float, high: float) -> str:
    if low < 0:
        return f"below {high}"
    return f"{low} or more" if high >= 1 else f"from {low} to {high}"
