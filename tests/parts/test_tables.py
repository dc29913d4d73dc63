from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import example, given

from sparsebench.parts.examples import Examples
from sparsebench.parts.strings import decode
from sparsebench.parts.tables import read_strings
from tests import strategies


def written(folder: Path, content: bytes) -> Path:
    path = folder / "strings.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(("name", "size"), [("train_data.csv", 18_750), ("test_data.csv", 6_250)])
def test_the_authors_files_load_as_they_are(artifacts: Path, name: str, size: int) -> None:
    path = artifacts / "Implementations" / "dataset" / name
    data = read_strings(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["string"], int(row["valid"])) for row in csv.DictReader(file)]
    assert len(data) == size
    assert list(zip(decode(data), data.answers.tolist(), strict=True)) == rows


@pytest.mark.parametrize(
    "content",
    [
        b"string,valid\nBTXSE,1\nBPPE,0\n",
        b"string,valid\r\nBTXSE,1\r\nBPPE,0",
        b",string,valid\n7,BTXSE,1\n8,BPPE,0\n",
        b"valid,note,string\n1,,BTXSE\n0,x,BPPE\n",
        b'"string","valid"\n"BTXSE","1"\n\nBPPE,0\n',
        b"\n\nstring,valid\nBTXSE,1\nBPPE,0\n",
        b"\xef\xbb\xbf\r\n\r\nstring,valid\r\nBTXSE,1\r\nBPPE,0\r\n\r\n",
        b" \nstring,valid\n \t\nBTXSE,1\n\nBPPE,0\n  ",
    ],
    ids=["plain", "crlf", "numbered", "other-columns", "quoted", "blank", "blank-crlf", "spaces"],
)
def test_the_columns_are_found_by_name_whatever_stands_around_them(
    tmp_path: Path, content: bytes
) -> None:
    data = read_strings(written(tmp_path, content))
    assert decode(data) == ["BTXSE", "BPPE"]
    assert data.answers.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", 1, "no column string or valid"),
        (b"\n\n", 2, "no column string or valid"),
        (b"\n\nword,valid\nBTXSE,1\n", 3, "no column string: the header is"),
        (b"string,valid\n\nBTXSE,1\n,\n", 4, "the string is empty"),
        (b"word,valid\nBTXSE,1\n", 1, "no column string: the header is"),
        (b"string;valid\nBTXSE;1\n", 1, "no column string or valid"),
        (b"string,valid\n", 1, "no rows below the header"),
        (b"string,valid\nBTXSE,1\n,0\n", 3, "the string is empty"),
        (b"string,valid\nBTXSE,1\nBPPE,2\n", 3, "valid is '2': write 1 .* 0"),
        (b"string,valid\nBTXSE,1\nBPPE,true\n", 3, "valid is 'true': write 1 .* 0"),
        (b"string,valid\nBTXSE,1\nBPPE, 1\n", 3, "valid is ' 1': write 1 .* 0"),
        (b"string,valid\nBTXSE,1\nBPPE\n", 3, "valid is None: write 1 .* 0"),
        (b"valid,string\n1,BTXSE\n0\n", 3, "the string is empty"),
        ("string,valid\nBTXSE,1\nBÉ,0\n".encode(), 3, r"'B\\xc9' .* not printable ASCII"),
        (b"string,valid\nBTXSE,1\nB\0E,0\n", 3, "not printable ASCII"),
        (b"string,valid\nBTXSE,1\nB\tE,0\n", 3, "not printable ASCII"),
        (b'string,valid\n"BT\nXSE",1\n', 3, "not printable ASCII"),
        (b"string,valid\nBTXSE,1\nB\xffE,0\nBPPE,0\n", 3, "use UTF-8"),
        (b'string,valid\nBTXSE,1\n"BP"PE,0\n', 3, "expected after"),
        (b'string,valid\nBTXSE,1\n"BPPE,0', 3, "unexpected end of data"),
        (b"string,valid\nBTXSE,1\n" + b"B" * 200_000 + b",1\n", 3, "field larger"),
    ],
    ids=[
        "empty-file",
        "blank-lines-only",
        "other-header-after-blank-lines",
        "commas-only",
        "other-header",
        "semicolons",
        "header-only",
        "empty-string",
        "label-2",
        "label-word",
        "label-space",
        "short-row-without-label",
        "short-row-without-string",
        "not-ascii",
        "nul",
        "tab",
        "quoted-newline",
        "not-utf-8",
        "text-after-quote",
        "unclosed-quote",
        "huge-field",
    ],
)
def test_a_row_that_cannot_be_used_is_told_with_file_line_and_reason(
    tmp_path: Path, content: bytes, line: int, reason: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(ValueError, match=f"^{path}, (near )?line {line}: .*{reason}"):
        read_strings(path)


def test_a_few_bytes_cannot_ask_for_a_table_of_gigabytes(tmp_path: Path) -> None:
    """Every string is filled up to the longest one."""
    path = written(tmp_path, b"string,valid\n" + b"B" * 100_000 + b",1\n" + b"B,1\n" * 10_000)
    with pytest.raises(ValueError, match=r"line 2686: 2685 strings of up to 100000 letters, more"):
        read_strings(path)


@given(content=strategies.csv_files)
@example(content=b'string,valid\nBTXSE,1\n"BP"PE,0')
@example(content=b'string,valid\nBTXSE,1\n"BPPE,0')
def test_any_bytes_are_strings_or_an_error_that_names_the_file(
    scratch: Path, content: bytes
) -> None:
    path = written(scratch, content)
    try:
        data = read_strings(path)
    except ValueError as error:
        refusal = str(error)
    else:
        assert isinstance(data, Examples)
        assert all(decode(data))
        assert set(data.answers.tolist()) <= {0, 1}
        return
    assert re.match(f"{re.escape(str(path))}, (near )?line [1-9]", refusal)


def test_a_path_may_be_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, b"string,valid\nBTXSE,1\n")
    monkeypatch.chdir(tmp_path)
    assert decode(read_strings("strings.csv")) == ["BTXSE"]


def test_an_absent_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_strings(tmp_path / "absent.csv")
