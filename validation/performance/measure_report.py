"""Time, size and memory of the report of a full run.

Builds it in separate processes, as a user would; by default from the shipped baseline.

    python -m validation.performance.measure_report [FILE] [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from validation import ROOT

BASELINE = ROOT / "baselines" / "thesis"
COMMAND = "import sys; from sparsebench.shell.command import main; sys.exit(main())"


def build(file: Path, folder: Path) -> tuple[float, float]:
    """Build the report of a file; return seconds, and the process's peak resident memory in MB."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "report", str(file), "-o", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit("the report could not be built")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("file", nargs="?", type=Path, default=BASELINE, metavar="FILE")
    chosen = parser.parse_args()
    rounds = chosen.rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = [build(chosen.file.resolve(), folder) for _ in range(rounds)]
        seconds, memory = (median(column) for column in zip(*found, strict=True))
        page = (folder / "index.html").stat().st_size
        files = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    print(f"seconds      {seconds:6.1f} (median of {rounds})")
    print(f"index.html   {page / 2**20:6.2f} MB")
    print(f"all files    {sum(files) / 2**20:6.2f} MB in {len(files)} files")
    print(f"peak memory  {memory:6.0f} MB")


if __name__ == "__main__":
    main()
