"""Compile the loops that a run will need later, in a second process."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from sparsebench.harness.context import Bench
from sparsebench.harness.registry import network_kind_of
from sparsebench.values.case import TrainedCase

if TYPE_CHECKING:
    from sparsebench.engines.fused.ahead import Loop


def compile_ahead(bench: Bench) -> subprocess.Popen[bytes] | None:
    """Start to compile the loops that the requested networks need, from the middle on.

    The first loop is left to this process, which needs it now and goes on from there. If what follows
    the middle is compiled sooner, the other process turns to what lies before it, the last one first.

    Returns
    -------
    subprocess.Popen, or None
        To be stopped when the run ends; None if this process has one core, or there is nothing to
        compile.
    """
    settings = bench.settings
    if settings.device != "cpu" or settings.scheduler or settings.threads < 2:
        return None
    if not bench.requested.cases:  # spares the import of Numba
        return None
    loops = _loops(bench.requested.cases)
    if len(loops) < 2:
        return None
    from sparsebench.engines.fused.ahead import start

    middle = (len(loops) + 1) // 2
    return start([*loops[middle:], *reversed(loops[1:middle])])


def _loops(cases: Iterable[TrainedCase]) -> list[Loop]:
    """The loops that train some cases, in the order in which their items come."""
    from sparsebench.engines.fused.ahead import Loop
    from sparsebench.engines.fused.loop_spec import lanes_for

    found: dict[Loop, None] = {}
    for case in cases:
        loop = Loop(case.variant, lanes_for(case.training.batch_size))
        found.setdefault(loop)
        with suppress(Exception):  # a project's own function; what is broken fails in its own test
            if network_kind_of(case).takes_gradient(case):
                found.setdefault(loop._replace(gradient=True))
    return list(found)
