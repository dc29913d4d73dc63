"""Written strings are judged letter by letter: how many are grammatical, how many letters legal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sparsebench.engines import writing
from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.language_modelling import generation
from sparsebench.experiments.language_modelling.cases import GenerationCase
from sparsebench.harness import measuring, registry
from sparsebench.harness.context import Bench
from sparsebench.harness.experiment import NotMeasurable
from sparsebench.harness.trained_models import model_of, request
from sparsebench.parts.embedded_reber import EmbeddedLanguage, accepts
from sparsebench.parts.reber import REBER, Language
from sparsebench.parts.records import Record, check_complete
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.identity import canonical, digest
from sparsebench.values.protocol import Training
from sparsebench.values.seeding import stream
from sparsebench.values.tasks import GRAMMARS, VALID_LETTERS, NextLetters
from tests.harness import small

TRAINING = Training(epochs=1, batch_size=4, learning_rate=0.01)


def writer(grammar: str = "reber", seed: int = 0) -> TaskCase:
    return TaskCase("rnn_tanh", NextLetters(grammar, train=8, test=6), seed, 4, training=TRAINING)


def measured(case: GenerationCase, bench: Bench) -> Record:
    request([case], bench)
    record = measuring.measure(case, bench)
    check_complete(record)
    return record


def told(monkeypatch: pytest.MonkeyPatch, strings: Sequence[str]) -> list[dict[str, Any]]:
    """From now on networks write these; what they were asked for is noted."""
    names = ("plan", "weights", "alphabet", "strings", "ends", "longest", "random")
    asked = []

    def write(*arguments: Any) -> list[str]:
        asked.append(dict(zip(names, arguments, strict=True)))
        return list(strings)

    monkeypatch.setattr(writing, "write", write)
    return asked


@pytest.mark.parametrize(
    ("grammar", "string", "grammatical", "legal", "judged"),
    [
        ("reber", "BTXSE", 1, 4, 4),
        ("reber", "BPVVE", 1, 4, 4),
        ("reber", "BTSSXXTVVE", 1, 9, 9),
        ("reber", "BTE", 0, 1, 2),  # too early
        ("reber", "BB", 0, 0, 1),
        ("reber", "BPTVPXVVE", 1, 8, 8),
        ("reber", "BTXSTTTTE", 0, 3, 4),  # nothing is judged after the first that may not be there
        ("reber", "BTSSSSSS", 0, 7, 7),  # given up before its end
        ("embedded_reber", "BTBTXSETE", 1, 8, 8),
        ("embedded_reber", "BPBPVVEPE", 1, 8, 8),
        ("embedded_reber", "BTBTXSEPE", 0, 6, 7),  # the other letter than the second
        ("embedded_reber", "BTBTXSE", 0, 6, 6),
    ],
)
def test_a_string_is_judged_up_to_the_first_letter_that_may_not_follow(
    grammar: str,
    string: str,
    grammatical: int,
    legal: int,
    judged: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told(monkeypatch, [string])
    metrics = measured(GenerationCase(writer(grammar), 1), small.bench(tmp_path)).metrics
    assert metrics == {
        "grammatical": grammatical,
        "legal_next": legal / judged,
        "strings": 1,
        "letters": len(string),
    }
    assert grammatical == (REBER.accepts if grammar == "reber" else accepts)(string)


def test_shares_are_of_all_strings_and_of_all_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(monkeypatch, ["BTXSE", "BTE", "BB", "BTSSSSSS"])
    metrics = measured(GenerationCase(writer(), 4), small.bench(tmp_path)).metrics
    assert metrics == {
        "grammatical": 1 / 4,
        "legal_next": (4 + 1 + 0 + 7) / (4 + 2 + 1 + 7),
        "strings": 4,
        "letters": (5 + 3 + 2 + 8) / 4,
    }


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_all_that_a_grammar_has_is_grammatical_and_ends_where_writing_ends(
    grammar: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    language = Language(REBER) if grammar == "reber" else EmbeddedLanguage()
    strings = [
        language.string(length, rank)
        for length in range(5, 16)
        for rank in range(min(9, language.count(length)))
    ]
    assert len(strings) > 20
    told(monkeypatch, strings)
    case = GenerationCase(writer(grammar), len(strings))
    metrics = measured(case, small.bench(tmp_path)).metrics
    assert (metrics["grammatical"], metrics["legal_next"]) == (1, 1)
    for string in strings:
        assert string.count("E") == generation.ENDS[grammar]
        assert string.endswith("E")


@pytest.mark.parametrize(("grammar", "ends"), [("reber", 1), ("embedded_reber", 2)])
def test_a_network_writes_with_its_trained_weights_and_a_stream_of_its_own(
    grammar: str, ends: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, case = small.bench(tmp_path), GenerationCase(writer(grammar, seed=3), 7, draw=2)
    asked = told(monkeypatch, ["BTXSE"] * 7)
    measured(case, bench)
    (only,) = asked
    assert (only["strings"], only["ends"]) == (7, ends)
    assert (only["alphabet"], only["longest"]) == (VALID_LETTERS, 80)
    assert only["random"].random_sample() == stream("writing", 2, 3).random_sample()
    trained = model_of(case.network, bench).weights
    assert only["weights"].keys() == trained.keys()
    assert all(np.array_equal(only["weights"][name], trained[name]) for name in trained)


def test_another_draw_of_the_same_network_writes_something_else(tmp_path: Path) -> None:
    bench = small.bench(tmp_path)
    one, other = (GenerationCase(writer(), 30, draw) for draw in (0, 1))
    first, second = measured(one, bench), measured(other, bench)
    assert first.weights == second.weights
    assert first.metrics != second.metrics


def test_the_record_tells_whose_strings_they_are(tmp_path: Path) -> None:
    bench, case = small.bench(tmp_path), GenerationCase(writer(), 3)
    record = measured(case, bench)
    assert (record.digest, record.case) == (digest(case), canonical(case))
    assert record.experiment == "generation"
    assert record.weights == measuring.measure(case.network, bench).weights
    assert bench.provenances.keys() >= {record.provenance, record.trained}


def test_a_pruned_network_writes_with_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = small.bench(tmp_path)
    pruned = FinetuningCase(writer(), "both", 80, training=TRAINING)
    asked = told(monkeypatch, ["BTXSE"])
    record = measured(GenerationCase(pruned, 1), bench)
    assert record.weights == model_of(pruned, bench).training.weights
    assert record.weights != model_of(writer(), bench).training.weights
    masks = asked[0]["plan"].masks
    assert masks
    for name, mask in masks.items():
        assert not asked[0]["weights"][name][~mask].any()


def test_what_was_written_is_kept_and_not_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = GenerationCase(writer(), 5)
    first = measured(case, small.bench(tmp_path))
    asked = told(monkeypatch, ["BTXSE"])
    again = measured(case, small.bench(tmp_path))
    assert again.metrics == first.metrics
    assert asked == []
    by_case = registry._known().by_case
    (measurement,) = by_case[GenerationCase]
    other = replace(measurement, cache_key=lambda case, bench: "other weights")
    monkeypatch.setitem(by_case, GenerationCase, [other])
    assert measured(case, small.bench(tmp_path)).metrics["grammatical"] == 1
    assert len(asked) == 1


def test_a_gpu_is_refused_before_anything_is_trained(
    tmp_path: Path, noted: list[list[int]]
) -> None:
    wired = replace(writer(), hidden_size=None, graph=GraphSpec("watts_strogatz", 0, 10))
    with pytest.raises(NotMeasurable, match=r"NextLetters are trained on the CPU.*--gpu"):
        measuring.measure(GenerationCase(wired, 3), small.bench(tmp_path, device="cuda"))
    assert noted == []
