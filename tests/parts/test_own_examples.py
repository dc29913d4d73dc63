"""Own data are standardised with the same bits everywhere, and groups stay in one half; other splits
are tested with `own_data`.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts import own_examples
from sparsebench.parts.own_data import own_data
from sparsebench.parts.tasks import dataset
from sparsebench.values.tasks import Validation


@given(numbers=st.lists(st.floats(-1e30, 1e30), min_size=2, max_size=20), data=st.data())
def test_sums_are_rounded_once_in_whichever_order(numbers: list[float], data: Any) -> None:
    mean, deviation = own_examples._scale(np.array(numbers))
    if min(numbers) < max(numbers):
        assert mean == float(sum(map(Fraction, numbers), Fraction(0))) / len(numbers)
    else:
        assert (mean, deviation) == (numbers[0], 1)
    again = data.draw(st.permutations(numbers))
    assert own_examples._scale(np.array(again)) == (mean, deviation)


@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=30),
    share=st.floats(0.1, 0.9),
    seed=st.integers(0, 9),
)
def test_groups_and_what_is_equal_to_one_of_them_stay_in_one_half(
    scratch: Path, rows: list[tuple[int, int]], share: float, seed: int
) -> None:
    path = scratch / "t.csv"
    lines = [f"{number},{group},{place % 2}" for place, (number, group) in enumerate(rows)]
    path.write_text("\n".join(["x,group,kind", *lines]) + "\n", encoding="utf-8")
    try:
        task = own_data(
            path, "class", answers="kind", group="group", test_share=share, seed=seed,
            standardised=False,
        )  # fmt: skip
    except ValueError as error:
        refusal = str(error)
    else:
        halves = dataset(task)
        trained, tested = (
            {int(number) for number in half.inputs[:, 0, 0]} for half in (halves.train, halves.test)
        )
        assert not trained & tested
        assert len(halves.train) + len(halves.test) == len(rows)
        for group in range(6):
            of_group = {number for number, each in rows if each == group}
            assert of_group <= trained or of_group <= tested
        return
    assert "groups that share none" in refusal


def test_groups_stay_together_where_training_is_split_too(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [f"{number},{number // 5},{number % 2}" for number in range(100)]
    path.write_text("\n".join(["x,who,kind", *rows]) + "\n", encoding="utf-8")
    task = own_data(path, "class", answers="kind", group="who", standardised=False)
    parts = [dataset(task), dataset(Validation(task, share=0.2))]
    groups = [
        {int(number) // 5 for number in half.inputs[:, 0, 0]}
        for part in parts
        for half in (part.train, part.test)
    ]
    trained, tested, chosen, held = groups
    assert not trained & tested
    assert chosen | held == trained
    assert not chosen & held
    assert len(parts[0].test) == 20


def test_weights_of_classes_come_with_the_examples(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("text,kind\naa,u\nb,v\nab,u\nba,v\nbb,w\n", encoding="utf-8")
    task = own_data(path, "class", answers="kind", letters="text", weights={"v": 3})
    assert task.weights == (1.0, 3.0, 1.0)
    halves = dataset(task)
    assert halves.train.class_weights is not None
    assert halves.train.class_weights.tolist() == [1.0, 3.0, 1.0]
    with pytest.raises(ValueError, match="no class 'x': there are 'u, v, w'"):
        own_data(path, "class", answers="kind", letters="text", weights={"x": 3})
    with pytest.raises(ValueError, match="and no repeats"):
        own_data(path, "class", answers="kind", letters="text", weights={"v": 3}, repeats={"v": 2})
    with pytest.raises(ValueError, match="group is 'text', which is read or asked for too"):
        own_data(path, "class", answers="kind", letters="text", group="text")
    with pytest.raises(ValueError, match="one long table: leave out sequence and group"):
        own_data(path, "forecast", answers="kind", group="text")


def test_a_forecast_s_last_value_is_that_of_what_is_asked_for(tmp_path: Path) -> None:
    from sparsebench.engines.floors import floors_of
    from sparsebench.parts.tasks import task_kind_of

    path = tmp_path / "t.csv"
    rows = [f"{hour},{hour * hour},{hour % 7}" for hour in range(60)]
    path.write_text("\n".join(["hour,square,week", *rows]) + "\n", encoding="utf-8")
    task = own_data(path, "forecast", answers=["week", "hour"], window=3, standardised=False)
    for each in (task, Validation(task)):
        halves = dataset(each)
        columns = task_kind_of(each).repeated(each)
        said = floors_of(halves, task.classes, columns)["last value"]
        assert said[:, 1].tolist() == (halves.test.answers[:, 1] - 1).tolist()
        assert said[:, 0].tolist() == halves.test.inputs[:, -1, 2].tolist()
    alone = own_data(path, "forecast", answers="week", inputs="hour", window=3)
    assert "last value" not in floors_of(dataset(alone), 1, task_kind_of(alone).repeated(alone))
