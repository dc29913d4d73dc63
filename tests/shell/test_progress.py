"""Progress: a line that is written anew in a terminal, one for each stage where there is none."""

import io
from types import SimpleNamespace

import pytest
from _pytest._io import TerminalWriter

from sparsebench.shell import progress
from sparsebench.shell.progress import Progress
from tests.shell import projects


class Terminal:
    """What pytest's reporter is to progress."""

    def __init__(self, isatty, width):
        self.isatty, self.file = isatty, io.StringIO()
        self._tw = TerminalWriter(self.file)
        self._tw.fullwidth = width

    def ensure_newline(self):
        if self._tw._current_line:
            self._tw.line()

    def write_line(self, line):
        self._tw.line(line)

    def flush(self):
        self._tw.flush()

    def screen(self):
        """The lines as a terminal shows them: what follows a carriage return takes their place."""
        lines = []
        for line in self.file.getvalue().split("\n"):
            shown = ""
            for part in line.split("\r"):
                shown = part + shown[len(part) :]
            lines.append(shown.rstrip())
        return lines


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until a test moves it."""
    found = SimpleNamespace(now=0.0)
    monkeypatch.setattr(progress.time, "monotonic", lambda: found.now)
    monkeypatch.delenv("TERM", raising=False)
    return found


def started(isatty=True, width=80):
    terminal = Terminal(isatty, width)
    plugins = {"terminalreporter": terminal}
    config = SimpleNamespace(pluginmanager=SimpleNamespace(getplugin=plugins.get))
    return Progress(config), terminal


def train(told, clock, stage, networks, seconds):
    for done in range(networks):
        told.tell(f"{stage}: {done} of {networks} done")
        clock.now += seconds


def test_in_a_terminal_a_line_is_written_over_and_pytest_s_line_comes_back(clock):
    told, terminal = started()
    terminal._tw.write("test_pruning.py ..")
    train(told, clock, "training gru networks", 12, 60)
    assert terminal.screen() == ["training gru networks: 11 of 12 done"]
    told.clear()
    terminal._tw.write(".")
    assert terminal.screen() == ["test_pruning.py ..."]
    told.clear()
    assert terminal.screen() == ["test_pruning.py ..."]


def test_a_text_is_no_wider_than_the_terminal(clock):
    told, terminal = started(width=40)
    clock.now += 1
    told.tell("training gru networks, published: 11 of 12 done, about 50 s left")
    assert terminal.screen() == ["11 of 12 done, about 50 s left"]
    clock.now += 1
    told.tell("preparing the fused gru loop (compiled once on a machine, about 10 s)")
    assert terminal.screen() == ["preparing the fused gru loop"]
    assert all(len(part) < 40 for part in terminal.file.getvalue().split("\r"))


@pytest.mark.parametrize("where", ["pipe", "dumb"])
def test_where_there_is_no_terminal_each_long_stage_has_one_line(clock, monkeypatch, where):
    told, terminal = started(isatty=where == "dumb")
    monkeypatch.setenv("TERM", where)
    train(told, clock, "training rnn_tanh networks", 12, 30)
    train(told, clock, "pruning", 12, 0.1)
    train(told, clock, "training gru networks", 12, 40)
    assert terminal.screen() == [
        "sparsebench: training rnn_tanh networks: 1 of 12 done",
        "sparsebench: training gru networks: 1 of 12 done",
        "",
    ]


def test_a_stage_of_hours_is_spoken_of_now_and_then(clock):
    told, terminal = started(isatty=False)
    train(told, clock, "training lstm networks", 100, 60)
    lines = [line for line in terminal.screen() if line]
    assert len(lines) == 100 * 60 // 600
    assert len(set(lines)) == len(lines)


def test_what_is_told_once_is_a_line_unless_another_was_just_written(clock):
    told, terminal = started(isatty=False)
    for seconds, text in ((11, "preparing one loop"), (1, "preparing another"), (11, "a third")):
        clock.now += seconds
        told.tell(text)
    assert terminal.screen() == ["sparsebench: preparing one loop", "sparsebench: a third", ""]


@pytest.mark.parametrize(
    ("options", "shown"), [([], False), (["-v"], True), (["--benchmark-columns=min"], True)]
)
def test_pytest_benchmark_s_table_is_shown_where_somebody_wants_it(quick, options, shown):
    projects.insert(quick, "benchmark.pedantic(int)", asking="benchmark")
    result = projects.run(quick, *options)
    assert ("Name (time in" in result.stdout.str()) == shown


def test_pytest_benchmark_s_table_of_others_is_left_alone(quick):
    quick.makepyfile(test_other="def test_other(benchmark): benchmark(int)")
    projects.insert(quick, "benchmark.pedantic(int)", asking="benchmark")
    projects.run(quick).stdout.fnmatch_lines(["Name (time in*"])
