"""What a run loses when it is killed, shares its store, or finds it damaged.

Its figures are in docs/guide/long-runs.md.

    python -m validation.robustness.measure_faults [--moments 20] [--only NAME...]
    python -m validation.robustness.measure_faults --only baselines [--rounds 100] [--first N]

Runs a small project of twelve wired networks (four of them pruned and fine-tuned), two base models
and six prunings of these, once undisturbed, then repeatedly with one fault each. After every fault
the run is started again and must end with the undisturbed run's records, bit for bit, without
repeating a cached training. Kills are SIGKILL to the whole process group at random moments.
`baselines` are rounds of updates and runs that share a baseline (`baseline_rounds.py`).
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from sparsebench.parts.documents import read_document
from validation.robustness.baseline_rounds import run_rounds

PROJECT = """
from dataclasses import dataclass

import pytest

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.values.case import BaseCase
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.protocol import Architecture, ReberStrings, Training
from sparsebench.values.semantics import SEMANTICS

DATA = ReberStrings(600, 600, 200, 200)


@dataclass(frozen=True)
class BenchmarkItem:
    what: str
    number: int
    semantics: str = "published"

    @property
    def id(self):
        return f"{self.what}-{self.number}"

    def cases(self, seeds):
        semantics = SEMANTICS[self.semantics]
        if self.what == "pruned":
            shape = Architecture("gru", layers=1, hidden_size=12)
            training = Training(epochs=4)
            bases = [BaseCase(shape, seed, semantics, training, DATA) for seed in (0, 1)]
            return [PruningCase(base, "both", 30 * self.number) for base in bases]
        spec = GraphSpec("watts_strogatz", self.number, 20)
        training = Training(epochs=8, batch_size=128)
        wired = WiredCase("lstm", spec, self.number, semantics, training, DATA)
        if self.what == "wired":
            return [wired]
        return [FinetuningCase(wired, "both", 50, training=training)]


ITEMS = [BenchmarkItem("wired", number) for number in range(12)]
ITEMS += [BenchmarkItem("retrained", number) for number in range(4)]
ITEMS += [BenchmarkItem("pruned", number) for number in (1, 2, 3)]


@pytest.mark.sparsebench(ITEMS)
def test_faults(item, sparsebench):
    measured = sparsebench.measure(item)
    sparsebench.judge(measured)
"""

JUMPING = """
import random
import time

_time, _random = time.time, random.Random(0)
time.time = lambda: _time() + _random.uniform(-1e7, 1e7)
"""


class Project:
    """A folder with the small project, run by separate pytest processes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store = folder, folder / "store"
        folder.mkdir(parents=True)
        (folder / "test_faults.py").write_text(PROJECT, encoding="utf-8")
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")

    def start(self, *arguments: str, store: Path | None = None, name: str = "result") -> Process:
        """Start a run."""
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += [f"--sparsebench-store={store or self.store}"]
        command += [f"--sparsebench-json={self.folder / name}.json", "--benchmark-disable"]
        with (self.folder / "log").open("wb") as log:
            return subprocess.Popen(
                [*command, *arguments],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def run(self, *arguments: str, **others: str | Path) -> str:
        """Run to the end; return the output."""
        self.start(*arguments, **others).wait()  # type: ignore[arg-type]
        return (self.folder / "log").read_text(encoding="utf-8")

    def records(self, name: str = "result") -> bytes:
        """The last run's records, without provenance."""
        records = read_document(self.folder / f"{name}.json").records
        plain = [
            msgspec.structs.replace(record, provenance="", trained="")
            for record in sorted(records, key=lambda record: record.digest)
        ]
        return msgspec.json.encode(plain)

    def kept(self) -> dict[Path, int]:
        """The undamaged entries of the store, with the time at which each was written."""
        return {
            path: path.stat().st_mtime_ns
            for path in self.store.glob("*/*.json")
            if not path.name.startswith(".")
        }


Process = subprocess.Popen[bytes]


def kill(process: Process) -> None:
    """SIGKILL a run and all processes that it started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Faults:
    """Every fault, each in a fresh copy of the project."""

    def __init__(self, folder: Path, moments: int) -> None:
        self._folder, self._moments = folder, moments
        self._random, self._number = random.Random(0), 0
        sound = self.project()
        sound.run()  # compiles the loops
        shutil.rmtree(sound.store)
        begin = time.perf_counter()
        print(sound.run().strip().splitlines()[-1], flush=True)
        self.seconds, self.expected, self.sound = (
            time.perf_counter() - begin,
            sound.records(),
            sound,
        )

    def project(self) -> Project:
        """A fresh project."""
        self._number += 1
        return Project(self._folder / str(self._number))

    def killed(self, *arguments: str) -> tuple[int, int]:
        """Kill runs at random moments, and restart them."""
        good = 0
        for _ in range(self._moments):
            project = self.project()
            process = project.start(*arguments)
            time.sleep(self._random.uniform(0.1, 1.0) * self.seconds)
            kill(process)
            before = project.kept()
            project.run()
            after = project.kept()
            same = project.records() == self.expected
            good += same and all(after.get(path) == when for path, when in before.items())
        return good, self._moments

    def killed_worker(self) -> tuple[int, int]:
        """Kill one worker of xdist, which replaces it."""
        good, moments = 0, max(1, self._moments // 5)
        for _ in range(moments):
            project = self.project()
            process = project.start("-n", "2")
            time.sleep(self._random.uniform(0.5, 1.0) * self.seconds)
            children = subprocess.run(
                ["pgrep", "-P", str(process.pid)],
                capture_output=True,
                encoding="utf-8",
                check=False,
            ).stdout.split()
            if children:
                os.kill(int(children[0]), signal.SIGKILL)
            process.wait()
            project.run()
            good += project.records() == self.expected
        return good, moments

    def two_at_once(self) -> tuple[int, int]:
        """Two runs share a store: each network must be trained once."""
        project = self.project()
        both = [project.start(name=name) for name in ("one", "other")]
        for process in both:
            process.wait()
        good = sum(project.records(name) == self.expected for name in ("one", "other"))
        return good, 2

    def in_parallel(self) -> tuple[int, int]:
        """Run under xdist: the records must be equal."""
        project = self.project()
        project.run("-n", "2", "--dist", "loadgroup")
        return int(project.records() == self.expected), 1

    def damaged(self) -> tuple[int, int]:
        """Entries are truncated, get a bit flipped, or are stored under another's name."""
        good, ways = 0, ("cut", "flipped", "foreign")
        for way in ways:
            project = self.project()
            shutil.copytree(self.sound.store, project.store)
            files = sorted(
                path
                for path in project.store.glob("*/*")
                if path.suffix in (".json", ".safetensors")
            )
            chosen = self._random.sample(files, 6)
            contents = [path.read_bytes() for path in chosen]
            for number, path in enumerate(chosen):
                content = bytearray(contents[number])
                if way == "cut":
                    content = content[: self._random.randrange(len(content))]
                elif way == "flipped":
                    content[self._random.randrange(len(content))] ^= 1 << self._random.randrange(8)
                else:
                    others = [each for each in files if each.suffix == path.suffix and each != path]
                    content = bytearray(self._random.choice(others).read_bytes())
                path.write_bytes(content)
            output = project.run()
            aside = list(project.store.glob("*/damaged/*"))
            good += project.records() == self.expected and "DamagedEntry" in output and bool(aside)
        return good, len(ways)

    def jumping_clock(self) -> tuple[int, int]:
        """The system's time jumps by months at every call."""
        project = self.project()
        (project.folder / "conftest.py").write_text(JUMPING, encoding="utf-8")
        project.run()
        return int(project.records() == self.expected), 1

    def full_disk(self) -> tuple[int, int]:
        """The store is on a disk of 100 kB, which is enlarged afterwards."""
        project = self.project()
        with mounted(project.folder / "disk", "size=100k") as disk:
            if disk is None:
                return 0, 0
            output = project.run(store=disk / "store")
            said = "cannot be cached" in output and "--sparsebench-store" in output
            subprocess.run(["mount", "-o", "remount,size=100m", str(disk)], check=True)
            project.run(store=disk / "store")
            return int(said and project.records() == self.expected), 1

    def read_only(self) -> tuple[int, int]:
        """The store is read-only: its entries are used, and the run warns that it cannot write."""
        project = self.project()
        with mounted(project.folder / "disk", "size=100m") as disk:
            if disk is None:
                return 0, 0
            shutil.copytree(self.sound.store, disk / "store")
            gone = next((disk / "store").glob("*/*.safetensors"))
            gone.unlink()
            subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
            output = project.run(store=disk / "store")
            said = "cannot be cached" in output and "--sparsebench-store" in output
            subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
            project.run(store=disk / "store")
            return int(said and project.records() == self.expected), 1


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path | None]:
    """A separate disk in memory; None if this user may not mount one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        made = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        made = False
    try:
        yield folder if made else None
    finally:
        if made:
            subprocess.run(["umount", str(folder)], check=False)


def rounds_of_baselines(folder: Path, chosen: argparse.Namespace) -> int:
    """Print the results of rounds with a shared baseline; return the number of faults."""
    begin = time.perf_counter()
    found = run_rounds(folder, chosen.rounds, chosen.first, chosen.seed, print_now)
    for fault in found.faults:
        print(fault)
    print(
        f"baselines: {len(found.faults)} faults in {chosen.rounds} rounds; {found.accepted} records of "
        f"finished updates looked for, {found.refused} offered by items that failed, {found.killed} "
        f"updates killed, {found.writing} of them while they wrote, "
        f"{time.perf_counter() - begin:.0f} s",
        flush=True,
    )
    return len(found.faults)


def print_now(line: str) -> None:
    """Print a line without buffering, also into a file."""
    print(line, flush=True)


def main() -> None:
    """Print, for each fault, how many runs ended like the undisturbed one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=20, help="how often a run is killed")
    parser.add_argument("--only", nargs="*", help="names of faults")
    parser.add_argument("--rounds", type=int, default=100, help="how often a baseline is written")
    parser.add_argument("--first", type=int, default=0, help="the round to go on with")
    parser.add_argument("--seed", type=int, default=0, help="decides what happens in the rounds")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        bad = 0
        if not chosen.only or "baselines" in chosen.only:
            bad += rounds_of_baselines(Path(temporary) / "baselines", chosen)
        if chosen.only == ["baselines"]:
            raise SystemExit(1 if bad else 0)
        faults = Faults(Path(temporary), chosen.moments)
        every: dict[str, Callable[[], tuple[int, int]]] = {
            "killed": faults.killed,
            "killed under xdist": lambda: faults.killed("-n", "2"),
            "a worker of xdist killed": faults.killed_worker,
            "two at once": faults.two_at_once,
            "in parallel": faults.in_parallel,
            "damaged": faults.damaged,
            "a clock that jumps": faults.jumping_clock,
            "a full disk": faults.full_disk,
            "a disk that is read only": faults.read_only,
        }
        for name, fault in every.items():
            if not chosen.only or name in chosen.only:
                begin = time.perf_counter()
                good, runs = fault()
                bad += runs - good
                seconds = time.perf_counter() - begin
                told = f"{good} of {runs} as undisturbed" if runs else "not possible for this user"
                print(f"{name}: {told}, {seconds:.0f} s", flush=True)
    raise SystemExit(1 if bad else 0)


if __name__ == "__main__":
    main()
