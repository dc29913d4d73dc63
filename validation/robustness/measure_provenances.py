"""Which code made a baseline, and whether it is that of the commits that its records name.

A record names a commit, whether the checkout had other changes, and a fingerprint of the code that
trains (`sparsebench.parts.code_digest`). Here each commit's own code is fingerprinted by itself. What
the fingerprint leaves out, such as criteria and measuring, is seen by `--again N`: so many records,
chosen at random from those that were made beside uncommitted changes (from all with `--any`), are
measured again from scratch, and must have the same bits.

    python -m validation.robustness.measure_provenances [baselines/thesis] [--commits N] [--again N]
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from random import Random

from sparsebench.harness.context import Bench
from sparsebench.harness.measuring import measure
from sparsebench.harness.registry import is_trained
from sparsebench.harness.trained_models import request
from sparsebench.judging.bits import difference
from sparsebench.parts.documents import read_baseline
from sparsebench.parts.records import Baseline, Provenance
from sparsebench.values.numerics import NUMERICS
from validation import ROOT
from validation.settings import thesis_settings

FINGERPRINT = "from sparsebench.parts.code_digest import code_digest; print(code_digest({!r}))"


def fingerprint_of(commit: str, device: str) -> str | None:
    """The fingerprint of the code that trains in a commit, by that commit's own code.

    Empty if that does not tell it; None if the commit is not in this checkout, as in one without
    history.
    """
    packed = subprocess.run(
        ["git", "archive", commit, "sparsebench"], cwd=ROOT, capture_output=True, check=False
    )
    if packed.returncode:
        return None
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as files:
            files.extractall(folder, filter="data")
        done = subprocess.run(
            [sys.executable, "-c", FINGERPRINT.format(device)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": folder},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    return done.stdout.strip() if done.returncode == 0 else ""


def made_by(baseline: Baseline) -> dict[tuple[str, str], Counter[Provenance]]:
    """By commit and device: how many records each provenance has."""
    found: dict[tuple[str, str], Counter[Provenance]] = defaultdict(Counter)
    for record in baseline.records:
        where = baseline.provenances[record.provenance]
        found[where.commit.id, where.device][where] += 1
    return found


def verdict(codes: set[str], own: str | None, known: Mapping[str, str]) -> str:
    """Whether the fingerprints that records name are the commit's.

    Parameters
    ----------
    codes
        The fingerprints of a commit's records.
    own
        Its own; empty if it does not tell it, None if it is not in this checkout.
    known
        Fingerprints of the other commits, with one commit for each.
    """
    if own:
        return "yes" if codes == {own} else "no"
    why = "not in this checkout" if own is None else "its code has no fingerprint of today's kind"
    alike = [known[code][:9] for code in codes if code in known]
    return f"{why}; the same code as {alike[0]}" if len(alike) == len(codes) == 1 else why


def measured_again(baseline: Baseline, count: int, anything: bool, seed: int) -> int:
    """Measure some records again from scratch; how many came out otherwise."""
    chosen = [
        record
        for record in baseline.records
        if record.numerics == NUMERICS
        and (anything or baseline.provenances[record.provenance].commit.dirty)
        and is_trained(record.restored)
    ]
    chosen.sort(key=lambda each: each.digest)
    chosen = Random(seed).sample(chosen, min(count, len(chosen)))
    others = 0
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(thesis_settings(Path(folder)), ROOT, lambda message: None)
        request([record.restored for record in chosen], bench)
        for number, was in enumerate(chosen, 1):
            begin = time.perf_counter()
            found = difference(was, measure(was.restored, bench))
            others += bool(found)
            seconds = time.perf_counter() - begin
            told = f"{number} of {len(chosen)}, {was.experiment} {was.digest[:8]}, {seconds:.1f} s"
            print(f"{told}: {found or 'the same bits'}", flush=True)
    print(f"{len(chosen)} records measured again, {others} with other bits")
    return others


def main() -> int:
    """Print a table; return 1 if other code than a commit's made records that name it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("baseline", nargs="?", type=Path, default=ROOT / "baselines" / "thesis")
    parser.add_argument("--commits", type=int, help="look at the largest ones only")
    parser.add_argument("--again", type=int, default=0, help="records to measure again")
    parser.add_argument("--any", action="store_true", help="of all, not only of uncommitted code")
    parser.add_argument("--seed", type=int, default=0, help="of the choice")
    chosen = parser.parse_args()
    baseline = read_baseline(chosen.baseline)
    largest = sorted(made_by(baseline).items(), key=lambda each: -each[1].total())
    largest = largest[: chosen.commits]
    own = {each: fingerprint_of(*each) for each, _ in largest}
    known = {code: commit for (commit, _), code in own.items() if code}
    print(
        "| commit | records | of these beside uncommitted changes | the code that trains is its own |"
    )
    print("|---|---:|---:|---|")
    others = 0
    for (commit, device), counts in largest:
        changed = sum(count for where, count in counts.items() if where.commit.dirty)
        codes = {where.code for where in counts}
        same = verdict(codes, own[commit, device], known)
        others += same == "no"
        print(f"| {commit[:9]} | {counts.total():,} | {changed:,} | {same} |", flush=True)
    if chosen.again:
        others += measured_again(baseline, chosen.again, chosen.any, chosen.seed)
    return int(others > 0)


if __name__ == "__main__":
    sys.exit(main())
