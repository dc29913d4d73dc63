"""A part of the training examples is held out to choose by, and the test examples are left alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.harness.fingerprints import sources_of
from sparsebench.harness.measuring import measure
from sparsebench.parts.tasks import content_of, dataset, give, makers_of, name_of, task_kind_of
from sparsebench.parts.texts import text_task
from sparsebench.values.identity import canonical, digest, restore
from sparsebench.values.protocol import ReberStrings, Training
from sparsebench.values.tasks import NextLetters, RandomFunction, Recall, Validation
from tests.harness import small
from tests.harness.own_tasks import Parity

pytestmark = pytest.mark.usefixtures("one_width")

STRINGS = ReberStrings(30, 30, 20, 20)


def rows(examples):
    """Each example as bytes."""
    parts = zip(examples.inputs, examples.lengths, examples.answers, strict=True)
    return [b"".join(np.asarray(part).tobytes() for part in one) for one in parts]


@settings(max_examples=30)
@given(
    st.sampled_from([STRINGS, NextLetters(train=40, test=10), Recall(4, 1, 30, 10), Parity()]),
    st.floats(0.1, 0.9),
    st.integers(0, 3),
)
def test_both_parts_are_the_training_examples_in_their_order(task, share, seed):
    made, whole = dataset(Validation(task, share, seed)), dataset(task)
    trained, held, all_of_them = rows(made.train), rows(made.test), rows(whole.train)
    assert len(held) == round(share * len(all_of_them))
    assert sorted([*trained, *held]) == sorted(all_of_them)
    for part in (trained, held):
        places = iter(all_of_them)
        assert all(one in places for one in part)  # a subsequence
    again = dataset(Validation(task, share, seed))
    assert rows(again.test) == held


def test_another_seed_holds_out_others():
    first, second = (rows(dataset(Validation(STRINGS, seed=seed)).test) for seed in (0, 1))
    assert first != second


def test_a_split_task_reads_and_answers_as_the_whole_one():
    for task in (STRINGS, Recall(5), NextLetters()):
        split = Validation(task)
        assert (split.symbols, split.classes) == (task.symbols, task.classes)
        assert split.width == getattr(task, "width", 0)


def test_it_is_named_and_stored_with_the_task_that_is_split():
    case = Validation(NextLetters("embedded_reber"), 0.2, 1)
    assert name_of(case) == "embedded_reber-validation-share-0-2-seed-1"
    assert name_of(Validation(ReberStrings())) == "reber_classes-validation"
    assert restore(canonical(case)) == case
    assert digest(Validation(ReberStrings())) == "f8295197c7b5409f144029393c324b3b"


def test_networks_on_it_have_the_metrics_of_the_whole_task(tmp_path):
    split = Validation(NextLetters("embedded_reber", 60, 20))
    case = TaskCase("gru", split, 0, 4, training=Training(1, 16))
    record = measure(case, small.bench(tmp_path))
    assert {"loss", "letters_right", "bits_per_letter", "remembered"} <= record.metrics.keys()


def test_the_code_of_both_counts():
    split = Validation(Parity())
    assert [each.__module__ for each in makers_of(split)] == [
        "sparsebench.parts.validation",
        "tests.harness.own_tasks",
    ]
    case = TaskCase("gru", split, 0, 4)
    whole = TaskCase("gru", Parity(), 0, 4)
    assert sources_of(case) - sources_of(whole) == {"parts/validation.py"}


def test_what_the_whole_task_needs_reaches_another_process(tmp_path):
    path = tmp_path / "own.txt"
    path.write_text("a text of its own, which is long enough to be split in two. " * 20)
    split = Validation(text_task(str(path)))
    content = content_of(split)
    give(split, content)
    assert content_of(split) == content
    assert content_of(Validation(Recall())) is None
    assert task_kind_of(split).size(split) == 1


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: Validation(STRINGS, share=1.0), ValueError, "share is 1.0: give a share below 1"),
        (lambda: Validation(STRINGS, share=0), ValueError, "share"),
        (lambda: Validation(STRINGS, seed=-1), ValueError, "seed"),
        (
            lambda: dataset(Validation(Recall(4, 1, 3, 3), share=0.1)),
            ValueError,
            "share is 0.1 of 3 training examples",
        ),
        (
            lambda: dataset(Validation(RandomFunction(samples=64, judged=64))),
            TypeError,
            "function-64 cannot be split",
        ),
        (
            lambda: dataset(Validation(Validation(STRINGS))),
            TypeError,
            "reber_classes-validation cannot be split",
        ),
    ],
)
def test_what_cannot_be_split_is_refused(make, error, told):
    with pytest.raises(error, match=told):
        make()
