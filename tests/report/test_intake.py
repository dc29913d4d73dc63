"""Records that do not say what they should are left out, with a reason; the others are shown."""

from collections.abc import Callable

import pytest

from sparsebench.parts.records import Record, Timing
from sparsebench.report.intake import admitted
from tests.report import made_up


def test_records_of_every_experiment_are_admitted():
    found = made_up.everything()
    assert admitted(found) == (found, [])


def test_of_two_records_of_a_case_the_second_is_left_out_and_said_so():
    first, second = made_up.pruned()[0], made_up.pruned()[0]
    second.metrics["accuracy"] = 0.5
    found, (left_out,) = admitted([first, second])
    assert found == [first]
    assert (left_out.digest, "the same digest" in left_out.reason) == (first.digest, True)


def change_case(**changes: object) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record.case = {**record.case, **changes}

    return change


def change_metric(name: str, figure: float) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record.metrics[name] = figure

    return change


def say_it_is_of(experiment: str) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record.experiment = experiment

    return change


def take_no_time(record: Record) -> None:
    record.timing = Timing(1.0, 0.0, 3, 128, 30, 0.5)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (change_case(kind="Nonsense"), "'Nonsense' is not installed here"),
        (change_case(target="everything"), "unknown target"),
        (change_case(percent=50), "digest is not that of its case"),
        (change_case(criterion=["a", "list"]), "unhashable"),
        (change_metric("accuracy", 1.5), "accuracy is 1.5, not from 0 to 1"),
        (change_metric("accuracy", float("nan")), "NaN"),
        (change_metric("strings", 0.0), "no number of strings"),
        (change_metric("kept", -1.0), "no number of weights"),
        (change_metric("time_ratio", 0.0), "no time"),
        (take_no_time, "took no time"),
        (say_it_is_of("wired"), "a PruningCase is no case of experiment wired"),
    ],
)
def test_a_spoilt_record_is_left_out_and_the_others_are_shown(spoil, reason):
    good, bad = made_up.pruned()[:2]
    spoil(bad)
    shown, (left_out,) = admitted([good, bad])
    assert shown == [good]
    assert left_out.digest == bad.digest
    assert reason in left_out.reason


def test_an_epoch_that_is_missing_is_noticed():
    record = made_up.trained_again()[0]
    record.history["test_accuracy"].pop()
    _, (left_out,) = admitted([record])
    assert left_out.reason == "9 test accuracies for 10 epochs"
