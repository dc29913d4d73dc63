"""A network that is not pruned is one point, whatever the pruned ones beside it lost."""

from sparsebench.experiments.equal_parameters.items import FourWaysItem
from sparsebench.experiments.equal_parameters.points import points
from sparsebench.report.measured import Measured
from tests.judging.records import networks

WAYS = 4


def of(*percents, graphs=2):
    found = []
    for percent in percents:
        item = FourWaysItem("gru", "watts_strogatz", percent, graphs)
        found += networks(item, [0.9] * WAYS * graphs)
    return [*points(Measured(tuple(found)))]


def test_settings_tell_the_family_and_what_was_pruned():
    assert {each.method.name.partition(": ")[2]: each.setting for each in of(50)} == {
        "dense": "as many weights as Watts-Strogatz",
        "pruned dense": "as many weights as Watts-Strogatz, 50 % pruned",
        "wired": "Watts-Strogatz",
        "pruned wired": "Watts-Strogatz, 50 % pruned",
    }
    assert all("four kinds of networks" in each.method.about for each in of(50))


def test_what_is_not_pruned_is_there_once():
    names = [(each.method.name, each.setting) for each in of(50, 90)]
    assert len(names) == len(set(names)) == 6


def test_of_the_same_networks_the_larger_number_is_shown():
    item = FourWaysItem("gru", "watts_strogatz", 90, 3)
    more = networks(item, [0.8] * WAYS * 3)
    fewer = networks(FourWaysItem("gru", "watts_strogatz", 50, 2), [0.9] * WAYS * 2)
    for found in ([*more, *fewer], [*fewer, *more]):
        (dense,) = [
            each
            for each in points(Measured(tuple(found)))
            if each.method.name == "equal parameters: dense"
        ]
        assert dense.networks == 3
