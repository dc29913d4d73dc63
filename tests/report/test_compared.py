"""A comparison as lines, as Markdown and as JSON: the worst first, nothing left out, nothing markup."""

import re

from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.harness.comparing import policy_of
from sparsebench.judging.comparison import STATES, File, compare
from sparsebench.report.compared import (
    as_json,
    head,
    lines,
    markdown,
    seeds_in_words,
    summary_line,
)
from tests.judging.records import records


def compared(*columns):
    """Two files or more with items at 10 %, 20 % and so on, that have such accuracies."""
    files = [
        File(
            f"{number}.json",
            [
                record
                for place, accuracies in enumerate(column, 1)
                for record in records(PruningItem("gru", "both", 10 * place), accuracies)
            ],
        )
        for number, column in enumerate(columns)
    ]
    return files, compare(files, policy_of)


def test_of_those_that_got_worse_the_worst_is_first():
    _, found = compared([[0.9, 0.9], [0.9, 0.9], [0.9]], [[0.9, 0.85], [0.4, 0.9], [0.95]])
    assert [(item.state, item.name[-3:]) for item in found] == [
        ("regressed", "p20"),
        ("regressed", "p10"),
        ("improved", "p30"),
    ]


def test_the_summary_line_has_every_state_in_one_order():
    _, found = compared([[0.9], [0.9]], [[0.8], []])
    line = summary_line(found)
    assert re.fullmatch(r"sparsebench:( [a-z_]+=\d+)+", line)
    names = [each.split("=")[0] for each in line.split()[1:]]
    assert names == [*STATES, "records_gone"]
    assert "regressed=1 removed=1" in line


def test_seeds_beyond_a_few_are_counted():
    _, (item,) = compared([[0.9] * 8], [[0.8] * 8])
    said = seeds_in_words(item)
    assert len(said) == 6
    assert said[-1] == "3 more seeds moved, none of them for the worse by more"


def test_seeds_that_did_not_move_are_not_told():
    _, (item,) = compared([[0.9, 0.8, 0.7]], [[0.9, 0.8, 0.6]])
    assert seeds_in_words(item) == ["seed 2: 0.7000 -> 0.6000, -10.00 points"]


@given(st.integers(20, 200))
def test_lines_are_no_wider_than_asked_for_and_lose_no_word(width):
    _, (item,) = compared([[0.9, 0.8, 0.7]], [[0.9, 0.8, 0.6]])
    whole = list(lines(item, 10_000))
    wrapped = list(lines(item, width))
    assert " ".join(wrapped).split() == " ".join(whole).split()
    longest_word = max(map(len, " ".join(whole).split()))
    assert max(map(len, wrapped)) <= max(width, longest_word + 4)


def test_markdown_ends_with_the_line_for_programs():
    files, found = compared([[0.9]], [[0.8]])
    text = markdown(head(files, found, "allowed"), found, found)
    assert text.endswith(f"<!-- {summary_line(found)} -->")
    assert "| **regressed** | pruning gru both p10 |" in text


def test_json_has_the_same_items_in_the_same_order():
    files, found = compared([[0.9], [0.9, 0.9], []], [[0.8], [0.8, 0.9], [0.5]])
    document = as_json(files, found, found)
    assert [each["item"] for each in document["items"]] == [item.name for item in found]
    assert document["counts"] == {**dict.fromkeys(STATES, 0), "regressed": 2, "added": 1}
    assert document["items"][-1]["movement"]["mean"] is None
