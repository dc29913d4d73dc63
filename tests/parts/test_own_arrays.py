"""Arrays of one's own come back as they were saved; bad ones are told by file, array and reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from sparsebench.parts import own_arrays, own_content
from sparsebench.parts.examples import NO_ANSWER
from sparsebench.parts.own_arrays import read_numpy
from sparsebench.parts.own_content import Request

floats = st.floats(-1e30, 1e30)
CLASS, CLASSES, VALUES = (Request(asks) for asks in ("class", "classes", "values"))


def saved(path: Path, **found: Any) -> Path:
    """An archive."""
    np.savez(path, **{name: np.asarray(array) for name, array in found.items()})
    return path


@given(
    inputs=arrays(float, array_shapes(min_dims=2, max_dims=3, max_side=4), elements=floats),
    data=st.data(),
)
def test_numbers_come_back(scratch: Path, inputs: np.ndarray, data: Any) -> None:
    count, steps = inputs.shape[:2]
    lengths = data.draw(arrays(int, count, elements=st.integers(1, steps)))
    values = data.draw(arrays(float, (count, 2), elements=floats))
    path = saved(scratch / "a.npz", inputs=inputs, answers=values, lengths=lengths)
    found = read_numpy(path, VALUES)
    inside = np.arange(steps) < lengths[:, None]
    whole = inputs.reshape(count, steps, -1)
    assert np.array_equal(found.inputs, np.where(inside[:, :, None], whole, 0))
    assert np.array_equal(found.lengths, lengths)
    assert np.array_equal(found.answers, values)
    assert (found.width, found.classes) == (whole.shape[2], 2)


@given(
    codes=arrays(
        "u2", array_shapes(min_dims=2, max_dims=2, max_side=4), elements=st.integers(0, 9)
    ),
    data=st.data(),
)
def test_letters_and_classes_come_back(scratch: Path, codes: np.ndarray, data: Any) -> None:
    codes[0, 0] = 9
    given = data.draw(arrays(int, codes.shape, elements=st.integers(-1, 5)))
    told = sorted({*given.ravel().tolist()} - {NO_ANSWER})
    path = saved(scratch / "a.npz", words=codes, tags=given)
    asked = Request("classes", ("tags",), letters="words")
    if len(told) < 2:
        with pytest.raises(ValueError, match=r"a.npz, array 'tags': \d different classes"):
            read_numpy(path, asked)
        return
    found = read_numpy(path, asked)
    assert (found.inputs.dtype, found.symbols, found.width) == (np.uint8, 10, 0)
    assert np.array_equal(found.inputs, codes)
    assert found.labels == tuple(map(str, told))
    again = np.where(found.answers < 0, NO_ANSWER, np.array(told)[found.answers])
    assert np.array_equal(again, given)


def test_a_table_is_an_array_or_an_array_for_each_column(tmp_path: Path) -> None:
    whole = np.arange(12.0).reshape(4, 3)
    np.save(tmp_path / "t.npy", whole)
    one = read_numpy(tmp_path / "t.npy", Request("forecast", ("2",), ("0", "2")))
    assert np.array_equal(one.inputs[0], whole[:, [0, 2]])
    assert np.array_equal(one.answers[0], whole[:, [2]])
    saved(tmp_path / "t.npz", a=whole[:, 0], b=whole[:, 1])
    two = read_numpy(tmp_path / "t.npz", Request("forecast", ("b",)))
    assert (two.read, two.asked) == (("a", "b"), ("b",))
    assert np.array_equal(two.inputs[0], whole[:, :2])


def test_steps_after_the_end_ask_nothing(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "a.npz", inputs=np.ones((2, 2)), answers=[[3, 7], [7, 9]], lengths=[2, 1]
    )
    found = read_numpy(path, CLASSES)
    assert found.answers.tolist() == [[0, 1], [1, NO_ANSWER]]
    assert found.labels == ("3", "7")


def test_an_array_says_which_sequences_belong_together(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npz", inputs=np.ones((3, 2)), answers=[0, 1, 1], who=[7, -2, 7])
    found = read_numpy(path, Request("class", group="who"))
    assert found.groups.tolist() == [1, 0, 1]
    assert read_numpy(path, CLASS).groups is None


INPUTS = np.zeros((2, 3))


@pytest.mark.parametrize(
    ("found", "asked", "message"),
    [
        ({"answers": [0, 1]}, CLASS, "no array 'inputs': there are 'answers'"),
        ({"inputs": INPUTS}, CLASS, "no array 'answers': there are 'inputs'"),
        ({"inputs": [0.0], "answers": [0, 1]}, CLASS, r"'inputs' has the shape \(1,\): give"),
        ({"inputs": INPUTS, "answers": [0, 1, 1]}, CLASS, r"'answers' has the shape \(3,\): give"),
        ({"inputs": INPUTS, "answers": [0, 1]}, CLASSES, r"the shape \(2,\): give \(2, 3\)"),
        ({"inputs": INPUTS, "answers": [0.0, 1]}, CLASS, "'answers' is float64: give whole"),
        ({"inputs": INPUTS, "answers": [-1, 1]}, CLASS, "'answers' goes from -1 to 1: give"),
        ({"inputs": INPUTS, "answers": [1, 1]}, CLASS, "'answers': 1 different classes"),
        (
            {"inputs": INPUTS + np.array([0, np.nan, 0]), "answers": [0, 1]},
            CLASS,
            r"'inputs' has nan at \[0, 1\]: give finite",
        ),
        ({"inputs": INPUTS, "answers": [0, np.inf]}, VALUES, r"'answers' has inf at \[1\]"),
        ({"inputs": INPUTS, "answers": [0, 2e30]}, VALUES, r"'answers' has 2e\+30 at \[1\]"),
        (
            {"inputs": INPUTS, "answers": [0, 1], "lengths": [0, 3]},
            CLASS,
            "'lengths' goes from 0 to 3: give whole numbers from 1 to 3",
        ),
        (
            {"inputs": INPUTS, "answers": [0, 1]},
            Request("class", letters="inputs"),
            "'inputs' is float64: give whole numbers from 0 to 127",
        ),
        (
            {"inputs": INPUTS.astype(int), "answers": [0, 1]},
            Request("class", letters="inputs"),
            "'inputs' is of one letter",
        ),
        ({"a": [1.0, 2], "b": [1.0]}, Request("forecast", ("a",)), r"'b' has the shape \(1,\)"),
        ({"a": [1.0, 2]}, Request("forecast", ("b",)), "no column 'b': there are 'a'"),
        (
            {"inputs": INPUTS, "answers": [0, 1], "who": [0.5, 1]},
            Request("class", group="who"),
            "'who' is float64: give whole numbers",
        ),
        (
            {"inputs": INPUTS, "answers": [0, 1], "who": [1]},
            Request("class", group="who"),
            r"'who' has the shape \(1,\): give \(2\)",
        ),
        ({"a": INPUTS}, Request("class", sequence="a"), "sequence is 'a', which is for CSV"),
        ({"a": INPUTS}, Request("class", inputs=("a", "b")), "name one array for each"),
    ],
)
def test_arrays_that_cannot_be_used_are_told_with_file_array_and_reason(
    tmp_path: Path, found: dict[str, Any], asked: Request, message: str
) -> None:
    path = saved(tmp_path / "a.npz", **found)
    with pytest.raises(ValueError, match=message) as told:
        read_numpy(path, asked)
    assert str(told.value).startswith(str(path))


def test_one_array_is_no_set_of_sequences(tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", INPUTS)
    with pytest.raises(ValueError, match=r"t.npy is one array: give an archive"):
        read_numpy(tmp_path / "t.npy", CLASS)


def test_what_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path / "a.npz", inputs=INPUTS, answers=[0, 1, 2, 3][:2])
    monkeypatch.setattr(own_content, "MOST_NUMBERS", 5)
    with pytest.raises(
        ValueError, match="2 sequences of up to 3 steps with 1 numbers, more than 5"
    ):
        read_numpy(path, CLASS)
    monkeypatch.setattr(own_content, "MOST_NUMBERS", 50)
    monkeypatch.setattr(own_arrays, "MOST_CLASSES", 1)
    with pytest.raises(ValueError, match="array 'answers': 2 different classes"):
        read_numpy(path, CLASS)
