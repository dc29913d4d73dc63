"""Experiment: trained networks of one's own, made sparse by methods; records are those of methods."""

from __future__ import annotations

from sparsebench.experiments.own_model.cases import OwnModelCase
from sparsebench.experiments.own_model.items import OwnModelItem
from sparsebench.experiments.own_model.network import own_model_network, own_model_start
from sparsebench.harness.experiment import Experiment, Items
from sparsebench.harness.networks import NetworkKind

EXPERIMENT = Experiment(
    name="own_model",
    measurements=(),
    items=(Items(item=OwnModelItem),),
    networks=(
        NetworkKind(
            case=OwnModelCase,
            network=own_model_network,
            start=own_model_start,
            with_new_weights=lambda case, seed: case.begun_anew(seed),
        ),
    ),
)
