"""The Markdown table has each way's accuracy and weights side by side."""

from dataclasses import replace

from sparsebench.experiments.equal_parameters.items import FourWaysItem
from sparsebench.experiments.equal_parameters.table import markdown
from tests.judging.records import networks
from tests.report import made_up

ITEM = FourWaysItem("gru", "watts_strogatz", 50, graphs=2)


def test_ways_stand_side_by_side_published_rows_first():
    corrected = networks(replace(ITEM, semantics="corrected"), [0.9] * 8)
    (table,) = markdown([*corrected, *made_up.four_ways()[:6]])
    assert table.splitlines() == [
        (
            "| semantics | variant | family of the wired network | pruned | dense | pruned dense "
            "| wired | pruned wired |"
        ),
        "|---|---|---|---|---|---|---|---|",
        "| published | gru | watts_strogatz | 50 % | 98.5 (100) | 95.5 (100) | 90.5 (100) |  |",
        (
            "| corrected | gru | watts_strogatz | 50 % | 90.0 (100) | 90.0 (100) | 90.0 (100) "
            "| 90.0 (100) |"
        ),
    ]


def test_a_file_without_them_has_no_table():
    assert markdown(made_up.pruned()) == []
