from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import given

from sparsebench.experiments.base.cases import LossTraceCase
from sparsebench.experiments.conformance.cases import ConformanceCase, WiredConformanceCase
from sparsebench.experiments.equal_parameters.cases import FourWaysCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.forward_time.cases import ForwardCase
from sparsebench.experiments.graph_statistics.cases import (
    CorrelationCase,
    PredictionCase,
    WiredPopulation,
)
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.values.case import BaseCase
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.identity import Case, canonical, digest, restore
from sparsebench.values.protocol import Architecture, ReberStrings, Training
from sparsebench.values.semantics import CORRECTED, PUBLISHED
from tests import strategies

BASE = BaseCase(Architecture("lstm"), seed=0)
WIRED = WiredCase("gru", GraphSpec("watts_strogatz", 17), seed=17)
RETRAINING = FinetuningCase(WIRED, "both", 90)
FOUR_WAYS = FourWaysCase("pruned wired", WIRED, 50)
FORWARD = ForwardCase(BASE, 90)
THRESHOLD = FinetuningCase(
    BaseCase(Architecture("rnn_relu", hidden_size=100), 0, training=Training(12, 16)),
    "h2h",
    training=Training(2, 16),
    threshold=0.01,
)
CONFORMANCE = ConformanceCase("gru", "both", 100, "0123456789abcdef", "fedcba9876543210")
WIRED_CONFORMANCE = WiredConformanceCase(
    "gru", "watts_strogatz", 12, "0123456789abcdef", "fedcba9876543210", "0011223344556677"
)


@pytest.mark.parametrize(
    ("case", "pinned"),
    [
        (BASE, "fc7d627319596b2f14c02d24e9833dda"),
        (
            BaseCase(Architecture("rnn_tanh"), seed=2, semantics=CORRECTED),
            "0f226991daeb2f4c503ab421ca3cd5bd",
        ),
        (LossTraceCase(BASE), "28626b7db2ba463d4b1d3d0a35d5ea08"),
        (PruningCase(BASE, "i2h", 80), "e1afd652d1fe2b504f1fa4e73499ed75"),
        (CONFORMANCE, "bf7c9a01b5acb66428c63fb82e5dded9"),
        (WIRED_CONFORMANCE, "556ee1453946fa41979f39d75702b0d3"),
        (WIRED, "a493044fb5c56907d3154ad2e2d3e028"),
        (
            replace(BASE, data=ReberStrings(negatives="author_like")),
            "ecccc668ae20ef52a599bf3778906ff5",
        ),
        (
            WiredCase("lstm", GraphSpec("kleinberg", 3, 12, "seed"), 4, CORRECTED),
            "e605ac2f0447b22234d7c7a050f90ff8",
        ),
        (RETRAINING, "e49bf5e7df879106f5134bcd5a3e57a4"),
        (
            FinetuningCase(BASE, "h2h", 50, training=Training(10, 32)),
            "48f692ab40bc6b5c847d003498af7908",
        ),
        (THRESHOLD, "80406a4c51aadcfad71af32c5bdc20ad"),
        (
            FinetuningCase(BASE, "both", 90, training=Training(2), order=100),
            "f49318dcc11fd4cef626d4a7ac3fc57f",
        ),
        (FOUR_WAYS, "da040cf182b4d3be313dde71fbbda108"),
        (FORWARD, "18dfeddbf00a8270f8390a5cecb472fb"),
        (ForwardCase(WIRED), "91b1c8296679f72cce3bd2e9836c3cad"),
        (CorrelationCase(WiredPopulation("gru")), "659b6d9ca81ff2e038cc1cc0bd5cb425"),
        (
            PredictionCase(WiredPopulation("gru"), "random_forest", "variances", 20),
            "e222d912d1a6b41e28f68965d351ee61",
        ),
    ],
    ids=[
        "base",
        "base-corrected",
        "onset",
        "pruning",
        "conformance",
        "wired-conformance",
        "wired",
        "base-author-like",
        "wired-corrected",
        "retraining-wired",
        "retraining-base",
        "retraining-threshold",
        "retraining-order",
        "four-ways",
        "forward-base",
        "forward-wired",
        "correlation",
        "prediction",
    ],
)
def test_digests_stay_what_baselines_are_stored_under(case: Case, pinned: str) -> None:
    assert digest(case) == pinned


@given(case=strategies.cases)
def test_a_case_comes_back_from_its_canonical_form_as_json(case: Case) -> None:
    assert restore(canonical(case)) == case
    assert restore(json.loads(json.dumps(canonical(case)))) == case


@given(one=strategies.cases, other=strategies.cases)
def test_two_cases_share_a_digest_only_if_they_are_equal(one: Case, other: Case) -> None:
    assert (digest(one) == digest(other)) == (one == other)


@pytest.mark.parametrize(
    "other",
    [
        replace(BASE, seed=1),
        replace(BASE, semantics=CORRECTED),
        replace(BASE, semantics=replace(PUBLISHED, masked_weights="zeroed")),
        replace(BASE, architecture=Architecture("gru")),
        replace(BASE, architecture=Architecture("lstm", layers=2)),
        replace(BASE, architecture=Architecture("lstm", hidden_size=51)),
        replace(BASE, architecture=Architecture("lstm", symbols=127)),
        replace(BASE, architecture=Architecture("lstm", classes=3)),
        replace(BASE, training=Training(epochs=49)),
        replace(BASE, training=Training(batch_size=33)),
        replace(BASE, training=Training(learning_rate=0.002)),
        replace(BASE, training=Training(clip_norm=6.0)),
        replace(BASE, data=ReberStrings(train_valid=9340)),
        replace(BASE, data=ReberStrings(train_invalid=9410)),
        replace(BASE, data=ReberStrings(test_valid=3160)),
        replace(BASE, data=ReberStrings(test_invalid=3088)),
        replace(BASE, data=ReberStrings(seed=1)),
        replace(BASE, data=ReberStrings(negatives="author_like")),
        LossTraceCase(BASE),
        PruningCase(BASE, "i2h", 10),
    ],
)
def test_every_field_and_the_kind_are_part_of_the_identity(other: Case) -> None:
    assert digest(other) != digest(BASE)


@pytest.mark.parametrize(
    "changed",
    [
        {"variant": "lstm"},
        {"target": "i2h"},
        {"percent": 99},
        {"weights": "0"},
        {"strings": "0"},
        {"batch_size": 1},
    ],
)
def test_a_conformance_case_follows_what_was_read(changed: dict[str, object]) -> None:
    assert digest(replace(CONFORMANCE, **changed)) != digest(CONFORMANCE)


@pytest.mark.parametrize(
    "changed",
    [
        {"variant": "lstm"},
        {"family": "barabasi_albert"},
        {"number": 13},
        {"graph": "0"},
        {"weights": "0"},
        {"strings": "0"},
        {"batch_size": 1},
    ],
)
def test_a_wired_conformance_case_does_so_too(changed: dict[str, object]) -> None:
    assert digest(replace(WIRED_CONFORMANCE, **changed)) != digest(WIRED_CONFORMANCE)


@pytest.mark.parametrize(
    "other",
    [
        replace(WIRED, variant="lstm"),
        replace(WIRED, seed=18),
        replace(WIRED, semantics=CORRECTED),
        replace(WIRED, training=Training(epochs=14, batch_size=128)),
        replace(WIRED, data=ReberStrings(seed=1)),
        replace(WIRED, graph=GraphSpec("barabasi_albert", 17)),
        replace(WIRED, graph=GraphSpec("watts_strogatz", 18)),
        replace(WIRED, graph=GraphSpec("watts_strogatz", 17, vertices=20)),
        replace(WIRED, graph=GraphSpec("watts_strogatz", 17, order="seed")),
        RETRAINING,
    ],
)
def test_every_field_of_a_wired_network_is_part_of_its_identity(other: Case) -> None:
    assert digest(other) != digest(WIRED)


@pytest.mark.parametrize(
    "changed",
    [
        {"network": replace(WIRED, seed=18)},
        {"network": BASE},
        {"target": "i2h"},
        {"percent": 91},
        {"criterion": "random"},
        {"training": Training(epochs=11, batch_size=128)},
        {"percent": None, "threshold": 90.0},
        {"order": 0},
    ],
)
def test_every_field_of_a_retraining_is_part_of_its_identity(changed: dict[str, Any]) -> None:
    assert digest(replace(RETRAINING, **changed)) != digest(RETRAINING)


@pytest.mark.parametrize(
    "changed",
    [
        {"way": "wired"},
        {"wired": replace(WIRED, seed=18)},
        {"percent": 51},
        {"training": Training(epochs=14, batch_size=128)},
        {"retraining": Training(epochs=11, batch_size=128)},
    ],
)
def test_every_field_of_a_way_is_part_of_its_identity(changed: dict[str, Any]) -> None:
    assert digest(replace(FOUR_WAYS, **changed)) != digest(FOUR_WAYS)


@pytest.mark.parametrize(
    "changed",
    [{"network": replace(BASE, seed=1)}, {"network": WIRED}, {"percent": 89}, {"batch_size": 1}],
)
def test_every_field_of_a_forward_pass_is_part_of_its_identity(changed: dict[str, Any]) -> None:
    assert digest(replace(FORWARD, **changed)) != digest(FORWARD)


def test_thresholds_and_orders_are_part_of_the_identity_too() -> None:
    orders = [replace(RETRAINING, order=order) for order in (None, 0, 1)]
    thresholds = [replace(THRESHOLD, threshold=threshold) for threshold in (0.01, 0.02)]
    assert len({digest(case) for case in [*orders, *thresholds]}) == 5


def test_fields_that_were_left_open_are_left_out_of_the_digest() -> None:
    assert canonical(GraphSpec("layered", 1)) == {
        "kind": "GraphSpec",
        "family": "layered",
        "seed": 1,
    }
    assert canonical(GraphSpec("layered", 1, 5, "seed")) == {
        "kind": "GraphSpec",
        "family": "layered",
        "seed": 1,
        "vertices": 5,
        "order": "seed",
    }
    assert "percent" not in canonical(THRESHOLD)
    assert not {"threshold", "order"} & set(canonical(RETRAINING))


@given(network=strategies.base_cases | strategies.wired_cases)
def test_a_forward_pass_tells_the_seed_and_variant_of_its_network(
    network: BaseCase | WiredCase,
) -> None:
    case = ForwardCase(network)
    assert (case.seed, case.variant) == (network.seed, network.variant)
    assert (case.percent, case.batch_size) == (0, 128)


@given(case=strategies.retraining_cases)
def test_a_retraining_tells_the_seed_and_variant_of_its_network(case: FinetuningCase) -> None:
    assert (case.seed, case.variant) == (case.network.seed, case.network.variant)


def test_wired_networks_are_trained_as_in_the_thesis_unless_said_otherwise() -> None:
    assert (WIRED.semantics, WIRED.data) == (PUBLISHED, ReberStrings())
    assert WIRED.training == Training(15, 128, 0.001, 5.0)
    assert RETRAINING.training == Training(10, 128, 0.001, 5.0)
    assert RETRAINING.criterion == "magnitude"


def test_a_number_written_as_a_whole_one_is_the_same_case() -> None:
    whole, point = Training(learning_rate=1, clip_norm=5), Training(learning_rate=1.0)
    assert digest(replace(BASE, training=whole)) == digest(replace(BASE, training=point))
    one, same = (replace(THRESHOLD, threshold=threshold) for threshold in (1, 1.0))
    assert (one, digest(one)) == (same, digest(same))


def test_cases_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        BASE.seed = 1  # type: ignore[misc]


@given(case=strategies.base_cases)
def test_cases_about_a_base_model_tell_its_seed_and_variant(case: BaseCase) -> None:
    about = [LossTraceCase(case), PruningCase(case, "both", 10)]
    assert {(each.seed, each.variant) for each in about} == {(case.seed, case.architecture.variant)}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: BaseCase(Architecture("gru"), -1), "seed is -1: .* at least 0$"),
        (lambda: LossTraceCase(BASE, 0), "steps is 0: .* at least 1$"),
        (lambda: PruningCase(BASE, "h3h", 10), "unknown target 'h3h': .* i2h, h2h, both, readout"),
        (lambda: PruningCase(BASE, "i2h", 101), "percent is 101: .* from 0 to 100$"),
        (lambda: GraphSpec("layered", -1), "seed is -1: .* at least 0$"),
        (lambda: GraphSpec("layered", 0, 0), "vertices is 0: .* at least 1$"),
        (lambda: replace(WIRED, variant="x"), "unknown variant 'x': .* mgu$"),
        (lambda: replace(WIRED, seed=-1), "seed is -1: .* at least 0$"),
        (lambda: replace(RETRAINING, target="x"), "unknown target 'x': .* i2h, h2h, both, readout"),
        (
            lambda: replace(FOUR_WAYS, way="x"),
            "unknown way 'x': .* pruned dense, wired, pruned wired$",
        ),
        (lambda: replace(FOUR_WAYS, percent=0), "percent is 0: .* from 1 to 99$"),
        (lambda: replace(RETRAINING, percent=101), "percent is 101: .* from 0 to 100$"),
        (lambda: replace(RETRAINING, order=-1), "order is -1: .* at least 0$"),
        (lambda: replace(THRESHOLD, threshold=0.0), r"threshold is 0\.0: .* above 0$"),
        (lambda: replace(THRESHOLD, threshold=float("inf")), "threshold is inf: .* above 0$"),
        (lambda: replace(FORWARD, percent=101), "percent is 101: .* from 0 to 100$"),
        (lambda: replace(FORWARD, batch_size=0), "batch_size is 0: .* at least 1$"),
        (lambda: replace(CONFORMANCE, variant="x"), "unknown variant 'x': .* gru$"),
        (lambda: replace(CONFORMANCE, target="x"), "unknown target 'x': .* both$"),
        (lambda: replace(CONFORMANCE, percent=-1), "percent is -1: .* from 0 to 100$"),
        (lambda: replace(CONFORMANCE, batch_size=0), "batch_size is 0: .* at least 1$"),
        (lambda: replace(WIRED_CONFORMANCE, variant="x"), "unknown variant 'x': .* gru$"),
        (lambda: replace(WIRED_CONFORMANCE, family="x"), "unknown family 'x': .* barabasi_albert$"),
        (lambda: replace(WIRED_CONFORMANCE, number=-1), "number is -1: .* at least 0$"),
        (lambda: replace(WIRED_CONFORMANCE, batch_size=0), "batch_size is 0: .* at least 1$"),
    ],
)
def test_a_wrong_field_is_told_what_is_allowed(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: GraphSpec(None, 0), "family is a NoneType: give a str"),
        (lambda: GraphSpec("layered", 0.0), r"seed is 0\.0 \(float\)"),
        (lambda: GraphSpec("layered", 0, "9"), r"vertices is '9' \(str\)"),
        (lambda: replace(WIRED, graph="layered"), "graph is a str: give a GraphSpec"),
        (lambda: replace(WIRED, seed="0"), r"seed is '0' \(str\)"),
        (lambda: replace(WIRED, semantics="published"), "semantics is a str: give a Semantics"),
        (lambda: replace(WIRED, training=15), "training is an int: give a Training"),
        (lambda: replace(WIRED, data=None), "data is a NoneType: give a ReberStrings"),
        (
            lambda: replace(RETRAINING, network=PruningCase(BASE, "both", 50)),
            "network is a PruningCase: give a TrainedCase",
        ),
        (lambda: replace(RETRAINING, training=None), "training is a NoneType: give a Training"),
        (lambda: replace(RETRAINING, percent=90.0), r"percent is 90\.0 \(float\)"),
        (lambda: replace(RETRAINING, order=1.0), r"order is 1\.0 \(float\)"),
        (
            lambda: ForwardCase(RETRAINING),
            "network is a FinetuningCase: give a BaseCase or a WiredCase",
        ),
    ],
)
def test_a_field_of_another_class_is_told_which(make: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}"):
        make()


@pytest.mark.parametrize(("percent", "threshold"), [(None, None), (90, 0.01), (0, 0.01)])
def test_a_percentage_or_a_threshold_decides_what_goes(
    percent: int | None, threshold: float | None
) -> None:
    with pytest.raises(
        ValueError, match=f"percent is {percent} and threshold is {threshold}: give"
    ):
        FinetuningCase(BASE, "h2h", percent, threshold=threshold)


@pytest.mark.parametrize("percent", [True, 10.0, "10"])
def test_a_percent_is_a_whole_number_and_nothing_else(percent: int) -> None:
    with pytest.raises(TypeError, match=r"percent is .*give a whole number"):
        PruningCase(BASE, "i2h", percent)


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        ({}, "kind is None: choose one of .*BaseCase"),
        ({"kind": "Case"}, "kind is 'Case': choose one of .*BaseCase"),
        ({"kind": ["BaseCase"]}, "kind is .*: choose one of .*BaseCase"),
        ({"kind": "OnsetCase", "steps": 1}, "not a OnsetCase: .*'base'"),
        ({"kind": "Training", "momentum": 0.9}, "not a Training: .*'momentum'"),
        ({"kind": "Architecture", "variant": "x"}, "unknown variant 'x'"),
        ({"kind": "Training", "epochs": "1"}, "not a Training: epochs is '1'"),
    ],
)
def test_what_is_no_canonical_form_is_refused(plain: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        restore(plain)
