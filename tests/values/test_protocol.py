from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given

from sparsebench.values.identity import canonical
from sparsebench.values.layout import Block
from sparsebench.values.protocol import CELL_TYPES, VARIANTS, Architecture, ReberStrings, Training
from tests import strategies


def test_the_defaults_are_the_thesis() -> None:
    data = ReberStrings()
    assert (data.valid, data.invalid) == (12_500, 12_500)
    assert (data.train_valid + data.train_invalid, data.test_valid) == (18_750, 3161)
    assert canonical(Training()) == {
        "kind": "Training",
        "epochs": 50,
        "batch_size": 32,
        "learning_rate": 0.001,
        "clip_norm": 5.0,
    }
    assert canonical(Architecture("gru")) == {
        "kind": "Architecture",
        "variant": "gru",
        "layers": 3,
        "hidden_size": 50,
        "symbols": 128,
        "classes": 2,
    }


def test_the_variants_are_the_thesis_s_and_come_first_among_the_cell_types() -> None:
    assert VARIANTS == ("rnn_tanh", "rnn_relu", "lstm", "gru")
    assert (*VARIANTS, "mgu") == CELL_TYPES


@given(architecture=strategies.architectures)
def test_a_stacked_network_has_one_block_a_layer_and_none_that_skips(
    architecture: Architecture,
) -> None:
    layout, size = architecture.layout, architecture.hidden_size
    assert layout.sizes == (size,) * architecture.layers
    assert layout.blocks == tuple(Block(each - 1, each) for each in range(architecture.layers))
    shapes = layout.shapes()
    assert shapes["embedding"] == (architecture.symbols, size)
    assert shapes["readout.weight"] == (architecture.classes, size)


@given(data=strategies.reber_strings)
def test_both_halves_are_counted(data: ReberStrings) -> None:
    halves = (data.train_valid, data.train_invalid), (data.test_valid, data.test_invalid)
    assert (data.valid, data.invalid) == tuple(map(sum, zip(*halves, strict=True)))


def test_a_rate_written_as_a_whole_number_is_the_same_protocol() -> None:
    whole, point = Training(learning_rate=1, clip_norm=5), Training(learning_rate=1.0)
    assert whole == point
    assert isinstance(whole.learning_rate, float)


def test_the_altered_negatives_are_the_default_and_are_stored_as_nothing() -> None:
    assert ReberStrings(negatives="altered") == ReberStrings()
    assert "negatives" not in canonical(ReberStrings(negatives="altered"))
    assert canonical(ReberStrings(negatives="author_like"))["negatives"] == "author_like"


@pytest.mark.parametrize("value", [Architecture("gru"), Training(), ReberStrings()])
def test_a_protocol_cannot_be_changed(value: object) -> None:
    for name in vars(value):
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, 1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Architecture("elman"), "variant 'elman': .* rnn_tanh, rnn_relu, lstm, gru, mgu$"),
        (lambda: Architecture("gru", layers=0), "layers is 0: .* at least 1$"),
        (lambda: Architecture("gru", hidden_size=-1), "hidden_size is -1: .* at least 1$"),
        (lambda: Architecture("gru", symbols=0), "symbols is 0: .* at least 1$"),
        (lambda: Architecture("gru", classes=0), "classes is 0: .* at least 1$"),
        (lambda: Training(epochs=-1), "epochs is -1: .* at least 0$"),
        (lambda: Training(batch_size=0), "batch_size is 0: .* at least 1$"),
        (lambda: Training(learning_rate=0.0), "learning_rate is 0.0: .* above 0$"),
        (lambda: Training(clip_norm=float("nan")), "clip_norm is nan: .* above 0$"),
        (lambda: ReberStrings(train_valid=0), "train_valid is 0: .* at least 1$"),
        (lambda: ReberStrings(seed=-1), "seed is -1: .* at least 0$"),
        (
            lambda: ReberStrings(negatives="his"),
            "^unknown negatives 'his': choose one of altered, author_like$",
        ),
    ],
)
def test_a_wrong_field_is_told_what_is_allowed(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
