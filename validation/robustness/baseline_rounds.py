"""Rounds of concurrent and interrupted updates of a baseline (`measure_faults.py`).

In each round, a small project with an empty baseline is updated by two concurrent runs, measured by
two concurrent runs, updated by two runs of which one is killed, and updated once more. After each
step, the baseline must have every record that a finished update accepted, with the figures of an
undisturbed run; all or none of the killed update's records; and no record of items that fail. Every
base model must be the one that its record names.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from sparsebench.parts.baseline_folder import BaselineFolder
from sparsebench.parts.documents import read_baseline, read_document
from sparsebench.parts.model_files import load_model
from sparsebench.parts.records import Record, Result
from sparsebench.parts.weight_files import checksum
from sparsebench.values.case import BaseCase

PROJECT = """
from dataclasses import dataclass

import pytest

from sparsebench.experiments.forward_time.cases import ForwardCase
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.values.case import BaseCase
from sparsebench.values.protocol import Architecture, ReberStrings, Training
from sparsebench.values.semantics import SEMANTICS


@dataclass(frozen=True)
class BenchmarkItem:
    what: str
    number: int
    semantics: str = "published"

    @property
    def id(self):
        return f"{self.what}-{self.number}-"

    def cases(self, seeds):
        shape, data = Architecture("rnn_tanh", layers=1, hidden_size=8), ReberStrings(40, 40, 20, 20)
        semantics, training = SEMANTICS[self.semantics], Training(epochs=1)
        bases = [BaseCase(shape, seed, semantics, training, data) for seed in range(3)]
        if self.what == "base":
            return [bases[self.number]]
        if self.what == "passes":
            return [ForwardCase(bases[0], self.number)]
        return [PruningCase(base, "both", self.number) for base in bases]


ITEMS = [BenchmarkItem("base", number) for number in range(3)]
ITEMS += [BenchmarkItem("passes", percent) for percent in (50, 70, 90)]
ITEMS += [BenchmarkItem("pruned", percent) for percent in range(10, 100, 10)]
FAILING = [BenchmarkItem("failing", percent) for percent in (15, 25)]


@pytest.fixture
def failing_afterwards(request):
    yield
    assert "failing-15" not in request.node.name


@pytest.mark.sparsebench(ITEMS + FAILING)
def test_rounds(item, sparsebench, time_together, failing_afterwards):
    measured = sparsebench.measure(item)
    if item.what == "passes":
        time_together(measured)
    sparsebench.judge(measured)
    assert item.id != "failing-25-"
"""

CONFTEST = """
import os
import random
import time
from pathlib import Path

from sparsebench.shell import run, timing

timing._PAUSE, timing._ROUNDS = 0.0, 2


def dawdling(do):
    def slowly(*arguments):
        time.sleep(random.uniform(0, 0.02))
        return do(*arguments)

    return slowly


def meet():
    here, end = Path(f"ready-{os.getpid()}"), time.monotonic() + 1
    here.touch()
    while time.monotonic() < end and len(list(Path().glob("ready-*"))) < 2:
        time.sleep(0.001)
    time.sleep(0.05)
    here.unlink()


def marked(update):
    def slowly(*arguments):
        meet()
        mark, plain = Path(f"updating-{os.getpid()}"), (os.replace, os.fsync)
        mark.touch()
        os.replace, os.fsync = map(dawdling, plain)
        try:
            return update(*arguments)
        finally:
            os.replace, os.fsync = plain
            mark.unlink()

    return slowly


if run.update_baseline.__module__ != __name__:  # a forked run reads this file once more
    run.update_baseline = marked(run.update_baseline)
"""

GOOD = [
    *(f"base-{number}-" for number in range(3)),
    *(f"passes-{percent}-" for percent in (50, 70, 90)),
    *(f"pruned-{percent}-" for percent in range(10, 100, 10)),
]
FAILING = ["failing-15-", "failing-25-"]

SECONDS = 120.0
"""Longest time of a run; a run that takes longer waits for a lock that nobody holds."""

Run = multiprocessing.process.BaseProcess


@dataclass
class Found:
    """The results of the rounds.

    Attributes
    ----------
    faults
        What went wrong, in words.
    accepted
        Records of finished updates, all of which must be present.
    refused
        Records of failed items that were offered to updates.
    killed, writing
        Killed updates, and how many of them were killed while writing.
    """

    faults: list[str] = field(default_factory=list)
    accepted: int = 0
    refused: int = 0
    killed: int = 0
    writing: int = 0


class BaselineRounds:
    """The small project; its runs are forked from this process, which has loaded what they need.

    Parameters
    ----------
    folder
        Where to make the project.
    seed
        Decides the choices of each round, and when runs are killed.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # torch's threads do not survive a fork
        for name in [name for name in os.environ if name.startswith("PYTEST_XDIST")]:
            del os.environ[name]  # else runs inside a test's xdist worker would act as workers
        import sparsebench.engines.fused.population
        import sparsebench.shell.run  # noqa: F401

        self.folder, self.seed, self.found = folder, seed, Found()
        self.baselines = folder / "baselines"
        folder.mkdir(parents=True)
        (folder / "test_rounds.py").write_text(PROJECT, encoding="utf-8")
        (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        (folder / "pytest.ini").write_text(
            "[pytest]\nsparsebench_store = store\nsparsebench_baselines = baselines\n",
            encoding="utf-8",
        )
        with (folder / "loading.log").open("w", encoding="utf-8") as log, redirect_stdout(log):
            _pytest(folder, "loading", [*GOOD, *FAILING])  # compiles the loops before the forks
        begin = time.monotonic()
        self._finish(-1, self.start("first", GOOD, "--sparsebench-update"))
        self.seconds = time.monotonic() - begin
        self.expected = self._baseline()
        self.items = {name: self._digests("first", name) for name in GOOD}

    def start(self, name: str, items: Sequence[str], *options: str) -> Run:
        """Start a run of some items, which writes `NAME.json`."""
        run = multiprocessing.get_context("fork").Process(
            target=_run_pytest,
            name=name,
            args=(self.folder, name, items, *options),
        )
        run.start()
        return run

    def round(self, number: int) -> None:
        """Run one round; faults are added to `found`."""
        chance = random.Random(f"{self.seed} {number}")
        shutil.rmtree(self.baselines)
        parts = [self._some(chance) for _ in range(2)]
        for run in [
            self.start(f"update-{each}", [*items, *FAILING], self._update(chance))
            for each, items in enumerate(parts)
        ]:
            self._finish(number, run)
        there = {*parts[0], *parts[1]}
        self._check(number, "two updates at once", there)

        measured = sorted(each for each in there if not each.startswith("passes"))
        before = self._baseline()
        runs = [self.start(f"run-{each}", measured, "--sparsebench-gate") for each in range(2)]
        for run in runs:
            self._finish(number, run)
            complete = all(self._digests(run.name, name) == self.items[name] for name in measured)
            if measured and not (run.exitcode == 0 and complete):
                self._fault(number, f"{run.name} ended with {run.exitcode}, beside another")
        if self._baseline() != before:
            self._fault(number, "two runs changed the baseline")

        killed, other = self._some(chance), self._some(chance)
        victim = self.start("killed", [*killed, *FAILING], self._update(chance))
        survivor = self.start("other", [*other, *FAILING], self._update(chance))
        self._kill(victim, chance)
        self._finish(number, survivor)
        there |= {*other}
        self._check(number, "an update killed beside another", there, set(killed))

        self._finish(number, self.start("again", [*killed, *FAILING], self._update(chance)))
        self._check(number, "the killed update run again", there | set(killed))

    def _some(self, chance: random.Random) -> list[str]:
        return sorted(chance.sample(GOOD, chance.randint(1, 6)))

    def _update(self, chance: random.Random) -> str:
        return chance.choice(["--sparsebench-update", "--sparsebench-update-new"])

    def _kill(self, run: Run, chance: random.Random) -> None:
        """SIGKILL a run at a random moment or, every other time, while it writes."""
        mark = self.folder / f"updating-{run.pid}"
        writing, moment = chance.random() < 0.5, chance.random()
        end = time.monotonic() + (SECONDS if writing else moment * self.seconds)
        while run.is_alive() and time.monotonic() < end and not (writing and mark.exists()):
            time.sleep(0.001)
        if writing:
            time.sleep(moment * 0.2)
        run.kill()
        run.join()
        self.found.killed += run.exitcode == -signal.SIGKILL
        self.found.writing += mark.exists()
        for left in (mark, self.folder / f"ready-{run.pid}"):
            left.unlink(missing_ok=True)

    def _finish(self, number: int, run: Run) -> None:
        run.join(SECONDS)
        if run.is_alive():
            run.kill()
            run.join()
            self._fault(number, f"{run.name} did not end within {SECONDS:.0f} s")
        elif "NOT WRITTEN" in (self.folder / f"{run.name}.log").read_text(encoding="utf-8"):
            self._fault(number, f"{run.name} could not write")

    def _check(
        self, number: int, what: str, there: Iterable[str], maybe: Iterable[str] = ()
    ) -> None:
        """Compare the baseline with the records that it must have, and those that it may have."""
        try:
            records = self._baseline()
        except (OSError, ValueError) as error:
            self._fault(number, f"{what}: {error}")
            return
        wanted = {digest for name in there for digest in self.items[name]}
        extra = {digest for name in maybe for digest in self.items[name]} - wanted
        self.found.accepted += len(wanted)
        self.found.refused += 6
        if lost := wanted - records.keys():
            self._fault(number, f"{what}: {len(lost)} records lost: {sorted(lost)}")
        if strange := records.keys() - wanted - extra:
            self._fault(number, f"{what}: {len(strange)} records that nobody accepted")
        times = {digest for digest in extra if self.expected[digest].experiment == "forward"}
        for part in (times, extra - times):  # each has its own file
            if 0 < len(part & records.keys()) < len(part):
                self._fault(number, f"{what}: a part of what a killed update wrote")
        for digest, record in records.items():
            if plain(record) != plain(self.expected.get(digest, record)):
                self._fault(number, f"{what}: {digest} has other figures")
            case = record.restored
            if isinstance(case, BaseCase):
                weights = load_model(self.baselines / "models", record, case.architecture.layout)
                if checksum(weights) != record.weights:
                    self._fault(number, f"{what}: {digest} has another model")

    def _baseline(self) -> dict[str, Record]:
        times = [read_baseline(path) for path in self.baselines.glob("times/*.json")]
        records = [record for each in times for record in each.records]
        stored = BaselineFolder(self.baselines / "thesis")
        records += [record for name in stored.experiments for record in stored.records(name)]
        return {record.digest: record for record in records}

    def _digests(self, name: str, wanted: str) -> set[str]:
        """Digests of the records of an item in a run's result file."""
        document = read_document(self.folder / f"{name}.json")
        assert isinstance(document, Result)
        items = document.items
        return {each for item in items if f"[{wanted}]" in item.nodeid for each in item.digests}

    def _fault(self, number: int, what: str) -> None:
        self.found.faults.append(f"round {number}: {what}")


def plain(record: Record) -> Record:
    """A record without provenance and times."""
    metrics = {name: value for name, value in record.metrics.items() if name != "time_ratio"}
    return msgspec.structs.replace(
        record, metrics=metrics, history={}, provenance="", trained="", outcome=""
    )


def _run_pytest(folder: Path, name: str, items: Sequence[str], *options: str) -> None:
    """Run some of the project's benchmarks in a forked process."""
    with (folder / f"{name}.log").open("wb") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os._exit(_pytest(folder, name, items, *options))


def _pytest(folder: Path, name: str, items: Sequence[str], *options: str) -> int:
    os.chdir(folder)
    where = [f"--rootdir={folder}", f"--sparsebench-json={name}.json", "-p", "no:cacheprovider"]
    return pytest.main([*where, "-k", " or ".join(items), *options])


def run_rounds(
    folder: Path, rounds: int, first: int, seed: int, tell: Callable[[str], None]
) -> Found:
    """Run rounds and report progress.

    Parameters
    ----------
    folder
        Where to make the project.
    rounds, first
        How many, and the number of the first. The seed and its number decide each round, so an
        interrupted series can continue.
    seed
        Seed of all rounds.
    tell
        Called with a line after each round.
    """
    if not sys.platform.startswith("linux"):
        raise SystemExit(
            "rounds of baselines fork processes that have loaded torch: run them on Linux"
        )
    place = BaselineRounds(folder, seed)
    for number in range(first, first + rounds):
        begin = time.monotonic()
        place.round(number)
        found = place.found
        tell(
            f"round {number}: {time.monotonic() - begin:.1f} s; so far {len(found.faults)} faults, "
            f"{found.accepted} records looked for, {found.killed} updates killed, {found.writing} of "
            "them while they wrote"
        )
    return place.found
