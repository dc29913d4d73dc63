"""Analyses beside older ones: the same networks give the same, others what was uncertain before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.graph_statistics.comparison import (
    OTHER_LIBRARY,
    SAME_NETWORKS,
    WIDENED,
    moved,
)
from sparsebench.harness.comparing import change, policy_of
from sparsebench.judging import comparison
from sparsebench.judging.comparison import File
from sparsebench.parts.records import Record
from tests.experiments.graph_statistics.analyses import correlated, predicted

compare = partial(comparison.compare, policy_of=policy_of)

CORRELATION = correlated({"nodes": (0.5, 0.4, 0.55), "diameter": (-0.2, -0.3, -0.05)})
PREDICTION = predicted([0.3, 0.5, 0.7], importance={"nodes": (0.4, 0.3, 0.5)})


def figures_of(record: Record) -> Iterator[tuple[str, dict | list, str | int]]:
    """Every figure: what it is called in messages, what holds it, and where."""
    for name in record.metrics:
        yield name, record.metrics, name
    for title, row in record.tables.items():
        for name in row:
            yield f"{title} of {name}", row, name
    for title, series in record.history.items():
        for place in range(len(series)):
            yield f"{title} {place}", series, place


FIGURES = {
    (record.experiment, name): (record, number)
    for record in (CORRELATION, PREDICTION)
    for number, (name, _, _) in enumerate(figures_of(record))
}


def altered(record: Record, number: int, spoil: Callable[[dict | list, str | int], None]) -> Record:
    """A record with one of its figures spoilt."""
    other = msgspec.convert(msgspec.to_builtins(record), Record)
    _, where, name = list(figures_of(other))[number]
    spoil(where, name)
    return other


def by(difference: float) -> Callable[[dict | list, str | int], None]:
    def spoil(where: dict | list, name: str | int) -> None:
        where[name] += difference

    return spoil


def gone(where: dict | list, name: str | int) -> None:
    del where[name]


# The same networks


@pytest.mark.parametrize("record", [CORRELATION, PREDICTION], ids=["correlation", "prediction"])
def test_an_analysis_is_as_it_was(record: Record) -> None:
    assert moved(record, record) == ""
    found = change([record], [record])
    assert found.kind == "unchanged"
    assert found.reason == "1 analyses, 1 of the very same networks"


@pytest.mark.parametrize("key", FIGURES, ids="-".join)
def test_any_figure_that_moves_is_seen_and_rounding_is_not(key: tuple[str, str]) -> None:
    record, number = FIGURES[key]
    for difference in (2 * SAME_NETWORKS, -2 * SAME_NETWORKS, 0.01):
        other = altered(record, number, by(difference))
        assert moved(record, other).startswith(f"{key[1]} is ")
        assert moved(other, record).startswith(f"{key[1]} is ")
        assert change([record], [other]).kind == "changed"
    for difference in (0.5 * SAME_NETWORKS, -0.5 * SAME_NETWORKS):
        assert moved(record, altered(record, number, by(difference))) == ""
    assert moved(record, altered(record, number, by(float("nan")))) != ""


@pytest.mark.parametrize("key", FIGURES, ids="-".join)
def test_a_figure_that_is_only_there_before_or_now_is_seen(key: tuple[str, str]) -> None:
    record, number = FIGURES[key]
    if key[1].startswith("r2 "):
        number = FIGURES[key[0], "r2 2"][1]  # only the last of a series can be missing
    without = altered(record, number, gone)
    assert "is not there, expected" in moved(record, without)
    assert "expected not there" in moved(without, record)


def test_a_row_that_is_only_there_before_or_now_is_seen() -> None:
    without = correlated({"nodes": (0.5, 0.4, 0.55)})
    assert moved(CORRELATION, without).startswith("pearson of diameter is not there, expected -0.2")
    assert moved(without, CORRELATION).startswith("pearson of diameter is -0.200000, expected not")


def test_the_message_has_both_figures_and_what_is_allowed() -> None:
    other = correlated({"nodes": (0.51, 0.4, 0.55), "diameter": (-0.2, -0.3, -0.05)})
    told = "pearson of nodes is 0.510000, expected 0.500000 +- 1e-06"
    assert moved(CORRELATION, other) == told
    assert change([CORRELATION], [other]).reason == told


# Another version of the library


@pytest.mark.parametrize(
    ("difference", "kind"),
    [(0.9, "unchanged"), (-0.9, "unchanged"), (1.1, "changed"), (-1.1, "changed")],
)
def test_another_library_may_move_the_median_a_little_and_all_else_as_it_likes(
    difference: float, kind: str
) -> None:
    before = predicted([0.3, 0.5, 0.7])
    now = predicted(
        [-2.0, 0.5 + difference * OTHER_LIBRARY, 0.9],
        importance={"edges": (0.4, 0.3, 0.5)},
        library="scikit-learn 2",
    )
    assert change([before], [now]).kind == kind
    assert change([now], [before]).kind == kind


def test_a_median_that_another_library_does_not_give_is_missed() -> None:
    now = predicted([0.3, 0.5, 0.7], library="scikit-learn 2")
    del now.metrics["r2_median"]
    assert "r2_median is not there" in moved(PREDICTION, now)


# Other networks


@pytest.mark.parametrize(
    ("r", "kind"),
    [
        # the interval reaches 0.1 down and 0.05 up from 0.5: the longer way counts
        (0.5 + 0.99 * WIDENED * 0.1, "unchanged"),
        (0.5 - 0.99 * WIDENED * 0.1, "unchanged"),
        (0.5 + 1.01 * WIDENED * 0.1, "changed"),
        (0.5 - 1.01 * WIDENED * 0.1, "changed"),
    ],
)
def test_other_networks_may_correlate_otherwise_within_the_old_interval_widened(
    r: float, kind: str
) -> None:
    now = correlated(
        {"nodes": (r, -1, 1), "diameter": (-0.2, -0.3, -0.05), "layers": (0.1, 0, 1)},
        weights="others",
    )
    found = change([CORRELATION], [now])
    assert found.kind == kind
    if kind == "changed":
        assert found.reason == f"pearson of nodes is {r:.6f}, expected 0.500000 +- 0.2"
    else:
        assert found.reason == "1 analyses, 0 of the very same networks"


def test_a_property_that_other_networks_do_not_have_is_missed() -> None:
    now = correlated({"nodes": (0.5, 0.4, 0.55)}, weights="others")
    assert "pearson of diameter is not there" in moved(CORRELATION, now)


def test_a_correlation_that_never_had_an_interval_binds_no_other_networks() -> None:
    before = correlated({"nodes": (0.5, 0.4, 0.55), "diameter": (-0.2, -0.3, -0.05)})
    del before.tables["pearson_low"]["diameter"]
    now = correlated({"nodes": (0.5, 0.4, 0.55), "diameter": (0.9, 0.8, 1)}, weights="others")
    assert moved(before, now) == ""


@pytest.mark.parametrize("library", ["scikit-learn 1", "scikit-learn 2"])
@pytest.mark.parametrize(
    ("median", "kind"), [(0.11, "unchanged"), (0.89, "unchanged"), (0.09, "changed")]
)
def test_other_networks_may_be_predicted_as_well_as_another_split(
    median: float, kind: str, library: str
) -> None:
    now = predicted([median] * 3, weights="others", library=library)
    assert change([PREDICTION], [now]).kind == kind  # 0.5, and 0.4 from one end to the other


def test_other_networks_are_allowed_no_less_than_another_library() -> None:
    certain = predicted([0.5] * 3)
    now = predicted([0.5 + 0.9 * OTHER_LIBRARY] * 3, weights="others")
    assert change([certain], [now]).kind == "unchanged"


# Items and files


def test_one_analysis_of_a_item_that_moved_is_enough() -> None:
    ridge = predicted([0.3, 0.5, 0.7], "bayesian_ridge")
    worse = predicted([0.3, 0.4, 0.7], "bayesian_ridge")
    assert change([PREDICTION, ridge], [ridge, PREDICTION]).kind == "unchanged"
    assert change([PREDICTION, ridge], [worse, PREDICTION]).kind == "changed"


def test_an_analysis_of_other_networks_by_its_case_decides_nothing() -> None:
    fewer = correlated({"nodes": (0.5, 0.4, 0.55)}, graphs=40)
    found = change([CORRELATION], [fewer])
    assert found.kind == "undecided"
    assert found.reason == "other networks, or another method, than before"


@given(st.sampled_from(sorted(FIGURES)), st.floats(-1, 1))
def test_what_is_unchanged_one_way_is_so_the_other_way(
    key: tuple[str, str], difference: float
) -> None:
    record, number = FIGURES[key]
    other = altered(record, number, by(difference))
    assert change([record], [other]).kind == change([other], [record]).kind


def test_files_are_compared_analysis_by_analysis() -> None:
    old = [CORRELATION, PREDICTION, predicted([0.4] * 3, "bayesian_ridge")]
    new = [
        correlated({"nodes": (0.5, 0.4, 0.55)}),
        PREDICTION,
        predicted([0.4] * 3, features="variances"),
    ]
    found = compare([File("old", old), File("new", new)])
    assert [(each.state, each.name, each.figures) for each in found] == [
        ("removed", "prediction gru bayesian_ridge 3 splits", (0.4, None)),
        ("changed", "correlation gru", (pytest.approx(0.35), 0.5)),
        ("added", "prediction gru random_forest variances 3 splits", (None, 0.4)),
        ("unchanged", "prediction gru random_forest 3 splits", (0.5, 0.5)),
    ]
