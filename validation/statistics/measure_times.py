"""How often the gate on forward times fails, for unchanged code and for slower code.

Its figures are in docs/design/gate-measured.md.

    python -m validation.statistics.measure_times [--unchanged 50] [--slowed 10] [--percent 20]

Makes a baseline of times beside the stored models, then runs `pytest benchmarks/test_speed.py`
against it repeatedly, each time in a new process: unchanged, and with every sparse forward pass
slowed by a busy wait. Arguments after `--` are passed to pytest.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from sparsebench.parts.documents import read_document
from sparsebench.parts.records import Result
from validation import ROOT

SLOWED = '''
"""Makes every sparse forward pass take longer."""

import time

from sparsebench.engines import timing
from validation import ROOT

prepare = timing.sparse_forward_pass


def slowed(*arguments):
    run = prepare(*arguments)

    def run_and_wait():
        begin = time.thread_time()
        result = run()
        end = time.thread_time()
        while time.thread_time() - end < {share} * (end - begin):
            pass
        return result

    return timing.ForwardPass(run.engine, run_and_wait)


timing.sparse_forward_pass = slowed
'''


def run(folder: Path, *options: str) -> list[str]:
    """The items that fail in a run."""
    path = folder / "result.json"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "benchmarks/test_speed.py",
        "-q",
        "--benchmark-quiet",
    ]
    command += ["-p", "no:cacheprovider", f"--sparsebench-json={path}"]
    command.append("--sparsebench-judge-speed")
    command += [f"--sparsebench-{name}={folder / name}" for name in ("baselines", "store")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)])}
    done = subprocess.run(
        [*command, *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)
    document = read_document(path)
    assert isinstance(document, Result)
    verdicts = document.verdicts
    return [f"{each.item}: {each.reason}" for each in verdicts if each.verdict == "fail"]


def main() -> None:
    """Print the failures of each run, and how many runs had any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--unchanged", type=int, default=50, help="runs of unchanged code")
    parser.add_argument("--slowed", type=int, default=10, help="runs of slower code")
    parser.add_argument("--percent", type=int, default=20, help="how much slower")
    parser.add_argument("options", nargs="*", help="of pytest, after --")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "slowed.py").write_text(
            SLOWED.format(share=chosen.percent / 100), encoding="utf-8"
        )
        without_times = shutil.ignore_patterns("times")
        shutil.copytree(ROOT / "baselines", folder / "baselines", ignore=without_times)
        run(folder, "--sparsebench-update", *chosen.options)
        for kind, runs, options in (
            ("slowed", chosen.slowed, ("-p", "slowed")),
            ("unchanged", chosen.unchanged, ()),
        ):
            red = 0
            for number in range(1, runs + 1):
                failed = run(folder, *options, *chosen.options)
                red += bool(failed)
                print(
                    f"{kind} {number}: {len(failed)} items fail",
                    *failed,
                    sep="\n  ",
                    flush=True,
                )
            print(f"{kind}: {red} of {runs} runs are red", flush=True)


if __name__ == "__main__":
    main()
