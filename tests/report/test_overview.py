"""What was run, how the claims fared, and what could not be understood."""

import msgspec
import pytest

from sparsebench.parts.records import Commit, Item
from sparsebench.report.every_claim import every_claim
from sparsebench.report.intake import LeftOut
from sparsebench.report.measured import Measured
from sparsebench.report.overview import (
    claims_section,
    inventory_section,
    newest_provenance,
    notices,
)
from tests.report import made_up
from tests.report.reading import rows, tables


def inventory(document, left_out=()):
    return inventory_section("results/a.json", document, document.records, left_out)


def claims(records):
    return claims_section(every_claim(Measured(tuple(records))))


def facts(document):
    return {row["what"]: row["value"] for row in rows(inventory(document), "facts")}


def test_a_result_tells_profile_command_machine_and_commit():
    found = facts(made_up.result(made_up.pruned()))
    assert found["file"] == "results/a.json"
    assert found["profile"] == "quick"
    assert found["command"] == "pytest benchmarks -k 'gru and p80'"
    assert (found["commit"], found["branch"]) == ("c0ffee00c0ffee00", "main")
    assert found["processor"] == "A processor"


def test_a_run_that_did_not_end_well_is_told_in_the_first_lines():
    document = made_up.result(made_up.pruned())
    assert notices(document, []) == []
    document.run = msgspec.structs.replace(document.run, exit_status=2)
    (said,) = notices(document, [])
    assert said.startswith("The run was interrupted (exit status 2): what it")


def test_pytest_items_are_listed_with_what_they_measured():
    document = made_up.result(made_up.pruned())
    digests = [record.digest for record in document.records]
    document.items.append(
        Item(
            nodeid="benchmarks/test_pruning.py::test_pruning[gru-both-p80]",
            outcome="passed",
            seconds=1.25,
            digests=[*digests[:4], "gone"],
        )
    )
    (row,) = rows(inventory(document), "pytest-items")
    assert (row["pytest item"], row["outcome"]) == ("test_pruning[gru-both-p80]", "passed")
    assert row["measured"] == "pruning gru both p80; pruning gru both p90"
    assert "pytest-items" not in tables(inventory(made_up.baseline(made_up.pruned())))


@pytest.mark.parametrize(
    ("commit", "told"),
    [
        (Commit("feed" * 4, "main", dirty=True), "feedfeedfeedfeed with changes, or unchecked"),
        (Commit(dirty=True), "unknown: git did not answer"),
        (Commit(), ""),
    ],
)
def test_a_checkout_that_is_not_known_to_be_clean_is_told_as_such(commit, told):
    place = msgspec.structs.replace(made_up.provenance(), commit=commit)
    assert facts(made_up.result(made_up.pruned(), place)).get("commit", "") == told


def test_a_baseline_tells_where_its_newest_record_was_measured():
    document = made_up.baseline(made_up.pruned())
    document.provenances["there"] = made_up.provenance("feed" * 4, "2027-01-01T00:00:00")
    assert newest_provenance(document).commit.id == "feed" * 4
    assert facts(document)["newest record: commit"] == "feed" * 4


def test_a_baseline_of_nothing_comes_from_nowhere():
    document = made_up.baseline([])
    document.provenances.clear()
    assert newest_provenance(document) is None
    assert "newest record: commit" not in facts(document)


def test_verdicts_are_counted_by_experiment_and_semantics():
    found = rows(claims(made_up.pruned(times=2)), "verdicts")
    (row,) = (
        row for row in found if (row["experiment"], row["semantics"]) == ("pruned", "published")
    )
    assert row["holds"] == "3"


def test_records_are_counted_and_those_that_failed_apart():
    found = made_up.pruned()
    for record in found:
        record.outcome = "passed"
    found[0].outcome = "failed"
    (row,) = rows(inventory(made_up.result(found)), "experiments")
    assert tuple(row.values()) == ("pruning", "published", "6", "1")


def test_records_left_out_are_listed():
    left_out = [LeftOut("abc", "base", "nonsense")] * 120
    document = made_up.result([])
    assert "120 records" in notices(document, left_out)[0]
    section = inventory(document, left_out)
    assert section.shown[-1].caption == "Records that are left out (the first 100; 20 more)"
    assert rows(section, "left-out")[0]["reason"] == "nonsense"


def test_a_claim_has_its_source_figures_and_verdict():
    (row,) = (
        row
        for row in rows(claims(made_up.pruned(times=2)), "every-claim")
        if (row["variant"], row["pruned"], row["percent"], row["experiment"], row["source"])
        == ("GRU", "both", "80", "pruned", "fig 6.11")
    )
    assert row["claim"] == "accuracy holds at 0.99 or more"
    assert (row["published range"], row["source"]) == ("0.99 to 1.00", "fig 6.11")
    figures = row["published: mean, true of, 95 % interval"]
    assert figures.startswith("0.9950, 6 of 6, 0.5")
    assert (row["published"], row["corrected"]) == ("holds", "not measured")
    assert row["corrected: mean, true of, 95 % interval"] == ""


def test_claims_of_which_nothing_was_measured_are_one_closed_table():
    section = claims([])
    assert [table.name for table in section.shown] == ["other-claims"]
    assert section.shown[0].folded
    assert section.shown[0].caption.startswith(f"{len(section.shown[0].rows)} claims")
