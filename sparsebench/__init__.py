"""Benchmarks of sparse recurrent networks, plugged into pytest.

The names below are loaded when they are first used, so that importing the package, which pytest does
in every project of the environment, costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sparsebench.experiments.cells import BaseCell, PruningCell, base_cells, pruning_cells
    from sparsebench.experiments.wired_cells import (
        FamiliesCell,
        VariantsCell,
        WiredCell,
        WiredPruningCell,
        families_cells,
        variants_cells,
        wired_cells,
        wired_pruning_cells,
    )
    from sparsebench.parts.graphs import FAMILIES
    from sparsebench.parts.pruning import CRITERIA
    from sparsebench.values.case import TARGETS, VARIANTS

__all__ = [
    "CRITERIA",
    "FAMILIES",
    "TARGETS",
    "VARIANTS",
    "BaseCell",
    "FamiliesCell",
    "PruningCell",
    "VariantsCell",
    "WiredCell",
    "WiredPruningCell",
    "base_cells",
    "families_cells",
    "pruning_cells",
    "variants_cells",
    "wired_cells",
    "wired_pruning_cells",
]

_HOMES = {
    "BaseCell": "sparsebench.experiments.cells",
    "CRITERIA": "sparsebench.parts.pruning",
    "FAMILIES": "sparsebench.parts.graphs",
    "FamiliesCell": "sparsebench.experiments.wired_cells",
    "PruningCell": "sparsebench.experiments.cells",
    "TARGETS": "sparsebench.values.case",
    "VARIANTS": "sparsebench.values.case",
    "VariantsCell": "sparsebench.experiments.wired_cells",
    "WiredCell": "sparsebench.experiments.wired_cells",
    "WiredPruningCell": "sparsebench.experiments.wired_cells",
    "base_cells": "sparsebench.experiments.cells",
    "families_cells": "sparsebench.experiments.wired_cells",
    "pruning_cells": "sparsebench.experiments.cells",
    "variants_cells": "sparsebench.experiments.wired_cells",
    "wired_cells": "sparsebench.experiments.wired_cells",
    "wired_pruning_cells": "sparsebench.experiments.wired_cells",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
