"""The thesis's numbers of strings beside ours, and its author's files."""

import csv
from dataclasses import replace

import msgspec
import pytest

from sparsebench.experiments.string_statistics.author_files import (
    APART,
    author_strings,
    distances,
    measured,
    misprints,
)
from sparsebench.experiments.string_statistics.cases import StringFilesCase, StringsCase
from sparsebench.experiments.string_statistics.claim_rows import claim_rows
from sparsebench.experiments.string_statistics.claims import STATED, strings_verdicts
from sparsebench.experiments.string_statistics.comparison import STRINGS
from sparsebench.experiments.string_statistics.items import StringsItem, strings_items
from sparsebench.experiments.string_statistics.measure import measure
from sparsebench.experiments.string_statistics.section import sections
from sparsebench.experiments.string_statistics.summary import strings_tables
from sparsebench.experiments.string_statistics.table import AUTHOR, by_item, data_sets, markdown
from sparsebench.harness import measuring
from sparsebench.parts.records import check_complete, check_finite
from sparsebench.parts.strings import generate_strings
from sparsebench.report.measured import Measured
from sparsebench.values.identity import digest, restore
from sparsebench.values.protocol import ReberStrings
from tests.harness import small
from tests.report.reading import rows

ALTERED, AUTHOR_LIKE = strings_items()
CONFIDENCE = 0.95


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return small.bench(tmp_path_factory.mktemp("strings"))


@pytest.fixture(scope="module")
def found(bench):
    return [measure(item.cases([0])[0], bench) for item in (ALTERED, AUTHOR_LIKE)]


def test_a_record_is_complete_and_of_its_case(bench, found):
    (case,) = ALTERED.cases([0])
    check_complete(found[0])
    check_finite(found[0])
    assert (found[0].digest, restore(found[0].case)) == (digest(case), case)
    assert measuring.measure(case, bench).metrics == found[0].metrics
    assert by_item(found) == {ALTERED: found[:1], AUTHOR_LIKE: found[1:]}


def test_digests_are_those_of_stored_records():
    assert digest(StringsCase(ReberStrings())) == "e2b950c516ee0859f9950d36c8462b5d"
    assert digest(StringFilesCase("a", "b")) == "2273a30a0b532e7468eb1386df6cb9a1"


def test_strings_of_another_size_are_no_item_s(bench):
    assert by_item([measure(StringsCase(small.DATA), bench)]) == {}


def test_counts_are_those_of_the_strings_one_by_one(found):
    train, test = generate_strings(ReberStrings())
    lengths = [len(text) for text, _ in (*train, *test)]
    metrics = found[0].metrics
    assert metrics["strings"] == sum(found[0].history["lengths all"]) == 25_000
    assert metrics["longest all"] == max(lengths)
    assert metrics["number of the shortest all"] == lengths.count(min(lengths))
    assert metrics["mode all"] == max(set(lengths), key=lengths.count)
    assert found[0].history["lengths test valid"][11] == sum(
        label == 1 and len(text) == 11 for text, label in test
    )
    starts = [text[1] for text, label in (*train, *test) if label]
    assert found[0].tables["letter 2, valid"]["T"] == pytest.approx(starts.count("T") / len(starts))


def test_the_thesis_s_statements_that_hold_and_that_do_not(found):
    verdicts = {each.statement: each for each in strings_verdicts(ALTERED, found[:1], CONFIDENCE)}
    assert len(verdicts) == len(STATED)
    assert verdicts["valid strings to train on: 9339"].verdict == "pass"
    assert verdicts["shortest strings: about 216"].measured == [190]
    contradicted = {each.statement for each in verdicts.values() if each.verdict == "fail"}
    assert contradicted == {
        "letters of the longest string: 53",
        "letters of the longest string of the train set: 49",
        "letters of the longest string of the test set: 53",
    }


@pytest.mark.parametrize("stated", STATED, ids=lambda stated: stated.metric)
def test_every_statement_is_red_on_a_spoilt_record(found, stated):
    """A record that has the thesis's number holds; one beyond its range contradicts it."""

    def verdict(number):
        spoilt = {**found[0].metrics, stated.metric: number}
        record = msgspec.structs.replace(found[0], metrics=spoilt)
        verdicts = strings_verdicts(ALTERED, [record], CONFIDENCE)
        return next(each for each in verdicts if each.statement == stated.statement)

    assert verdict(stated.number).verdict == "pass"
    assert verdict(int(stated.range[1]) + 1).verdict == "fail"
    assert stated.source in verdict(stated.number).source


def test_statements_true_of_some_data_sets_are_open(found):
    other = msgspec.structs.replace(found[0], metrics={**found[0].metrics, "longest all": 53})
    verdicts = strings_verdicts(ALTERED, [found[0], other], CONFIDENCE)
    longest = next(
        each for each in verdicts if each.statement == "letters of the longest string: 53"
    )
    assert (longest.verdict, longest.true_of) == ("inconclusive", 1)


def test_the_report_and_the_page_have_a_row_for_each_statement(found):
    measured_here = Measured(tuple(found))
    (section,) = sections(measured_here)
    first = rows(section, "strings-stated")[4]
    assert (first["strings"], first["the thesis"], first["altered"]) == (
        "letters of the shortest string", "11", "11",
    )  # fmt: skip
    assert [each.name for each in section.shown] == [
        "strings-lengths", "strings-places", "strings-stated", "strings-letters",
    ]  # fmt: skip
    assert "--sparsebench-artifacts" in section.missing[0].command
    assert len(claim_rows(measured_here)) == 2 * len(STATED)
    assert "| shortest strings | fig 4.3 | 216 | 190 | 215 |" in markdown(found)[0]
    (table,) = strings_tables(found)
    assert table.row_count == len(STATED)
    assert list(strings_tables([])) == markdown([]) == []


def test_one_string_more_is_a_change(found):
    spoilt = {**found[0].metrics, "number of the mode test": 1}
    other = msgspec.structs.replace(found[0], metrics=spoilt)
    assert STRINGS.change(found[:1], found[:1]).kind == "unchanged"
    assert STRINGS.change(found[:1], [other]).kind == "changed"
    assert STRINGS.change(found[:1], found[1:]).kind == "undecided"


def test_unknown_negatives_are_refused():
    with pytest.raises(ValueError, match="unknown negatives 'others': choose one of altered"):
        StringsItem("others")


def write(path, strings):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("string", "valid"), *strings])


def test_files_that_are_not_the_author_s_are_told_so(tmp_path, bench):
    train, test = generate_strings(ReberStrings())
    for name, half in (("train", train), ("test", test)):
        write(tmp_path / "dataset" / f"{name}_data.csv", half)
    settings = replace(bench.settings, artifacts=tmp_path)
    item, _ = author_strings(settings)
    assert item.id == "author-altered"
    assert distances(item, bench) == {"all": 0, "train": 0, "test": 0}
    assert "shortest strings (fig 4.3): the files have 190, the thesis states 216" in misprints(
        measured(item, bench)
    )
    assert author_strings(bench.settings) == []


def test_the_author_s_files_have_the_thesis_s_numbers_and_ours_have_his_lengths(artifacts, bench):
    for item in author_strings(replace(bench.settings, artifacts=artifacts)):
        record = measured(item, bench)
        assert misprints(record) == []
        assert distances(item, bench)["all"] <= APART
    sets = data_sets([measure(AUTHOR_LIKE.cases([0])[0], bench), record])
    assert list(sets) == ["author_like", AUTHOR]
    (section,) = sections(Measured((record, measure(ALTERED.cases([0])[0], bench))))
    (row,) = rows(section, "strings-distances")
    assert float(row["all"]) <= APART
    assert not section.missing
