"""Every record has a place: beside its controls, at its density, in the setting of its network."""

from dataclasses import replace

import pytest

from sparsebench.experiments.methods.cases import units_of_small
from sparsebench.experiments.methods.items import CONTROLS
from sparsebench.experiments.methods.table import SMALL, in_order, settings_of
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.named import METHODS, title_of
from sparsebench.parts.methods.patterns import Blocks
from sparsebench.parts.methods.schedules import Gradual
from sparsebench.parts.records import Record
from sparsebench.values.identity import canonical, digest, restore
from sparsebench.values.protocol import Training
from tests.experiments.methods import tiny
from tests.experiments.methods.records import of_item, without_doubles

ALL = {name: [0.5, 0.6] for name in (*CONTROLS, "")}
NAMES = ("gradual", "snip", "set")


def measured(densities=(0.5, 0.2, 0.1), names=NAMES, **others):
    """Records of some methods at some densities, with all controls, of two seeds."""
    items = [tiny.item(name, density, **others) for name in names for density in densities]
    return without_doubles(record for item in items for record in of_item(item, ALL))


def placed(settings):
    """The digests of all records in settings."""
    return [
        record.digest
        for setting in settings
        for records in (
            setting.dense,
            *(records for row in setting.rows.values() for records in row.values()),
        )
        for record in records.values()
    ]


def test_every_record_is_placed_once():
    records = measured(units=20)
    (setting,) = settings_of(records)
    found = placed([setting])
    assert sorted(found) == sorted(record.digest for record in records)
    assert setting.densities == [0.5, 0.2, 0.1]
    assert list(setting.dense) == [0, 1]


@pytest.mark.parametrize("units", [6, 20, 32, 64])
@pytest.mark.parametrize("layers", [1, 2])
def test_small_dense_networks_stand_at_the_density_they_were_chosen_for(units, layers):
    densities = (0.5, 0.2, 0.1, 0.05, 0.01)
    records = measured(densities, ("gradual",), units=units, layers=layers)
    (setting,) = settings_of(records)
    assert list(setting.rows[SMALL, ""]) == list(densities)
    for density, found in setting.rows[SMALL, ""].items():
        expected = units_of_small(replace(setting.case, density=density))
        sizes = {restore(record.case).base.hidden_size for record in found.values()}
        assert sizes == {expected}
        assert sorted(found) == [0, 1]


def test_the_order_of_records_is_of_no_account():
    records = measured()
    (one,), (other,) = settings_of(records), settings_of(records[::-1])
    assert placed([one]) != []
    assert sorted(placed([one])) == sorted(placed([other]))
    assert in_order(one) == in_order(other)


def test_methods_come_first_then_their_controls_then_small_networks():
    (setting,) = settings_of(measured((0.1,), ("snip", "gradual")))
    assert in_order(setting) == [
        ("random", ""),
        ("snip", ""),
        ("gradual", ""),
        ("snip", "shuffled"),
        ("snip", "new_weights"),
        ("gradual", "shuffled"),
        ("gradual", "new_weights"),
        (SMALL, ""),
    ]


def test_variants_sizes_trainings_and_targets_are_kept_apart():
    longer = Training(9, 16, 0.01)
    records = [
        record
        for others in (
            {},
            {"variant": "lstm"},
            {"units": 12},
            {"training": longer},
            {"target": "h2h"},
        )
        for record in measured((0.5,), ("snip",), **others)
    ]
    titles = [setting.title for setting in settings_of(without_doubles(records))]
    assert titles == [
        "digits-rows, gru of 8 units, 3 epochs",
        "digits-rows, lstm of 8 units, 3 epochs",
        "digits-rows, gru of 12 units, 3 epochs",
        "digits-rows, gru of 8 units, 9 epochs",
        "digits-rows, gru of 8 units, 3 epochs, h2h alone",
    ]


def test_a_dense_network_stands_beside_every_target():
    records = [*measured((0.5,), ("snip",)), *measured((0.5,), ("snip",), target="h2h")]
    settings = settings_of(without_doubles(records))
    assert [len(setting.dense) for setting in settings] == [2, 2]
    assert [len(setting.rows[SMALL, ""][0.5]) for setting in settings] == [2, 2]


def test_settings_of_equal_titles_are_told_apart():
    other = Training(3, 8, 0.02)
    records = [*measured((0.5,), ("snip",)), *measured((0.5,), ("snip",), training=other)]
    titles = [setting.title for setting in settings_of(records)]
    assert titles[0].startswith(
        "digits-rows, gru of 8 units, 3 epochs, batches of 16, rate 0.01, c"
    )
    assert titles[1].startswith(
        "digits-rows, gru of 8 units, 3 epochs, batches of 8, rate 0.02, ca"
    )


def test_a_dense_network_alone_is_shown_too():
    records = of_item(tiny.item(), {"dense": [0.5, 0.6]})
    (setting,) = settings_of(records)
    assert (len(setting.dense), setting.rows, setting.densities) == (2, {}, [])


def test_controls_at_a_density_of_1_are_no_dense_networks():
    item = tiny.item("gradual", 1.0)
    (setting,) = settings_of(of_item(item, {"new_weights": [0.5], "dense": [0.7]}))
    assert [record.metrics["accuracy"] for record in setting.dense.values()] == [0.7]
    assert list(setting.rows) == [("gradual", "new_weights")]


def test_methods_that_differ_in_a_number_have_rows_of_their_own():
    methods = {f"mine{every}": Method(schedule=Gradual(every=every)) for every in (5, 10)}
    records = [
        record
        for name, method in methods.items()
        for record in of_item(tiny.item(name, method=method, controls=()), {"": [0.5]})
    ]
    (setting,) = settings_of(records)
    assert [name for name, _ in in_order(setting)] == ["Gradual(every=10)", "Gradual(every=5)"]


@pytest.mark.parametrize(
    ("method", "title"),
    [
        (METHODS["rigl"], "rigl"),
        (Method(), "magnitude"),
        (Method(pattern=Blocks(8, 4)), "Blocks(rows=8, columns=4)"),
        (replace(METHODS["blocks"], pattern=Blocks(8)), "Blocks(rows=8) Gradual"),
        (
            replace(METHODS["rigl"], allocation=Method().allocation),
            "Dynamic(growth=GradientSize)",
        ),
        (tiny.item("gates_gru").random, "random ByGate(relative=(1.0, 1.0, 4.0))"),
        (tiny.item("snip").random, "random"),
    ],
)
def test_a_method_without_a_name_is_told_by_its_parts(method, title):
    assert title_of(method) == title


@pytest.mark.parametrize("figure", ["accuracy", "letters_right", "loss"])
def test_the_figure_is_what_the_task_is_judged_by(figure):
    (setting,) = settings_of(of_item(tiny.item(), {"dense": [0.5], "": [0.4]}, figure))
    assert (setting.figure, setting.sign) == (figure, -1 if figure == "loss" else 1)


def test_of_records_some_of_which_lack_the_accuracy_losses_are_shown():
    one, *others = of_item(tiny.item(), {"dense": [0.5], "": [0.4]})
    del one.metrics["accuracy"]
    (setting,) = settings_of([one, *others])
    assert setting.figure == "loss"


def test_records_of_other_experiments_are_left_out():
    case = tiny.base()
    other = Record(
        digest=digest(case), experiment="task", case=canonical(case), metrics={"loss": 1.0}
    )
    assert settings_of([other]) == []
