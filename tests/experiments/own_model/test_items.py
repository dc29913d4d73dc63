"""Items of one's own network: what fits, what is refused with a sentence, and a run with its gate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from sparsebench.engines.torch_networks import to_torch
from sparsebench.experiments.own_model.cases import OwnModelCase
from sparsebench.experiments.own_model.items import CONTROLS, own_model_items
from sparsebench.parts.methods.criteria import Snip
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.schedules import AtStart
from sparsebench.parts.own_export import export_network
from sparsebench.values.own_structure import Stack
from sparsebench.values.tasks import NextLetters, Recall
from tests.experiments.own_model.models import DIGITS, model


def test_ids_have_the_name_the_task_the_method_and_the_density() -> None:
    items = own_model_items(model(), DIGITS, ["magnitude", "snip"], [0.5, 0.05], name="spotter")
    assert [item.id for item in items][:2] == [
        "spotter-digits-rows-magnitude-kept50",
        "spotter-digits-rows-magnitude-kept5",
    ]
    assert len(items) == 4
    (item,) = own_model_items(model(), DIGITS, {"mine": Method(Snip(), schedule=AtStart())}, [0.1])
    assert item.id.startswith(f"model-{model().checksum[:8]}-")
    assert item.name == "mine"


def test_controls_are_those_of_methods_but_for_a_small_network() -> None:
    (item,) = own_model_items(model(), DIGITS, ["magnitude"], [0.1], controls=CONTROLS, seeds=2)
    groups = item.groups([0])
    assert set(groups) == {*CONTROLS, ""}
    assert all(len(cases) == 2 for cases in groups.values())
    (dense,) = {case.density for case in groups["dense"]}
    assert dense == 1
    assert all(isinstance(case.base, OwnModelCase) for case in groups[""])
    with pytest.raises(ValueError, match=r"'small' is a small network .* from scratch"):
        own_model_items(model(), DIGITS, controls=["small"])


def test_a_network_comes_from_a_file(tmp_path: Path) -> None:
    network = model()
    for name in ("spotter.safetensors", "spotter.npz"):
        export_network(network, tmp_path / name)
        (item,) = own_model_items(tmp_path / name, DIGITS, ["magnitude"], [0.1])
        assert (item.case.checksum, item.case.name) == (network.checksum, "spotter")
    torch.save(to_torch(network).state_dict(), tmp_path / "Theirs 1.pt")
    (item,) = own_model_items(
        tmp_path / "Theirs 1.pt", DIGITS, ["magnitude"], [0.1], state_dict={"head": "head"}
    )
    assert (item.case.checksum, item.case.name) == (network.checksum, "theirs-1")


def test_a_task_that_shows_the_padding_of_the_embedding_is_refused() -> None:
    options: dict[str, Any] = {"symbols": 7, "classes": 7, "reads": "every_step"}
    assert own_model_items(model(**options), LETTERS, ["magnitude"], [0.1])
    with pytest.raises(ValueError, match="sequences to train on show symbol 1, the padding"):
        own_model_items(model(**options, padding=1), LETTERS, ["magnitude"], [0.1])


PRUNED = model().with_masks({"layers.0.h2h": np.eye(48, 16, dtype=bool)})
LETTERS = NextLetters(train=16, test=8)


@pytest.mark.parametrize(
    ("network", "task", "options", "said"),
    [
        (model(width=7), DIGITS, {}, "reads 7 numbers a step, and the task shows 8: give the task"),
        (model(classes=2), DIGITS, {}, "head has 2 outputs, and the task asks for 10"),
        (
            model(symbols=5),
            DIGITS,
            {},
            "reads symbols, .* frames of numbers: give a network without",
        ),
        (
            model(classes=7),
            LETTERS,
            {},
            "frames of numbers, and the task shows symbols: .* with an",
        ),
        (model(symbols=5, classes=7), LETTERS, {}, "embedding has 5 rows, .* shows 7 symbols"),
        (
            model(symbols=7, classes=7),
            LETTERS,
            {},
            r"after every step: give network.reading\('every",
        ),
        (model(reads="every_step"), DIGITS, {}, r"at the end: give network.reading\('last_step'\)"),
        (model(classes=0), Recall(width=8, train=8, test=8), {}, "no head, .* linear layer too"),
        (model(stacks=(Stack(1, 4, bias=False),)), DIGITS, {}, "no bias, .* bias=True, or"),
        (model(reads="mean"), DIGITS, {}, "mean over the steps is read"),
        (PRUNED, DIGITS, {}, "of 1152 recurrent weights, .* before it was pruned"),
        (model(), DIGITS, {"methods": ["nothing"]}, "unknown method 'nothing'"),
        (model(), DIGITS, {"methods": ["gates_lstm"]}, "'gates_lstm' does not fit a gru"),
        (model(), DIGITS, {"densities": [2]}, "density is 2"),
        (model(), DIGITS, {"name": "My model"}, "lower-case letters"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_to_do(
    network: Any, task: Any, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        own_model_items(network, task, **options)


PROJECT = """
import pytest
from sparsebench import own_model_items
from tests.experiments.own_model.models import DIGITS, SHORT, model

ITEMS = own_model_items(
    model(SEED), DIGITS, ["magnitude", "snip"], [0.2], training=SHORT, name="spotter",
    controls=["dense", "random", "shuffled", "new_weights"],
)

@pytest.mark.sparsebench(ITEMS)
def test_model(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
"""


def test_a_run_is_measured_gated_and_reported(pytester: pytest.Pytester) -> None:
    path = pytester.makepyfile(test_model=PROJECT.replace("SEED", "0"))
    store = f"--sparsebench-store={pytester.path / 'store'}"
    measured = pytester.runpytest("-v", "--sparsebench-update", store, "--sparsebench-json=a.json")
    measured.assert_outcomes(passed=2)
    measured.stdout.fnmatch_lines(["*spotter on digits*, gru, 2 epochs: *", "*magnitude*"])
    gate = "--sparsebench-gate", store, "--sparsebench-json=b.json"
    pytester.runpytest(*gate).assert_outcomes(passed=2)
    from sparsebench.shell.command import main

    assert main(["compare", "a.json", "b.json"]) == 0
    assert main(["report", "b.json", "-o", "site"]) == 0
    page = (pytester.path / "site" / "index.html").read_text(encoding="utf-8")
    assert "spotter on digits" in page
    path.write_text(PROJECT.replace("SEED", "1"), encoding="utf-8")  # another network
    pytester.runpytest(*gate).assert_outcomes(failed=2)
