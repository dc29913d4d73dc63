"""Benchmarks of sparse recurrent networks, plugged into pytest.

The names below are loaded when they are first used, so that importing the package, which pytest does
in every project of the environment, costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sparsebench.experiments.base.items import BaseCell, base_cells
    from sparsebench.experiments.capacity.items import (
        CapacityCell,
        CapacityVariantsCell,
        capacity_cells,
        capacity_variants_cells,
    )
    from sparsebench.experiments.capacity.task_items import (
        FunctionCell,
        FunctionVariantsCell,
        InitialisationsCell,
        OptimisersCell,
        RecallCell,
        function_cells,
        recall_cells,
    )
    from sparsebench.experiments.finetuning.items import RegainCell, ThresholdCell, regain_cells
    from sparsebench.experiments.forward_time.items import SpeedCell, speed_cells
    from sparsebench.experiments.graph_statistics.items import (
        CorrelationCell,
        PredictionCell,
        correlation_cells,
        prediction_cells,
    )
    from sparsebench.experiments.language_modelling.items import (
        LabelsCell,
        LettersCell,
        WritingCell,
        labels_cells,
        letters_cells,
        writing_cells,
    )
    from sparsebench.experiments.pruning.items import PruningCell, pruning_cells
    from sparsebench.experiments.random_wiring.items import (
        FamiliesCell,
        FourWaysCell,
        VariantsCell,
        WiredCell,
        WiredPruningCell,
        families_cells,
        four_ways_cells,
        variants_cells,
        wired_cells,
        wired_pruning_cells,
    )
    from sparsebench.harness.claims import claims
    from sparsebench.harness.experiment import Experiment, Items, Measurement
    from sparsebench.harness.networks import NetworkKind
    from sparsebench.harness.registry import register
    from sparsebench.parts.graphs import FAMILIES
    from sparsebench.parts.labelled_texts import corpus_task
    from sparsebench.parts.pruning import CRITERIA
    from sparsebench.parts.texts import text_task
    from sparsebench.report.frames import load
    from sparsebench.values.case import TrainedCase
    from sparsebench.values.kinds import kind
    from sparsebench.values.protocol import TARGETS, VARIANTS

__all__ = [
    "CRITERIA",
    "FAMILIES",
    "TARGETS",
    "VARIANTS",
    "BaseCell",
    "CapacityCell",
    "CapacityVariantsCell",
    "CorrelationCell",
    "Experiment",
    "FamiliesCell",
    "FourWaysCell",
    "FunctionCell",
    "FunctionVariantsCell",
    "InitialisationsCell",
    "Items",
    "LabelsCell",
    "LettersCell",
    "Measurement",
    "NetworkKind",
    "OptimisersCell",
    "PredictionCell",
    "PruningCell",
    "RecallCell",
    "RegainCell",
    "SpeedCell",
    "ThresholdCell",
    "TrainedCase",
    "VariantsCell",
    "WiredCell",
    "WiredPruningCell",
    "WritingCell",
    "base_cells",
    "capacity_cells",
    "capacity_variants_cells",
    "claims",
    "corpus_task",
    "correlation_cells",
    "families_cells",
    "four_ways_cells",
    "function_cells",
    "kind",
    "labels_cells",
    "letters_cells",
    "load",
    "prediction_cells",
    "pruning_cells",
    "recall_cells",
    "regain_cells",
    "register",
    "speed_cells",
    "text_task",
    "variants_cells",
    "wired_cells",
    "wired_pruning_cells",
    "writing_cells",
]

_MODULES = {
    "experiments.graph_statistics.items": (
        "CorrelationCell",
        "PredictionCell",
        "correlation_cells",
        "prediction_cells",
    ),
    "experiments.base.items": ("BaseCell", "base_cells"),
    "experiments.pruning.items": ("PruningCell", "pruning_cells"),
    "harness.claims": ("claims",),
    "harness.experiment": ("Experiment", "Items", "Measurement"),
    "harness.networks": ("NetworkKind",),
    "harness.registry": ("register",),
    "report.frames": ("load",),
    "experiments.finetuning.items": ("RegainCell", "ThresholdCell", "regain_cells"),
    "experiments.forward_time.items": ("SpeedCell", "speed_cells"),
    "experiments.capacity.items": (
        "CapacityCell",
        "CapacityVariantsCell",
        "capacity_cells",
        "capacity_variants_cells",
    ),
    "experiments.language_modelling.items": (
        "LabelsCell",
        "LettersCell",
        "WritingCell",
        "labels_cells",
        "letters_cells",
        "writing_cells",
    ),
    "experiments.capacity.task_items": (
        "FunctionCell",
        "FunctionVariantsCell",
        "InitialisationsCell",
        "OptimisersCell",
        "RecallCell",
        "function_cells",
        "recall_cells",
    ),
    "experiments.random_wiring.items": (
        "FamiliesCell",
        "FourWaysCell",
        "VariantsCell",
        "WiredCell",
        "WiredPruningCell",
        "families_cells",
        "four_ways_cells",
        "variants_cells",
        "wired_cells",
        "wired_pruning_cells",
    ),
    "parts.graphs": ("FAMILIES",),
    "parts.labelled_texts": ("corpus_task",),
    "parts.pruning": ("CRITERIA",),
    "parts.texts": ("text_task",),
    "values.case": ("TrainedCase",),
    "values.kinds": ("kind",),
    "values.protocol": ("TARGETS", "VARIANTS"),
}
_HOMES = {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
