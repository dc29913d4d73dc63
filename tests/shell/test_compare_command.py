"""`sparsebench compare`: what it says of two files, in which form, and its exit status."""

import json
import re
import sys
from itertools import product

import msgspec
import pytest

from sparsebench.experiments.random_wiring.items import WiredItem
from sparsebench.parts.documents import write_document
from sparsebench.parts.records import Baseline, Item
from sparsebench.shell.command import main
from sparsebench.shell.compare_command import REGRESSED, REMOVED
from tests.judging.records import networks, records
from tests.parts.test_records import RESULT_OF_NOTHING
from tests.shell.result_files import ITEM, of_criterion


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
    title, head, rule, row, fold, reason, end, summary = (
        line for line in capsys.readouterr().out.splitlines() if line
    )
    assert title == "**sparsebench** 1.json -> 2.json: 1 regressed"
    assert head == "| state | item | figure | moved by | in which seeds | how sure |"
    assert rule == "|---|---|---|---|---|---|"
    assert row == (
        "| **regressed** | pruning gru both p80 | accuracy 0.9000 -> 0.8000 | -10.00 points "
        "| seed 0: 0.9000 -> 0.8000, -10.00 points | one seed, so no interval |"
    )
    assert (fold, end) == ("<details><summary>Numbers behind each row</summary>", "</details>")
    assert reason.startswith("- pruning gru both p80: accuracy 0.8000, expected 0.9000")
    assert summary == (
        "<!-- sparsebench: regressed=1 removed=0 changed=0 undecided=0 improved=0 added=0 "
        "unchanged=0 records_gone=0 -->"
    )


def test_compare_says_which_seed_fell_where_the_mean_rose(write, capsys):
    """`regressed` beside a mean that rose was said without the seed that fell."""
    files = write("1.json", [0.99, 0.90, 0.95]), write("2.json", [0.94, 0.99, 0.95])
    assert main(["compare", *files]) == 1
    first, blank, state, mean, fell, rose, sure, why, _, summary = (
        capsys.readouterr().out.splitlines()
    )
    assert (first, blank) == ("1.json -> 2.json: 1 regressed", "")
    assert state == "REGRESSED pruning gru both p80"
    assert mean == "  accuracy 0.9467 -> 0.9600, +1.33 points on average"
    assert fell == "  seed 0: 0.9900 -> 0.9400, -5.00 points"
    assert rose == "  seed 1: 0.9000 -> 0.9900, +9.00 points"
    assert sure.startswith("  how sure: 95% interval -16.")
    assert sure.endswith("points (3 paired seeds)")
    assert why.startswith("  why: accuracy 0.9400 / 0.9900 / 0.9500, expected")
    assert summary.startswith("sparsebench: regressed=1 removed=0 changed=0 ")


def test_compare_writes_json_for_programs(write, capsys):
    files = write("1.json", [0.99, 0.90]), write("2.json", [0.94, 0.99])
    assert main(["compare", "--json", *files]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["counts"]["regressed"] == 1
    assert [each["name"] for each in found["files"]] == ["1.json", "2.json"]
    (item,) = found["items"]
    assert (item["state"], item["item"]) == ("regressed", "pruning gru both p80")
    assert item["movement"]["unit"] == "points"
    assert item["movement"]["mean"] == pytest.approx(2.0)
    assert [each["seed"] for each in item["seeds"]] == ["seed 0", "seed 1"]
    assert item["seeds"][0]["moved"] == pytest.approx(-5)


@pytest.mark.parametrize("criterion", ["a|b", "a\nb", "<script>alert(1)</script>", "[x](y)", "*a*"])
def test_names_from_a_file_are_no_markup_of_a_pull_request(tmp_path, capsys, criterion):
    assert main(["compare", "--markdown", *of_criterion(tmp_path, criterion)]) == 1
    (row,) = [line for line in capsys.readouterr().out.splitlines() if line[:3] == "| *"]
    row = row.replace("**regressed**", "regressed")
    bare = re.sub(r"\\.", "-", row)
    assert bare.count("|") == 7
    assert not re.search(r"<script|[*\[\]]", bare)


@pytest.fixture
def write_run(tmp_path):
    """Writes the result of a run that ended with an exit status, after items that ended so."""

    def write_run(name, accuracies, status, *outcomes):
        items = [
            Item(nodeid=str(number), outcome=outcome, seconds=0.0, digests=[])
            for number, outcome in enumerate(outcomes)
        ]
        document = msgspec.structs.replace(
            RESULT_OF_NOTHING,
            run=msgspec.structs.replace(RESULT_OF_NOTHING.run, exit_status=status),
            records=records(ITEM, accuracies),
            items=items,
        )
        write_document(tmp_path / name, document)
        return str(tmp_path / name)

    return write_run


@pytest.mark.parametrize("markdown", [[], ["--markdown"]])
def test_a_run_that_was_interrupted_is_said_so_in_the_first_lines(
    write, write_run, capsys, markdown
):
    files = [
        write("old.json", [0.9, 0.8]),
        write_run("new.json", [0.9], 2, "passed", "interrupted"),
    ]
    assert main(["compare", *markdown, *files]) == REMOVED
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    assert lines[1] == (
        "new.json: its run was interrupted (exit status 2, of 2 items 1 interrupted); what it did not "
        "measure is missing"
    )
    assert lines[2] == (
        "1 record is not in new.json any more: exit status 3 without --allow-removed"
    )


def test_a_run_that_failed_is_said_so_whichever_file_it_is(write, write_run, capsys):
    files = [write_run("old.json", [0.9], 1, "failed"), write("new.json", [0.9])]
    assert main(["compare", *files]) == 0
    assert "old.json: its run failed (exit status 1, of 1 items 1 failed)" in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("new", "code", "allowed"),
    [([], 3, 0), ([0.9], 3, 0), ([0.8], 1, 1), ([0.9, 0.9, 0.9], 0, 0)],
)
def test_records_that_are_gone_are_3_unless_they_are_allowed_to_or_something_is_worse(
    write, capsys, new, code, allowed
):
    files = [write("old.json", [0.9, 0.9]), write("new.json", new)]
    assert main(["compare", *files]) == code
    assert main(["compare", "--allow-removed", *files]) == allowed


def test_networks_that_fell_with_other_weights_are_1(tmp_path, capsys):
    """The reproduction of a gate that lied: five items lowered by 20 points were "5 changed"."""
    items = [
        WiredItem(variant, family, 0)
        for variant, family in (
            *product(("rnn_tanh", "rnn_relu", "lstm", "gru"), ["watts_strogatz"]),
            ("gru", "barabasi_albert"),
        )
    ]
    for name, accuracy in (("old", 0.95), ("new", 0.75)):
        found = [
            record
            for item in items
            for record in networks(item, [accuracy], weights=name, numerics="z80")
        ]
        write_document(tmp_path / f"{name}.json", Baseline(provenances={}, records=found))
    assert main(["compare", str(tmp_path / "old.json"), str(tmp_path / "new.json")]) == 1
    assert "new.json: 5 regressed" in capsys.readouterr().out


def test_files_of_one_name_are_told_apart(write, tmp_path, capsys):
    (tmp_path / "new").mkdir()
    files = [write("a.json", [0.9]), write("new/a.json", [0.9])]
    main(["compare", "--markdown", *files])
    assert f"{files[0]} -> {files[1]}: 1 unchanged" in capsys.readouterr().out.replace("\\", "")


def test_compare_lists_unchanged_items_only_when_asked(write, capsys):
    files = [write("1.json", [0.9]), write("2.json", [0.9])]
    main(["compare", "--markdown", *files])
    assert "pruning gru" not in capsys.readouterr().out
    main(["compare", "--markdown", "--all", *files])
    assert "| unchanged | pruning gru both p80 |" in capsys.readouterr().out


def test_one_file_is_a_wrong_argument(write, capsys):
    assert main(["compare", write("1.json", [0.9])]) == 2
    assert "two or more" in capsys.readouterr().err


def test_names_from_a_file_are_no_markup_of_the_terminal(write, tmp_path, capsys):
    """`rich` would take `[/]` for the end of something, and stumble over it."""
    assert main(["compare", *of_criterion(tmp_path, "[/]")]) == 1
    assert "[/]" in capsys.readouterr().out


def test_figures_are_whole_where_there_is_no_terminal(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert main(["compare", *of_criterion(tmp_path, "a_criterion_of_24_letters")]) == 1
    text = capsys.readouterr().out
    assert "  accuracy 0.9000 -> 0.5000, -40.00 points on average\n" in text
    assert "expected 0.9000 +- 0.001 each (the same trained weights)\n" in text


@pytest.mark.parametrize("columns", [40, 80])
def test_nothing_is_cut_off_and_no_line_is_wider_than_the_terminal(
    tmp_path, capsys, monkeypatch, columns
):
    files = of_criterion(tmp_path, "a_criterion_of_24_letter")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    assert main(["compare", *files]) == 1
    *lines, summary = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out).splitlines()
    assert max(map(len, lines)) <= columns
    text = " ".join(" ".join(lines).split())
    assert "a_criterion_of_24_letter" in text
    assert "accuracy 0.9000 -> 0.5000, -40.00 points on average" in text
    assert "\u2026" not in text
    assert summary.startswith("sparsebench: regressed=1")  # in one line, however narrow


def test_figures_that_fell_are_told_and_fail_on_request(write, capsys):
    """Different bits are a change, and no regression where nothing proves that the mean is worse."""
    old = write("old.json", [0.99, 0.98, 0.97], numerics="1", weights="same")
    new = write("new.json", [0.99, 0.98, 0.95], numerics="1", weights="new")
    assert main(["compare", str(old), str(new)]) == 0
    assert "1 changed or undecided items got worse in the mean" in capsys.readouterr().out
    assert main(["compare", "--no-fall", str(old), str(new)]) == REGRESSED
    assert main(["compare", "--no-fall", str(old), str(old)]) == 0
