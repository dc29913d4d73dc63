"""The command line: exit codes that a CI job can rely on, and output for people."""

import pytest

from sparsebench.experiments.cells import PruningCell
from sparsebench.parts.documents import write_document
from sparsebench.parts.records import Baseline
from sparsebench.shell.command import main
from tests.experiments.records import records

CELL = PruningCell("gru", "both", 80)


@pytest.fixture
def write(tmp_path):
    def write(name, accuracies):
        path = tmp_path / name
        write_document(path, Baseline(provenances={}, records=records(CELL, accuracies)))
        return str(path)

    return write


@pytest.mark.parametrize(
    ("new", "code", "said"),
    [
        ([0.9, 0.9], 0, "2.json: 1 unchanged"),
        ([0.95, 0.9], 0, "1 improved"),
        ([0.9, 0.8], 1, "1 regressed"),
    ],
)
def test_compare_exits_with_1_on_a_regression_only(write, capsys, new, code, said):
    assert main(["compare", write("1.json", [0.9, 0.9]), write("2.json", new)]) == code
    assert said in capsys.readouterr().out


def test_compare_renders_markdown(write, capsys):
    main(["compare", "--markdown", write("1.json", [0.9]), write("2.json", [0.8])])
    title, blank, head, rule, row = capsys.readouterr().out.splitlines()
    assert title == "**sparsebench** 1.json -> 2.json: 1 regressed"
    assert blank == ""
    assert head == "| state | cell | accuracy | time / dense | numbers |"
    assert rule == "|---|---|---|---|---|"
    assert row.startswith(
        "| regressed | pruning gru both p80 | 0.9000 -> 0.8000 |  | accuracy 0.8000"
    )


def test_compare_lists_unchanged_cells_only_when_asked(write, capsys):
    files = [write("1.json", [0.9]), write("2.json", [0.9])]
    main(["compare", "--markdown", *files])
    assert "pruning gru" not in capsys.readouterr().out
    main(["compare", "--markdown", "--all", *files])
    assert "| unchanged | pruning gru both p80 |" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, "", "{", '{"schema": 99, "kind": "sparsebench-result"}'])
def test_unreadable_input_is_2_and_names_the_file(write, tmp_path, capsys, content):
    if content is not None:
        (tmp_path / "bad.json").write_text(content)
    assert main(["compare", write("1.json", [0.9]), str(tmp_path / "bad.json")]) == 2
    assert "bad.json" in capsys.readouterr().err


def test_one_file_is_a_wrong_argument(write, capsys):
    assert main(["compare", write("1.json", [0.9])]) == 2
    assert "two or more" in capsys.readouterr().err


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
    assert f"{output}: 0 rows, 29 columns" in capsys.readouterr().out
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


def test_names_from_a_file_are_no_markup_of_the_terminal(write, tmp_path, capsys):
    """`rich` would take `[/]` for the end of something, and stumble over it."""
    paths = []
    for number, accuracy in enumerate((0.9, 0.5)):
        cell = PruningCell("gru", "both", 80, criterion="[/]")
        paths.append(tmp_path / f"{number}.json")
        baseline = Baseline(provenances={}, records=records(cell, [accuracy]))
        write_document(paths[-1], baseline)
    assert main(["compare", *map(str, paths)]) == 1
    assert "[/]" in capsys.readouterr().out
