"""Self-test of the gate: it judges records altered in one way, and a blind gate fails here."""

import pytest

from sparsebench.experiments.gate_selftest.canaries import CANARIES, judged


@pytest.mark.parametrize("name", CANARIES)
def test_gate(name, sparsebench):
    canary = CANARIES[name]
    try:
        outcome = judged(canary, sparsebench.bench)
    except LookupError as absent:
        (pytest.fail if sparsebench.bench.settings.gate else pytest.skip)(str(absent))
    assert (outcome.status, outcome.cause) == canary.ends, outcome.reason
