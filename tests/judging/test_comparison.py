"""Files are compared over the union of their items, and what changed comes first."""

import dataclasses
from functools import partial

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.harness.comparing import policy_of
from sparsebench.judging import comparison
from sparsebench.judging.comparison import File, ending
from sparsebench.judging.replicates import by_replicates
from sparsebench.parts.records import Baseline, Item
from sparsebench.values.identity import canonical
from sparsebench.values.kinds import UnknownKind
from sparsebench.values.tasks import Recall
from tests.judging.records import forward, onset, records
from tests.parts.test_records import RESULT_OF_NOTHING

compare = partial(comparison.compare, policy_of=policy_of)

ITEMS = [PruningItem("gru", "both", 10), PruningItem("gru", "i2h", 10), BaseItem("gru")]


def file(*figures, ended=""):
    """A file with a record for every item that has figures."""
    found = [
        record
        for item, accuracies in zip(ITEMS, figures, strict=False)
        for record in records(item, accuracies or [])
    ]
    return File("some.json", found, ended)


def test_every_state_is_told_apart_and_the_worst_comes_first():
    found = compare(
        [file([0.9, 0.9], [0.8, 0.8], [0.7, 0.7]), file([0.9, 0.9], [0.8, 0.7], [0.8, 0.7])]
    )
    assert [(item.state, item.name) for item in found] == [
        ("regressed", "pruning gru i2h p10"),
        ("improved", "base gru"),
        ("unchanged", "pruning gru both p10"),
    ]
    assert found[0].figures == pytest.approx((0.8, 0.75))


def test_items_of_one_side_only_are_added_or_removed():
    found = compare([file([0.9]), file(None, [0.8])])
    assert [(item.state, item.name, item.figures) for item in found] == [
        ("removed", "pruning gru both p10", (0.9, None)),
        ("added", "pruning gru i2h p10", (None, 0.8)),
    ]
    assert [item.removed for item in found] == [1, 0]


def test_what_was_only_in_a_file_between_is_removed():
    (found,) = compare([file(), file([0.9, 0.8]), file()])
    assert (found.state, found.figures, found.removed) == (
        "removed",
        (None, pytest.approx(0.85), None),
        2,
    )


# Names of pytest items


def result(found, **items):
    """The result of a run in which pytest items, by their names, measured records by their places."""
    measured = [
        Item(
            nodeid=f"benchmarks/test_some.py::{name}",
            outcome="passed",
            seconds=0,
            digests=[found[place].digest for place in places],
        )
        for name, places in items.items()
    ]
    return msgspec.structs.replace(RESULT_OF_NOTHING, records=found, items=measured)


def test_the_pytest_item_that_is_closest_to_what_was_compared_is_named():
    found = [*records(ITEMS[0], [0.9, 0.8]), *records(ITEMS[1], [0.7])]
    names = {"test_seed[gru-s0]": [0], "test_all[gru]": [0, 1, 2], "test_pruning[gru-p10]": [0, 1]}
    both, one = compare([File.of("new", result(found, **names))] * 2)
    assert both.measured_by == ("test_pruning[gru-p10]", "test_all[gru]", "test_seed[gru-s0]")
    assert both.title == "test_pruning[gru-p10] and 2 more: pruning gru both p10"
    assert one.title == "test_all[gru]: pruning gru i2h p10"


def test_what_the_newest_file_lacks_is_named_after_an_older_one():
    found = records(ITEMS[0], [0.9])
    old = File.of("old", result(found, **{"TestIt::test_of_old[a::b]": [0]}))
    (gone,) = compare([old, File("new", [])])
    assert gone.title == "test_of_old[a::b]: pruning gru both p10"
    (known,) = compare([old, File("baseline", found)])
    assert known.title == "test_of_old[a::b]: pruning gru both p10"


def test_baselines_know_no_pytest_items():
    (found,) = compare([file([0.9]), file([0.9])])
    assert (found.measured_by, found.title) == ((), found.name)


# Seeds


def test_figures_are_of_the_seeds_that_were_judged():
    """Of three seeds beside one, the two others say nothing of a change."""
    (found,) = compare([file([0.9, 0.1, 0.2]), file([0.9, 0.3]), file([0.9])])
    assert (found.state, found.figures, found.removed) == ("unchanged", (0.9, 0.9, 0.9), 2)
    assert "the 1 that both have, of 3 records in the first file and 1 in the last" in found.reason
    assert "2 of 3 records are gone" in found.reason


def test_a_file_between_that_lacks_a_judged_seed_has_no_figure():
    (found,) = compare([file([0.9, 0.8]), file([0.9]), file([0.9, 0.8])])
    assert found.figures == (pytest.approx(0.85), None, pytest.approx(0.85))


def test_populations_of_other_seeds_are_shown_as_they_were_judged_whole():
    new = File("new.json", records(ITEMS[0], [0.9, 0.9, 0.9], first=100))
    (found,) = compare([file([0.9, 0.8, 0.7, 0.8]), new])
    assert found.figures == (pytest.approx(0.8), pytest.approx(0.9))
    assert (found.removed, "judged and shown" in found.reason) == (1, False)
    (found,) = compare([file([0.9, 0.8]), new])
    assert found.removed == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=4), st.data())
def test_figures_are_means_over_the_seeds_that_both_have(accuracies, data):
    whole = file(accuracies).records
    first, last = (
        [each for each in whole if each.digest in chosen]
        for chosen in data.draw(
            st.tuples(*[st.sets(st.sampled_from([each.digest for each in whole]), min_size=1)] * 2)
        )
    )
    (found,) = compare([File("first", first), File("last", last)])
    both = {each.digest for each in first} & {each.digest for each in last}
    assert found.removed == (len(first) - len(both) if both else max(0, len(first) - len(last)))
    if both:
        assert found.figures[0] == found.figures[1]
        assert found.state == "unchanged"


# Runs that did not end well


def run(status, *outcomes):
    """A result of a run that ended so, with such items."""
    facts = msgspec.structs.replace(RESULT_OF_NOTHING.run, exit_status=status)
    items = [
        Item(nodeid=str(n), outcome=each, seconds=0, digests=[]) for n, each in enumerate(outcomes)
    ]
    return msgspec.structs.replace(RESULT_OF_NOTHING, run=facts, items=items)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (run(0, "passed", "xfailed", "skipped"), ""),
        (
            run(2, "passed", "interrupted"),
            "was interrupted (exit status 2, of 2 items 1 interrupted)",
        ),
        (
            run(1, "failed", "passed", "error"),
            "failed (exit status 1, of 3 items 1 failed, 1 error)",
        ),
        (run(3), "ended in an internal error (exit status 3)"),
        (run(0, "failed"), "failed (exit status 0, of 1 items 1 failed)"),
        (Baseline(provenances={}, records=[]), ""),
    ],
)
def test_how_a_run_ended_is_told_if_it_did_not_end_well(document, words):
    assert ending(document) == words


def test_what_is_missing_is_explained_by_a_run_that_did_not_end_well():
    ended = "was interrupted (exit status 2)"
    (found,) = compare([file([0.9]), file(ended=ended)])
    assert found.reason == f"not in the last file, whose run {ended}"
    (found,) = compare([file(ended=ended), file([0.9])])
    assert found.reason == f"not in the first file, whose run {ended}"
    (found,) = compare([file([0.9, 0.9]), file([0.9], ended=ended)])
    assert f"1 of 2 records are gone, whose run {ended}" in found.reason


# Names and figures


def test_every_population_of_the_baseline_has_its_own_name_and_a_figure(thesis_baseline):
    one_of_each = [found[0] for found in by_replicates(thesis_baseline.records).values()]
    found = compare([File("a", one_of_each), File("b", one_of_each)])
    names = [item.name for item in found]
    assert len(names) == len(set(names)) == len(one_of_each)
    assert all(None not in item.figures for item in found)
    assert {item.figure for item in found} == {
        "accuracy",
        "grammatical share",
        "last loss",
        "longest string",
        "standard deviation",
        "loss",
        "lowest loss",
        "mean |r|",
        "median R\N{SUPERSCRIPT TWO}",
    }


def test_forward_passes_have_their_times_as_figures():
    (found,) = compare([File("a", forward([1.5])), File("b", forward([1.5]))])
    assert (found.figure, found.figures, found.ratios) == ("time / dense", (1.5, 1.5), (1.5, 1.5))


def test_several_files_show_the_way_and_judge_its_ends():
    (found,) = compare([file([0.9]), file([0.5]), file([0.9])])
    assert (found.state, found.figures) == ("unchanged", (0.9, 0.5, 0.9))


def test_semantics_and_experiments_do_not_mix():
    corrected = BaseItem("gru", "corrected")
    old = [*records(BaseItem("gru"), [0.9]), *records(corrected, [0.8]), onset([0.7])]
    assert sorted(item.name for item in compare([File("old", old)] * 2)) == [
        "base gru",
        "base gru corrected",
        "onset gru",
    ]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_a_file_is_unchanged_beside_itself(accuracies):
    assert {item.state for item in compare([file(accuracies)] * 2)} == {"unchanged"}


def test_one_file_cannot_be_compared():
    with pytest.raises(ValueError, match="two or more"):
        compare([file([0.9])])


def of_an_unknown_task(record):
    """The same record, of a network on a task that is not installed."""
    task = {"kind": "Digits"}
    case = {**canonical(TaskCase("gru", Recall(), 0, 4)), "task": task}
    metrics = {"loss": 0.5, "loss_before": 2.0, "kept": 9}
    return msgspec.structs.replace(record, experiment="task", case=case, metrics=metrics)


def test_what_is_of_a_task_that_is_not_installed_is_judged_by_its_records_and_named():
    (was,) = (of_an_unknown_task(each) for each in file([0.9]).records)
    now = msgspec.structs.replace(was, metrics={**was.metrics, "loss": 0.6}, weights="same")
    was = msgspec.structs.replace(was, weights="same")
    (found,) = compare([File("old", [was]), File("new", [was])])
    assert (found.state, found.absent) == ("unchanged", "'Digits' is not installed here")
    assert found.name == f"task {was.digest[:8]}"
    (found,) = compare([File("old", [was]), File("new", [now])])
    assert (found.state, found.figures) == ("regressed", (0.5, 0.6))


def test_what_cannot_be_judged_without_what_is_not_installed_is_undecided():
    def change(old, new, same_run=True):
        raise UnknownKind("Digits")

    was = of_an_unknown_task(file([0.9]).records[0])
    policy = dataclasses.replace(policy_of("task"), inexact=change)
    (found,) = comparison.compare([File("old", [was]), File("new", [was])], lambda name: policy)
    assert found.state == "undecided"
    assert found.reason.startswith("'Digits' is not installed here: nobody can judge it")


# How sure, and why


def test_what_is_told_of_how_sure_it_is_is_not_told_again_in_why():
    exact = [msgspec.structs.replace(each, numerics="1") for each in records(ITEMS[0], [0.9, 0.8])]
    moved = [
        msgspec.structs.replace(
            each, metrics={**each.metrics, "accuracy": each.metrics["accuracy"] + by}
        )
        for each, by in zip(exact, (0.01, -0.03), strict=True)
    ]
    other = records(ITEMS[0], [0.9, 0.8, 0.7], first=100)
    for old, new in ((exact, moved), (exact, exact), (exact, other), (other, moved)):
        (found,) = compare([File("old", old), File("new", new)])
        assert found.sure
        assert "interval" not in found.why
        assert found.reason == "; ".join(filter(None, (found.why, found.sure)))
