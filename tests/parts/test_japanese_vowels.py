"""Japanese vowels are those of sktime, or refused; without it there is no item, and no complaint."""

from __future__ import annotations

import re
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.sequence_items import sequence_items
from sparsebench.harness.task_profiles import QUICK
from sparsebench.parts import japanese_vowels, tasks
from sparsebench.parts.examples import check_examples
from sparsebench.parts.japanese_vowels import japanese_vowels as made
from sparsebench.parts.records import Record
from sparsebench.shell.unused import unused
from sparsebench.values.identity import canonical, digest
from sparsebench.values.sequence_tasks import JapaneseVowels
from tests.harness.settings import settings

TASK = JapaneseVowels()
CASE = TaskCase("gru", TASK, 0, 4)


@pytest.fixture
def two_recordings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that has two recordings in each half."""

    def load(split: str, return_type: str) -> tuple[Any, np.ndarray]:
        assert return_type == "df-list"
        first = {"train": 3, "test": 2}[split]
        frames = [pd.DataFrame(np.full((steps, 12), 0.1 * steps)) for steps in (first, 1)]
        return frames, np.array(["9", "1"])

    package, datasets = ModuleType("sktime"), ModuleType("sktime.datasets")
    datasets.load_japanese_vowels = load  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sktime", package)
    monkeypatch.setitem(sys.modules, "sktime.datasets", datasets)


def test_recordings_come_in_their_order_with_zeros_after_their_end(
    two_recordings: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match=r"have the checksum [0-9a-f]{16}, not ") as told:
        made(TASK)
    (own,) = re.findall("checksum ([0-9a-f]{16}),", str(told.value))
    monkeypatch.setattr(japanese_vowels, "CHECKSUM", own)
    halves = made(TASK)
    assert halves.train.lengths.tolist() == [3, 1]
    assert halves.train.answers.tolist() == [8, 0]
    assert halves.test.inputs.shape == (2, 2, 12)
    assert halves.train.inputs[0].tolist() == np.full((3, 12), 0.3, np.float32).tolist()
    assert halves.train.inputs[1, 1:].tolist() == np.zeros((2, 12)).tolist()
    for half in (halves.train, halves.test):
        check_examples(half, 0, TASK.width, TASK.classes)


def test_other_recordings_are_refused(two_recordings: None) -> None:
    with pytest.raises(ValueError, match=r"this version of sktime .* install version 1\.2"):
        made(TASK)


def test_those_of_the_extra_are_the_published_ones() -> None:
    pytest.importorskip("sktime", reason="pip install 'sparsebench[series]'")
    halves = tasks.dataset(TASK)
    assert (len(halves.train), len(halves.test)) == (270, 370)  # type: ignore[attr-defined]
    assert np.bincount(halves.test.answers).tolist() == [31, 35, 88, 44, 29, 24, 40, 50, 29]
    assert (halves.test.lengths.min(), halves.test.lengths.max()) == (7, 29)
    assert float(halves.test.inputs[0, 0, 0]) == pytest.approx(1.635533)


@pytest.mark.parametrize("there", [True, False])
def test_items_and_unused_records_go_by_whether_it_is_installed(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    monkeypatch.setattr(tasks, "find_spec", lambda name: object() if there else None)
    assert tasks.is_available(TASK) == there
    ids = [item.id for item in sequence_items(QUICK, extras=True)]
    assert ids[::3] == (["japanese-vowels-rnn_tanh-p0", "japanese-vowels-gru-p80"] if there else [])
    assert "japanese-vowels-gru-p0" not in [item.id for item in sequence_items(QUICK)]
    record = Record(digest=digest(CASE), experiment="task", case=canonical(CASE), metrics={})
    assert unused([], settings(tmp_path), [record]) == ([record] if there else [])


def test_digests_never_change() -> None:
    assert digest(CASE) == "3edfec95f04f9b1c6fdd01cdd2dc4dc3"
