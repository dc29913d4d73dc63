"""Tables of one's own come back as they were written; bad ones are told by file, line and reason."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts import own_content, own_csv
from sparsebench.parts.examples import NO_ANSWER
from sparsebench.parts.own_content import Request
from sparsebench.parts.own_csv import read_csv

floats = st.floats(-1e30, 1e30)
words = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=5)
labels = words.map(str.strip).filter(bool)


def table(path: Path, rows: list[list[Any]]) -> Path:
    """A file with rows, as Python's own writer writes them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@given(rows=st.lists(st.tuples(floats, floats, floats), min_size=1, max_size=9))
def test_a_long_table_comes_back(scratch: Path, rows: list[tuple[float, ...]]) -> None:
    path = table(scratch / "t.csv", [["a", "b", " c "], *map(list, rows)])
    found = read_csv(path, Request("forecast", ("c", "a")))
    assert found.inputs[0].tolist() == [list(row) for row in rows]
    assert found.answers[0].tolist() == [[row[2], row[0]] for row in rows]
    assert (found.read, found.asked) == (("a", "b", "c"), ("c", "a"))
    assert (found.symbols, found.width, found.classes, found.lengths.tolist()) == (
        *(0, 3, 2),
        [len(rows)],
    )


sequences = st.lists(
    st.tuples(
        st.lists(st.tuples(floats, floats), min_size=1, max_size=4), st.sampled_from(("u", "v"))
    ),
    min_size=2,
    max_size=6,
).filter(lambda found: len({label for _, label in found}) == 2)


@given(drawn=sequences, sparse=st.booleans())
def test_steps_of_sequences_come_back(scratch: Path, drawn: Any, sparse: bool) -> None:
    rows = [["n", "x", "y", "kind"]]
    for number, (steps, label) in enumerate(drawn):
        for place, (x, y) in enumerate(steps):
            rows.append([number, x, y, label if place == len(steps) - 1 or not sparse else ""])
    path = table(scratch / "t.csv", rows)
    found = read_csv(path, Request("class", ("kind",), sequence="n"))
    assert found.lengths.tolist() == [len(steps) for steps, _ in drawn]
    for row, (steps, _) in zip(found.inputs, drawn, strict=True):
        assert row[: len(steps)].tolist() == [list(step) for step in steps]
        assert not row[len(steps) :].any()
    assert [found.labels[number] for number in found.answers] == [label for _, label in drawn]
    each = read_csv(path, Request("classes", ("kind",), sequence="n"))
    assert each.answers.shape == found.inputs.shape[:2]
    for row, (steps, label) in zip(each.answers, drawn, strict=True):
        told = [each.labels[number] if number != NO_ANSWER else "" for number in row]
        others = "" if sparse else label
        assert told[: len(steps)] == [others] * (len(steps) - 1) + [label]
        assert set(told[len(steps) :]) <= {""}


@given(
    rows=st.lists(st.tuples(labels, labels, floats), min_size=2, max_size=9).filter(
        lambda rows: (
            len({row[1] for row in rows}) > 1 and len({each for row in rows for each in row[0]}) > 1
        )
    )
)
def test_rows_of_letters_come_back(scratch: Path, rows: list[tuple[str, str, float]]) -> None:
    path = table(scratch / "t.csv", [["text", "kind", "size"], *map(list, rows)])
    found = read_csv(path, Request("class", ("kind",), letters="text"))
    for codes, length, (text, _, _) in zip(found.inputs, found.lengths, rows, strict=True):
        assert "".join(found.alphabet[code] for code in codes[:length]) == text
    assert [found.labels[number] for number in found.answers] == [label for _, label, _ in rows]
    assert found.alphabet == tuple(sorted(found.alphabet))
    values = read_csv(path, Request("values", ("size",), letters="text"))
    assert values.answers.tolist() == [[size] for _, _, size in rows]
    assert (found.symbols, found.width) == (len(found.alphabet), 0)


@given(rows=st.lists(st.lists(floats, min_size=1, max_size=4), min_size=1, max_size=9))
def test_rows_of_numbers_come_back_however_long(scratch: Path, rows: list[list[float]]) -> None:
    lines = [[*row, *[""] * (4 - len(row)), 7] for row in rows]
    path = table(scratch / "t.csv", [["1", "2", "3", "4", "y"], *lines])
    found = read_csv(path, Request("values", ("y",)))
    assert found.lengths.tolist() == [len(row) for row in rows]
    for numbers, row in zip(found.inputs, rows, strict=True):
        assert numbers[: len(row), 0].tolist() == row


def test_steps_may_be_words(tmp_path: Path) -> None:
    rows = [["n", "word", "tag"], [1, "a", "x"], [1, "dog", ""], [2, "dog", "y"]]
    found = read_csv(
        table(tmp_path / "t.csv", rows), Request("classes", ("tag",), letters="word", sequence="n")
    )
    assert found.alphabet == ("a", "dog")
    assert found.inputs.tolist() == [[0, 1], [1, 0]]
    assert found.answers.tolist() == [[0, NO_ANSWER], [1, NO_ANSWER]]


def test_a_column_says_which_sequences_belong_together(tmp_path: Path) -> None:
    rows = [["n", "x", "kind", "who"], [1, 5, "u", "eve"], [1, 6, "", ""], [2, 7, "v", "bob"]]
    path = table(tmp_path / "t.csv", rows)
    found = read_csv(path, Request("class", ("kind",), sequence="n", group="who"))
    assert found.read == ("x",)
    assert found.groups.tolist() == [1, 0]
    texts = table(tmp_path / "u.csv", [["text", "kind", "who"], ["ab", "u", 3], ["ba", "v", 3]])
    found = read_csv(texts, Request("class", ("kind",), letters="text", group="who"))
    assert found.groups.tolist() == [0, 0]
    assert read_csv(texts, Request("class", ("kind",), letters="text")).groups is None


def test_columns_without_a_name_such_as_row_numbers_are_not_read(tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", [["", "b"], ["first", 2], ["second", 3]])
    found = read_csv(path, Request("forecast", ("b",)))
    assert (found.read, found.inputs.tolist()) == (("b",), [[[2.0], [3.0]]])


FORECAST = Request("forecast", ("b",))
STEPS = Request("class", ("b",), sequence="n")
ROWS = Request("class", ("b",))
GROUPED = Request("class", ("b",), ("a",), group="g")


@pytest.mark.parametrize(
    ("content", "request_", "line", "message"),
    [
        (b"", FORECAST, 1, "no column 'b': the header is ''"),
        (b"\n\n", FORECAST, 2, "no column 'b'"),
        (b"a,c\n1,2\n", FORECAST, 1, "no column 'b': the header is 'a,c'"),
        (b"a,b,b\n1,2,3\n", FORECAST, 1, "two columns 'b'"),
        (b"a,a,b\n1,2,3\n", FORECAST, 1, "columns to read are 'a,a,b': name some, each once"),
        (b"b\nx\n", ROWS, 1, "columns to read are '': name some"),
        (b"a,b\n", FORECAST, 1, "no rows below the header"),
        (b"a,b\n1,2\n3\n", FORECAST, 3, "1 cells, but the header has 2"),
        (b"a,b\n1,2\n3,4,5\n", FORECAST, 3, "3 cells, but the header has 2"),
        (b"a,b\n1,2\n\n3,\n", FORECAST, 4, "'b' is empty: fill it in"),
        (b"a,b\n1,2\nx,3\n", FORECAST, 3, "'a' is 'x': give a number"),
        (b"a,b\n1,2\nnan,3\n", FORECAST, 3, "'a' is 'nan': give a number"),
        (b"a,b\n1,2\n-inf,3\n", FORECAST, 3, "'a' is '-inf': give a number"),
        (b"a,b\n1,2\n2e30,3\n", FORECAST, 3, r"of at most 1e\+30"),
        (b"a,b\n1,2\n1_0,3\n", FORECAST, 3, "'a' is '1_0': give a number"),
        (b'a,b\n1,2\n"1,5",3\n', FORECAST, 3, "'a' is '1,5': give a number"),
        (b"a,b\n1,2\n\xff,3\n", FORECAST, 3, "use UTF-8"),
        (b'a,b\n1,2\n"3,4\n', FORECAST, 3, "unexpected end of data"),
        (b"a,b\n1,2\n" + b"3" * 200_000 + b",1\n", FORECAST, 3, "field larger"),
        (b"n,x,b\n1,2,u\n2,3,v\n1,4,u\n", STEPS, 4, "'1' goes on here, but began at .*line 2"),
        (b"n,x,b\n1,2,u\n1,3,v\n2,4,u\n", STEPS, 3, "'b' is 'v', but 'u' before in the same"),
        (b"n,x,b\n1,2,u\n1,3,\n2,4,\n", STEPS, 4, "'b' is empty"),
        (b"n,x,b\n1,2,u\n,3,v\n", STEPS, 3, "'n' is empty"),
        (b"n,x,b\n1,2,u\n2,,v\n", STEPS, 3, "'x' is empty"),
        (b"n,x,b\n1,2,u\n2,1,u\n", STEPS, 3, "1 different classes .'u'.: give 2 to 100"),
        (b"a,c,b\n1,2,u\n,3,v\n", ROWS, 3, "'a' is empty"),
        (b"a,c,b\n1,2,u\n,,v\n", ROWS, 3, "'a' is empty"),
        (b"a,c,b\n1,2,\n", ROWS, 2, "'b' is empty"),
        (b"a,b\nx,u\nx,v\n", Request("class", ("b",), letters="a"), 3, "1 different letters"),
        (b"a,b\n,u\nx,v\n", Request("class", ("b",), letters="a"), 2, "'a' is empty"),
        (b"a,b\n1,u\n", Request("class", ("b",), ("a", "b")), 1, "'b' is asked for and read"),
        (b"a,b,g\n1,u,x\n2,v,\n", GROUPED, 3, "'g' is empty: fill it in"),
        (b"a,b\n1,u\n2,v\n", GROUPED, 1, "no column 'g'"),
        (
            b"n,b,g\n1,u,x\n1,u,y\n",
            replace(GROUPED, sequence="n", inputs=("n",)),
            3,
            "one for each$",
        ),
    ],
)
def test_a_table_that_cannot_be_used_is_told_with_file_line_and_reason(
    tmp_path: Path, content: bytes, request_: Request, line: int, message: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as told:
        read_csv(path, request_)
    assert str(told.value).startswith(f"{path}, line {line}: ")


def test_what_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = table(tmp_path / "t.csv", [["a", "b"], *([number, number] for number in range(9))])
    monkeypatch.setattr(own_content, "MOST_NUMBERS", 7)
    with pytest.raises(ValueError, match=r"line 5: 1 sequences of up to 4 steps with 2 .*than 7"):
        read_csv(path, FORECAST)
    with pytest.raises(ValueError, match=r"line 9: 8 sequences of up to 1 steps with 1 .*than 7"):
        read_csv(path, Request("values", ("b",)))
    monkeypatch.setattr(own_csv, "MOST_CLASSES", 3)
    with pytest.raises(ValueError, match="line 5: more than 3 different classes: give 3 at most"):
        read_csv(path, ROWS)
    monkeypatch.setattr(own_csv, "MOST_SYMBOLS", 3)
    with pytest.raises(ValueError, match="line 5: more than 3 different letters"):
        read_csv(path, Request("values", ("b",), letters="a"))
    monkeypatch.setattr(own_csv, "LARGEST", 10)
    with pytest.raises(ValueError, match="more than 10 bytes"):
        read_csv(path, FORECAST)


@given(
    content=st.text(st.sampled_from('ab,n\n"1.e-x\r\0 é'), max_size=60).map(str.encode)
    | st.binary(max_size=40),
    asked=st.sampled_from((FORECAST, STEPS, ROWS, Request("values", ("b",), letters="a"))),
)
def test_whatever_else_is_read_or_refused_with_its_line(
    scratch: Path, content: bytes, asked: Request
) -> None:
    path = scratch / "any.csv"
    path.write_bytes(b"n,a,b\n1,2,3\n" + content)
    try:
        found = read_csv(path, asked)
    except ValueError as error:
        refusal = str(error)
    else:
        assert np.isfinite(found.inputs).all()
        assert (found.lengths >= 1).all()
        return
    assert refusal.startswith(f"{path}, line ")
