"""What a case needs is prepared once for its key, its record and its time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.forward_time.cases import ForwardCase
from sparsebench.experiments.language_modelling.cases import GenerationCase
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.harness import registry
from sparsebench.harness.forward_passes import forward_passes
from sparsebench.harness.measuring import measure
from sparsebench.harness.registry import measurement_of
from sparsebench.parts.pruning import CRITERIA
from sparsebench.parts.store import Store
from sparsebench.values.case import BaseCase
from sparsebench.values.protocol import Architecture
from sparsebench.values.semantics import PUBLISHED
from tests.experiments.language_modelling.test_generation import writer
from tests.harness import small

BASE = BaseCase(
    Architecture("gru", layers=1, hidden_size=4), 0, PUBLISHED, small.TRAINING, small.DATA
)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often arrays are scored, networks are made, and read from the store."""
    counted: Counter[str] = Counter()

    def counting(what: str, really: Callable[..., Any]) -> Callable[..., Any]:
        def count_and_do(*arguments: Any) -> Any:
            counted[what] += 1
            return really(*arguments)

        return count_and_do

    monkeypatch.setitem(CRITERIA, "magnitude", counting("scored", CRITERIA["magnitude"]))
    monkeypatch.setattr(Store, "load", counting("read", Store.load))
    monkeypatch.setattr(Store, "load_record", lambda store, name: None)
    kinds = registry._known().kinds_of_networks
    for case, kind in kinds.items():
        monkeypatch.setitem(kinds, case, replace(kind, network=counting("made", kind.network)))
    return counted


CASES = {
    "pruned": (PruningCase(BASE, "both", 50), {"made": 1, "read": 1, "scored": 4}),
    "wired": (small.wired(0), {"made": 1, "read": 1}),
    "fine-tuned": (
        FinetuningCase(BASE, "both", 50, training=small.RETRAINING),
        {"made": 2, "read": 2, "scored": 4},
    ),
    "fine-tuned-wired": (small.retraining(0), {"made": 2, "read": 2, "scored": 16}),
    "as-initialised": (ForwardCase(small.wired(0), 50), {"made": 1, "scored": 16}),
    "writing": (GenerationCase(writer(), 3), {"made": 1, "read": 1}),
}
"""Each array is scored twice, for a criterion must give the same scores again."""


@pytest.mark.parametrize("name", CASES)
def test_key_record_and_time_of_a_case_need_its_networks_once(
    tmp_path: Path, counts: Counter[str], name: str
) -> None:
    case, expected = CASES[name]
    measure(case, small.bench(tmp_path))  # trains
    counts.clear()
    bench = small.bench(tmp_path)
    measure(case, bench)
    if measurement_of(case).forward is not None:
        forward_passes(case, bench)
    assert counts == expected


def test_what_was_made_is_let_go_of_at_the_end(tmp_path: Path) -> None:
    bench = small.bench(tmp_path)
    baseline, first = bench.baseline, bench.once("key", lambda: 1)
    assert bench.once("key", lambda: 2) == first == 1
    assert bench.baseline is baseline
    bench.forget()
    assert bench.once("key", lambda: 2) == 2
    assert bench.baseline is not baseline
