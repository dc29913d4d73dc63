"""Benchmarks of sparse recurrent networks, plugged into pytest.

The names below are loaded when they are first used, so that importing the package, which pytest does
in every project of the environment, costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sparsebench.engines.devices import population
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
        TaskCell,
        function_cells,
        recall_cells,
        task_cells,
    )
    from sparsebench.experiments.equal_parameters.items import FourWaysCell, four_ways_cells
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
        VariantsCell,
        WiredCell,
        WiredPruningCell,
        families_cells,
        variants_cells,
        wired_cells,
        wired_pruning_cells,
    )
    from sparsebench.harness.claims import claims
    from sparsebench.harness.experiment import Experiment, Items, Measurement, NotMeasurable
    from sparsebench.harness.networks import Beginning, Network, NetworkKind, TrainedNetwork
    from sparsebench.harness.registry import register
    from sparsebench.harness.trained_models import training_record
    from sparsebench.parts.examples import Examples, Halves
    from sparsebench.parts.graphs import FAMILIES
    from sparsebench.parts.labelled_texts import corpus_task
    from sparsebench.parts.plan import plan
    from sparsebench.parts.pruning import CRITERIA, prune
    from sparsebench.parts.records import Record
    from sparsebench.parts.strings import generate
    from sparsebench.parts.task_kind import TaskFigure, TaskKind
    from sparsebench.parts.tasks import register_task
    from sparsebench.parts.texts import text_task
    from sparsebench.parts.weights import initial_weights, prunable
    from sparsebench.report.frames import load
    from sparsebench.values.case import BaseCase, OfNetwork, TrainedCase, epochs_of
    from sparsebench.values.identity import canonical, digest
    from sparsebench.values.kinds import kind
    from sparsebench.values.masks import masked
    from sparsebench.values.protocol import TARGETS, VARIANTS, Architecture, ReberStrings, Training
    from sparsebench.values.semantics import CORRECTED, PUBLISHED

__all__ = [
    "CORRECTED",
    "CRITERIA",
    "FAMILIES",
    "PUBLISHED",
    "TARGETS",
    "VARIANTS",
    "Architecture",
    "BaseCase",
    "BaseCell",
    "Beginning",
    "CapacityCell",
    "CapacityVariantsCell",
    "CorrelationCell",
    "Examples",
    "Experiment",
    "FamiliesCell",
    "FourWaysCell",
    "FunctionCell",
    "FunctionVariantsCell",
    "Halves",
    "InitialisationsCell",
    "Items",
    "LabelsCell",
    "LettersCell",
    "Measurement",
    "Network",
    "NetworkKind",
    "NotMeasurable",
    "OfNetwork",
    "OptimisersCell",
    "PredictionCell",
    "PruningCell",
    "ReberStrings",
    "RecallCell",
    "Record",
    "RegainCell",
    "SpeedCell",
    "TaskCell",
    "TaskFigure",
    "TaskKind",
    "ThresholdCell",
    "TrainedCase",
    "TrainedNetwork",
    "Training",
    "VariantsCell",
    "WiredCell",
    "WiredPruningCell",
    "WritingCell",
    "base_cells",
    "canonical",
    "capacity_cells",
    "capacity_variants_cells",
    "claims",
    "corpus_task",
    "correlation_cells",
    "digest",
    "epochs_of",
    "families_cells",
    "four_ways_cells",
    "function_cells",
    "generate",
    "initial_weights",
    "kind",
    "labels_cells",
    "letters_cells",
    "load",
    "masked",
    "plan",
    "population",
    "prediction_cells",
    "prunable",
    "prune",
    "pruning_cells",
    "recall_cells",
    "regain_cells",
    "register",
    "register_task",
    "speed_cells",
    "task_cells",
    "text_task",
    "training_record",
    "variants_cells",
    "wired_cells",
    "wired_pruning_cells",
    "writing_cells",
]

_MODULES = {
    "engines.devices": ("population",),
    "experiments.base.items": ("BaseCell", "base_cells"),
    "experiments.capacity.items": (
        "CapacityCell",
        "CapacityVariantsCell",
        "capacity_cells",
        "capacity_variants_cells",
    ),
    "experiments.capacity.task_items": (
        "FunctionCell",
        "FunctionVariantsCell",
        "InitialisationsCell",
        "OptimisersCell",
        "RecallCell",
        "TaskCell",
        "function_cells",
        "recall_cells",
        "task_cells",
    ),
    "experiments.equal_parameters.items": ("FourWaysCell", "four_ways_cells"),
    "experiments.finetuning.items": ("RegainCell", "ThresholdCell", "regain_cells"),
    "experiments.forward_time.items": ("SpeedCell", "speed_cells"),
    "experiments.graph_statistics.items": (
        "CorrelationCell",
        "PredictionCell",
        "correlation_cells",
        "prediction_cells",
    ),
    "experiments.language_modelling.items": (
        "LabelsCell",
        "LettersCell",
        "WritingCell",
        "labels_cells",
        "letters_cells",
        "writing_cells",
    ),
    "experiments.pruning.items": ("PruningCell", "pruning_cells"),
    "experiments.random_wiring.items": (
        "FamiliesCell",
        "VariantsCell",
        "WiredCell",
        "WiredPruningCell",
        "families_cells",
        "variants_cells",
        "wired_cells",
        "wired_pruning_cells",
    ),
    "harness.claims": ("claims",),
    "harness.experiment": ("Experiment", "Items", "Measurement", "NotMeasurable"),
    "harness.networks": ("Beginning", "Network", "NetworkKind", "TrainedNetwork"),
    "harness.registry": ("register",),
    "harness.trained_models": ("training_record",),
    "parts.examples": ("Examples", "Halves"),
    "parts.graphs": ("FAMILIES",),
    "parts.labelled_texts": ("corpus_task",),
    "parts.plan": ("plan",),
    "parts.pruning": ("CRITERIA", "prune"),
    "parts.records": ("Record",),
    "parts.strings": ("generate",),
    "parts.task_kind": ("TaskFigure", "TaskKind"),
    "parts.tasks": ("register_task",),
    "parts.texts": ("text_task",),
    "parts.weights": ("initial_weights", "prunable"),
    "report.frames": ("load",),
    "values.case": ("BaseCase", "OfNetwork", "TrainedCase", "epochs_of"),
    "values.identity": ("canonical", "digest"),
    "values.kinds": ("kind",),
    "values.masks": ("masked",),
    "values.protocol": ("Architecture", "ReberStrings", "TARGETS", "Training", "VARIANTS"),
    "values.semantics": ("CORRECTED", "PUBLISHED"),
}
_HOMES = {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
