"""Benchmarks of sparse recurrent networks, plugged into pytest.

Each name below is imported on first use, because pytest imports the package in every project of the
environment, and that must cost nothing.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sparsebench.engines.devices import population
    from sparsebench.engines.own_pruning import prune_network
    from sparsebench.engines.streaming.compiled import compile_network
    from sparsebench.engines.streaming.network import StreamingNetwork
    from sparsebench.engines.torch_conversion import from_torch
    from sparsebench.engines.torch_masks import (
        apply_masks,
        make_permanent,
        masks_of,
        prune_module,
    )
    from sparsebench.engines.torch_networks import TorchNetwork, to_torch
    from sparsebench.engines.torch_state_dicts import from_state_dict
    from sparsebench.experiments.base.items import BaseItem, base_items
    from sparsebench.experiments.capacity.items import (
        CapacityItem,
        CapacityVariantsItem,
        capacity_items,
        capacity_variants_items,
    )
    from sparsebench.experiments.capacity.report_items import (
        FewPointsItem,
        FunctionItem,
        FunctionVariantsItem,
        InitialisationsItem,
        LongMemoryItem,
        OptimisersItem,
        RecallItem,
        few_points_items,
        function_items,
        long_memory_items,
        recall_items,
    )
    from sparsebench.experiments.capacity.sequence_items import sequence_items
    from sparsebench.experiments.capacity.task_items import TaskItem, task_items
    from sparsebench.experiments.equal_parameters.items import FourWaysItem, four_ways_items
    from sparsebench.experiments.finetuning.items import (
        FinetuningItem,
        ThresholdItem,
        finetuning_items,
    )
    from sparsebench.experiments.floors.items import FloorItem, floor_items
    from sparsebench.experiments.forward_time.items import SpeedItem, speed_items
    from sparsebench.experiments.graph_statistics.items import (
        CorrelationItem,
        PredictionItem,
        correlation_items,
        prediction_items,
    )
    from sparsebench.experiments.iterative_pruning.items import (
        IterativePruningItem,
        iterative_pruning_items,
    )
    from sparsebench.experiments.language_modelling.items import (
        LabelsItem,
        LettersItem,
        WritingItem,
        labels_items,
        letters_items,
        writing_items,
    )
    from sparsebench.experiments.methods.cases import MaskControlCase, MethodCase
    from sparsebench.experiments.methods.items import MethodItem, method_items
    from sparsebench.experiments.own_model.cases import OwnModelCase
    from sparsebench.experiments.own_model.items import OwnModelItem, own_model_items
    from sparsebench.experiments.own_model.prunability import prunability
    from sparsebench.experiments.own_model.prunability_figure import prunability_figure
    from sparsebench.experiments.pruning.items import PruningItem, pruning_items
    from sparsebench.experiments.random_wiring.items import (
        FamiliesItem,
        VariantsItem,
        WiredItem,
        WiredPruningItem,
        families_items,
        variants_items,
        wired_items,
        wired_pruning_items,
    )
    from sparsebench.experiments.string_statistics.items import StringsItem, strings_items
    from sparsebench.experiments.timed_pairs.items import PairItem, pair_items
    from sparsebench.experiments.weight_distributions.items import (
        WeightsItem,
        WiredWeightsItem,
        weights_items,
        wired_weights_items,
    )
    from sparsebench.harness.claims import claims
    from sparsebench.harness.experiment import Experiment, Items, Measurement, NotMeasurable
    from sparsebench.harness.items import base_case
    from sparsebench.harness.measures import CaseItem, evaluate, measures, trained_weights
    from sparsebench.harness.networks import Network, NetworkKind, TrainedNetwork, TrainingStart
    from sparsebench.harness.registry import register
    from sparsebench.harness.trained_models import training_record
    from sparsebench.parts.examples import Examples, Halves
    from sparsebench.parts.graphs import FAMILIES
    from sparsebench.parts.labelled_texts import corpus_task
    from sparsebench.parts.methods.allocations import (
        Allocation,
        ByGate,
        ByName,
        Erk,
        Global,
        Region,
        Uniform,
    )
    from sparsebench.parts.methods.context import Context
    from sparsebench.parts.methods.criteria import (
        Criterion,
        GradientSize,
        Grasp,
        Magnitude,
        MovementScores,
        RandomScores,
        Snip,
        SynFlow,
        Taylor,
    )
    from sparsebench.parts.methods.jacobian import JacobianScores
    from sparsebench.parts.methods.method import Method
    from sparsebench.parts.methods.named import METHODS
    from sparsebench.parts.methods.patterns import Blocks, NOfM, Pattern, Unstructured, WholeUnits
    from sparsebench.parts.methods.schedules import (
        AfterTraining,
        AtStart,
        Change,
        Dynamic,
        Gradual,
        Iterative,
        RampedThreshold,
        Schedule,
    )
    from sparsebench.parts.own_data import own_data, own_examples
    from sparsebench.parts.own_export import Exported, export_network
    from sparsebench.parts.own_network import OwnNetwork
    from sparsebench.parts.own_network_files import load_network
    from sparsebench.parts.pruning import CRITERIA, prune
    from sparsebench.parts.records import Record
    from sparsebench.parts.sparse_layout import sparse_layout
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
    from sparsebench.values.own_structure import OwnStructure, Stack
    from sparsebench.values.protocol import (
        CELL_TYPES,
        TARGETS,
        VARIANTS,
        Architecture,
        ReberStrings,
        Training,
    )
    from sparsebench.values.seeding import stream
    from sparsebench.values.semantics import CORRECTED, PUBLISHED
    from sparsebench.values.tasks import Validation

__all__ = [
    "CELL_TYPES",
    "CORRECTED",
    "CRITERIA",
    "FAMILIES",
    "METHODS",
    "PUBLISHED",
    "TARGETS",
    "VARIANTS",
    "AfterTraining",
    "Allocation",
    "Architecture",
    "AtStart",
    "BaseCase",
    "BaseItem",
    "Blocks",
    "ByGate",
    "ByName",
    "CapacityItem",
    "CapacityVariantsItem",
    "CaseItem",
    "Change",
    "Context",
    "CorrelationItem",
    "Criterion",
    "Dynamic",
    "Erk",
    "Examples",
    "Experiment",
    "Exported",
    "FamiliesItem",
    "FewPointsItem",
    "FinetuningItem",
    "FloorItem",
    "FourWaysItem",
    "FunctionItem",
    "FunctionVariantsItem",
    "Global",
    "GradientSize",
    "Gradual",
    "Grasp",
    "Halves",
    "InitialisationsItem",
    "Items",
    "Iterative",
    "IterativePruningItem",
    "JacobianScores",
    "LabelsItem",
    "LettersItem",
    "LongMemoryItem",
    "Magnitude",
    "MaskControlCase",
    "Measurement",
    "Method",
    "MethodCase",
    "MethodItem",
    "MovementScores",
    "NOfM",
    "Network",
    "NetworkKind",
    "NotMeasurable",
    "OfNetwork",
    "OptimisersItem",
    "OwnModelCase",
    "OwnModelItem",
    "OwnNetwork",
    "OwnStructure",
    "PairItem",
    "Pattern",
    "PredictionItem",
    "PruningItem",
    "RampedThreshold",
    "RandomScores",
    "ReberStrings",
    "RecallItem",
    "Record",
    "Region",
    "Schedule",
    "Snip",
    "SpeedItem",
    "Stack",
    "StreamingNetwork",
    "StringsItem",
    "SynFlow",
    "TaskFigure",
    "TaskItem",
    "TaskKind",
    "Taylor",
    "ThresholdItem",
    "TorchNetwork",
    "TrainedCase",
    "TrainedNetwork",
    "Training",
    "TrainingStart",
    "Uniform",
    "Unstructured",
    "Validation",
    "VariantsItem",
    "WeightsItem",
    "WholeUnits",
    "WiredItem",
    "WiredPruningItem",
    "WiredWeightsItem",
    "WritingItem",
    "apply_masks",
    "base_case",
    "base_items",
    "canonical",
    "capacity_items",
    "capacity_variants_items",
    "claims",
    "compile_network",
    "corpus_task",
    "correlation_items",
    "digest",
    "epochs_of",
    "evaluate",
    "export_network",
    "families_items",
    "few_points_items",
    "finetuning_items",
    "floor_items",
    "four_ways_items",
    "from_state_dict",
    "from_torch",
    "function_items",
    "generate",
    "initial_weights",
    "iterative_pruning_items",
    "kind",
    "labels_items",
    "letters_items",
    "load",
    "load_network",
    "long_memory_items",
    "make_permanent",
    "masked",
    "masks_of",
    "measures",
    "method_items",
    "own_data",
    "own_examples",
    "own_model_items",
    "pair_items",
    "population",
    "prediction_items",
    "prunability",
    "prunability_figure",
    "prunable",
    "prune",
    "prune_module",
    "prune_network",
    "pruning_items",
    "recall_items",
    "register",
    "register_task",
    "sequence_items",
    "sparse_layout",
    "speed_items",
    "stream",
    "strings_items",
    "task_items",
    "text_task",
    "to_torch",
    "trained_weights",
    "training_record",
    "variants_items",
    "weights_items",
    "wired_items",
    "wired_pruning_items",
    "wired_weights_items",
    "writing_items",
]

_MODULES = {
    "experiments.own_model.prunability_figure": ("prunability_figure",),
    "experiments.own_model.prunability": ("prunability",),
    "experiments.own_model.items": (
        "OwnModelItem",
        "own_model_items",
    ),
    "experiments.own_model.cases": ("OwnModelCase",),
    "engines.devices": ("population",),
    "engines.own_pruning": ("prune_network",),
    "engines.streaming.compiled": ("compile_network",),
    "engines.streaming.network": ("StreamingNetwork",),
    "engines.torch_conversion": ("from_torch",),
    "engines.torch_masks": ("apply_masks", "make_permanent", "masks_of", "prune_module"),
    "engines.torch_networks": ("TorchNetwork", "to_torch"),
    "engines.torch_state_dicts": ("from_state_dict",),
    "experiments.base.items": ("BaseItem", "base_items"),
    "experiments.capacity.items": (
        "CapacityItem",
        "CapacityVariantsItem",
        "capacity_items",
        "capacity_variants_items",
    ),
    "experiments.capacity.report_items": (
        "FewPointsItem",
        "FunctionItem",
        "FunctionVariantsItem",
        "InitialisationsItem",
        "LongMemoryItem",
        "OptimisersItem",
        "RecallItem",
        "few_points_items",
        "function_items",
        "long_memory_items",
        "recall_items",
    ),
    "experiments.capacity.sequence_items": ("sequence_items",),
    "experiments.capacity.task_items": ("TaskItem", "task_items"),
    "experiments.equal_parameters.items": ("FourWaysItem", "four_ways_items"),
    "experiments.finetuning.items": ("FinetuningItem", "ThresholdItem", "finetuning_items"),
    "experiments.floors.items": ("FloorItem", "floor_items"),
    "experiments.forward_time.items": ("SpeedItem", "speed_items"),
    "experiments.graph_statistics.items": (
        "CorrelationItem",
        "PredictionItem",
        "correlation_items",
        "prediction_items",
    ),
    "experiments.iterative_pruning.items": ("IterativePruningItem", "iterative_pruning_items"),
    "experiments.language_modelling.items": (
        "LabelsItem",
        "LettersItem",
        "WritingItem",
        "labels_items",
        "letters_items",
        "writing_items",
    ),
    "experiments.methods.cases": ("MaskControlCase", "MethodCase"),
    "experiments.methods.items": ("MethodItem", "method_items"),
    "experiments.pruning.items": ("PruningItem", "pruning_items"),
    "experiments.random_wiring.items": (
        "FamiliesItem",
        "VariantsItem",
        "WiredItem",
        "WiredPruningItem",
        "families_items",
        "variants_items",
        "wired_items",
        "wired_pruning_items",
    ),
    "experiments.timed_pairs.items": ("PairItem", "pair_items"),
    "experiments.string_statistics.items": ("StringsItem", "strings_items"),
    "experiments.weight_distributions.items": (
        "WeightsItem",
        "WiredWeightsItem",
        "weights_items",
        "wired_weights_items",
    ),
    "harness.claims": ("claims",),
    "harness.experiment": ("Experiment", "Items", "Measurement", "NotMeasurable"),
    "harness.items": ("base_case",),
    "harness.measures": ("CaseItem", "evaluate", "measures", "trained_weights"),
    "harness.networks": ("TrainingStart", "Network", "NetworkKind", "TrainedNetwork"),
    "harness.registry": ("register",),
    "harness.trained_models": ("training_record",),
    "parts.examples": ("Examples", "Halves"),
    "parts.graphs": ("FAMILIES",),
    "parts.labelled_texts": ("corpus_task",),
    "parts.methods.allocations": (
        "Allocation",
        "ByGate",
        "ByName",
        "Erk",
        "Global",
        "Region",
        "Uniform",
    ),
    "parts.methods.context": ("Context",),
    "parts.methods.criteria": (
        "Criterion",
        "GradientSize",
        "Grasp",
        "Magnitude",
        "MovementScores",
        "RandomScores",
        "Snip",
        "SynFlow",
        "Taylor",
    ),
    "parts.methods.jacobian": ("JacobianScores",),
    "parts.methods.method": ("Method",),
    "parts.methods.named": ("METHODS",),
    "parts.methods.patterns": ("Blocks", "NOfM", "Pattern", "Unstructured", "WholeUnits"),
    "parts.methods.schedules": (
        "AfterTraining",
        "AtStart",
        "Change",
        "Dynamic",
        "Gradual",
        "Iterative",
        "RampedThreshold",
        "Schedule",
    ),
    "parts.own_data": ("own_data", "own_examples"),
    "parts.own_export": ("Exported", "export_network"),
    "parts.own_network": ("OwnNetwork",),
    "parts.own_network_files": ("load_network",),
    "parts.sparse_layout": ("sparse_layout",),
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
    "values.own_structure": ("OwnStructure", "Stack"),
    "values.protocol": (
        "Architecture",
        "CELL_TYPES",
        "ReberStrings",
        "TARGETS",
        "Training",
        "VARIANTS",
    ),
    "values.seeding": ("stream",),
    "values.semantics": ("CORRECTED", "PUBLISHED"),
    "values.tasks": ("Validation",),
}
_HOMES = {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}


_FORMER = {"RegainCell": "FinetuningItem", "regain_cells": "finetuning_items"}
"""Former names, until 2026-12, that follow no rule; items were called cells."""


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is not None:
        return getattr(import_module(home), name)
    new = _FORMER.get(name, name.replace("Cell", "Item").replace("_cells", "_items"))
    if new == name or new not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(
        f"sparsebench.{name} is called sparsebench.{new} now", DeprecationWarning, stacklevel=2
    )
    return getattr(import_module(_HOMES[new]), new)
