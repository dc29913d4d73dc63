"""Tables: whole in a pipe or a file, as wide as the terminal in one."""

import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.random_wiring.items import FamiliesItem
from sparsebench.experiments.random_wiring.summary import wired_tables
from sparsebench.report.encoding import SPELLED
from sparsebench.report.terminal_tables import (
    console,
    empty_table,
    mean_in_percent,
    span,
    write_tables,
)
from tests.judging.records import networks

NAMES = ["a name of forty characters, more or less"] * 8


class Terminal(io.StringIO):
    def isatty(self):
        return True


def written(file):
    table = empty_table("table", NAMES, ["figure"])
    table.add_row(*NAMES, "99.9")
    console(file).print(table)
    return file.getvalue()


def test_a_table_in_a_pipe_is_as_wide_as_it_needs_and_no_wider():
    _title, names, line, row = (
        each for each in written(io.StringIO()).splitlines() if each.strip()
    )
    assert row.split() == [*" ".join(NAMES).split(), "99.9"]
    assert names.count(NAMES[0]) == 8
    assert len(line) < 8 * (len(NAMES[0]) + 2) + 10


def test_a_terminal_is_as_wide_as_it_is(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    assert console(Terminal()).width == 120


def test_the_console_is_standard_output_unless_told_otherwise(capsys):
    console().print("[b]7[/b]")
    assert capsys.readouterr().out == "[b]7[/b]\n"


WORDS = st.text("abc_", min_size=1, max_size=12)


@given(
    st.lists(st.lists(WORDS, min_size=1, max_size=5).map(" ".join), min_size=1, max_size=4),
    st.lists(st.floats(0, 1e6).map("{:.2f}".format), min_size=1, max_size=9),
    st.integers(1, 120),
)
def test_in_a_terminal_of_any_width_no_figure_is_cut_and_no_name_loses_a_letter(
    names, figures, width
):
    file = Terminal()
    table = empty_table("title", [f"name {n}" for n, _ in enumerate(names)], ["x"] * len(figures))
    table.add_row(*names, *figures)
    shown = console(file)
    shown._color_system = None
    shown.width = width
    shown.print(table)
    text = file.getvalue()
    row = next(line.split() for line in text.splitlines() if figures[0] in line.split())
    assert row[-len(figures) :] == figures
    assert shown.width == width
    for letter in "abc_":
        assert text.count(letter) >= sum(name.count(letter) for name in names)
    assert "\u2026" not in text


class Reporter:
    """What pytest's terminal reporter is to a table: a stream of some encoding, a terminal or not."""

    hasmarkup = False

    def __init__(self, encoding="utf-8", isatty=False, width=80):
        self.isatty = isatty
        self.text = ""
        stream = io.TextIOWrapper(io.BytesIO(), encoding)
        self._tw = type("Writer", (), {"_file": stream, "fullwidth": width})

    def write(self, text):
        text.encode(self._tw._file.encoding)
        self.text += text


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_the_summary_of_wired_networks_has_all_its_figures_and_fits(width):
    """In a terminal that is too narrow the columns are those of several tables below each other."""
    reporter = Reporter(width=width)
    accuracies = [0.99, 0.97, 0.98, 0.9, 0.94, 0.89]
    write_tables(reporter, wired_tables(networks(FamiliesItem("gru", 3), accuracies)))
    lines = reporter.text.splitlines()
    assert "\u2026" not in reporter.text
    assert max(map(len, lines)) <= width
    for family, figures in (
        ("barabasi_albert", "3 91.0 2.6 90.0 89.0 94.0 92.8 5.0 94.1"),
        ("watts_strogatz", "3 98.0 1.0 98.0 97.0 99.0 98.4 2.1 99.4"),
    ):
        rows = [line.split() for line in lines if family in line]
        if width == 40:  # a list for each row
            rest = lines[lines.index(f"{family} gru") + 1 :]
            listed = itertools.takewhile(lambda line: line.startswith("  "), rest)
            rows = [["", "", line.split()[-1]] for line in listed]
        assert [figure for row in rows for figure in row[2:]] == figures.split()
        assert len(rows) == {40: 9, 80: 2}.get(width, 1)


NAMES_OF_ROWS = st.lists(st.text("abcdefg", min_size=1, max_size=9), min_size=1, max_size=3)


@given(
    NAMES_OF_ROWS,
    st.lists(st.floats(0, 1e6).map("{:.2f}".format), min_size=1, max_size=12),
    st.integers(40, 200),
)
def test_a_table_is_split_into_as_few_as_fit_and_none_of_its_cells_is_cut(names, figures, width):
    reporter = Reporter(width=width)
    table = empty_table("title", ["x"] * len(names), [f"f{n}" for n in range(len(figures))])
    table.add_row(*names, *figures)
    write_tables(reporter, [table])
    lines = reporter.text.splitlines()
    assert max(map(len, lines)) <= width
    rows = [line.split() for line in lines if line.split()[: len(names)] == names]
    if [] in [row[len(names) :] for row in rows]:  # a list
        found = [line.split()[-1] for line in lines if line.startswith("  ")]
    else:
        found = [figure for row in rows for figure in row[len(names) :]]
    assert found == figures
    whole = sum(max(2, len(each)) + 2 for each in (*names, *figures))
    assert len(rows) == 1 or whole > width


def test_names_that_leave_no_room_stand_above_their_figures():
    reporter = Reporter(width=40)
    table = empty_table("title", ["a", "b"], ["figure", "other"])
    table.add_row("a name of more than thirty letters", "another of more than thirty", "99.9", "")
    write_tables(reporter, [table])
    assert [line.rstrip() for line in reporter.text.splitlines()] == [
        "title",
        "a name of more than thirty letters",
        "another of more than thirty",
        "  figure  99.9",
        "",
    ]


def test_a_table_without_figures_is_one_of_names():
    for width in (5, 40):
        reporter = Reporter(width=width)
        table = empty_table("title", ["name", "other"], [])
        table.add_row("gru", "lstm")
        write_tables(reporter, [table])
        assert {"gru", "lstm"} <= {*reporter.text.split()}


def test_what_there_is_is_told_with_its_spread():
    assert mean_in_percent([]) == ""
    assert mean_in_percent([0.5]) == "50.0"
    assert mean_in_percent([0.9, 1.0]) == "95.0 ±7.1"
    assert [span([]), span([0.5, 0.501]), span([0.5, 0.1])] == ["", "0.50", "0.10-0.50"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_a_summary_is_in_characters_that_its_terminal_has(encoding):
    reporter = Reporter(encoding)
    table = empty_table("R\N{SUPERSCRIPT TWO}", ["\N{CYRILLIC SMALL LETTER A}"], ["figure"])
    table.add_row("b", "0.5")
    write_tables(reporter, [table])
    assert len(reporter.text.splitlines()) >= 4
    whole = encoding == "utf-8"
    assert ("\u0430" in reporter.text, "\\u0430" in reporter.text) == (whole, not whole)
    assert ("R2" in reporter.text) == (encoding == "ascii")


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["ascii", "C"],
)
def test_a_pytest_run_shows_tables_line_by_line_whatever_its_encoding(
    pytester, monkeypatch, environment
):
    pytester.makeconftest(
        "from sparsebench.report.terminal_tables import empty_table, write_tables\n"
        "def pytest_terminal_summary(terminalreporter):\n"
        "    table = empty_table('accuracy', ['variant'], ['figure'])\n"
        "    table.add_row('gru', '99.9')\n"
        "    write_tables(terminalreporter, [table])\n"
    )
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(["accuracy*", "*variant*figure*", "*gru*99.9*"])
    assert "\\n" not in result.stdout.str()


@given(st.text())
def test_nothing_is_refused_by_a_stream_of_few_characters(text):
    content = text.encode("ascii", SPELLED).decode("ascii")
    assert (content == text) == text.isascii()
    assert "\N{SUPERSCRIPT TWO}3".encode("ascii", SPELLED) == b"23"


def test_where_standard_output_is_closed_nothing_is_shown(monkeypatch):
    monkeypatch.setattr("sys.stdout", None)
    console().print(empty_table("title", ["name"], []))
