"""A case of one's own network is its name, its checksum and its task; the network is not stored."""

from __future__ import annotations

import json
import pickle

import pytest

from sparsebench.experiments.methods.cases import MaskControlCase, MethodCase
from sparsebench.experiments.own_model.cases import OwnModelCase
from sparsebench.harness.registry import network_kind_of
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.weights import initial_weights
from sparsebench.values.identity import canonical, digest, restore, seedless
from tests.experiments.own_model.models import DIGITS, SHORT, model

CASE = OwnModelCase.of(model(), "spotter", DIGITS, 3, SHORT)


def test_identity_is_name_checksum_task_and_training() -> None:
    plain = OwnModelCase("spotter", "0" * 32, "gru", DIGITS, 0, SHORT)
    assert digest(plain) == "23fd593861879fcc9b5443ae0c9c5a1d"
    other = model(seed=1)
    assert OwnModelCase.of(other, "spotter", DIGITS, 3, SHORT) != CASE
    assert OwnModelCase.of(model(), "spotter", DIGITS, 3, SHORT) == CASE


def test_it_restores_from_json_without_the_network() -> None:
    case = MethodCase(CASE, METHODS["magnitude"], 0.1)
    again = restore(json.loads(json.dumps(canonical(case))))
    assert again == case
    assert digest(again) == digest(case)
    assert again.base.model is None
    assert "model" not in canonical(case)["base"]
    with pytest.raises(
        ValueError, match=r"was not given to this process, .* give it to sparsebench"
    ):
        network_kind_of(again.base).network(again.base)


def test_seeds_go_and_the_network_stays() -> None:
    assert seedless(CASE).seed == 0
    assert seedless(CASE).model is CASE.model
    assert pickle.loads(pickle.dumps(CASE)).given.checksum == CASE.checksum


def test_it_begins_with_its_own_weights_and_a_control_with_new_ones() -> None:
    kind = network_kind_of(CASE)
    network = kind.network(CASE)
    start = kind.start(CASE, network)
    assert start.seed == 3
    assert (start.weights["layers.0.h2h"] == CASE.given.weights["layers.0.h2h"]).all()
    anew = kind.with_new_weights(CASE, 7)
    drawn = kind.start(anew, network).weights
    assert (drawn["layers.0.h2h"] == initial_weights(network.layout, 7)["layers.0.h2h"]).all()
    control = MaskControlCase(MethodCase(CASE, METHODS["magnitude"], 0.1), "new_weights")
    assert control.seed == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Spotter 1", "", "gru", DIGITS), "lower-case letters, digits, dashes"),
        (("spotter", "", "cnn", DIGITS), "unknown variant 'cnn'"),
        (("spotter", "", "mgu", DIGITS), "variant is 'mgu', and torch.nn has no such layer"),
        (("spotter", "", "gru", DIGITS, -1), "seed is -1"),
        (("spotter", "", "gru", DIGITS, 0, SHORT, "old"), "unknown weights 'old'"),
        (("spotter", "no", "gru", DIGITS, 0, SHORT, None, model()), "that of the model is"),
    ],
)
def test_what_is_no_case_is_refused(arguments: tuple[object, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        OwnModelCase(*arguments)  # type: ignore[arg-type]
