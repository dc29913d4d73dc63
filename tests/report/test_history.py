"""What became of every item from file to file."""

from sparsebench.report import history
from sparsebench.report.history import Past
from tests.judging.test_loss_change import records as task_records
from tests.report import made_up
from tests.report.reading import rows


def history_section(files):
    return history.history_section(files, history.compared(files))


def past(found, label):
    return Past(label, "a machine", tuple(found))


def changed(accuracy):
    found = made_up.pruned(percents=[80])
    for record in found:
        record.metrics["accuracy"] = accuracy
    return found


def test_a_item_has_its_accuracy_in_every_file():
    files = [past(changed(each), f"{each}") for each in (0.99, 0.98, 0.8)]
    (row,) = rows(history_section(files), "items-across-files")
    assert (row["item"], row["state"]) == ("pruning gru both p80", "regressed")
    assert [row[f"{place}: {each}"] for place, each in enumerate((0.99, 0.98, 0.8), 1)] == [
        "0.9900",
        "0.9800",
        "0.8000",
    ]


def test_items_that_come_and_go_are_told():
    files = [past(made_up.base_models(), "old"), past(changed(0.9), "new")]
    section = history_section(files)
    assert "1 removed, 1 added" in section.said[0]
    assert {row["state"] for row in rows(section, "items-across-files")} == {"added", "removed"}


def test_predictions_have_their_r_squared_in_every_file():
    files = [past([made_up.correlation(), made_up.prediction()], name) for name in ("old", "new")]
    found = {row["item"]: row for row in rows(history_section(files), "items-across-files")}
    assert {row["state"] for row in found.values()} == {"unchanged"}
    (predicted,) = [row for item, row in found.items() if item.startswith("prediction")]
    median = made_up.prediction().metrics["r2_median"]
    assert predicted["1: old"] == predicted["2: new"] == f"{median:.4f}"


def test_tasks_have_their_losses():
    files = [past(task_records(), name) for name in ("old", "new")]
    (row,) = rows(history_section(files), "items-across-files")
    assert (row["figure"], row["1: old"], row["2: new"]) == ("loss", "0.3000", "0.3000")


def test_a_run_that_did_not_end_well_is_told_with_what_is_missing():
    files = [
        past(made_up.base_models(), "old"),
        Past("new", "a machine", (), ended="was interrupted (exit status 2)"),
    ]
    section = history_section(files)
    assert "new: its run was interrupted (exit status 2)." in section.said[1]
    (row, *_) = rows(section, "items-across-files")
    assert row["why"].endswith("whose run was interrupted (exit status 2)")


def test_one_file_has_no_history():
    assert history.compared([past([], "one")]) is None
