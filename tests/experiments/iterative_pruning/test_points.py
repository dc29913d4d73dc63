"""Rounds among all methods of the report: weights and accuracy of rewound networks."""

import pytest

from sparsebench.experiments.iterative_pruning.points import REWOUND, points
from sparsebench.report.cost import dense_weights
from sparsebench.report.measured import Measured
from tests.experiments.iterative_pruning.records import two_rounds


def test_a_round_is_a_point_and_its_controls_are_none():
    first, second = points(Measured(tuple(two_rounds())))
    assert first.method == second.method == REWOUND
    assert second.setting == "both, 75 % in 2 rounds of 3 epochs, rewound to 0"
    assert second.density == 1152 / dense_weights("gru")
    assert second.accuracy == pytest.approx(0.96)
    assert (second.semantics, second.networks, second.time) == ("corrected", 3, None)
