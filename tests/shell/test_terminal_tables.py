"""Tables: whole in a pipe or a file, as wide as the terminal in one."""

import io

from sparsebench.shell.terminal_tables import console, empty_table

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
