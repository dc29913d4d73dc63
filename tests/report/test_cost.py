"""Weights, accuracy and time of every method; the front is what none beats."""

from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.base.items import BaseItem
from sparsebench.parts.records import Timing
from sparsebench.report.cost import Method, Point, cost_section, front, points
from sparsebench.report.measured import Measured
from tests.judging.records import forward, records
from tests.report import made_up

SHARES = st.integers(0, 10).map(lambda tenths: tenths / 10)


@st.composite
def some_points(draw):
    method = Method("pruned", "o", "red")
    return Point(
        method, draw(st.text("ab", max_size=3)), "gru", "published", draw(SHARES), draw(SHARES), 3,
        draw(st.none() | SHARES),
    )  # fmt: skip


@given(st.lists(some_points(), max_size=12), st.booleans())
def test_no_point_of_the_front_is_beaten_and_every_other_is(found, timed):
    price = (lambda each: each.time) if timed else (lambda each: each.density)
    priced = [each for each in found if price(each) is not None]
    best = front(found, timed)
    for point in priced:
        beaten = any(
            price(other) <= price(point)
            and other.accuracy >= point.accuracy
            and (price(other), other.accuracy) != (price(point), point.accuracy)
            for other in priced
        )
        assert beaten != any(
            (price(each), each.accuracy) == (price(point), point.accuracy) for each in best
        )


def test_the_weights_are_those_of_the_whole_network_whatever_was_pruned():
    measured = records(made_up.PruningItem("gru", "i2h", 50), [0.9])
    measured[0].metrics |= {"prunable": 22500.0, "kept": 11250.0}
    (point,) = points(Measured(tuple(measured)))
    assert (point.method.name, point.density) == ("pruned", 0.75)


def test_a_dense_model_has_all_its_weights():
    (point,) = points(Measured(tuple(made_up.base_models())))
    assert (point.method.name, point.density, point.networks) == ("dense", 1.0, 3)


def test_every_method_that_was_run_is_there():
    found = points(Measured(tuple(made_up.everything())))
    assert {point.method.name for point in found} == {
        "dense", "pruned", "pruned, fine-tuned", "wired", "wired, pruned, fine-tuned",
        "equal parameters: dense", "equal parameters: pruned dense", "equal parameters: wired",
        "equal parameters: pruned wired",
    }  # fmt: skip


def test_times_are_those_of_the_records_or_of_untrained_models():
    timed, gated = made_up.pruned(percents=[80, 90]), forward([0.4, 0.3, 0.2])
    for record in timed[:3]:
        record.timing = Timing(1.0, 4.0, 3, 128, 30, 0.5)
    found = points(Measured((*made_up.base_models(), *timed, *gated)))
    assert [(point.method.name, point.setting, point.time) for point in found] == [
        ("dense", "", 0.4),
        ("pruned", "both, 80 %", 0.25),
        ("pruned", "both, 90 %", 0.2),
    ]


def test_a_file_without_times_says_so():
    section = cost_section(Measured(tuple(records(BaseItem("gru"), [0.9]))))
    assert "forward times" in section.missing[0].what
    rows = section.shown[-1].rows
    assert {row[-1] for row in rows} == {"not timed"}
