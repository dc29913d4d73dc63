"""Strings of two files are known by their content, wherever the files lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparsebench.parts import string_files as module
from sparsebench.parts.string_files import examples_of, give_examples, string_files
from sparsebench.parts.strings import decode
from sparsebench.parts.tasks import content_of, dataset, give, name_of
from sparsebench.values.protocol import StringFiles


def written(folder: Path, *rows: str) -> Path:
    """A file of strings."""
    folder.mkdir(exist_ok=True)
    path = folder / "strings.csv"
    path.write_text("\n".join(["string,valid", *rows]) + "\n")
    return path


def test_halves_are_the_files_in_their_order(tmp_path: Path) -> None:
    train, test = written(tmp_path / "a", "BTXSE,1", "BE,0"), written(tmp_path / "b", "BPVVE,1")
    data = string_files(train, test)
    halves = dataset(data)
    assert decode(halves.train) == ["BTXSE", "BE"]
    assert halves.train.answers.tolist() == [1, 0]
    assert decode(halves.test) == ["BPVVE"]
    assert name_of(data) == f"strings-{data.train[:8]}"


def test_checksums_are_of_strings_and_labels(tmp_path: Path) -> None:
    test = written(tmp_path / "t", "BPVVE,1")
    same = [string_files(written(tmp_path / name, "BTXSE,1"), test) for name in "ab"]
    assert same[0] == same[1]
    assert string_files(written(tmp_path / "c", "BTXSE,0"), test) != same[0]
    assert string_files(written(tmp_path / "d", "BTXSX,1"), test) != same[0]


def test_another_process_is_given_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = string_files(written(tmp_path / "a", "BTXSE,1"), written(tmp_path / "b", "BPVVE,1"))
    content = content_of(data)
    monkeypatch.setattr(module, "GIVEN", {})
    with pytest.raises(ValueError, match="give the folder that has them with --sparsebench-artif"):
        examples_of(data)
    give(data, content)
    assert decode(examples_of(data).test) == ["BPVVE"]
    assert give_examples(content) == data
    assert StringFiles(data.test, data.train) != data
