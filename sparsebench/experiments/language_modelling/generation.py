"""Experiment: networks that say next letters write strings; how many are grammatical (proposal, 6)."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparsebench.experiments.capacity.measure import check_device
from sparsebench.experiments.language_modelling.cases import GenerationCase
from sparsebench.harness.context import Bench
from sparsebench.harness.trained_models import model_of, network_and_model
from sparsebench.parts.embedded_reber import legal_next
from sparsebench.parts.records import Record
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.values.identity import canonical, digest
from sparsebench.values.seeding import stream
from sparsebench.values.tasks import VALID_LETTERS

LONGEST = 80
"""Letters after which a string that does not end is given up."""

ENDS = {"reber": 1, "embedded_reber": 2}
"""With which `E` a string of a grammar ends: the embedded string has one of its own."""


def measure(case: GenerationCase, bench: Bench) -> Record:
    """Let a trained network write strings from `B` on, each letter drawn as it says.

    Returns
    -------
    Record
        `grammatical`: the share of strings that the grammar has. `legal_next`: the share of letters
        that may follow what was written before them, up to and with the first that may not.
        `strings`: how many were written; `letters`: their mean length.
    """
    from sparsebench.engines.writing import write

    network, model = network_and_model(case.network, bench)
    task: Any = case.network.data
    written = write(
        sparse_layout(network.layout, network.masks),
        model.weights,
        VALID_LETTERS,
        case.strings,
        ENDS[task.grammar],
        LONGEST,
        stream("writing", case.draw, case.seed),
    )
    grammatical = legal = judged = 0
    for string in written:
        for place in range(1, len(string)):
            judged += 1
            if string[place] not in legal_next(string[:place], task.grammar):
                break
            legal += 1
        else:
            grammatical += string.endswith("E") and not legal_next(string, task.grammar)
    return Record(
        digest=digest(case),
        experiment="generation",
        case=canonical(case),
        metrics={
            "grammatical": grammatical / len(written),
            "legal_next": legal / max(1, judged),
            "strings": len(written),
            "letters": float(np.mean([len(string) for string in written])),
        },
        weights=model.training.weights,
        numerics=bench.numerics,
        provenance=bench.note(bench.here),
        trained=bench.note(model.trained),
    )


def cache_key(case: GenerationCase, bench: Bench) -> str:
    """What decides the figures beside the case and the code: the network's weights.

    Raises
    ------
    NotMeasurable
        If the run is on a GPU.
    """
    check_device(case.network, bench)
    return model_of(case.network, bench).training.weights
