"""Experiment: networks that predict letters generate strings; how many are grammatical (proposal,
6)."""

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
"""Letters after which a string without an end is abandoned."""

ENDS = {"reber": 1, "embedded_reber": 2}
"""Which `E` ends a string of a grammar: an embedded string contains an earlier one."""


def measure(case: GenerationCase, bench: Bench) -> Record:
    """Generate strings with a trained network from `B` on, drawing each letter from its prediction.

    Returns
    -------
    Record
        `grammatical`: the share of grammatical strings. `legal_next`: the share of letters that may
        follow those before them, up to and including the first illegal one. `strings`: their
        number; `letters`: their mean length.
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
    """Checksum of the network's weights: it decides the figures, together with case and code.

    Raises
    ------
    NotMeasurable
        If the network is wired and the run is on a GPU.
    """
    check_device(case.network, bench)
    return model_of(case.network, bench).training.weights
