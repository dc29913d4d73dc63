"""Settings for scripts that measure without pytest."""

from __future__ import annotations

from pathlib import Path

from sparsebench.harness.profiles import PROFILES, Settings


def thesis_settings(folder: Path) -> Settings:
    """The settings of a thesis run without a baseline."""
    work = PROFILES["thesis"]
    return Settings(
        profile="thesis",
        seeds=work.seeds,
        max_seeds=work.seeds,
        first_seed=0,
        semantics=("published",),
        device="cpu",
        claims="off",
        baselines=folder,
        baseline="none",
        store=folder,
        update="",
        gate=False,
        artifacts=None,
        graphs=work.graphs,
        threads=2,
    )
