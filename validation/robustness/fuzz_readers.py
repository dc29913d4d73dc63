"""Feed hostile files to every reader of foreign files (docs/reference/untrusted.md).

    python -m validation.robustness.fuzz_readers [--reader NAME] [--inputs 100000] [--seed 0]

Each input (`hostile_files.py`, `hostile_pickles.py`) must be read, or refused with the error that
the reader documents. Anything else is a finding, and saved to a file: another error, an error that
does not name the file or is as long as a page, more than five seconds or a gigabyte, access to a
file outside the folder, compiled, executed or imported code, a process or a socket. Exits with 1 if
there are findings.
"""

from __future__ import annotations

import argparse
import codecs
import math
import signal
import tempfile
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from sparsebench.values.identity import restore
from validation.robustness.readers import READERS, accepted
from validation.robustness.watch import Forbidden, Overdue, Watch, limit_memory, overdue

MOST_FINDINGS = 20
"""Findings after which a reader has failed and its remaining inputs are skipped."""

WARMING = 50
"""Warm-up inputs, which do not count: lazy imports may happen in them."""

SEEDS = 100
"""Files that Hypothesis draws per reader."""


@dataclass
class Count:
    """Counts for the inputs of one reader."""

    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    findings: list[str] = field(default_factory=list)
    slowest: float = 0.0
    largest: int = 0


def fuzz(name: str, inputs: int, start: int, watch: Watch, folder: Path, findings: Path) -> Count:
    """Feed one reader, and save its findings."""
    reader, count = READERS[name], Count()
    make, path = reader.make(SEEDS), folder / reader.file
    codecs.lookup("raw_unicode_escape")  # opcodes are decoded with it before they are refused
    with suppress(ValueError):  # the first unknown kind loads all experiments, later ones none
        restore({"kind": "unknown"})
    for number in range(-WARMING, inputs):  # the warm-up does all lazy imports
        random = Random(f"{name} {start} {number}")
        content = make(random)
        path.write_bytes(content)
        begin = time.process_time()
        good = None
        try:
            with watch.watching(imports=number < 0):
                good = accepted(reader, path)
        except (Exception, Forbidden, Overdue) as error:
            kept = findings / f"{name.replace(' ', '-')}-{start}-{number}"
            kept.mkdir(parents=True, exist_ok=True)
            (kept / reader.file).write_bytes(content)
            told = "".join(traceback.format_exception(error, limit=-4))[-3000:]
            (kept / "error.txt").write_text(told, encoding="utf-8", errors="backslashreplace")
            count.findings.append(f"{kept}: {type(error).__name__}: {str(error)[:200]}")
            print(count.findings[-1], flush=True)
        seconds = time.process_time() - begin
        if number >= 0:
            count.inputs += 1
            count.accepted += good is True
            count.refused += good is False
            count.slowest = max(count.slowest, seconds)
            count.largest = max(count.largest, len(content))
        if len(count.findings) == MOST_FINDINGS:
            break
    return count


def main() -> None:
    """Fuzz the chosen readers and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", choices=READERS, action="append", help="only this one (again)")
    parser.add_argument("--inputs", type=int, default=100_000, help="for each reader")
    parser.add_argument("--seed", type=int, default=0, help="other inputs")
    parser.add_argument("--findings", type=Path, default=Path("results/findings"), metavar="DIR")
    chosen = parser.parse_args()
    signal.signal(signal.SIGPROF, overdue)
    failed = False
    print(
        "| reader | inputs | accepted | refused | findings | seconds | slowest, ms | largest, kB |"
    )
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        watch = Watch(Path(name))
        limit_memory()
        for reader in chosen.reader or READERS:
            begin = time.perf_counter()
            found = fuzz(reader, chosen.inputs, chosen.seed, watch, Path(name), chosen.findings)
            seconds = time.perf_counter() - begin
            failed |= bool(found.findings)
            print(
                f"| {reader} | {found.inputs:,} | {found.accepted:,} | {found.refused:,} "
                f"| {len(found.findings)} | {seconds:.0f} | {1000 * found.slowest:.0f} "
                f"| {math.ceil(found.largest / 1000)} |",
                flush=True,
            )
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
