"""Records of one population differ in their seeds and in nothing else that was asked for."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.finetuning.items import FinetuningItem
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.random_wiring.items import FamiliesItem
from sparsebench.judging.replicates import by_replicates, check_cases, replicates_of
from sparsebench.values.identity import digest, seedless
from tests import document_strategies
from tests.judging.records import networks, onset, records, retrained

ITEM = PruningItem("gru", "both", 90)
REGAIN = FinetuningItem("gru", "both", 90, epochs=2)


@given(document_strategies.records)
def test_what_was_measured_does_not_decide_the_population(record):
    other = msgspec.structs.replace(
        record, metrics={}, history={}, weights="other", numerics="other", outcome="failed"
    )
    assert replicates_of(other) == replicates_of(record)


@given(st.lists(document_strategies.records, max_size=6))
def test_every_record_is_in_one_population_in_order(found):
    groups = by_replicates(found)
    assert sorted(map(id, found)) == sorted(id(each) for group in groups.values() for each in group)
    for name, group in groups.items():
        assert [replicates_of(record) for record in group] == [name] * len(group)
        assert group == [record for record in found if replicates_of(record) == name]


def test_a_case_that_is_none_is_refused_with_its_file_and_record():
    found = records(ITEM, [0.9, 0.8])
    check_cases("some.json", found)
    for change in ({"percent": 101}, {"target": "all"}, {"base": 7}):
        found[1].case = {**records(ITEM, [0.9])[0].case, **change}
        with pytest.raises(
            ValueError, match=f"^some.json: record '{found[1].digest}' has an invalid case"
        ):
            check_cases("some.json", found)


def test_seeds_of_a_item_are_one_population_wherever_they_begin():
    pruned = [*records(ITEM, [0.9] * 3), *records(ITEM, [0.9] * 3, first=100)]
    again = [
        *retrained(REGAIN, [[0.9]] * 3),
        *retrained(FinetuningItem("gru", "both", 90, epochs=2, order=100), [[0.9]] * 3),
    ]
    groups = by_replicates([*pruned, *again])
    assert [len(group) for group in groups.values()] == [6, 6]


def test_a_group_of_networks_is_a_population_for_each_family():
    item = FamiliesItem("gru", 4)
    groups = by_replicates(networks(item, [0.9] * 8))
    assert [[record.case["graph"]["family"] for record in group] for group in groups.values()] == [
        ["watts_strogatz"] * 4,
        ["barabasi_albert"] * 4,
    ]


@pytest.mark.parametrize(
    "other",
    [
        records(PruningItem("gru", "both", 80), [0.9]),
        records(PruningItem("gru", "i2h", 90), [0.9]),
        records(PruningItem("lstm", "both", 90), [0.9]),
        records(PruningItem("gru", "both", 90, "corrected"), [0.9]),
        records(PruningItem("gru", "both", 90, criterion="mine"), [0.9]),
        records(BaseItem("gru"), [0.9]),
        [onset([0.7])],
        retrained(REGAIN, [[0.9]]),
        retrained(FinetuningItem("gru", "both", 90, epochs=3), [[0.9]]),
    ],
)
def test_what_else_is_asked_for_makes_another_population(other):
    assert replicates_of(other[0]) != replicates_of(records(ITEM, [0.9])[0])


def test_one_case_measured_by_two_experiments_is_in_two_populations():
    (record,) = records(ITEM, [0.9])
    other = msgspec.structs.replace(record, experiment="conformance")
    assert replicates_of(record) != replicates_of(other)


def test_a_case_that_was_written_otherwise_is_in_the_same_population():
    """By hand, or by a tool that writes 5 for 5.0 and leaves defaults out or names them."""
    for found in (records(ITEM, [0.9]), retrained(REGAIN, [[0.9]])):
        network = "base" if "base" in found[0].case else "network"
        base = found[0].case[network]
        others = [
            {**base, "training": {**base["training"], "clip_norm": 5}},
            {name: item for name, item in base.items() if name != "semantics"},
            {**base, "seed": 7},
            dict(reversed(base.items())),
        ]
        for other in others:
            case = {**found[0].case, network: other}
            same = msgspec.structs.replace(found[0], case=case)
            assert replicates_of(same) == replicates_of(found[0])


def test_a_case_with_a_field_that_its_kind_has_not_is_refused():
    (record,) = records(ITEM, [0.9])
    with pytest.raises(ValueError, match="not a Pruning"):
        replicates_of(msgspec.structs.replace(record, case={**record.case, "more": 1}))


def test_records_of_the_shipped_baseline_are_in_the_populations_of_their_seedless_cases(
    thesis_baseline,
):
    some = thesis_baseline.records[::20]
    expected = {}
    for record in some:
        key = record.experiment, digest(seedless(record.restored))
        expected.setdefault(key, []).append(record.digest)
    found = [[record.digest for record in group] for group in by_replicates(some).values()]
    assert found == [*expected.values()]


def test_a_case_of_no_known_kind_is_a_population_of_its_own():
    """It may be of an experiment that is not installed here."""
    one, other = (
        msgspec.structs.replace(record, case={"kind": "MyCase"})
        for record in records(ITEM, [0.9, 0.8])
    )
    check_cases("some.json", [one, other])
    assert replicates_of(one) == f"pruning {one.digest}"
    assert len(by_replicates([one, other])) == 2
