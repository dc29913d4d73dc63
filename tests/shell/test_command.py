"""The command line: exit codes that a CI job can rely on, and output for people."""

import io
import os
import subprocess
import sys

import pytest

from sparsebench.parts.documents import write_document
from sparsebench.parts.records import Baseline
from sparsebench.shell.command import BROKEN_PIPE, main
from tests.judging.records import records
from tests.report import made_up
from tests.shell.result_files import ITEM, of_criterion


def test_a_malformed_case_is_refused_with_the_name_of_its_file(write, tmp_path, capsys):
    bad = records(ITEM, [0.9])
    bad[0].case["percent"] = 101
    path = tmp_path / "bad.json"
    write_document(path, Baseline(provenances={}, records=bad))
    for command in (["compare", write("good.json", [0.9]), str(path)], ["claims", str(path)]):
        assert main(command) == 2
        error = capsys.readouterr().err
        assert f"{path}: record '{bad[0].digest}' has an invalid case: percent is 101" in error


@pytest.mark.parametrize("content", [None, "", "{", '{"schema": 99, "kind": "sparsebench-result"}'])
def test_unreadable_input_is_2_and_names_the_file(write, tmp_path, capsys, content):
    if content is not None:
        (tmp_path / "bad.json").write_text(content)
    assert main(["compare", write("1.json", [0.9]), str(tmp_path / "bad.json")]) == 2
    assert "bad.json" in capsys.readouterr().err


def test_claims_prints_a_table(write, capsys):
    assert main(["claims", write("1.json", [1.0, 1.0, 1.0])]) == 0
    assert "| both | gru | 80 | accuracy holds at 0.99 or more |" in capsys.readouterr().out


def test_export_writes_a_table(write, tmp_path, capsys):
    output = tmp_path / "out.csv"
    assert main(["export", write("1.json", [0.9, 0.8]), "-o", str(output)]) == 0
    assert f"{output}: 2 rows" in capsys.readouterr().out
    head, *rows = output.read_text().splitlines()
    assert "accuracy" in head.split(",")
    assert len(rows) == 2


def test_export_says_that_files_share_records(write, tmp_path, capsys):
    files = [write("1.json", [0.9, 0.8]), write("2.json", [0.9])]
    assert main(["export", *files, "-o", str(tmp_path / "out.csv")]) == 0
    assert "1 records are in more than one file" in capsys.readouterr().out


def test_export_of_nothing_has_a_header(write, tmp_path, capsys):
    output = tmp_path / "out.csv"
    assert main(["export", write("1.json", []), "-o", str(output)]) == 0
    assert f"{output}: 0 rows, 31 columns" in capsys.readouterr().out
    assert output.read_text().startswith("file,digest,experiment,")


def test_export_to_a_file_of_another_kind_is_2(write, tmp_path, capsys):
    assert main(["export", write("1.json", [0.9]), "-o", str(tmp_path / "out.txt")]) == 2
    assert "name a file that ends in .csv or .parquet" in capsys.readouterr().err


def test_report_writes_a_page(write, tmp_path, capsys):
    files = [write("1.json", [0.9, 0.9]), write("2.json", [0.9, 0.8])]
    assert main(["report", *files, "-o", str(tmp_path / "site"), "--title", "Mine & yours"]) == 0
    page = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert "<h1>Mine &amp; yours</h1>" in page
    assert "1 regressed" in page
    assert str(tmp_path / "site" / "index.html") in capsys.readouterr().out


def test_report_of_what_cannot_be_read_is_2_and_names_the_file(tmp_path, capsys):
    (tmp_path / "bad.json").write_text("{")
    assert main(["report", str(tmp_path / "bad.json"), "-o", str(tmp_path / "site")]) == 2
    assert "bad.json" in capsys.readouterr().err


def test_report_into_a_file_is_2_and_says_what_to_do(write, tmp_path, capsys):
    file = write("1.json", [0.9])
    assert main(["report", file, "-o", file]) == 2
    assert "name a folder" in capsys.readouterr().err


# Streams


def run(*arguments, **environment):
    """The command in a process of its own, with its output in a pipe."""
    command = [sys.executable, "-m", "sparsebench.shell.command", *arguments]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, check=False
    )


ENCODINGS = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""},
}


@pytest.mark.parametrize("environment", ENCODINGS.values(), ids=ENCODINGS)
def test_output_is_readable_where_few_characters_can_be_encoded(tmp_path, environment):
    paths = of_criterion(tmp_path, "some\N{CYRILLIC SMALL LETTER A}")
    done = run("compare", *paths, **environment)
    assert (done.returncode, done.stderr) == (1, b"")
    lines = done.stdout.decode("ascii").splitlines()
    assert len(lines) > 4
    assert any("pruning gru both p80 by some\\u0430" in line for line in lines)


def test_a_raised_two_is_a_two_in_ascii(tmp_path):
    found = made_up.baseline([made_up.prediction()])
    write_document(tmp_path / "a.json", found)
    done = run("compare", "--all", *[str(tmp_path / "a.json")] * 2, PYTHONIOENCODING="ascii")
    assert (done.returncode, b"median R2 0." in done.stdout) == (0, True)


@pytest.mark.parametrize(
    ("command", "files"),
    [(["compare", "--all"], 2), (["compare", "--markdown"], 2), (["claims"], 1), (["--help"], 0)],
)
def test_a_reader_that_goes_away_ends_the_command_quietly(write, command, files):
    paths = [write("1.json", [0.9] * 3)] * files
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "sparsebench.shell.command", *command, *paths],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": ""},  # unbuffered, argparse drops the error itself
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (BROKEN_PIPE, b"")


class Full(io.RawIOBase):
    """A disk without room, until it is cleared."""

    full = True

    def writable(self):
        return True

    def write(self, content):
        if self.full:
            raise OSError(28, "No space left on device")
        return len(content)


@pytest.mark.parametrize("size", [1, 10_000])
def test_output_that_cannot_be_written_is_2_and_said_so(write, capsys, monkeypatch, size):
    """Whether its buffer is too small for it, or everything is written at the end."""
    disk = Full()
    stream = io.TextIOWrapper(io.BufferedWriter(disk, size), "utf-8")
    monkeypatch.setattr(sys, "stdout", stream)
    try:
        assert main(["compare", *[write("1.json", [0.9])] * 2]) == 2
    finally:
        disk.full = False
        stream.close()
    assert "No space left on device" in capsys.readouterr().err
