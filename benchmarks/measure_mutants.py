"""Break the code and see the gate fail (docs/mutants.md).

Puts one small bug at a time into a copy of the project, runs the default benchmarks there until the
first failure, and says which item turned red. Unchanged code comes first and must stay green.

    python benchmarks/measure_mutants.py [NAME ...]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ("sparsebench", "benchmarks", "baselines", "conftest.py", "pyproject.toml")

MUTANTS = {
    "unchanged": ("sparsebench/__init__.py", "", ""),
    "prunes 10 points too much": (
        "sparsebench/experiments/pruning.py",
        "names, case.percent, case",
        "names, min(100, case.percent + 10), case",
    ),
    "masks not applied to one layer": (
        "sparsebench/values/masks.py",
        "result[name] = np.where",
        'if "layers.1." not in name: result[name] = np.where',
    ),
    "i2h and h2h swapped": (
        "sparsebench/parts/weights.py",
        "else (target,)",
        'else ({"i2h": "h2h", "h2h": "i2h"}[target],)',
    ),
    "reads out a step too early": (
        "sparsebench/engines/network.py",
        "self.readout(outputs[-1])",
        "self.readout(outputs[-2])",
    ),
    "trains without gradient": (
        "sparsebench/engines/training.py",
        "optimiser.step()",
        "optimiser.zero_grad()",
    ),
    "learning rate 5 % too high": (
        "sparsebench/engines/training.py",
        "case.training.learning_rate)",
        "1.05 * case.training.learning_rate)",
    ),
    "gradient not clipped": (
        "sparsebench/engines/training.py",
        "case.training.clip_norm)",
        "1e9)",
    ),
    "one layer of one target forgotten": (
        "sparsebench/parts/weights.py",
        "for block in layout.blocks]",
        'for block in layout.blocks[: len(layout.blocks) - (target == "h2h")]]',
    ),
    "largest weights go first": (
        "sparsebench/parts/pruning.py",
        "return np.abs(weights[name])",
        "return -np.abs(weights[name])",
    ),
    "evaluates with other batch mates": (
        "sparsebench/engines/evaluation.py",
        "starts = np.arange(0, len(lengths), batch_size)",
        "batch_size *= 2; starts = np.arange(0, len(lengths), batch_size)",
    ),
    "a default that moves digests": (
        "sparsebench/values/case.py",
        "steps: int = 100",
        "steps: int = 99",
    ),
    "strings drawn from another seed": (
        "sparsebench/parts/strings.py",
        'stream("reber", spec.seed, "valid")',
        'stream("reber", spec.seed + 1, "valid")',
    ),
}


def run(name: str, file: str, old: str, new: str) -> tuple[bool, str]:
    """Whether the benchmarks stay green with a change, and what pytest says in its last lines."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in COPIED:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / part)
        text = (copy / file).read_text(encoding="utf-8")
        if text.count(old) != 1 and old:
            raise SystemExit(f"{name}: {old!r} stands {text.count(old)} times in {file}, not once")
        (copy / file).write_text(text.replace(old, new) if old else text, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "benchmarks",
            "-x",
            "-q",
            "-rfE",
            "--benchmark-disable",
        ]
        command += ["--tb=no", "-p", "no:cacheprovider", f"--sparsebench-store={folder}/models"]
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
        lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        summary = lines[0] if lines else done.stdout.strip().splitlines()[-1]
        return done.returncode == 0, summary.replace("benchmarks/", "")


def main() -> None:
    """Run the mutants named on the command line, or all."""
    survived = []
    for name in sys.argv[1:] or MUTANTS:
        begin = time.perf_counter()
        green, summary = run(name, *MUTANTS[name])
        seconds = time.perf_counter() - begin
        print(
            f"| {name} | {'green' if green else 'red'} | {seconds:.0f} s | {summary} |", flush=True
        )
        if green != (name == "unchanged"):
            survived.append(name)
    raise SystemExit(f"wrong: {', '.join(survived)}" if survived else 0)


if __name__ == "__main__":
    main()
