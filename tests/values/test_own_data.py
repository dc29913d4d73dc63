"""Own data are described by what decides their examples; a path is no part of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from sparsebench.values.identity import canonical, digest, restore
from sparsebench.values.own_data import OwnData
from tests import strategies

CLASSES = OwnData("", "class", "0123456789abcdef", ("x", "y"), ("kind",), 0, 2, 3, seed=0)
FORECAST = OwnData(
    "level", "forecast", "0123456789abcdef", ("x",), ("x",), 0, 1, 1, window=8, ahead=2
)


def test_the_canonical_form_has_no_path_and_no_stem() -> None:
    assert canonical(replace(FORECAST, stem="readings")) == {
        "kind": "OwnData",
        "name": "level",
        "asks": "forecast",
        "checksum": "0123456789abcdef",
        "inputs": ("x",),
        "answers": ("x",),
        "symbols": 0,
        "width": 1,
        "classes": 1,
        "window": 8,
        "ahead": 2,
        "test_share": 0.2,
        "standardised": True,
        "repeats": (),
    }


def test_digests_never_change() -> None:
    assert digest(CLASSES) == "b2c5cb9ef8a43bebb9cfc2d5051db14f"  # type: ignore[arg-type]
    assert digest(FORECAST) == "104d83e4e112c0e3264e154448a04715"  # type: ignore[arg-type]
    weighted = replace(CLASSES, weights=(1, 2.5, 1), group="who")
    assert digest(weighted) == "9acd71e4de469680f376f3692194918f"  # type: ignore[arg-type]


@given(task=strategies.own_data)
def test_a_description_is_restored_from_its_plain_form(task: OwnData) -> None:
    plain = canonical(task)
    lists = {key: [*item] if isinstance(item, tuple) else item for key, item in plain.items()}
    assert restore(lists) == task


@pytest.mark.parametrize(
    ("task", "change", "message"),
    [
        (CLASSES, {"asks": "answers"}, "unknown asks 'answers': choose one of class, classes"),
        (CLASSES, {"classes": 1}, "classes is 1: give a whole number of at least 2"),
        (CLASSES, {"symbols": 129}, "symbols is 129: give a whole number from 0 to 128"),
        (CLASSES, {"symbols": 2}, "width is 2, but letters are read: give 0"),
        (CLASSES, {"width": 0}, "width is 0: give a whole number of at least 1"),
        (CLASSES, {"test_share": 1.0}, "test_share is 1.0: give a share below 1"),
        (CLASSES, {"test_share": 0.0}, "test_share is 0.0: give a finite number above 0"),
        (CLASSES, {"seed": -1}, "seed is -1: give a whole number of at least 0"),
        (CLASSES, {"window": 3}, "window and ahead are for forecasts: leave them out"),
        (CLASSES, {"repeats": (1, 2)}, r"repeats is \(1, 2\): give a number for each of 3 classes"),
        (CLASSES, {"repeats": (1, 2, 101)}, "repeats is 101: give a whole number from 1 to 100"),
        (FORECAST, {"window": 0}, "window is 0: give a whole number of at least 1"),
        (FORECAST, {"ahead": 0}, "ahead is 0: give a whole number of at least 1"),
        (FORECAST, {"seed": 0}, "split by time: give no letters, no seed and no group"),
        (FORECAST, {"repeats": (1,)}, "of whole sequences, or none"),
        (FORECAST, {"group": "x"}, "give no letters, no seed and no group"),
        (
            CLASSES,
            {"weights": (1, 2)},
            r"weights is \(1.0, 2.0\): give a number for each of 3 classes",
        ),
        (CLASSES, {"weights": (1, 2, 0)}, "weights is 0.0: give a finite number above 0"),
        (CLASSES, {"weights": (1, 2, 3), "repeats": (1, 1, 2)}, "and no repeats, or none"),
        (FORECAST, {"weights": (1,)}, "give a number for each of 1 classes"),
    ],
)
def test_what_no_file_can_be_is_refused(
    task: OwnData, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        replace(task, **change)


def test_the_name_is_given_or_the_files_or_a_part_of_the_checksum() -> None:
    assert CLASSES.called == "data-01234567"
    assert replace(CLASSES, stem="strokes").called == "strokes"
    assert replace(FORECAST, stem="readings").called == "level"
    assert replace(CLASSES, stem="strokes") == CLASSES
