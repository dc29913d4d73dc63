"""The report's section and the page's tables, of one setting and of several, with any figure."""

import re
from dataclasses import replace

import pytest

from sparsebench.experiments.methods.items import CONTROLS
from sparsebench.experiments.methods.rank_drawing import ranks_in_words
from sparsebench.experiments.methods.ranks import Ranking
from sparsebench.experiments.methods.section import markdown, remarks, sections, style_of
from sparsebench.parts.methods.named import METHODS
from sparsebench.report.contents import Drawing, Table
from sparsebench.report.intake import admitted
from sparsebench.report.measured import Measured
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.sequence_tasks import AddingProblem, Mnist1D
from tests.experiments.methods import tiny
from tests.experiments.methods.records import of_item, without_doubles
from tests.report.reading import rows, tables

NAMES = {"gradual": 0.9, "snip": 0.8, "random": 0.6}


def of_setting(figure="accuracy", densities=(0.5, 0.1), **others):
    """Records of three methods, the first of which is the best, with controls."""
    records = []
    for name, level in NAMES.items():
        for density in densities:
            value = -level if figure == "loss" else level
            figures = {each: [value / 2] * 2 for each in CONTROLS} | {"dense": [0.95, 0.95]}
            item = tiny.item(name, density, **others)
            records += of_item(item, {**figures, "": [value - 0.01, value + 0.01]}, figure)
    return without_doubles(records)


def section(records):
    """The one section."""
    (found,) = sections(Measured(tuple(records)))
    return found


ONE = of_setting()
SEVERAL = [
    *(record for variant in VARIANTS for record in of_setting(variant=variant)),
    *of_setting("loss", task=AddingProblem(8, 20, 20)),
    *of_setting("letters_right", task=Mnist1D()),
]


def test_records_are_admitted():
    assert [len(each) for each in admitted(ONE)] == [len(ONE), 0]


def test_one_setting_is_a_figure_with_its_numbers():
    found = section(ONE)
    drawing, pairs = found.shown
    assert pairs.name == "method-separation"
    assert isinstance(drawing, Drawing)
    assert drawing.message == "digits-rows, gru of 8 units, 3 epochs, 10 % kept: gradual 0.900."
    assert drawing.title == "Accuracy by the share of weights left, by method"
    lines = rows(found, "methods-digits-rows-gru-of-8-units-3-epochs")
    assert lines[0] == {
        "method": "random",
        "control": "",
        "50 % kept": "60.0 (47.3 to 72.7)",
        "10 % kept": "60.0 (47.3 to 72.7)",
    }
    assert len(lines) == 3 + 2 * 3 + 1
    assert drawing.numbers.caption.endswith(
        "accuracy, in %, mean over 2 seeds with its 95 % interval; dense 95.0 (95.0 to 95.0)"
    )
    assert found.missing == ()


def test_several_settings_have_ranks_and_a_table_each():
    found = section(SEVERAL)
    drawing, ranks, pairs, *shown = found.shown
    assert isinstance(ranks, Drawing)
    assert len(pairs.rows) == len(VARIANTS) + 2
    assert [type(each) for each in shown] == [Table] * (len(VARIANTS) + 2)
    names = list(tables(found))
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[A-Za-z0-9-]+", name) for name in names)
    captions = [table.caption for table in shown]
    assert len(set(captions)) == len(captions)
    assert drawing.title.startswith("Accuracy or loss or share of letters right by the share of")
    assert all(table.folded for table in shown)
    assert drawing.message.count("gradual 0.900") == len(VARIANTS) + 2


def test_ranks_are_drawn_with_a_band_of_those_that_are_not_told_from_the_best():
    drawing = section(SEVERAL).shown[1]
    svg = drawing.svg.decode()
    for words in ("50 % kept", "10 % kept", "snip", "mean rank"):
        assert words in svg
    said = "gradual; not told from it: snip"
    assert drawing.message == f"50 % kept: {said}. 10 % kept: {said}."
    assert "small dense" not in svg
    (remark,) = remarks(Measured(tuple(SEVERAL)))
    assert remark.endswith(f"over {len(VARIANTS) + 2} cell types and tasks: {drawing.message}")
    assert remarks(Measured(tuple(ONE))) == []


@pytest.mark.parametrize(
    ("ranks", "said"),
    [
        ({"a": 1.0, "b": 1.1}, "no method differs from a."),
        ({"a": 1.0, "b": 2.5}, "a, ahead of all others."),
        ({"a": 1.0, "b": 1.1, "c": 2.5}, "a; not told from it: b."),
        ({"a": 1.0, "b": 1.1, "c": 1.2, "d": 2.5}, "a; told from it are only d."),
    ],
)
def test_whoever_are_fewer_are_named(ranks, said):
    found = ranks_in_words([Ranking(0.1, 9, ranks, 0.01, 1.0)])
    assert found == f"10 % kept: {said}"


def test_ranks_have_a_row_for_each_method_the_best_first():
    found = rows(section(SEVERAL), "method-ranks")
    assert [row["method"] for row in found] == [
        "gradual",
        "snip",
        "random",
        "critical difference",
        "Friedman's p",
        "cell types and tasks",
    ]
    assert [row["50 % kept"] for row in found[:2]] == ["1.0 *", "2.0 *"]
    assert found[-1]["10 % kept"] == str(len(VARIANTS) + 2)


def test_each_task_has_the_figure_that_it_is_judged_by():
    svg = section(SEVERAL).shown[0].svg.decode()
    for words in ("accuracy", "loss", "share of letters right"):
        assert words in svg


def test_no_two_methods_are_drawn_alike():
    styles = {style_of(number) for number in range(len(METHODS) + 1)}
    assert len(styles) == len(METHODS) + 1


def test_in_losses_the_lowest_is_the_best():
    records = []
    for name, loss in (("gradual", 0.5), ("snip", 2.0)):
        records += of_item(tiny.item(name, controls=()), {"": [loss]}, "loss")
    (drawing,) = section(records).shown
    assert drawing.message.endswith("10 % kept: gradual 0.500.")


def test_pages_have_the_same_tables():
    one, several = "\n".join(markdown(ONE)), "\n".join(markdown(SEVERAL))
    assert "| gradual |  | 90.0 (77.3 to 102.7) | 90.0 (77.3 to 102.7) |" in one
    assert "Friedman" not in one
    assert several.count("| small dense |") == len(VARIANTS) + 2
    assert "| Friedman's p |" in several


@pytest.mark.parametrize("density", [0.5, 0.123, 0.001])
def test_a_single_record_is_drawn(density):
    (drawing,) = section(of_item(tiny.item(density=density), {"": [0.5]})).shown
    assert f"{100 * density:g} % kept: gradual 0.500" in drawing.message


def test_dense_networks_alone_are_drawn():
    (drawing,) = section(of_item(tiny.item(), {"dense": [0.5, 0.6]})).shown
    assert drawing.message == ""


def test_settings_of_equal_titles_have_tables_of_their_own():
    other = replace(tiny.TRAINING, batch_size=8)
    found = section([*ONE, *of_setting(training=other)])
    assert len({table.name for table in found.shown[2:]}) == 2


def test_settings_of_one_seed_are_neither_ranked_nor_drawn_beside_others():
    quick = of_item(tiny.item("snip", units=4, variant="lstm", controls=()), {"": [0.2]})
    found, alone = section([*SEVERAL, *quick]), section(SEVERAL)
    assert [each.svg for each in found.shown[:2]] == [each.svg for each in alone.shown[:2]]
    assert rows(found, "method-ranks") == rows(alone, "method-ranks")
    assert len(found.shown) == len(alone.shown) + 1
    assert "digits-rows, lstm of 4 units" in found.shown[-1].caption


def test_what_is_missing_is_told():
    (missing,) = section([]).missing
    assert missing.command == "pytest benchmarks/test_methods.py"
