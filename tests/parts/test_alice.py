"""Letters of Alice: every letter of a part is asked for once, after the letters before it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.alice import alice_letters
from sparsebench.parts.books import text_of
from sparsebench.parts.examples import Examples
from sparsebench.parts.tasks import dataset
from sparsebench.values.tasks import Validation
from sparsebench.values.text_tasks import ALICE, AliceLetters

TEXT = text_of("carroll")
PARTS = {"train": TEXT[:133_632], "validation": TEXT[133_632:141_056], "test": TEXT[141_056:]}


def told(examples: Examples, codes: np.ndarray) -> list[str]:
    return ["".join(ALICE[code] for code in row) for row in codes]


def check(examples: Examples, part: str, window: int) -> None:
    """Windows lie one after the other, from the first letter of a part on."""
    for number, (read, asked) in enumerate(
        zip(told(examples, examples.inputs), told(examples, examples.answers), strict=True)
    ):
        begin = number * window
        assert read == part[begin : begin + window]
        assert asked == part[begin + 1 : begin + window + 1]
    assert set(examples.lengths) == {window}
    assert 0 <= len(part) - 1 - len(examples) * window < window  # no window more fits


@given(window=st.integers(2, 400), train=st.integers(500, 20_000))
def test_windows_are_those_of_the_text(window: int, train: int) -> None:
    made = alice_letters(AliceLetters(window, train))
    check(made.train, PARTS["train"][-train:], window)
    check(made.test, PARTS["test"], window)


def test_a_validation_is_judged_by_the_part_between() -> None:
    task = AliceLetters(train=5000)
    made, whole = dataset(Validation(task)), dataset(task)
    check(made.test, PARTS["validation"], 50)  # type: ignore[attr-defined]
    assert np.array_equal(made.train.inputs, whole.train.inputs)  # type: ignore[attr-defined]


@pytest.mark.parametrize("wrong", [{"share": 0.2}, {"seed": 1}])
def test_another_validation_part_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="the validation part of Alice is fixed, 5 % of the text"):
        dataset(Validation(AliceLetters(), **wrong))  # type: ignore[arg-type]
