"""How often the gate fails on unchanged code that trains with other seeds.

Its figures are in docs/design/gate-measured.md.

    python -m validation.statistics.measure_false_alarms [--runs 20] [--first 1000] [--step 8]

Runs the benchmarks in their default profile repeatedly, each time with seeds that the baseline does
not have: other graphs, other initial weights, other orders of strings. Times are not measured here
(`measure_times.py`), nor is anything that does not depend on those seeds: stored models, pruned or
not, and analyses of stored networks are identical in each run, and would only lower the rate.
Arguments after `--` are passed to pytest.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from sparsebench.parts.documents import read_document
from sparsebench.parts.records import Result
from validation import ROOT

SEEDED = ("test_wired.py", "test_wired_pruning.py", "test_finetuning.py")
"""The benchmarks that train networks."""


def run(first: int, folder: Path, store: Path, options: list[str]) -> Result:
    """The result file of one run."""
    path = folder / f"from-{first}.json"
    if not path.exists():
        command = [sys.executable, "-m", "pytest", *(f"benchmarks/{name}" for name in SEEDED)]
        command += ["-q", "--benchmark-disable", *options]
        command += ["-p", "no:cacheprovider", f"--sparsebench-first-seed={first}"]
        command += [f"--sparsebench-json={path}", f"--sparsebench-store={store}"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
        if done.returncode not in (0, 1):
            raise SystemExit(done.stdout + done.stderr)
    document = read_document(path)
    assert isinstance(document, Result)
    return document


def main() -> None:
    """Print the failures of each run, and the rate over all runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="how many")
    parser.add_argument("--first", type=int, default=1000, help="the first run's first seed")
    parser.add_argument(
        "--step", type=int, default=8, help="from one run's first seed to the next's"
    )
    parser.add_argument("--json", type=Path, help="keep result files here, and go on from them")
    parser.add_argument("options", nargs="*", help="of pytest, after --")
    chosen = parser.parse_args()
    totals: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.json or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(chosen.runs):
            first, begin = chosen.first + number * chosen.step, time.perf_counter()
            result = run(first, folder.resolve(), Path(temporary) / "models", chosen.options)
            outcomes = Counter(item.outcome for item in result.items)
            verdicts = Counter(
                f"baseline {verdict.verdict}"
                for verdict in result.verdicts
                if verdict.kind == "baseline"
            )
            totals += outcomes + verdicts
            seconds = time.perf_counter() - begin
            print(
                f"seeds from {first}: {dict(outcomes)}, {dict(verdicts)}, {seconds:.0f} s",
                flush=True,
            )
            for verdict in result.verdicts:
                if verdict.kind == "baseline" and verdict.verdict == "fail":
                    print(f"  {verdict.item}: {verdict.reason}", flush=True)
    items = sum(count for outcome, count in totals.items() if not outcome.startswith("baseline"))
    failed = totals["failed"] + totals["error"]
    print(
        f"{failed} of {items} items failed in {chosen.runs} runs: {1000 * failed / items:.2f} in 1,000"
    )
    print(dict(totals))


if __name__ == "__main__":
    main()
