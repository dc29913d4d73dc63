"""Experiment: methods of making networks sparse, compared at equal density and equal training."""

from __future__ import annotations

from collections.abc import Iterable

from sparsebench.experiments.methods import measure
from sparsebench.experiments.methods.cases import MaskControlCase, MethodCase
from sparsebench.experiments.methods.claims import judge_methods
from sparsebench.experiments.methods.items import MethodItem
from sparsebench.experiments.methods.network import (
    control_network,
    control_start,
    method_network,
    method_start,
)
from sparsebench.harness.experiment import Cost, Experiment, Items, Measurement, late
from sparsebench.harness.networks import NetworkKind
from sparsebench.judging.loss_change import LOSSES
from sparsebench.parts.methods.method import parts_of
from sparsebench.parts.tasks import task_kind_of
from sparsebench.values.kinds import kind_of


def _cost(case: MethodCase | MaskControlCase) -> Cost:
    """Epochs on a task of its size; a network is taken for a dense one, which is an upper bound."""
    size = case.training.length * task_kind_of(case.data).size(case.data)
    return f"methods {case.variant} on {kind_of(type(case.data)).name}", size


def _makers(case: MethodCase) -> Iterable[type]:
    return map(type, parts_of(case.method))


_METRICS = ("loss", "kept", "density", "parameters")

EXPERIMENT = Experiment(
    name="methods",
    tables=late("sparsebench.experiments.methods.summary:method_tables"),
    sections=late("sparsebench.experiments.methods.section:sections"),
    remarks=late("sparsebench.experiments.methods.section:remarks"),
    markdown=late("sparsebench.experiments.methods.section:markdown"),
    items=(Items(item=MethodItem, verdicts=judge_methods),),
    measurements=tuple(
        Measurement(
            name=name,
            case=case,
            measure=measure.measure,
            cost=_cost,
            policy=LOSSES,
            metrics=_METRICS,
            shares=("letters_right",),
            stored_series=("onset_loss",),
        )
        for name, case in (("method", MethodCase), ("mask_control", MaskControlCase))
    ),
    networks=(
        NetworkKind(
            case=MethodCase,
            network=method_network,
            start=method_start,
            makers=_makers,
            takes_gradient=lambda case: case.method.takes_gradient,
        ),
        NetworkKind(case=MaskControlCase, network=control_network, start=control_start),
    ),
)
