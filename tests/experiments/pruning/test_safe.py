"""The highest percentage through which most seeds keep the thesis's level."""

import pytest

from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.pruning.safe import safe_markdown, safe_table, safe_through
from sparsebench.experiments.pruning.table import by_item
from tests.judging.records import records

GOOD, BAD = [0.995] * 12, [0.9] * 12


def found(by_percent, semantics="published"):
    return [
        record
        for percent, accuracies in by_percent.items()
        for record in records(PruningItem("gru", "both", percent, semantics), accuracies)
    ]


@pytest.mark.parametrize(
    ("by_percent", "expected"),
    [
        ({10: GOOD, 20: GOOD, 30: BAD}, 20),
        ({10: GOOD, 20: BAD, 30: GOOD}, 10),
        ({10: BAD, 20: GOOD}, None),
        ({10: GOOD, 20: GOOD[:9] + BAD[:3]}, 10),
        ({10: GOOD, 20: GOOD[:10] + BAD[:2]}, 20),
    ],
)
def test_the_first_percentage_that_is_not_kept_ends_what_is_safe(by_percent, expected):
    results = by_item(found(by_percent))
    assert safe_through(results, 0.99) == expected
    assert safe_through(list(reversed(results)), 0.99) == expected


def test_the_table_has_the_thesis_s_percentages_beside_ours():
    records_of_both = found({10: GOOD, 20: BAD}) + found({10: GOOD[:3]}, "corrected")
    (row,) = safe_table(by_item(records_of_both)).rows
    assert row == ["both", "GRU", 0.99, 80, 80, "10", "open: 3 seeds decide nothing"]
    assert "| both | GRU | 0.99 | 80 | 80 | 10 |" in safe_markdown(records_of_both)[0]
    assert safe_markdown([]) == []


def test_pruned_readouts_are_not_compared_with_what_the_thesis_says_of_others():
    assert safe_table(by_item(records(PruningItem("gru", "readout", 10), GOOD))).rows == []
