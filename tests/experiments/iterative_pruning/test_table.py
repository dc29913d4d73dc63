"""Records are grouped into rounds, each beside its controls."""

from dataclasses import replace

import pytest

from sparsebench.experiments.iterative_pruning.table import (
    by_round,
    rounds_markdown,
    rounds_table,
)
from sparsebench.parts.records import Record
from sparsebench.values.identity import canonical, digest
from tests.experiments.iterative_pruning.records import FIRST, SECOND, of_round, two_rounds
from tests.experiments.iterative_pruning.tiny import original


def test_a_round_has_its_controls_beside_it_and_a_control_is_no_round():
    first, second = by_round(two_rounds())
    assert [len(each) for each in (first.rewound, first.new, first.once)] == [3, 3, 0]
    assert [len(each) for each in (second.rewound, second.new, second.once)] == [3, 3, 3]
    assert (first.case.percents, second.case.percents) == ((50,), (50, 75))
    assert second.over_new == pytest.approx([0.06] * 3)
    assert second.over_once == pytest.approx([0.04, 0, 0])
    assert first.over_once == []
    assert first.original == pytest.approx(0.99)


def test_a_round_is_there_without_controls():
    (found,) = by_round(of_round(FIRST, {"rewound": [0.9], "new": [0.8]})[:1])
    assert (len(found.rewound), found.new, found.once) == (1, [], [])


def test_seeds_without_a_partner_are_not_compared():
    measured = two_rounds()
    (first, _) = by_round([*measured[:1], *measured[4:]])
    assert first.over_new == []


def test_protocols_are_kept_apart_and_records_of_other_experiments_left_out():
    case = original()
    other = Record(
        digest=digest(case), experiment="task", case=canonical(case), metrics={"loss": 1.0}
    )
    longer, later = replace(SECOND, epochs=5), replace(SECOND, rewind=1)
    measured = [other, *two_rounds()]
    for item in (longer, later):
        measured += of_round(item, {name: [0.9] for name in ("rewound", "new", "once")})
    found = rounds_table(by_round(measured)).rows
    assert [row[2:6] for row in found] == [
        (3, 0, 1, 50),
        (3, 0, 2, 75),
        (3, 1, 2, 75),
        (5, 0, 2, 75),
    ]


def test_the_table_tells_means_intervals_and_differences():
    *_, line = rounds_markdown(two_rounds()).splitlines()
    items = [item.strip() for item in line.strip("|").split("|")]
    assert items[:10] == ["GRU", "both", "3", "0", "2", "75", "1152", "3", "0.9900", "0.9600"]
    assert items[11::2] == ["0.9000", "0.9467", "+0.060 (+0.060 to +0.060)"]
    assert items[-1].startswith("+0.013 (-0.044 to +0.071")
