"""Groups of records are made once, however many sections ask."""

from sparsebench.report.measured import Measured
from tests.report import made_up


def test_a_group_is_made_once():
    asked = []

    def group(records):
        asked.append(len(records))
        return list(records)

    measured = Measured(tuple(made_up.base_models()))
    assert measured.of(group) is measured.of(group)
    assert asked == [3]


def test_a_function_of_groups_is_asked_once_too():
    asked = []

    def both(measured):
        asked.append(measured)
        return measured.of(len)

    measured = Measured(tuple(made_up.base_models()))
    assert (measured.once(both), measured.once(both)) == (3, 3)
    assert asked == [measured]
