"""Break the code and see the gate fail (docs/design/gate-measured.md).

Puts one small bug at a time (`mutants.py`, and files that it names) into a copy of the project, runs
the default benchmarks there until the first failure, and says which item turned red. Unchanged code
comes first and must stay green.

    python -m validation.robustness.measure_mutants [--foreign] [--check] [--first FILE] [NAME ...]

`--foreign` makes the copy's baseline forget by which arithmetic its networks were trained, as a run on
a GPU would find it: other bits alone are no failure there. `--check`
only looks whether every bug can still be put in. `--first wired` begins with that file: it saves time
where one knows which item sees the bug, and changes nothing about the verdict.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from validation import ROOT
from validation.robustness.mutant import Mutant
from validation.robustness.mutants import MUTANTS

COPIED = ("sparsebench", "benchmarks", "baselines", "conftest.py", "pyproject.toml")

FILES = (
    "base", "gate", "correlation", "pruning", "wired", "finetuning", "wired_pruning", "letters",
    "functions", "capacity", "optimisers", "iterative_pruning", "speed",
)  # fmt: skip
"""The benchmarks in the order in which they are likely to fail soon; the others compare nothing with a
baseline. Forward times are left out: they are measured by `measure_times.py`."""


def copy_project(folder: Path, foreign: bool) -> None:
    """Copy what a run needs, with the files' times, so that what was compiled is not compiled again."""
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
    """Change the copy."""
    path = folder / mutant.file
    text = path.read_text(encoding="utf-8")
    if mutant.old and text.count(mutant.old) != 1:
        raise SystemExit(
            f"{mutant.name}: {mutant.old!r} stands {text.count(mutant.old)} times in {mutant.file}, "
            "not once"
        )
    if mutant.old:
        path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")


def run(mutant: Mutant, work: Path, foreign: bool, first: str) -> tuple[bool, str]:
    """Whether the benchmarks stay green with a change, and what pytest says in its last lines."""
    folder = work / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    copy_project(folder, foreign)
    put_in(mutant, folder)
    files = sorted(FILES, key=lambda name: name != first)
    command = [sys.executable, "-m", "pytest", *(f"benchmarks/test_{name}.py" for name in files)]
    command += ["-x", "-q", "-rfE", "--benchmark-disable", "--tb=no", "-p", "no:cacheprovider"]
    with tempfile.TemporaryDirectory(dir=work) as store:
        command.append(f"--sparsebench-store={store}")
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(work / "numba"), "PYTHONPATH": "."}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
        )
    lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    last = [*(done.stdout or done.stderr).strip().splitlines(), "nothing was said"]
    summary = lines[0] if lines else last[-2]
    return done.returncode == 0, summary.replace("benchmarks/", "")


def main() -> None:
    """Run the mutants named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="bugs; all by default")
    parser.add_argument("--foreign", action="store_true", help="a baseline by another engine")
    parser.add_argument("--first", choices=FILES, default=FILES[0], help="the file to begin with")
    parser.add_argument("--check", action="store_true", help="only look whether they can be put in")
    chosen = parser.parse_args()
    wrong = []
    with tempfile.TemporaryDirectory() as work:
        for name in chosen.names or MUTANTS:
            if chosen.check:
                copy_project(Path(work) / "checked", foreign=False)
                put_in(MUTANTS[name], Path(work) / "checked")
                shutil.rmtree(Path(work) / "checked")
                continue
            begin = time.perf_counter()
            green, summary = run(MUTANTS[name], Path(work), chosen.foreign, chosen.first)
            seconds = time.perf_counter() - begin
            verdict = "green" if green else "red"
            print(f"| {name} | {verdict} | {seconds:.0f} s | {summary} |", flush=True)
            if green != (name == "unchanged"):
                wrong.append(name)
    print(f"{len(wrong)} of {len(chosen.names or MUTANTS)} are not as they should be")
    raise SystemExit(f"wrong: {', '.join(wrong)}" if wrong else 0)


if __name__ == "__main__":
    main()
