"""Compile the loops that a run will need later, in a second process."""

from __future__ import annotations

import subprocess

from sparsebench.harness.context import Bench


def compile_ahead(bench: Bench) -> subprocess.Popen[bytes] | None:
    """Start to compile the loops that train the requested networks, the last ones first.

    The first loop is left to this process, which needs it now and continues from there; the two
    meet in the middle.

    Returns
    -------
    subprocess.Popen, or None
        To be stopped when the run ends; None if this process has one core, or there is nothing to
        compile.
    """
    settings = bench.settings
    if settings.device != "cpu" or settings.scheduler or settings.threads < 2:
        return None
    loops = dict.fromkeys(
        (case.variant, case.training.batch_size) for case in bench.requested.cases
    )
    if len(loops) < 2:
        return None
    from sparsebench.engines.fused.ahead import start

    _, *others = loops
    return start(reversed(others))
