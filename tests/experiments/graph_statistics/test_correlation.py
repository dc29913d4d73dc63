"""Correlations: the textbook's figures, intervals that hold what they promise, nothing undefined."""

from __future__ import annotations

import warnings
from dataclasses import replace
from statistics import fmean

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from sparsebench.experiments.graph_statistics.cases import CorrelationCase, WiredPopulation
from sparsebench.experiments.graph_statistics.correlation import (
    correlations,
    measure,
    partial,
    pearson,
    spearman,
)
from sparsebench.experiments.graph_statistics.network_table import NetworkTable
from sparsebench.parts.published_rows import PROPERTIES
from sparsebench.parts.records import check_complete, check_finite
from sparsebench.values.graphs import PUBLISHED_FAMILIES
from sparsebench.values.identity import digest, restore
from tests.experiments.graph_statistics.analyses import Bench, networks, table

ROWS = {"pearson", "pearson_low", "pearson_high", "p_adjusted", "spearman", "partial", "within"}

values = st.integers(-99, 99).map(lambda whole: whole / 8)
slopes = st.sampled_from([0.01, 0.3, 1.0, 7.0, 1e4])
offsets = st.sampled_from([-1e3, -0.7, 0.0, 5.0])


def of_values(count: int) -> st.SearchStrategy[tuple[np.ndarray, ...]]:
    """So many variables of three to twelve samples, each of which varies."""
    samples = st.lists(st.tuples(*[values] * count), min_size=3, max_size=12)
    varying = samples.filter(
        lambda rows: all(len(set(column)) > 1 for column in zip(*rows, strict=True))
    )
    return varying.map(lambda rows: tuple(np.array(rows).T.copy()))


def r_of(one: list[float], other: list[float]) -> float:
    """Pearson's r, as it stands in a textbook."""
    a, b = fmean(one), fmean(other)
    both = sum((x - a) * (y - b) for x, y in zip(one, other, strict=True))
    return both / (sum((x - a) ** 2 for x in one) * sum((y - b) ** 2 for y in other)) ** 0.5


# Pearson's, Spearman's and the partial correlation


@given(of_values(2))
def test_pearson_is_numpy_s_and_the_same_both_ways(pair: tuple[np.ndarray, ...]) -> None:
    one, other = pair
    r = pearson(one, other)
    assert r == pytest.approx(np.corrcoef(one, other)[0, 1], abs=1e-9)
    assert r == pytest.approx(pearson(other, one), abs=1e-12)
    assert -1 <= r <= 1


@given(of_values(2), slopes, offsets)
def test_another_unit_changes_nothing_and_another_direction_the_sign(
    pair: tuple[np.ndarray, ...], slope: float, offset: float
) -> None:
    one, other = pair
    r = pearson(one, other)
    assert pearson(slope * one + offset, other) == pytest.approx(r, abs=1e-6)
    assert pearson(one, -slope * other + offset) == pytest.approx(-r, abs=1e-6)
    assert pearson(one, slope * one + offset) == pytest.approx(1)


@given(of_values(2))
def test_spearman_is_scipy_s_and_knows_only_the_order(pair: tuple[np.ndarray, ...]) -> None:
    one, other = pair
    rho = spearman(one, other)
    assert rho == pytest.approx(stats.spearmanr(one, other).statistic, abs=1e-9)
    assert spearman(np.exp(one), other) == pytest.approx(rho, abs=1e-12)


@given(of_values(3))
def test_a_partial_correlation_is_the_textbook_s(variables: tuple[np.ndarray, ...]) -> None:
    one, other, fixed = variables
    xy, xz, yz = pearson(one, other), pearson(one, fixed), pearson(other, fixed)
    assume(max(abs(xz), abs(yz)) < 0.999)
    expected = (xy - xz * yz) / ((1 - xz**2) * (1 - yz**2)) ** 0.5
    assert partial(one, other, fixed) == pytest.approx(expected, abs=1e-6)


@given(of_values(2), slopes, offsets)
def test_nothing_is_left_of_what_is_a_line_through_the_fixed_variable(
    pair: tuple[np.ndarray, ...], slope: float, offset: float
) -> None:
    fixed, other = pair
    assert partial(slope * fixed + offset, other, fixed) is None
    assert partial(other, -slope * fixed + offset, fixed) is None


def test_what_does_not_vary_correlates_with_nothing() -> None:
    same, some = np.full(9, 0.1), np.arange(9.0)
    for one, other in ((same, some), (some, same), (same, same)):
        assert pearson(one, other) is None
        assert spearman(one, other) is None
    for three in ((same, some, some**2), (some, same, some**2), (some, some**2, same)):
        assert partial(*three) is None
    assert pearson(some[:2], some[:2]) is None


# Tables


@given(st.integers(2, 6), st.integers(3, 9), st.integers(0, 99))
@settings(max_examples=8)
def test_within_families_only_differences_from_their_means_count(
    first: int, second: int, seed: int
) -> None:
    made = table(9, seed)
    chosen = [*range(first), *range(9, 9 + second)]
    few = NetworkTable(
        made.properties[chosen],
        made.accuracy[chosen],
        tuple(made.families[each] for each in chosen),
    )
    found = correlations(few, 100)["within"]
    assert found.keys() == set(PROPERTIES)
    for name in PROPERTIES:
        columns: list[list[float]] = [[], []]
        for rows in (slice(0, first), slice(first, None)):
            for column, whole in zip(
                columns, (few.columns([name])[:, 0], few.accuracy), strict=True
            ):
                part = [float(value) for value in whole[rows]]
                column += [value - fmean(part) for value in part]
        assert found[name] == pytest.approx(r_of(*columns), abs=1e-9)


def test_each_row_is_what_its_name_says() -> None:
    made = table(15)
    found = correlations(made, 100)
    assert found.keys() == ROWS | set(PUBLISHED_FAMILIES)
    for name in PROPERTIES:
        column = made.columns([name])[:, 0]
        assert found["pearson"][name] == pearson(column, made.accuracy)
        assert found["spearman"][name] == spearman(column, made.accuracy)
        for place, family in enumerate(PUBLISHED_FAMILIES):
            rows = slice(15 * place, 15 * (place + 1))
            assert found[family][name] == pearson(column[rows], made.accuracy[rows])
        if name != "nodes":
            nodes = made.columns(["nodes"])[:, 0]
            assert found["partial"][name] == partial(column, made.accuracy, nodes)
    assert found["partial"].keys() == set(PROPERTIES) - {"nodes"}


FEW = st.sampled_from([0.0, 0.1, 0.5, 1 / 3, 7.0])


@st.composite
def coarse_tables(draw: st.DrawFn) -> NetworkTable:
    """One to eight networks with few values, so that many a column does not vary."""
    rows = draw(st.integers(1, 8))
    shape = (rows, len(PROPERTIES))
    whole = draw(st.lists(FEW, min_size=shape[1], max_size=shape[1]))
    properties = np.tile(np.array(whole), (rows, 1))
    for column in draw(st.sets(st.integers(0, shape[1] - 1), max_size=6)):
        properties[:, column] = draw(st.lists(FEW, min_size=rows, max_size=rows))
    accuracy = draw(st.lists(FEW, min_size=rows, max_size=rows))
    families = draw(st.lists(st.sampled_from(PUBLISHED_FAMILIES), min_size=rows, max_size=rows))
    return NetworkTable(properties, np.array(accuracy), tuple(families))


@given(coarse_tables())
def test_whatever_the_networks_every_figure_is_finite_and_nobody_is_warned(
    made: NetworkTable,
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = correlations(made, 100)
    figures = [figure for row in found.values() for figure in row.values()]
    assert np.isfinite(figures).all()
    assert all(abs(figure) <= 1 + 1e-9 for figure in figures)
    varying = {
        name
        for name in PROPERTIES
        if len(set(made.columns([name])[:, 0])) > 1 and len(set(made.accuracy)) > 1
    }
    if len(made) < 3:
        varying = set()
    assert found["pearson"].keys() == found["spearman"].keys() == varying
    assert found["p_adjusted"].keys() == varying
    assert found["pearson_low"].keys() == found["pearson_high"].keys() <= varying
    assert found["partial"].keys() | found["within"].keys() <= varying
    for family in set(made.families):
        part = made.of_family(family)
        assert found[family].keys() == {
            name
            for name in PROPERTIES
            if len(part) > 2
            and len(set(part.columns([name])[:, 0])) > 1
            and len(set(part.accuracy)) > 1
        }


def test_a_property_in_which_only_the_families_differ_says_nothing_within_them() -> None:
    made = table(9)
    made.properties[:, PROPERTIES.index("layers")] = np.repeat([0.1, 0.3], 9)
    found = correlations(made, 100)
    assert "layers" in found["pearson"]
    absent = {title for title, row in found.items() if "layers" not in row}
    assert absent == {"within", *PUBLISHED_FAMILIES}


def test_a_property_that_varies_in_one_family_says_something_within_it() -> None:
    made = table(9)
    made.properties[:9, PROPERTIES.index("layers")] = 0.1
    found = correlations(made, 100)
    assert {title for title, row in found.items() if "layers" not in row} == {PUBLISHED_FAMILIES[0]}


def test_nothing_goes_with_an_accuracy_that_is_always_the_same() -> None:
    made = replace(table(5), accuracy=np.full(10, 0.1))
    assert {figure for row in correlations(made, 100).values() for figure in row} == set()


def test_accuracies_that_are_the_same_in_each_family_say_nothing_within_them() -> None:
    made = replace(table(5), accuracy=np.repeat([0.1, 0.7], 5))
    found = correlations(made, 100)
    assert found["pearson"].keys() == set(PROPERTIES)
    assert [found[name] for name in ("within", *PUBLISHED_FAMILIES)] == [{}, {}, {}]


# Uncertainty


def drawn(graphs: int, correlation: float, seed: int) -> NetworkTable:
    """Networks from a population in which every property has this correlation with accuracy."""
    random = np.random.default_rng(seed)
    accuracy = random.normal(size=2 * graphs)
    rest = random.normal(size=(2 * graphs, len(PROPERTIES)))
    properties = correlation * accuracy[:, None] + (1 - correlation**2) ** 0.5 * rest
    return NetworkTable(properties, accuracy, tuple(np.repeat(PUBLISHED_FAMILIES, graphs)))


def test_about_95_of_100_intervals_hold_the_correlation_of_the_population() -> None:
    held = []
    for seed in range(12):
        found = correlations(drawn(25, 0.5, seed), 400)
        for name in PROPERTIES:
            low, r, high = (found[f"pearson{end}"][name] for end in ("_low", "", "_high"))
            assert low < r < high
            held.append(low <= 0.5 <= high)
    assert len(held) == 276
    assert 0.90 <= fmean(held) <= 0.985


def test_more_networks_tell_more() -> None:
    few, many = (correlations(drawn(graphs, 0.5, 0), 400) for graphs in (10, 90))
    width = [
        fmean(each["pearson_high"][name] - each["pearson_low"][name] for name in PROPERTIES)
        for each in (few, many)
    ]
    assert width[0] / width[1] == pytest.approx(3, rel=0.25)


@given(st.integers(0, 999), st.integers(2, 12), st.sampled_from([0.0, 0.2, 0.6]))
@settings(max_examples=8)
def test_chances_are_adjusted_as_benjamini_and_hochberg_did(
    seed: int, graphs: int, correlation: float
) -> None:
    made = drawn(graphs, correlation, seed)
    found = correlations(made, 100)
    n, chances = len(made), {}
    for name, r in found["pearson"].items():
        t = abs(r) * ((n - 2) / (1 - r * r)) ** 0.5
        chances[name] = 2 * stats.t.sf(t, n - 2)
    ranked = sorted(chances, key=chances.__getitem__)
    least = 1.0
    for rank in range(len(ranked), 0, -1):
        name = ranked[rank - 1]
        least = min(least, chances[name] * len(ranked) / rank)
        assert found["p_adjusted"][name] == pytest.approx(least, rel=1e-6, abs=1e-12)


def test_of_the_same_networks_every_figure_is_the_same_bit_for_bit() -> None:
    first = correlations(table(15), 200)
    np.random.seed(7)
    assert correlations(table(15), 200) == first
    assert correlations(table(15, seed=1), 200) != first


# Records


def test_a_record_tells_which_networks_were_analysed_and_how() -> None:
    population = WiredPopulation("gru", 12)
    bench = Bench(networks(population))
    case = CorrelationCase(population, resamples=150)
    record = measure(case, bench)
    check_complete(record)
    check_finite(record)
    assert (record.digest, record.experiment) == (digest(case), "correlation")
    assert restore(record.case) == case
    assert record.metrics == {"networks": 24}
    made = table(12)
    assert record.tables == correlations(made, 150)
    assert record.weights == made.checksum
    assert record.provenance == "here"
    assert record.tables != correlations(made, 151)


def test_what_made_the_accuracies_is_found_again() -> None:
    found = correlations(table(50, noise=0.001), 200)
    strong = sorted(found["pearson"], key=lambda name: -abs(found["pearson"][name]))[:2]
    assert set(strong) == {"nodes", "edges"}
    assert found["partial"]["edges"] > found["pearson"]["edges"]
    assert max(found["p_adjusted"][name] for name in strong) < 1e-6
