"""The benchmarks and the baseline in the package, for runs without a checkout.

`pytest --pyargs sparsebench.benchmarks` runs them from wherever the package is installed. In a
checkout (`pip install --editable`) both are beside the package, and its baseline may be updated.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

BENCHMARKS = "sparsebench.benchmarks"
"""The benchmarks' module name."""

_PACKAGE = Path(__file__).parents[1]


def packaged(name: str) -> Path | None:
    """A folder inside the installed package, `benchmarks` or `baselines`; None in a checkout."""
    folder = _PACKAGE / name
    return folder if folder.is_dir() else None


def packaged_baselines(config: pytest.Config) -> Path | None:
    """The folder of baselines for a run of the package's own benchmarks; None for any other run."""
    if not runs_packaged(config):
        return None
    beside = _PACKAGE.parent / "baselines"
    return packaged("baselines") or (beside if beside.is_dir() else None)


def rerun(config: pytest.Config, nodeid: str, options: Sequence[str]) -> str:
    """The command that reruns an item, with the options that decide what it is."""
    if not runs_packaged(config):
        return " ".join([f"pytest '{nodeid}'", *options])
    path, _, test = nodeid.partition("::")
    return " ".join([f"pytest --pyargs '{BENCHMARKS}.{Path(path).stem}::{test}'", *options])


def runs_packaged(config: pytest.Config) -> bool:
    """Whether pytest was given only the package's benchmarks, by name or by path."""
    benchmarks = packaged("benchmarks")
    given = [argument.partition("::")[0] for argument in config.args]
    here = config.invocation_params.dir

    def is_packaged(name: str) -> bool:
        if config.option.pyargs and f"{name}.".startswith(f"{BENCHMARKS}."):
            return True
        return benchmarks is not None and (here / name).resolve().is_relative_to(
            benchmarks.resolve()
        )

    return bool(given) and all(map(is_packaged, given))


def check_not_packaged(switch: str, baselines: Path) -> None:
    """Refuse to update the baseline in the package.

    Parameters
    ----------
    switch
        The option that requests the update.
    baselines
        The folder to write to.

    Raises
    ------
    ValueError
        If it is the package's.
    """
    own = packaged("baselines")
    if own is not None and baselines.resolve() == own.resolve():
        raise ValueError(
            f"{switch}: the baseline in {own} came with the package and is never rewritten: name a "
            "folder of your own with --sparsebench-baselines=DIR, which may be a copy of it"
        )
