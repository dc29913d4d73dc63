"""The cost of the installed plugin for a test suite that does not use it.

Runs pytest with and without the plugin, interleaved, and prints the medians.

    python -m validation.performance.measure_startup [--rounds 15]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from validation import ROOT

WITHOUT = ["-p", "no:sparsebench"]


def seconds(arguments: list[str], folder: Path) -> float:
    """Seconds of one pytest process."""
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "pytest", *arguments], cwd=folder, capture_output=True, check=True
    )
    return time.perf_counter() - begin


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "test_one.py").write_text("def test_one(): pass\n", encoding="utf-8")
        for arguments in (["--version"], ["--version", "--version"], ["-q"]):
            pairs = [
                (seconds(arguments, Path(name)), seconds([*arguments, *WITHOUT], Path(name)))
                for _ in range(rounds)
            ]
            with_plugin, without = (1000 * median(column) for column in zip(*pairs, strict=True))
            print(
                f"pytest {' '.join(arguments):20} {with_plugin:6.0f} ms with the plugin, "
                f"{without:6.0f} ms without: {with_plugin - without:+.0f} ms"
            )
    collecting = [seconds(["benchmarks", "--collect-only", "-q"], ROOT) for _ in range(3)]
    print(f"pytest benchmarks --collect-only -q: {median(collecting):.2f} s")


if __name__ == "__main__":
    main()
