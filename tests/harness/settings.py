"""Settings for tests: the default run, in a folder of the test's own."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from sparsebench.harness.profiles import Settings


def settings(folder: Path, **changes: Any) -> Settings:
    """What a plain `pytest benchmarks` asks for, with some of it changed."""
    plain = Settings(
        profile="quick",
        seeds=3,
        max_seeds=3,
        first_seed=0,
        semantics=("published",),
        device="cpu",
        claims="baseline",
        baselines=folder,
        baseline="thesis",
        store=folder,
        update="",
        gate=False,
        artifacts=None,
        graphs=8,
        threads=1,
    )
    return replace(plain, **changes)
