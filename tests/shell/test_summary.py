"""The end of a run in the terminal, green and red, as whole texts in `terminal/`.

They are made of made-up records. After a change that is meant, write them anew, and look at the
difference:

    SPARSEBENCH_WRITE_SNAPSHOTS=1 python -m pytest tests/shell/test_summary.py
"""

import io
import os
from pathlib import Path

import pytest
from _pytest._io import TerminalWriter

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.harness.claims import judge_claims
from sparsebench.harness.comparing import policy_of
from sparsebench.harness.measuring import ItemResult
from sparsebench.judging.gate import BaselineRecords, judge_baseline
from sparsebench.judging.outcome import Outcome
from sparsebench.parts.records import Timing
from sparsebench.shell.baselines import Update
from sparsebench.shell.gathering import Gathered, attach
from sparsebench.shell.run_page import Ended
from sparsebench.shell.summary import show
from sparsebench.values.identity import digest
from tests.harness.settings import settings
from tests.judging.records import records

SNAPSHOTS = Path(__file__).parent / "terminal"
WRITE = bool(os.environ.get("SPARSEBENCH_WRITE_SNAPSHOTS"))
HERE = Path("/project")
WIDTHS = (40, 80, 120)


class Terminal:
    """What pytest's reporter is to a summary: a stream of some width, without colour."""

    isatty = hasmarkup = False

    def __init__(self, width):
        self.file = io.StringIO()
        self._tw = TerminalWriter(self.file)
        self._tw.fullwidth = width

    def ensure_newline(self):
        pass

    def section(self, title, sep):
        self._tw.sep(sep, title)

    def write_line(self, line, **markup):
        self._tw.line(line)

    def write(self, text):
        self._tw.write(text)


def run(*items):
    """What was gathered of items: each with its records, outcome and seconds, and the baseline's."""
    gathered = Gathered()
    for number, (item, found, outcome, before, reason) in enumerate(items):
        claimed = judge_claims(item, found)
        against = judge_baseline(item, found, BaselineRecords.of(before), policy_of)
        test = "test_base" if isinstance(item, BaseItem) else "test_pruning"
        nodeid = f"benchmarks/{test}.py::{test}[{item.id}]"
        measured = ItemResult(item, records=found)
        measured.outcome = Outcome(outcome, verdicts=(*claimed, *against))
        for phase in ("setup", "call", "teardown"):
            report = pytest.TestReport(
                nodeid, ("", 0, ""), {}, _reported(outcome, phase), reason, phase,
                duration=1.5 + number if phase == "call" else 0.0,
            )  # fmt: skip
            if outcome == "xfailed" and phase == "call":
                report.wasxfail = reason
            attach(report, [measured], {})
            gathered.add(report)
    return gathered


def _reported(outcome, phase):
    if phase != "call" or outcome == "passed":
        return "passed"
    return "failed" if outcome == "failed" else "skipped"


def ended(gathered, **others):
    chosen = settings(HERE / "baselines", update=others.pop("update_mode", ""))
    return Ended(
        settings=chosen, gathered=gathered, seconds=83.0, folder=HERE,
        **{"json": HERE / "results" / "latest.json", **others},
    )  # fmt: skip


GRU, LSTM = (BaseItem(variant) for variant in ("gru", "lstm"))
LSTM_80 = PruningItem("lstm", "both", 80)
CONTRADICTED = [0.5 + seed / 100 for seed in range(8)]
"""Enough seeds to contradict a claim."""


def pruned(percent, accuracies, variant="gru", criterion="magnitude", time=0.4):
    item = PruningItem(variant, "both", percent, criterion=criterion)
    found = records(item, accuracies, weights=f"{variant} ")
    found[0].timing = Timing(
        pruned_median=time, dense_median=1.0, rounds=3, batch_size=32, steps=10, density=0.5
    )
    return item, found


def as_before(item, found, outcome="passed", reason=""):
    return item, found, outcome, found, reason


def moved(item, found, by, reason="Failed: see above"):
    """An item that fails, because the baseline has other accuracies."""
    before = records(item, [record.metrics["accuracy"] + by for record in found])
    for was, now in zip(before, found, strict=True):
        was.weights = now.weights
    return item, found, "failed", before, reason


def green():
    return run(
        as_before(GRU, records(GRU, [1.0, 0.999, 1.0])),
        as_before(LSTM, records(LSTM, [1.0, 1.0, 0.9995])),
        *(as_before(*pruned(percent, [1.0 - percent / 500 + seed / 1000 for seed in range(3)]))
          for percent in range(10, 100, 10)),
        as_before(*pruned(90, [0.5, 0.55, 0.6], criterion="random", time=0.41)),
        *(as_before(*pruned(percent, CONTRADICTED, "rnn_relu"), "xfailed", "contradicted")
          for percent in (40, 50, 60, 70)),
        (*pruned(80, [0.9, 0.8], "lstm"), "passed", records(LSTM_80, [0.9] * 3, first=50), ""),
        (*pruned(90, [0.5] * 3, "lstm"), "skipped", [], ""),
    )  # fmt: skip


def red():
    return run(
        as_before(GRU, records(GRU, [1.0, 0.999, 1.0])),
        moved(*pruned(50, [0.99, 0.98, 0.99]), by=0.005),
        moved(*pruned(90, [0.65, 0.7, 0.68]), by=0.12),
        moved(*pruned(80, [0.9, 0.91, 0.92]), by=0.02),
        (*pruned(70, [0.95]), "failed", [], "RuntimeError: the disk is full"),
        (*pruned(60, [0.95, 0.96, 0.95]), "skipped", [], ""),
    )


def texts():
    """Each run's name with its page at one width, and the verbosity that it is shown at."""
    dense = {digest(case): record for item in (GRU, LSTM) for case, record in zip(
        item.cases(range(3)), records(item, [1.0, 0.999, 1.0]), strict=False)}  # fmt: skip
    update = Update(3, [f"pruning 0a1b2c3{n}: accuracy is 0.9, expected 0.8" for n in range(9)], 5,
                    written=(HERE / "baselines" / "thesis",))  # fmt: skip
    for name, verbosity, told in (
        ("green", 0, ended(green())),
        ("green-q", -1, ended(green())),
        ("green-v", 1, ended(green())),
        ("red", 0, ended(red())),
        ("update", 0, ended(green(), update_mode="all", update=update)),
    ):
        for width in WIDTHS:
            terminal = Terminal(width)
            show(terminal, told, verbosity, lambda case: dense.get(digest(case)))
            lines = (line.rstrip() for line in terminal.file.getvalue().splitlines())
            yield f"{name}-{width}", "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def shown():
    found = dict(texts())
    if WRITE:
        SNAPSHOTS.mkdir(exist_ok=True)
        for name, text in found.items():
            (SNAPSHOTS / f"{name}.txt").write_text(text, encoding="utf-8")
    return found


def test_each_text_is_as_it_is_kept(shown):
    kept = {path.stem: path.read_text(encoding="utf-8") for path in SNAPSHOTS.glob("*.txt")}
    assert shown.keys() == kept.keys()
    for name, text in shown.items():
        assert text == kept[name], name


@pytest.mark.parametrize("name", ["green", "update", "red"])
def test_a_run_ends_with_a_page_of_25_lines_at_most(shown, name):
    assert len(shown[f"{name}-80"].splitlines()) <= 25
    assert len(shown[f"{name}-120"].splitlines()) <= 25


@pytest.mark.parametrize("name", ["green", "green-q", "green-v", "update", "red"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_wider_than_the_terminal_but_for_what_has_no_space(shown, name, width):
    for line in shown[f"{name}-{width}"].splitlines():
        command = "  pytest " in line or "sparsebench report " in line
        assert len(line) <= width or len(line.split()) <= 2 or command, line
    assert "\N{HORIZONTAL ELLIPSIS}" not in shown[f"{name}-{width}"]


def test_a_quiet_run_says_less(shown):
    assert len(shown["green-q-80"].splitlines()) <= len(shown["green-80"].splitlines()) / 2


def test_the_worst_item_comes_first(shown):
    text = shown["red-120"]
    places = [text.index(f"pytest 'benchmarks/test_pruning.py::test_pruning[gru-both-p{percent}]'")
              for percent in (90, 80, 50, 70)]  # fmt: skip
    assert places == sorted(places)
