"""Costs that come with the package: what is measured anew takes its place, the rest stays."""

import msgspec
import pytest

from sparsebench.harness.context import circumstances
from sparsebench.harness.cost_plan import SHIPPED, ShippedCosts, shipped_costs
from validation import ROOT
from validation.performance.measure_costs import as_text, merged

HERE = circumstances(ROOT, "cpu")
COMMIT = HERE.commit.id[:12]


@pytest.mark.parametrize("former", ["abc", "def, the rest at abc"])
def test_what_was_not_measured_keeps_its_figure_and_tells_its_commit(former):
    shipped = ShippedCosts(HERE.cpu, former, {"training gru": 16.4, "correlation": 0.3})
    costs = merged(shipped, {"training gru": 2.4})
    assert costs.seconds == {"training gru": 2.4, "correlation": 0.3}
    assert costs.commit == f"{COMMIT}, the rest at abc"


def test_what_was_measured_anew_in_whole_has_one_commit():
    shipped = ShippedCosts("another machine", "abc", {"training gru": 16.4})
    assert merged(shipped, {"training gru": 2.4, "new": 1.0}).commit == COMMIT


def test_costs_of_two_machines_are_not_mixed():
    shipped = ShippedCosts("another machine", "abc", {"training gru": 16.4, "correlation": 0.3})
    with pytest.raises(SystemExit, match="1 costs were measured on another machine"):
        merged(shipped, {"training gru": 2.4})


def test_the_file_of_the_package_is_written_as_it_is_read():
    assert as_text(shipped_costs()) == SHIPPED.read_bytes()
    assert msgspec.json.decode(SHIPPED.read_bytes(), type=ShippedCosts) == shipped_costs()


def test_a_base_model_costs_the_engine_s_time():
    """Those that came with the package used to be torch's: 14 minutes of a GRU."""
    minutes = {
        name: 50 * seconds / 60
        for name, seconds in shipped_costs().seconds.items()
        if name in ("training gru", "training lstm", "training rnn_tanh", "training rnn_relu")
    }
    assert len(minutes) == 4
    assert all(0.3 < each < 4 for each in minutes.values())
