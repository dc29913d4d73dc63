"""Every place of the five texts is answered, and every claim names a place that is listed."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.parts.records import Baseline
from sparsebench.report.every_claim import ClaimRow, every_claim
from sparsebench.report.measured import Measured
from tests.judging.records import records

ROOT = Path(__file__).parents[1]


def _sources() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sources", ROOT / "docs" / "sources.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sources"] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


sources = _sources()
PLACES = sources.places()


@pytest.fixture(scope="module")
def rows(thesis_baseline: Baseline) -> list[ClaimRow]:
    return every_claim(Measured(tuple(thesis_baseline.records)))


def test_claims_and_places_are_the_same_at_both_ends(rows: list[ClaimRow]) -> None:
    assert sources.faults(PLACES, rows) == []


def test_a_claim_whose_place_is_not_listed_is_a_fault(rows: list[ClaimRow]) -> None:
    without = [place for place in PLACES if place.place != "fig 6.5"]
    assert "thesis, fig 6.5: claims name it, the file does not" in sources.faults(without, rows)


@pytest.mark.parametrize(
    ("added", "fault"),
    [
        ({}, "no claim names it, and nothing else answers it"),
        ({"shown": "a table", "background": "none"}, "answered in more than one way"),
        ({"see": ("thesis: fig 9.8",)}, "refers to thesis: fig 9.8, which is not in the file"),
    ],
)
def test_a_place_that_nothing_answers_is_a_fault(
    rows: list[ClaimRow], added: dict[str, str], fault: str
) -> None:
    place = sources.Place("thesis", "fig 9.9", "nothing", **added)
    assert f"thesis, fig 9.9: {fault}" in sources.faults([*PLACES, place], rows)


def test_a_place_that_claims_name_is_not_passed_off_as_background(rows: list[ClaimRow]) -> None:
    changed = [
        replace(place, background="none") if place.place == "fig 6.5" else place for place in PLACES
    ]
    fault = "thesis, fig 6.5: claims name it, so it is judged, not shown or background"
    assert fault in sources.faults(changed, rows)


def test_a_place_that_is_there_twice_is_a_fault(rows: list[ClaimRow]) -> None:
    assert any("twice" in each for each in sources.faults([*PLACES, PLACES[0]], rows))


def test_files_and_pages_that_are_named_are_there() -> None:
    for place in PLACES:
        if place.run:
            assert (ROOT / "benchmarks" / place.run).is_file(), place
        if place.page:
            assert (ROOT / "docs" / "results" / place.page).is_file(), place
        assert place.background or place.see or place.page or place.open, place


def test_sources_with_several_places_name_each() -> None:
    measured = Measured(tuple(records(PruningItem("gru", "both", 80), [1.0] * 6)))
    named = ("pruned", "rnn_tanh-both-p90")
    (row,) = (each for each in every_claim(measured) if (each.experiment, each.item.id) == named)
    assert sources.cited(row) == [("thesis", "section 6.2.1"), ("thesis", "fig 6.5")]
    assert sources._atoms("section IV.A, fig 2-4") == ["section IV.A", "fig 2", "fig 3", "fig 4"]


def test_what_is_open_is_counted_and_said(rows: list[ClaimRow]) -> None:
    page = sources.coverage(rows)
    missing = [place for place in PLACES if place.open]
    assert ("nothing is missing." in page) == (not missing)
    assert not missing or f"nothing is missing but at {len(missing)}." in page
    for place in missing:
        assert f"**open**: {place.open}" in page
    assert page.count("\n| ") == len(PLACES) + len(sources.TITLES)


def test_all_that_the_thesis_draws_and_tabulates_is_listed() -> None:
    """74 figures are drawn, 11 tables printed; chapters 1 to 3 and 5 are listed by groups."""
    listed = " ".join(f"{place.place} {place.says}" for place in PLACES if place.text == "thesis")
    expected = [f"fig 4.{number}" for number in range(1, 6)]
    expected += [f"fig 6.{number}" for number in range(1, 33)]
    expected += [f"table 6.{number}" for number in range(1, 6)]
    expected += ["table 4.1", "table 4.2", "table 5.1", "table 5.2", "table B.1", "table B.2"]
    expected += ["fig 1.1", "fig 1.2", "figs C.1, C.3, C.5, C.8", "C.2, C.4, C.6, C.7, C.9, C.10"]
    expected += [f"question {number}" for number in range(1, 6)]
    assert [each for each in expected if each not in listed] == []
