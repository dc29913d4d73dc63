"""Floors are measured, compared with a baseline, and shown beside the networks of their task."""

import pytest
from rich.text import Text

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.table import task_tables
from sparsebench.experiments.floors.cases import FloorCase
from sparsebench.experiments.floors.comparison import APART, floors_change
from sparsebench.experiments.floors.items import floor_items
from sparsebench.experiments.floors.measure import cache_key
from sparsebench.experiments.floors.section import remarks, sections
from sparsebench.experiments.floors.summary import floor_tables
from sparsebench.experiments.floors.table import among, floor_notes, markdown
from sparsebench.harness.context import Bench
from sparsebench.harness.experiment import no_record
from sparsebench.harness.measuring import measure
from sparsebench.parts.records import Record, check_complete
from sparsebench.parts.tasks import dataset
from sparsebench.report.measured import Measured
from sparsebench.values.identity import canonical, digest, restore
from sparsebench.values.protocol import ReberStrings
from sparsebench.values.sequence_tasks import MackeyGlass
from sparsebench.values.tasks import NextLetters, Recall, Validation
from sparsebench.values.text_tasks import READ, AliceLetters, Passages
from tests.harness import own_tasks, small
from tests.harness.own_tasks import Parity


def floor(task, **figures):
    case = FloorCase(task)
    return Record(
        digest=digest(case),
        experiment="floor",
        case=canonical(case),
        metrics={"methods": 2, "loss": 0.5},
        tables=figures or {"loss": {"mean": 0.5, "linear": 0.7}},
    )


STRINGS = floor(
    ReberStrings(),
    accuracy={"majority": 0.5, "bigrams": 0.925},
    loss={"majority": 0.7, "bigrams": 0.2},
)


def test_cases_have_stable_digests():
    assert digest(FloorCase(ReberStrings())) == "78520136d7f1a8ca506c0701c8e1d771"
    assert digest(FloorCase(Recall())) == "598b2c5858fa3439995aa2b4f44ba313"
    assert restore(canonical(FloorCase(NextLetters("embedded_reber")))) == FloorCase(
        NextLetters("embedded_reber")
    )


def test_items_are_named_after_their_tasks_and_have_one_case_for_all_seeds():
    items = floor_items([Recall(), NextLetters(), Recall()])
    assert [item.id for item in items] == ["recall", "reber"]
    assert items[0].cases([0, 1, 2]) == items[0].cases([5]) == [FloorCase(Recall())]


def test_what_is_no_task_is_refused():
    with pytest.raises(TypeError, match="a str is no task: register it"):
        FloorCase("recall")
    with pytest.raises(TypeError, match="tasks"):
        floor_items("recall")


def test_a_record_has_the_figures_that_networks_have(tmp_path):
    record = measure(FloorCase(NextLetters("embedded_reber", 60, 30)), small.bench(tmp_path))
    check_complete(record)
    assert record.tables.keys() == {"loss", "letters_right", "bits_per_letter", "remembered"}
    methods = ["majority", "last letter", "last two letters", "last three letters"]
    methods += ["last two letters, mixed", "last four letters, mixed"]
    assert all(list(table) == methods for table in record.tables.values())
    assert record.metrics == {"methods": 6, "loss": min(record.tables["loss"].values())}
    for method in methods:  # bits, of nats
        bits = record.tables["bits_per_letter"][method]
        assert bits == pytest.approx(record.tables["loss"][method] / 0.6931471805599453)


@pytest.mark.parametrize("read", READ)
def test_words_are_counted_however_they_are_read(tmp_path, read):
    task = Passages(read, 300, 100)
    for each in (task, Validation(task)):
        record = measure(FloorCase(each), small.bench(tmp_path))
        assert [*record.tables["accuracy"]][-2:] == ["bag of words", "TF-IDF"]
    found = measure(FloorCase(task), small.bench(tmp_path)).tables["accuracy"]
    assert min(found["bag of words"], found["TF-IDF"]) > 0.4
    letters = measure(FloorCase(AliceLetters(900, 2000)), small.bench(tmp_path))
    assert "bag of words" not in letters.tables["loss"]


def test_tasks_of_other_projects_have_floors_too(tmp_path):
    record = measure(FloorCase(Parity()), small.bench(tmp_path))
    assert "majority" in record.tables["letters_right"]
    assert record.metrics["methods"] == len(record.tables["loss"])


def test_other_examples_of_the_same_description_are_measured_anew(tmp_path, monkeypatch):
    case = FloorCase(Parity())
    first = cache_key(case, small.bench(tmp_path))
    assert cache_key(case, small.bench(tmp_path)) == first
    made = own_tasks.parity(Parity(seed=1))
    monkeypatch.setattr(Bench, "dataset", lambda bench, task: made)
    assert cache_key(case, small.bench(tmp_path)) != first


def test_a_method_forecasts_by_its_own_answers_too(tmp_path):
    task = MackeyGlass(window=20, train=120, test=40)
    record = measure(FloorCase(task), small.bench(tmp_path))
    assert record.tables["smape"].keys() == {"mean", "last value", "linear"}
    ahead, next_one = record.tables["smape"], record.tables["smape_next"]
    assert ahead["mean"] == pytest.approx(next_one["mean"])
    assert ahead["linear"] > next_one["linear"]
    repeated = dataset(task).test.inputs[0, -1, 0]
    answers = dataset(task).test.answers
    shares = abs(answers - repeated) / (abs(answers) + abs(repeated))
    assert ahead["last value"] == pytest.approx(200 * shares.mean(), rel=1e-5)


def test_rounding_of_other_machines_is_no_change_and_more_is():
    def other(by):
        tables = {**STRINGS.tables, "accuracy": {"majority": 0.5, "bigrams": 0.925 + by}}
        return [floor(ReberStrings(), **tables)]

    assert floors_change([STRINGS], other(APART / 2)).kind == "unchanged"
    found = floors_change([STRINGS], other(-2 * APART))
    assert (found.kind, found.reason) == (
        "changed",
        "accuracy by bigrams is 0.9210, expected 0.9250",
    )
    assert floors_change([STRINGS], [floor(Recall())]).kind == "undecided"
    fewer = floor(ReberStrings(), loss=STRINGS.tables["loss"])
    assert "is not there, expected 0.5000" in floors_change([STRINGS], [fewer]).reason


def test_the_table_of_a_task_begins_with_its_floors():
    network = TaskCase("gru", Recall(), 0, 64)
    record = Record(
        digest=digest(network), experiment="task", case=canonical(network), metrics={"loss": 0.01}
    )
    (table,) = task_tables([record, floor(Recall())])
    assert [row[:2] for row in table.rows] == [
        ["recall", "floor: mean"],
        ["recall", "floor: linear"],
        ["recall", "gru"],
    ]
    assert table.rows[0][-1] == pytest.approx(300 * 0.5)
    (alone,) = task_tables([record], no_record)
    assert len(alone.rows) == 1


def test_networks_on_the_thesis_s_strings_have_a_note_with_their_floors():
    network = small.base(0, data=ReberStrings())
    record = Record(digest=digest(network), experiment="base", case=canonical(network), metrics={})
    (note,) = floor_tables([record], (), among([STRINGS]))
    assert isinstance(note, Text)
    assert note.plain == (
        "Accuracy without recurrence, reber_classes: 50.0 % (majority) to 92.5 % (bigrams)"
    )
    assert list(floor_tables([record])) == []
    assert remarks(Measured((record, STRINGS))) == [note.plain]
    assert remarks(Measured((STRINGS,))) == remarks(Measured((record,))) == []
    assert list(floor_notes([Recall()], among([STRINGS]))) == []


def test_all_floors_stand_in_one_table():
    found = [floor(Recall(delay=7)), STRINGS]
    (shown,) = floor_tables(found)
    assert shown.row_count == 4
    (section,) = sections(Measured(tuple(found)))
    (table,) = section.shown
    assert [row[:3] for row in table.rows] == [
        ["reber_classes", "", "majority"],
        ["reber_classes", "", "bigrams"],
        ["recall", "7 delay", "mean"],
        ["recall", "7 delay", "linear"],
    ]
    (text,) = markdown(found)
    assert "| reber_classes |  | bigrams | 0.9250 |  | 0.2000 |" in text
    (empty,) = sections(Measured(()))
    assert empty.shown == ()
    assert "test_floors.py" in empty.missing[0].command
    assert list(markdown([])) == []
