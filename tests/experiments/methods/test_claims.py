"""What papers say of a method is judged where its control was measured, and can fail."""

from dataclasses import replace

import msgspec
import pytest

from sparsebench.experiments.methods.claims import LARGEST, PUBLISHED, judge_methods
from sparsebench.judging.intervals import CONFIDENCE
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.methods.schedules import Gradual
from tests.experiments.methods import tiny
from tests.experiments.methods.records import of_item

BETTER, WORSE = [0.9] * 6, [0.8] * 6


def judged(item, records):
    return list(judge_methods(item, records, CONFIDENCE))


def measured(item, method, control, figure="accuracy"):
    """Records of the method and of what it is held against."""
    worse = PUBLISHED[item.name][1]
    return of_item(item, {worse: control, "": method, "dense": [1.0] * len(method)}, figure)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_claim_holds_where_the_method_does_better_and_fails_where_it_does_worse(name):
    item = tiny.item(name)
    (true,) = judged(item, measured(item, BETTER, WORSE))
    (false,) = judged(item, measured(item, WORSE, BETTER))
    (open_,) = judged(item, measured(item, BETTER[:3], WORSE[:3]))
    assert [each.verdict for each in (true, false, open_)] == ["pass", "fail", "inconclusive"]
    assert true.measured == pytest.approx([0.1] * 6)
    assert true.item == item.id
    assert true.source.startswith(PUBLISHED[name][2])


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_claim_turns_red_on_spoilt_records(name):
    item = tiny.item(name)
    records = [
        msgspec.structs.replace(record, metrics={**record.metrics, "accuracy": 0.1})
        if record in of_item(item, {"": BETTER})
        else record
        for record in measured(item, BETTER, WORSE)
    ]
    (verdict,) = judged(item, records)
    assert verdict.verdict == "fail"


def test_pairs_have_one_seed():
    item = tiny.item("gradual")
    records = measured(item, BETTER, WORSE)
    (verdict,) = judged(item, [*records[:5], *records[6:]])
    assert len(verdict.measured) == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"density": LARGEST + 0.01},
        {"controls": ("dense", "shuffled", "new_weights")},
        {"name": "snip"},
        {"method": replace(METHODS["gradual"], schedule=Gradual(every=7))},
    ],
)
def test_no_claim_is_judged_of_what_papers_do_not_speak_of(changes):
    item = tiny.item("gradual", **changes) if "name" not in changes else tiny.item(**changes)
    records = of_item(item, dict.fromkeys((*item.controls, ""), BETTER))
    assert judged(item, records) == []


def test_at_the_highest_density_of_the_papers_it_is_judged():
    item = tiny.item(density=LARGEST)
    assert len(judged(item, measured(item, BETTER, WORSE))) == 1


@pytest.mark.parametrize("figure", ["loss", "letters_right"])
def test_tasks_without_classes_are_left_out(figure):
    item = tiny.item()
    assert judged(item, measured(item, BETTER, WORSE, figure)) == []


def test_without_the_control_there_is_no_pair():
    item = tiny.item()
    assert judged(item, of_item(item, {"": BETTER})) == []


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_claimed_names_methods_and_controls_of_ours(name):
    assert name in METHODS
    assert PUBLISHED[name][1] in tiny.item(name).controls


def test_where_a_paper_shows_no_difference_nothing_is_claimed():
    item = tiny.item("jacobian", variant="gru")
    assert judged(item, measured(item, BETTER, WORSE)) == []
