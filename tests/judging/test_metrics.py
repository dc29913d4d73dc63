"""Figures that everything else takes from here."""

from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.finetuning.items import FinetuningItem
from sparsebench.judging.metrics import accuracies, epochs_to_regain, regained, time_ratio
from sparsebench.parts.records import Timing
from tests.judging.records import retrained

ITEM = FinetuningItem("gru", "both", 90, epochs=2)
COURSES = st.lists(st.floats(0, 1), min_size=1, max_size=10)


def of_course(course):
    (record,) = retrained(ITEM, [course])
    return record


def test_the_best_epoch_counts_and_not_the_last():
    record = of_course([0.7, 0.96, 0.9])
    assert [regained(record, epochs) for epochs in (1, 2, 3, None)] == [0.7, 0.96, 0.96, 0.96]
    assert accuracies([record]) == [0.9]


def test_a_level_is_regained_in_the_first_epoch_that_reaches_it():
    record = of_course([0.7, 0.96, 0.9])
    assert [epochs_to_regain(record, level) for level in (0.5, 0.7, 0.8, 0.96)] == [1, 1, 2, 2]
    assert epochs_to_regain(record, 0.97) is None


@given(COURSES, st.floats(0, 1))
def test_a_level_is_regained_within_some_epochs_or_not_at_all(course, level):
    record = of_course(course)
    epochs = epochs_to_regain(record, level)
    if epochs is None:
        assert regained(record) < level
    else:
        assert regained(record, epochs) >= level
        assert epochs == 1 or regained(record, epochs - 1) < level


@given(COURSES)
def test_more_epochs_never_regain_less(course):
    record = of_course(course)
    best = [regained(record, epochs) for epochs in range(1, len(course) + 1)]
    assert best == sorted(best)
    assert best[-1] == regained(record) == max(course)


def test_only_timed_records_count_for_the_ratio():
    untimed, one, other = (of_course([0.9]) for _ in range(3))
    one.timing = Timing(0.5, 1.0, 10, 128, 30, 0.1)
    other.timing = Timing(3.0, 2.0, 10, 128, 30, 0.1)
    assert time_ratio([one, untimed, other]) == 1.0
    assert time_ratio([untimed]) is None
