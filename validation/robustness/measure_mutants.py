"""Break the code, and check that the gate fails (docs/design/gate-measured.md).

Puts one small bug at a time (`mutants.py`, and the files that it names) into a copy of the project,
runs the default benchmarks there until the first failure, and prints which item failed. Unchanged
code comes first and must pass.

    python -m validation.robustness.measure_mutants [--processor haswell] [--jobs 2] [--rows FILE]
        [--page PAGE] [--foreign] [--check] [--first FILE] [NAME ...]

`--processor` compiles the loops for another processor than the one that made the baseline. `--rows`
saves the results to a file: an interrupted run continues from it, if the commit is the same, and
starts each bug with the benchmark file that detected it before. `--page` puts the table into a
page. `--foreign` removes from the copy's baseline by which arithmetic its networks were trained, as
for a run on a GPU: there, different bits alone are no failure. `--check` only checks that every bug
can still be put in. `--first wired` starts with that file: it saves time if one knows which item
detects the bug, and does not affect the verdict.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue

from validation import ROOT
from validation.robustness.mutant import Mutant
from validation.robustness.mutants import MUTANTS

COPIED = ("sparsebench", "benchmarks", "baselines", "conftest.py", "pyproject.toml")

FILES = (
    "base", "gate", "correlation", "pruning", "wired", "finetuning", "wired_pruning", "letters",
    "functions", "capacity", "optimisers", "iterative_pruning", "methods", "speed",
)  # fmt: skip
"""The benchmarks, those likely to fail soon first; the others compare nothing with a baseline.
Forward times are left out: `measure_times.py` measures them."""


def copy_project(folder: Path, foreign: bool) -> None:
    """Copy what a run needs, with the files' times, so that compiled loops stay valid."""
    for part in COPIED:
        source = ROOT / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / part, ignore=ignored)
        else:
            shutil.copy2(source, folder / part)
    if foreign:
        for path in (folder / "baselines" / "thesis").iterdir():
            opened = gzip.open if path.suffix == ".gz" else open
            with opened(path, "rb") as file:
                content = file.read()
            with opened(path, "wb") as file:
                file.write(re.sub(rb'"numerics":"[^"]*"', b'"numerics":""', content))


def put_in(mutant: Mutant, folder: Path) -> None:
    """Put a bug into the copy."""
    path = folder / mutant.file
    text = path.read_text(encoding="utf-8")
    if mutant.old and text.count(mutant.old) != 1:
        raise SystemExit(
            f"{mutant.name}: {mutant.old!r} stands {text.count(mutant.old)} times in {mutant.file}, "
            "not once"
        )
    if mutant.old:
        path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")


@dataclass(frozen=True)
class Row:
    """The result for one bug."""

    name: str
    green: bool
    seconds: float
    summary: str
    commit: str
    processor: str

    @property
    def text(self) -> str:
        """A row of the table."""
        verdict = "green" if self.green else "red"
        return f"| {self.name} | {verdict} | {self.seconds:.0f} s | {self.summary} |"

    @property
    def wrong(self) -> bool:
        """Whether the gate missed the bug, or failed on unchanged code."""
        return self.green != (self.name == "unchanged")

    @property
    def seen_by(self) -> str:
        """The benchmark file of the first failed item; empty if none failed."""
        found = re.search(r"test_(\w+)\.py::", self.summary)
        return found[1] if found else ""


def run(mutant: Mutant, work: Path, chosen: argparse.Namespace, first: str) -> tuple[bool, str]:
    """Whether the benchmarks pass with a change, and the end of pytest's output."""
    folder = work / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    copy_project(folder, chosen.foreign)
    put_in(mutant, folder)
    files = sorted(FILES, key=lambda name: name != first)
    command = [sys.executable, "-m", "pytest", *(f"benchmarks/test_{name}.py" for name in files)]
    command += ["-x", "-q", "-rfE", "--benchmark-disable", "--tb=no", "-p", "no:cacheprovider"]
    with tempfile.TemporaryDirectory(dir=work) as store:
        command.append(f"--sparsebench-store={store}")
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(work / "numba"), "PYTHONPATH": "."}
        if chosen.processor:
            environment |= {"NUMBA_CPU_NAME": chosen.processor, "NUMBA_CPU_FEATURES": ""}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
        )
    lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    last = [*(done.stdout or done.stderr).strip().splitlines(), "nothing was said"]
    summary = lines[0] if lines else last[-2]
    return done.returncode == 0, summary.replace("benchmarks/", "").split(" - ")[0]


def known_rows(path: Path | None) -> dict[str, Row]:
    """The results of an earlier run, by bug."""
    if path is None or not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {row.name: row for row in (Row(**json.loads(line)) for line in lines)}


def table(rows: Sequence[Row]) -> str:
    """All rows, and their totals."""
    red = sum(not row.green for row in rows if row.name != "unchanged")
    bugs = sum(row.name != "unchanged" for row in rows)
    where = ", ".join(sorted({f"code for {row.processor or 'the host'}" for row in rows}))
    commits = ", ".join(sorted({row.commit for row in rows}))
    return "\n".join(
        [
            f"{red} of {bugs} bugs turned the gate red; {where}; commit {commits}:",
            "",
            "| change | gate | until the first red item | first red item |",
            "|---|---|---|---|",
            *(row.text for row in rows),
        ]
    )


def put_into(page: Path, text: str) -> None:
    """Replace the text between the page's comments."""
    whole = page.read_text(encoding="utf-8")
    before, begin, rest = whole.partition(BEGIN)
    _, end, after = rest.partition(END)
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


BEGIN, END = "<!-- the table of mutants -->", "<!-- end of the table -->"


def main() -> None:
    """Run the mutants named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="bugs; all by default")
    parser.add_argument("--foreign", action="store_true", help="a baseline by another engine")
    parser.add_argument("--first", choices=FILES, help="the file to begin with")
    parser.add_argument("--check", action="store_true", help="only look whether they can be put in")
    parser.add_argument(
        "--processor", default="", help="what loops are compiled for, such as haswell"
    )
    parser.add_argument("--jobs", type=int, default=1, help="bugs that are tried at a time")
    parser.add_argument("--rows", type=Path, metavar="FILE", help="keep what was found there")
    parser.add_argument("--page", type=Path, help="put the table into this page")
    chosen = parser.parse_args()
    names = chosen.names or list(MUTANTS)
    with tempfile.TemporaryDirectory() as work:
        if chosen.check:
            for name in names:
                copy_project(Path(work) / "checked", foreign=False)
                put_in(MUTANTS[name], Path(work) / "checked")
                shutil.rmtree(Path(work) / "checked")
            rows = []
        else:
            rows = measured(names, Path(work), chosen)
    if chosen.page:
        put_into(chosen.page, table(rows))
    wrong = [row.name for row in rows if row.wrong]
    print(f"{len(wrong)} of {len(names)} are not as they should be")
    raise SystemExit(f"wrong: {', '.join(wrong)}" if wrong else 0)


def measured(names: Sequence[str], work: Path, chosen: argparse.Namespace) -> list[Row]:
    """The rows of the bugs, in order; known ones are not repeated."""
    commit = git_commit(ROOT)
    found = known_rows(chosen.rows)
    folders: SimpleQueue[Path] = SimpleQueue()
    for number in range(chosen.jobs):
        folders.put(work / f"job-{number}")
        (work / f"job-{number}").mkdir()

    def row(name: str) -> Row:
        before = found.get(name)
        if before and (before.commit, before.processor) == (commit, chosen.processor):
            return before
        first = chosen.first or (before.seen_by if before else "") or FILES[0]
        folder = folders.get()
        begin = time.perf_counter()
        green, summary = run(MUTANTS[name], folder, chosen, first)
        seconds = time.perf_counter() - begin
        folders.put(folder)
        made = Row(name, green, seconds, summary, commit, chosen.processor)
        print(made.text, flush=True)
        if chosen.rows:
            with chosen.rows.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(made)) + "\n")
        return made

    with ThreadPoolExecutor(chosen.jobs) as pool:
        return list(pool.map(row, names))


def git_commit(folder: Path) -> str:
    """The commit of a checkout, with a plus if it has changes."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(folder), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    return git("rev-parse", "--short", "HEAD") + "+" * bool(git("status", "--porcelain"))


if __name__ == "__main__":
    main()
