"""The first section: what got worse, and which method is best at which density and fastest."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sparsebench.harness.comparing import policy_of
from sparsebench.judging.comparison import File, compare
from sparsebench.report.cost import Method, Point, points
from sparsebench.report.dense_column import DenseNetworks
from sparsebench.report.measured import Measured
from sparsebench.report.verdict import DENSITIES, best_at, by_percent, fastest_at, verdict_section
from sparsebench.values.identity import digest, restore
from tests.report import made_up
from tests.report.reading import rows

PRUNED = Method("pruned", "o", "#000000")
POINT = Point(PRUNED, "both, 90 %", "gru", "published", 0.1, 0.9, 3, None)


def of(records):
    return points(Measured(tuple(records)))


def test_the_best_method_at_a_density_has_no_more_weights_than_that():
    found = verdict_section(of(made_up.pruned()), None)
    at = {row["weights kept, at most"]: row for row in rows(found, "best-published")}
    assert set(at) <= {f"{100 * each:g} %" for each in DENSITIES}
    assert (at["20 %"]["variant"], at["20 %"]["best method"]) == ("GRU", "pruned")
    assert (at["20 %"]["accuracy"], at["20 %"]["networks"]) == ("0.995", "3")
    assert at["20 %"]["95 % interval"] == "0.982 to 1.000"


@given(
    st.lists(st.tuples(st.floats(0.01, 1), st.floats(0, 1)), min_size=1), st.sampled_from(DENSITIES)
)
def test_nothing_within_a_density_is_better_than_the_best(pairs, density):
    found = [
        replace(POINT, density=weights, accuracy=accuracy, time=weights)
        for weights, accuracy in pairs
    ]
    cheap = [point for point in found if point.density <= density]
    best = best_at(found, density)
    assert (best is None) <= (not cheap)
    if best is not None:
        assert all(point.accuracy <= best.accuracy for point in cheap)
        fast = fastest_at(found, density, best.accuracy)
        assert fast.time <= best.time
        assert fast.accuracy >= best.accuracy - 0.01


def test_the_fastest_have_a_table_where_there_are_times():
    timed = [
        replace(POINT, time=0.5),
        replace(POINT, setting="i2h, 90 %", accuracy=0.895, time=0.4),
    ]
    section = verdict_section(timed, None)
    row = next(
        row for row in rows(section, "fastest-published") if row["weights kept, at most"] == "10 %"
    )
    assert (row["fastest method"], row["setting"]) == ("pruned", "i2h, 90 %")
    assert (row["time / dense"], row["accuracy"], row["best accuracy"]) == (
        "0.40",
        "0.895",
        "0.900",
    )
    assert not any("times are not in this file" in each for each in section.said)
    untimed = verdict_section([POINT], None)
    assert any("times are not in this file" in each for each in untimed.said)
    assert "fastest-published" not in {table.name for table in untimed.shown}


def test_accuracy_by_percentage_has_a_row_for_each_method_and_target():
    section = verdict_section(of([*made_up.base_models(), *made_up.pruned()]), None)
    (row,) = rows(section, "by-percent")
    assert (row["variant"], row["method"], row["what is pruned"]) == ("GRU", "pruned", "both")
    assert row["80 %"].startswith("0.995 (0.98")
    assert row["dense"].startswith("1.000 (")


def test_methods_with_other_percentages_have_a_table_of_their_own():
    rounds = Method("pruned in rounds", "v", "#000000")
    found = [
        *(replace(POINT, percent=percent, what="both") for percent in (40, 50, 90, 100)),
        replace(POINT, percent=90, what="both", method=Method("fine-tuned", "s", "#000000")),
        *(replace(POINT, percent=percent, what="both", method=rounds) for percent in (50, 75)),
    ]
    first, second = by_percent(found)
    assert [column.title for column in first.columns[-3:]] == ["semantics", "50 %", "90 %"]
    assert [row[1] for row in first.rows] == ["pruned", "fine-tuned"]
    assert [column.title for column in second.columns[-2:]] == ["50 %", "75 %"]
    assert [row[1] for row in second.rows] == ["pruned in rounds"]


def test_what_got_worse_comes_first_with_its_seeds():
    new = made_up.pruned()
    new[2].metrics["accuracy"] -= 0.3
    compared = compare([File("a", made_up.pruned()), File("b", new)], policy_of)
    section = verdict_section(of(new), compared)
    assert section.said[0].startswith(
        "Since the oldest file: 1 regressed, 1 unchanged. The worst: "
    )
    assert section.shown[0].name == "got-worse"
    (row,) = rows(section, "got-worse")
    assert row["in which seeds"] == "seed 2: 0.9950 -> 0.6950, -30.00 points"
    assert "95% interval" in row["how sure"]


def test_where_nothing_got_worse_that_is_said_and_there_is_no_table():
    found = made_up.pruned()
    compared = compare([File("a", found), File("b", found)], policy_of)
    section = verdict_section(of(found), compared)
    assert section.said[0] == "Nothing got worse since the oldest file: 2 unchanged."
    assert "got-worse" not in {table.name for table in section.shown}


def test_a_file_without_networks_says_so_in_a_line():
    section = verdict_section([], None)
    assert section.said == ("No networks with known accuracy and weights are in this file.",)
    assert section.shown == ()


def test_the_headline_names_ties_and_says_where_nothing_is_that_sparse():
    (said, *_) = verdict_section([POINT, replace(POINT, setting="i2h, 90 %")], None).said
    assert "GRU 0.900 by pruned (both, 90 %) and another." in said
    (said, *_) = verdict_section([replace(POINT, density=0.5)], None).said
    assert said == "No network here has 10 % of its weights or fewer (published semantics)."


def test_what_fell_without_proof_is_not_called_nothing():
    old = made_up.pruned()
    item = compare([File("1", old), File("2", old)], policy_of)[0]
    fell = replace(item, state="changed", movement=replace(item.movement, worse=0.05))
    (said, *_) = verdict_section([], [fell]).said
    assert "1 of these got worse in the mean or in a seed, which may be chance; the most: " in said


# Dense networks


def with_dense(found, known, name="thesis"):
    """The first section of a file, where a baseline has such records."""
    stored = {each.digest: each for each in known}
    dense = DenseNetworks(name, lambda case: stored.get(digest(case)))
    return verdict_section(points(Measured(tuple(found), dense)), None)


def test_dense_networks_that_the_file_lacks_are_those_of_the_baseline():
    section = with_dense(made_up.pruned(), made_up.base_models())
    for name in ("best-published", "by-percent"):
        assert {row["dense"][:5] for row in rows(section, name)} == {"1.000"}
    assert (
        "The dense networks were not measured in this file; they are from the baseline thesis."
        in section.said
    )
    assert "No dense networks" not in " ".join(section.said)


def test_dense_networks_of_the_file_come_before_those_of_the_baseline():
    own = made_up.base_models()
    for record in own:
        record.metrics["accuracy"] = 0.5
    section = with_dense([*own, *made_up.pruned()], made_up.base_models())
    assert {row["dense"] for row in rows(section, "best-published")} == {"0.500"}
    assert "baseline" not in " ".join(section.said)


def test_dense_networks_are_only_those_that_the_file_has_pruned():
    found = [each for each in made_up.pruned(percents=[80]) if restore(each.case).seed == 1]
    section = with_dense(found, made_up.base_models())
    assert next(iter(rows(section, "best-published")))["dense"] == "0.999"


def test_without_dense_networks_there_is_no_column_but_a_line():
    for section in (
        verdict_section(of(made_up.pruned()), None),
        with_dense(made_up.pruned(), made_up.base_models("lstm")),
    ):
        for name in ("best-published", "by-percent"):
            assert "dense" not in rows(section, name)[0]
        (said,) = [each for each in section.said if each.startswith("No dense networks")]
        assert "known of GRU (published semantics): measure them with pytest" in said
        assert said.endswith("sparsebench report --baseline=DIR.")


def test_names_of_methods_that_do_not_speak_for_themselves_are_explained():
    found = of([*made_up.base_models(), *made_up.four_ways()])
    said = [each for each in verdict_section(found, None).said if "equal parameters" in each]
    assert len([each for each in said if each.startswith("The methods called")]) == 1
    assert "The methods called" not in " ".join(verdict_section(of(made_up.pruned()), None).said)
