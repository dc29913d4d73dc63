"""Own data become examples that do not leak from the test half into training."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts import own_content
from sparsebench.parts.examples import Halves
from sparsebench.parts.own_data import own_data, own_examples, own_figures
from sparsebench.parts.tasks import dataset, name_of
from sparsebench.values.identity import canonical, digest
from sparsebench.values.own_data import OwnData
from sparsebench.values.tasks import Validation


def written(path: Path, rows: list[list[Any]]) -> Path:
    """A CSV file."""
    text = "\n".join(",".join(map(str, row)) for row in rows)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def series(path: Path, rows: int) -> Path:
    """A table whose numbers tell their row."""
    return written(path, [["hour", "level"], *([row, row * row] for row in range(rows))])


@given(
    rows=st.integers(6, 40),
    window=st.integers(1, 4),
    ahead=st.integers(1, 3),
    share=st.floats(0.1, 0.9),
)
def test_windows_are_split_by_time_and_share_no_row(
    scratch: Path, rows: int, window: int, ahead: int, share: float
) -> None:
    path = series(scratch / "t.csv", rows)
    held = round(share * rows)
    if min(held, rows - held) < window + ahead:
        with pytest.raises(ValueError, match=rf"t.csv: {rows} rows, .* give {window + ahead} rows"):
            own_data(path, "forecast", answers="hour", window=window, ahead=ahead, test_share=share)
        return
    task = own_data(
        path, "forecast", answers="hour", window=window, ahead=ahead, test_share=share,
        standardised=False,
    )  # fmt: skip
    halves = own_examples(task)
    told = []
    for half, count in ((halves.train, rows - held), (halves.test, held)):
        hours, answers = half.inputs[:, :, 0], half.answers[:, 0]
        assert len(half) == count - window - ahead + 1
        assert np.array_equal(half.inputs[:, :, 1], hours * hours)
        assert np.array_equal(hours, hours[:, :1] + np.arange(window))
        assert np.array_equal(answers, hours[:, -1] + ahead)
        told.append({*hours.ravel().tolist(), *answers.tolist()})
    assert max(told[0]) < rows - held <= min(told[1])


def test_the_test_rows_do_not_move_what_is_trained_on(tmp_path: Path) -> None:
    one = own_data(series(tmp_path / "a.csv", 30), "forecast", answers="level", window=3)
    text = (tmp_path / "a.csv").read_text(encoding="utf-8")
    (tmp_path / "b.csv").write_text(text.replace("\n25,", "\n-5000,"), encoding="utf-8")
    other = own_data(tmp_path / "b.csv", "forecast", answers="level", window=3)
    assert one.checksum != other.checksum
    halves, others = own_examples(one), own_examples(other)
    assert np.array_equal(halves.train.inputs, others.train.inputs)
    assert np.array_equal(halves.train.answers, others.train.answers)
    assert not np.array_equal(halves.test.inputs, others.test.inputs)


def test_numbers_are_in_units_of_the_training_rows(tmp_path: Path) -> None:
    path = series(tmp_path / "t.csv", 50)
    train = own_examples(own_data(path, "forecast", answers="level", window=1)).train
    rows = np.arange(40.0)
    for column, numbers in enumerate((rows, rows * rows)):
        expected = (numbers - numbers.mean()) / numbers.std()
        assert np.allclose(train.inputs[:, 0, column], expected[:-1], rtol=1e-6)
    assert np.allclose(train.answers[:, 0], expected[1:], rtol=1e-6)


def test_sequences_are_in_units_of_the_true_training_steps(tmp_path: Path) -> None:
    rows = [[n, x, 0.1, y] for n, (x, y) in enumerate(((1, 5), (2, 6), (4, 9), (4, 8), (9, 1)))]
    rows += [[4, 7, 0.1, 1]]
    path = written(tmp_path / "t.csv", [["n", "x", "same", "y"], *rows])
    task = own_data(path, "values", answers="y", sequence="n")
    train, test = own_examples(task).train, own_examples(task).test
    assert (len(train), len(test)) == (4, 1)
    inside = np.arange(train.inputs.shape[1]) < train.lengths[:, None]
    assert train.inputs[inside][:, 0].mean() == pytest.approx(0, abs=1e-6)
    assert train.inputs[inside][:, 0].std() == pytest.approx(1)
    assert not train.inputs[~inside].any()
    assert not train.inputs[:, :, 1].any()  # 0.1, always: no number is made of its rounding
    assert train.answers.std() == pytest.approx(1)


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from("uv")),
        min_size=2,
        max_size=30,
    ),
    share=st.floats(0.1, 0.9),
    seed=st.integers(0, 9),
)
def test_equal_sequences_are_in_one_half(
    scratch: Path, rows: list[tuple[int, int, str]], share: float, seed: int
) -> None:
    path = written(scratch / "t.csv", [["a", "b", "kind"], *map(list, rows)])
    try:
        task = own_data(
            path, "class", answers="kind", test_share=share, seed=seed, standardised=False
        )
    except ValueError as error:
        refusal = str(error)
    else:
        halves = own_examples(task)
        train, test = (
            sorted(map(tuple, half.inputs[:, :, 0].tolist()))
            for half in (halves.train, halves.test)
        )
        assert not {*train} & {*test}
        assert sorted(train + test) == sorted((float(a), float(b)) for a, b, _ in rows)
        return
    assert refusal.startswith(str(path))


def letters(path: Path, count: int = 20) -> Path:
    """Texts that differ, one in five of which is odd."""
    return written(
        path,
        [["text", "kind"], *([f"{n:b}", "odd" if n % 5 == 0 else "plain"] for n in range(count))],
    )


def test_the_seed_decides_the_split(tmp_path: Path) -> None:
    path = letters(tmp_path / "t.csv")
    halves = [
        own_examples(own_data(path, "class", answers="kind", letters="text", seed=seed))
        for seed in (0, 0, 1)
    ]
    tests = [half.test.inputs.tobytes() for half in halves]
    assert tests[0] == tests[1] != tests[2]
    assert len(halves[0].test) == 4


def test_examples_of_a_class_may_count_several_times(tmp_path: Path) -> None:
    path = letters(tmp_path / "t.csv")
    plain, often = (
        own_data(path, "class", answers="kind", letters="text", repeats=repeats)
        for repeats in (None, {"odd": 4})
    )
    assert (plain.repeats, often.repeats) == ((), (4, 1))
    once, more = own_examples(plain), own_examples(often)
    odd = int((once.train.answers == 0).sum())
    assert np.bincount(more.train.answers).tolist() == [4 * odd, len(once.train) - odd]
    assert np.array_equal(more.test.answers, once.test.answers)
    with pytest.raises(ValueError, match="no class 'rare': there are 'odd, plain'"):
        own_data(path, "class", answers="kind", letters="text", repeats={"rare": 2})
    with pytest.raises(ValueError, match="repeats of odd is 0: give a whole number"):
        own_data(path, "class", answers="kind", letters="text", repeats={"odd": 0})


def test_the_path_is_no_part_of_the_identity_and_the_content_is(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    one, moved, other = (
        own_data(path, "class", answers="kind", letters="text")
        for path in (
            letters(tmp_path / "t.csv"),
            letters(tmp_path / "elsewhere" / "copy.csv"),
            letters(tmp_path / "u.csv", 21),
        )
    )
    assert digest(one) == digest(moved) != digest(other)  # type: ignore[arg-type]
    assert str(tmp_path) not in str(canonical(one))
    assert (name_of(one), name_of(moved)) == ("t", "copy")
    named = own_data(tmp_path / "t.csv", "class", answers="kind", letters="text", name="own")
    assert (name_of(named), canonical(named)["name"]) == ("own", "own")
    assert named.checksum == one.checksum


def test_a_csv_file_and_an_array_of_one_table_have_the_same_examples(tmp_path: Path) -> None:
    table = series(tmp_path / "t.csv", 20)
    np.save(tmp_path / "t.npy", np.loadtxt(table, delimiter=",", skiprows=1))
    one = own_examples(own_data(table, "forecast", answers="level", window=2))
    two = own_examples(own_data(tmp_path / "t.npy", "forecast", answers=1, window=2))
    for name in ("inputs", "answers"):
        assert np.array_equal(getattr(one.train, name), getattr(two.train, name))
        assert np.array_equal(getattr(one.test, name), getattr(two.test, name))


@given(
    rows=st.integers(30, 60),
    window=st.integers(1, 3),
    ahead=st.integers(1, 2),
    share=st.floats(0.3, 0.7),
)
def test_what_is_held_out_to_choose_by_is_split_by_time_too(
    scratch: Path, rows: int, window: int, ahead: int, share: float
) -> None:
    task = own_data(
        *(series(scratch / "t.csv", rows), "forecast"),
        answers="hour",
        window=window,
        ahead=ahead,
        standardised=False,
    )
    made, whole = dataset(Validation(task, share, 3)), own_examples(task)
    assert isinstance(made, Halves)
    told = [
        {*half.inputs[:, :, 0].ravel().tolist(), *half.answers[:, 0].tolist()}
        for half in (made.train, made.test, whole.test)
    ]
    assert max(told[0]) < min(told[1])
    assert max(told[1]) < min(told[2])


def test_equal_and_repeated_sequences_are_on_one_side_of_what_is_held_out(tmp_path: Path) -> None:
    rows = [[number % 7, number // 30, "uv"[number % 2]] for number in range(60)]
    path = written(tmp_path / "t.csv", [["a", "b", "kind"], *rows])
    task = own_data(path, "class", answers="kind", repeats={"u": 3}, standardised=False)
    whole = own_examples(task)
    parts = [dataset(Validation(task, 0.3, seed)) for seed in (0, 0, 1)]
    told = []
    for made in parts:
        assert isinstance(made, Halves)
        read = [
            {*map(tuple, half.inputs[:, :, 0].tolist())}
            for half in (made.train, made.test, whole.test)
        ]
        assert not read[0] & read[1]
        assert not (read[0] | read[1]) & read[2]
        assert read[0] | read[1] == {*map(tuple, whole.train.inputs[:, :, 0].tolist())}
        told.append(read[1])
    assert told[0] == told[1] != told[2]


def test_the_error_is_told_in_the_unit_of_the_answer(tmp_path: Path) -> None:
    task = own_data(series(tmp_path / "t.csv", 50), "forecast", answers="level", window=1)
    test = own_examples(task).test
    rows = np.arange(40.0) ** 2
    answered: Any = SimpleNamespace(test=test, said=test.answers + np.float32(0.5))
    assert own_figures(task, answered)["rmse"] == pytest.approx(rows.std() / 2)
    both = replace(task, classes=2, answers=("hour", "level"))
    assert own_figures(both, answered) == {}
    assert own_figures(replace(task, standardised=False), answered)["rmse"] == pytest.approx(0.5)


def test_numbers_far_from_the_training_half_are_refused(tmp_path: Path) -> None:
    rows = [[1e-3 * (row % 2)] for row in range(19)] + [[1e30]]
    with pytest.raises(ValueError, match=r"t.csv: a number to test on is more than 1e30 standard"):
        own_data(written(tmp_path / "t.csv", [["x"], *rows]), "forecast", answers="x", window=1)


def test_windows_that_need_too_much_memory_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = series(tmp_path / "t.csv", 30)
    monkeypatch.setattr(own_content, "MOST_NUMBERS", 100)
    with pytest.raises(ValueError, match=r"t.csv: windows of 30 rows: 30 sequences of up to 2"):
        own_data(path, "forecast", answers="level", window=2)


@pytest.mark.parametrize(
    ("name", "arguments", "error", "message"),
    [
        ("t.csv", {"asks": "answers"}, ValueError, "unknown asks 'answers': choose one of class"),
        ("t.xls", {"asks": "class"}, ValueError, r"ends in '.xls': give a file that ends in .csv"),
        ("no.csv", {"asks": "class", "answers": "kind"}, FileNotFoundError, "no.csv"),
        ("t.csv", {"asks": "class"}, ValueError, r"answers is \[\]: name one column to ask for"),
        ("t.csv", {"asks": "values"}, ValueError, r"answers is \[\]: name columns to ask for"),
        ("t.csv", {"asks": "class", "answers": ["a", "b"]}, ValueError, "name one column"),
        (
            "t.csv",
            {"asks": "class", "answers": "kind", "letters": "text", "inputs": "kind"},
            ValueError,
            "letters is 'text': give it without inputs",
        ),
        (
            "t.csv",
            {"asks": "forecast", "answers": "kind", "sequence": "text"},
            ValueError,
            "a forecast is of one long table: leave out sequence",
        ),
        (
            "t.csv",
            {"asks": "classes", "answers": "kind", "letters": "text"},
            ValueError,
            "a class after each step needs a row for each step",
        ),
        (
            "t.csv",
            {"asks": "class", "answers": "kind", "letters": "text", "name": "My data"},
            ValueError,
            "name is 'My data': give one of lower-case letters",
        ),
        (
            "t.csv",
            {"asks": "class", "answers": "kind", "letters": "text", "window": 3},
            ValueError,
            "window and ahead are for forecasts",
        ),
        (
            "t.csv",
            {"asks": "class", "answers": "kind", "letters": "text", "test_share": 0.01},
            ValueError,
            "20 sequences, 20 of them different, of which 0 are for testing: give more",
        ),
        (
            "s.csv",
            {"asks": "forecast", "answers": "level"},
            TypeError,
            r"window is None \(NoneType\): give a whole number",
        ),
    ],
)
def test_arguments_that_do_not_fit_are_refused(
    tmp_path: Path, name: str, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    letters(tmp_path / "t.csv")
    series(tmp_path / "s.csv", 20)
    asks = arguments.pop("asks")
    with pytest.raises(error, match=message):
        own_data(tmp_path / name, asks, **arguments)


def test_data_that_this_process_has_not_read_are_asked_for() -> None:
    task = OwnData("level", "forecast", "0" * 16, ("x",), ("x",), 0, 1, 1, window=1, ahead=1)
    with pytest.raises(ValueError, match=r"'level', whose checksum is 0{16}, were not read"):
        own_examples(task)


def test_the_bits_of_examples_never_change(tmp_path: Path) -> None:
    rows = [[f"{np.float64(n) ** 2 / 7:.6f}", f"{1 / (n + 3):.9f}"] for n in range(60)]
    path = written(tmp_path / "t.csv", [["x", "y"], *rows])
    halves = own_examples(own_data(path, "forecast", answers="y", window=3))
    found = hashlib.sha256(halves.train.inputs.tobytes() + halves.test.answers.tobytes())
    assert found.hexdigest()[:16] == "2af9324e54d4a8a6"
