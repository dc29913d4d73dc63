"""The thesis's correlations are those of its tables, and its words hold where the interval says so."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.graph_statistics.correlation_claims import (
    CORRELATIONS,
    ESSENTIAL,
    SOURCES,
    STRONG,
    judge_correlations,
)
from sparsebench.experiments.graph_statistics.items import CorrelationItem
from sparsebench.harness.claims import judge_claims
from sparsebench.parts.published_rows import PROPERTIES
from sparsebench.parts.records import Record, Verdict
from sparsebench.values.protocol import VARIANTS
from tests.experiments.graph_statistics.analyses import Bounds, correlated

UP, DOWN = "nodes", "closeness_var"  # of GRU, both essential
PLAIN_UP, PLAIN_DOWN = "layers", "diameter"  # and these are not


@pytest.fixture(scope="module")
def published(artifacts) -> dict[str, Any]:
    text = (artifacts.parent / "thesis" / "published.json").read_text(encoding="utf-8")
    return json.loads(text)["correlation"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_figure_of_the_thesis_s_table_is_there_and_no_other(
    published: dict[str, Any], variant: str
) -> None:
    expected = dict(zip(published["properties"], published[variant], strict=True))
    assert CORRELATIONS[variant] == expected
    assert list(CORRELATIONS[variant]) == published["properties"]
    assert set(ESSENTIAL[variant]) == set(published["essential"][variant])
    assert len(ESSENTIAL[variant]) == len(set(ESSENTIAL[variant]))


def test_every_variant_has_its_own_table() -> None:
    assert CORRELATIONS.keys() == ESSENTIAL.keys() == SOURCES.keys() == set(VARIANTS)
    assert list(SOURCES.values()) == ["table 6.1", "table 6.2", "table 6.3", "table 6.4"]
    for variant, row in CORRELATIONS.items():
        assert set(row) <= set(PROPERTIES)
        assert set(ESSENTIAL[variant]) <= set(row)


def test_what_is_called_essential_is_strong_in_the_thesis_s_own_tables() -> None:
    strengths = [
        abs(CORRELATIONS[variant][name]) for variant in VARIANTS for name in ESSENTIAL[variant]
    ]
    assert min(strengths) == STRONG


def judged(bounds: dict[str, Bounds], variant: str = "gru") -> list[Verdict]:
    return list(judge_correlations("gru", variant, correlated(bounds, variant)))


def verdicts(name: str, figures: Bounds) -> list[str]:
    return [each.verdict for each in judged({name: figures})]


@pytest.mark.parametrize(
    ("name", "low", "high", "expected"),
    [
        (PLAIN_UP, 0.1, 0.3, "pass"),
        (PLAIN_UP, 0.0, 0.3, "pass"),
        (PLAIN_UP, -0.01, 0.3, "inconclusive"),
        (PLAIN_UP, -0.3, 0.0, "inconclusive"),
        (PLAIN_UP, -0.3, -0.01, "fail"),
        (PLAIN_DOWN, -0.3, -0.1, "pass"),
        (PLAIN_DOWN, -0.3, 0.0, "pass"),
        (PLAIN_DOWN, -0.3, 0.01, "inconclusive"),
        (PLAIN_DOWN, 0.0, 0.3, "inconclusive"),
        (PLAIN_DOWN, 0.01, 0.3, "fail"),
    ],
)
def test_accuracy_goes_up_or_down_with_a_property_as_the_whole_interval_says(
    name: str, low: float, high: float, expected: str
) -> None:
    assert verdicts(name, ((low + high) / 2, low, high)) == [expected]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.45, 0.6, ["pass", "pass"]),
        (STRONG, 0.6, ["pass", "pass"]),
        (0.39, 0.6, ["pass", "inconclusive"]),
        (0.1, STRONG, ["pass", "inconclusive"]),
        (0.1, 0.39, ["pass", "fail"]),
        (-0.1, 0.39, ["inconclusive", "fail"]),
        (-0.9, -0.5, ["fail", "fail"]),  # strong, but the other way
    ],
)
def test_what_is_essential_must_be_strong_too_and_in_the_same_direction(
    low: float, high: float, expected: list[str]
) -> None:
    assert verdicts(UP, ((low + high) / 2, low, high)) == expected
    assert verdicts(DOWN, (-(low + high) / 2, -high, -low)) == expected


@given(st.sampled_from(sorted(CORRELATIONS["gru"])), st.tuples(*[st.floats(-1, 1)] * 3))
def test_no_figure_confirms_and_contradicts_a_statement(
    name: str, figures: tuple[float, float, float]
) -> None:
    low, r, high = sorted(figures)
    sign = 1 if CORRELATIONS["gru"][name] > 0 else -1
    for each in judged({name: (r, low, high)}):
        inside = [each.expected[0] <= figure <= each.expected[1] for figure in (low, high)]
        assert (each.verdict == "pass") == all(inside)
        assert each.verdict != "fail" or not any(inside)
        assert sign * sum(each.expected) > 0  # the range lies on the thesis's side of zero


def test_a_verdict_tells_ours_and_the_thesis_s_figure() -> None:
    up, strong = judged({UP: (0.5, 0.4, 0.6)})
    assert up.statement == "nodes: accuracy goes up with it"
    assert strong.statement == "nodes is essential: |r| is 0.40 or more"
    assert (up.kind, up.item, up.source) == ("claim", "gru", "thesis, table 6.4")
    assert (up.expected, strong.expected) == ([0, 1], [0.4, 1])
    assert (up.measured, up.interval) == ([0.5], (0.4, 0.6))
    assert up.digests == [correlated({UP: (0.5, 0.4, 0.6)}).digest]
    assert up.reason == "r +0.50, 95 % interval +0.40 to +0.60, the thesis +0.49, 200 networks"
    down, strong = judged({DOWN: (-0.5, -0.6, -0.4)})
    assert down.statement == "closeness_var: accuracy goes down with it"
    assert (down.expected, strong.expected) == ([-1, 0], [-1, -0.4])


def test_a_variant_is_held_to_its_own_table() -> None:
    bounds = dict.fromkeys(PROPERTIES, (0.2, 0.1, 0.3))
    for variant in VARIANTS:
        found = judged(bounds, variant)
        assert {each.source for each in found} == {f"thesis, {SOURCES[variant]}"}
        assert len(found) == 12 + len(ESSENTIAL[variant])
        assert len({each.statement for each in found}) == len(found)


def test_of_a_property_without_a_figure_or_an_interval_nothing_is_said() -> None:
    assert judged({}) == []
    record = correlated({UP: (0.5, 0.4, 0.6), DOWN: (-0.5, -0.6, -0.4)})
    del record.tables["pearson"][UP]
    del record.tables["pearson_low"][DOWN]
    assert list(judge_correlations("gru", "gru", record)) == []


def test_the_statements_are_those_of_the_published_semantics_alone() -> None:
    def found(record: Record, semantics: str) -> list[str]:
        item = CorrelationItem("gru", semantics=semantics)
        return [each.verdict for each in judge_claims(item, [record])]

    record = correlated({UP: (0.5, 0.45, 0.6)})
    assert found(record, "published") == ["pass", "pass"]
    assert found(record, "corrected") == []
