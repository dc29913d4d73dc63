"""Compiling what a run will need beside what it needs first."""

from __future__ import annotations

import subprocess

from sparsebench.harness.context import Bench


def compile_ahead(bench: Bench) -> subprocess.Popen[bytes] | None:
    """Begin to compile the loops that the wanted networks are trained with, the last ones first.

    The first is left to this process, which needs it now, and goes on from there: the two meet in the
    middle.

    Returns
    -------
    subprocess.Popen, or None
        To be stopped when the run ends; None if this process has one core, or nothing is to be
        compiled.
    """
    settings = bench.settings
    if settings.device != "cpu" or settings.scheduler or settings.threads < 2:
        return None
    wanted = dict.fromkeys((case.variant, case.training.batch_size) for case in bench.wanted.cases)
    if len(wanted) < 2:
        return None
    from sparsebench.engines.fused.ahead import start

    _, *others = wanted
    return start(reversed(others))
