"""One call tells what pruning costs and buys: a frame, and a figure of it."""

from __future__ import annotations

import os
from typing import Any
from xml.etree.ElementTree import fromstring

import numpy as np
import pandas as pd
import pytest
import torch

from sparsebench.engines.streaming.compiled import compile_network
from sparsebench.experiments.own_model.prunability import prunability
from sparsebench.experiments.own_model.prunability_figure import prunability_figure
from sparsebench.parts.examples import Examples
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.tasks import dataset
from sparsebench.values.own_structure import Stack
from sparsebench.values.sequence_tasks import SequentialDigits
from tests import processes
from tests.experiments.own_model.models import DIGITS, model
from tests.own_networks import small_network

HALVES: Any = dataset(DIGITS)
TRAIN, TEST = HALVES.train, HALVES.test


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return prunability(
        model(),
        TRAIN,
        (torch.from_numpy(TEST.inputs), torch.from_numpy(TEST.answers)),
        densities=[0.5, 0.1],
        epochs=12,
        seeds=2,
        batch_size=16,
        learning_rate=0.01,
    )


def test_a_row_for_each_method_and_density_and_the_dense_network(frame: pd.DataFrame) -> None:
    rows = [*zip(frame["method"], frame["density"], frame["program"], strict=True)]
    assert rows == [
        ("as given", 1, "sparsebench"),
        *(("dense", 1, name) for name in ("sparsebench", "PyTorch", "ONNX Runtime")),
        *(
            (method, density, "sparsebench")
            for method in ("magnitude", "gradual", "blocks")
            for density in (0.5, 0.1)
        ),
    ]
    assert frame.attrs["steps"] == 8
    assert (frame.attrs["batch"], frame.attrs["epochs"], frame.attrs["seeds"]) == (32, 12, 2)


def test_figures_are_those_of_the_networks(frame: pd.DataFrame) -> None:
    given = frame.iloc[0]
    said, _ = model().forward(TEST.inputs.swapaxes(0, 1))
    assert given["accuracy"] == (said.argmax(1) == TEST.answers).mean()
    dense = frame[(frame["method"] == "dense") & (frame["program"] == "sparsebench")].iloc[0]
    assert dense["accuracy"] > given["accuracy"] + 0.2
    assert dense["kept"] == 3 * 16 * (8 + 16)
    assert dense["multiply_adds"] == dense["kept"] + 160
    sparse = frame[frame["density"] == 0.1]
    assert (abs(sparse["kept"] - 0.1 * dense["kept"]) <= 16).all()
    blocks = sparse[sparse["method"] == "blocks"].iloc[0]
    assert blocks["network"].kept == (blocks["kept"], dense["kept"])
    assert blocks["bytes"] < dense["bytes"]
    ours = frame[frame["program"] != "ONNX Runtime"]
    assert (ours[["step_seconds", "batch_seconds"]] > 0).all(axis=None)


def test_weights_of_the_head_that_are_pruned_are_not_multiplied() -> None:
    whole = model()
    head = np.ones((10, 16), bool)
    head[:, :5] = False
    found = prunability(
        whole.with_masks({"readout.weight": head}), TRAIN, TEST, [0.5], ["magnitude"], 0
    )
    assert found["multiply_adds"][0] == whole.kept[0] + 160 - 50


def test_networks_rounded_to_int8_have_an_accuracy_and_a_time(frame: pd.DataFrame) -> None:
    ours = frame[frame["program"] == "sparsebench"]
    assert (ours["int8_step_seconds"] > 0).all()
    assert frame[frame["program"] != "sparsebench"]["int8_accuracy"].isna().all()
    assert (abs(ours["int8_accuracy"] - ours["accuracy"]) < 0.02).all()


def test_losses_with_int8_are_those_of_rounded_weights() -> None:
    network = small_network(classes=1)
    random = np.random.default_rng(0)
    inputs = random.standard_normal((40, 5, 3)).astype(np.float32)
    data = inputs, random.standard_normal(40).astype(np.float32)
    given = prunability(network, data, data, [0.5], ["magnitude"], epochs=1).iloc[0]
    compiled = compile_network(network, dtype="int8")
    said = np.array([compiled.run(sequence)[0][-1, 0] for sequence in inputs])
    assert given["int8_loss"] == pytest.approx(((said - data[1]) ** 2).mean(), rel=1e-4)
    assert given["int8_loss"] != given["loss"]


def test_int8_accuracies_are_those_of_the_compiled_networks(frame: pd.DataFrame) -> None:
    ours = frame[frame["program"] == "sparsebench"]
    given = ours.iloc[0]
    compiled = compile_network(given["network"], dtype="int8")
    said = np.array([compiled.run(sequence)[0][-1].argmax() for sequence in TEST.inputs])
    assert given["int8_accuracy"] == pytest.approx((said == TEST.answers).mean(), abs=0.005)


def test_a_program_that_is_not_installed_is_noted(frame: pd.DataFrame) -> None:
    theirs = frame[frame["program"] == "ONNX Runtime"].iloc[0]
    if frame.attrs["notes"]:
        assert frame.attrs["notes"] == [
            "ONNX Runtime is not installed: pip install 'sparsebench[onnx]'"
        ]
        assert np.isnan(theirs["step_seconds"])
    else:
        assert theirs["step_seconds"] > 0


def test_it_is_drawn(frame: pd.DataFrame) -> None:
    svg = prunability_figure(frame)
    fromstring(svg)
    text = svg.decode()
    for word in ("magnitude", "blocks", "dense, PyTorch", "A batch of 32 sequences", "accuracy"):
        assert word in text
    with pytest.raises(ValueError, match="without step_seconds: give one of prunability"):
        prunability_figure(frame.drop(columns="step_seconds"))


def test_numbers_and_answers_after_every_step_are_judged_too() -> None:
    random = np.random.default_rng(0)
    inputs = random.standard_normal((12, 5, 8))
    options: dict[str, Any] = {"densities": [0.5], "methods": ["magnitude"], "epochs": 1}
    told = inputs, inputs.mean((1, 2))
    losses = prunability(model(classes=1), told, told, **options)
    assert losses.attrs["figure"] == "loss"
    assert (losses["loss"] > 0).all()
    assert b"loss" in prunability_figure(losses)
    network = model(classes=2, reads="every_step")
    told = inputs, (inputs[:, :, 0] > 0).astype(int)
    found = prunability(network, told, told, **options)
    assert found["accuracy"].between(0, 1).all()


def test_the_padding_row_of_an_embedding_is_left_as_it_is() -> None:
    network = small_network(symbols=6, padding=0)
    codes = np.random.default_rng(0).integers(1, 6, (12, 5)).astype(np.uint8)
    lengths = np.repeat([3, 5], 6)
    codes[:6, 3:] = 0
    answers = np.arange(12) % 2
    padded, pair = Examples(codes, lengths, answers), (codes, answers)
    (_, _, _, _, own) = prunability(network, padded, pair, [0.5], ["magnitude"], 1)["network"]
    np.testing.assert_array_equal(own.weights["embedding"][0], network.weights["embedding"][0])
    assert (own.weights["embedding"][1:] != network.weights["embedding"][1:]).all()
    with pytest.raises(ValueError, match=r"6 of 12 sequences to train on show symbol 0"):
        prunability(network, pair, pair, [0.5], ["magnitude"], 1)


def test_without_pytest_it_works_as_in_a_notebook() -> None:
    code = (
        "import sys; sys.modules['pytest'] = None\n"
        "from tests.experiments.own_model.notebook import frame\n"
        "print(len(frame))"
    )
    assert processes.run(["-c", code], processes.ROOT, os.environ).stdout == "5\n"


FRAMES = np.zeros((4, 3, 8))


def call(network: OwnNetwork | None = None, train: Any = None, **options: Any) -> None:
    good = FRAMES, np.arange(4)
    prunability(network or model(), good if train is None else train, good, **options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"network": 3}, "network is an int"),
        ({"train": FRAMES}, "train is an ndarray: give Examples, or a pair"),
        ({"train": (FRAMES, [1])}, r"answers \(1,\): give inputs \(N, T, width\)"),
        ({"train": (FRAMES[..., :3], np.arange(4))}, "train: vectors of 3"),
        ({"train": (FRAMES, np.full(4, 10))}, "train: an example's class is 10"),
        ({"train": (FRAMES, np.ones((4, 3), int))}, "train: .* after every step"),
        ({"train": (FRAMES, np.ones(4))}, "1 numbers asked for"),
        (
            {"train": (np.full((4, 3), 300), np.arange(4)), "network": model(symbols=4)},
            "300: give 0",
        ),
        ({"densities": [0]}, "density is 0: give the share"),
        ({"methods": ["none"]}, "unknown method 'none'"),
        ({"epochs": -1}, "epochs is -1"),
        ({"seeds": 0}, "seeds is 0"),
        ({"network": model(classes=0)}, "no head"),
        ({"network": small_network([Stack(1, 4, bidirectional=True)])}, "bidirectional"),
    ],
    ids=range(14),
)
def test_what_does_not_fit_is_refused_with_what_to_do(options: dict[str, Any], said: str) -> None:
    with pytest.raises((TypeError, ValueError), match=said):
        call(**options)


def test_sequences_of_several_lengths_are_timed_by_the_longest() -> None:
    task = SequentialDigits("rows", train=32, test=16)
    halves: Any = dataset(task)
    lengths = np.where(np.arange(16) < 2, 8, 5)
    test = Examples(halves.test.inputs, lengths, halves.test.answers)
    found = prunability(model(), halves.train, test, [0.5], ["magnitude"], 1)
    assert found.attrs["steps"] == 8
