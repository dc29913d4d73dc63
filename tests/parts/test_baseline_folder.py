"""Baselines in folders: which file a record goes into, what is read when, and their former form."""

import gzip
import json
import os
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.baseline_folder import (
    BaselineFolder,
    baselines_in,
    check_names_a_file,
    has_baseline,
)
from sparsebench.parts.documents import (
    packed,
    read_baseline,
    read_document,
    write_document,
)
from sparsebench.parts.records import Baseline, Commit, Provenance, Record

WHERE = Provenance(
    commit=Commit(), created="", cpu="", gpu="", device="cpu", threads=1, python="", torch="",
    numpy="", code="",
)  # fmt: skip


def record(experiment, number, figure=0.5):
    return Record(
        digest=f"{experiment}{number}",
        experiment=experiment,
        case={"kind": "Own", "number": number},
        metrics={"accuracy": figure},
        provenance="here",
    )


def accept(folder, *records, often=True):
    BaselineFolder(folder).rewrite(records, {"here": WHERE}, often)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def digests(path):
    return [each.digest for each in read_baseline(path).records]


def test_each_experiment_has_a_file_of_text_and_one_that_is_packed(tmp_path):
    folder = tmp_path / "mine"
    accept(folder, record("a", 1), record("b", 1))
    accept(folder, record("a", 2), often=False)
    assert names(folder) == ["a.json", "a.json.gz", "b.json"]
    assert digests(folder / "a.json") == ["a1"]
    assert digests(folder / "a.json.gz") == ["a2"]
    assert digests(folder) == ["a1", "a2", "b1"]
    lines = (folder / "a.json").read_text().splitlines()
    assert [json.loads(line)["digest"] for line in lines if line.startswith('{"digest"')] == ["a1"]
    assert json.loads(gzip.decompress((folder / "a.json.gz").read_bytes()))["schema"] == 1


def test_a_record_stays_where_it_is_until_a_profile_that_is_run_often_accepts_it(tmp_path):
    accept(tmp_path, record("a", 1))
    accept(tmp_path, record("a", 1, 0.7), record("a", 2), record("a", 3), often=False)
    assert read_baseline(tmp_path / "a.json").records[0].metrics == {"accuracy": 0.7}
    assert digests(tmp_path / "a.json.gz") == ["a2", "a3"]
    accept(tmp_path, record("a", 3))
    assert digests(tmp_path / "a.json") == ["a1", "a3"]
    assert digests(tmp_path / "a.json.gz") == ["a2"]
    accept(tmp_path, record("a", 2))
    assert names(tmp_path) == ["a.json"]
    assert digests(tmp_path) == ["a1", "a2", "a3"]


def test_only_files_that_change_are_written(tmp_path):
    accept(tmp_path, record("a", 1), record("b", 1))
    accept(tmp_path, record("a", 2), record("b", 2), often=False)
    before = {path.name: path.stat().st_ino for path in tmp_path.iterdir()}
    accept(tmp_path, record("a", 3))
    after = {path.name: path.stat().st_ino for path in tmp_path.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"a.json"}


changes = st.lists(
    st.tuples(
        st.booleans(),
        st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.floats(0, 1)), max_size=4),
    ),
    max_size=6,
)


@given(changes)
def test_after_any_updates_the_last_record_of_each_case_is_there_once(tmp_path_factory, changes):
    folder, expected = tmp_path_factory.mktemp("baselines") / "mine", {}
    for often, accepted in changes:
        records = {each.digest: each for each in (record(*one) for one in accepted)}
        with patch.object(os, "fsync"):  # which may take a tenth of a second
            accept(folder, *records.values(), often=often)
        expected.update(records)
    stored = BaselineFolder(folder)
    for each in expected.values():
        assert stored.get(each.experiment, each.digest) == each
    found = [each for name in stored.experiments for each in stored.records(name)]
    assert {each.digest: each for each in found} == expected
    assert len(found) == len(expected)
    if expected:
        assert read_baseline(folder).records == found


def test_no_more_is_read_than_is_asked_for(tmp_path):
    accept(tmp_path, record("a", 1))
    (tmp_path / "a.json.gz").write_bytes(b"damaged")
    (tmp_path / "b.json").write_text("damaged")
    stored = BaselineFolder(tmp_path)
    assert stored.get("a", "a1") is not None
    assert stored.get("c", "c1") is None
    with pytest.raises(ValueError, match=r"a\.json\.gz"):
        stored.get("a", "a2")
    with pytest.raises(ValueError, match=r"b\.json"):
        stored.records("b")
    with pytest.raises(ValueError, match=r"b\.json"):
        BaselineFolder(tmp_path).check()


def test_a_run_goes_on_with_what_it_first_read(tmp_path):
    accept(tmp_path, record("a", 1), record("b", 1))
    begun = BaselineFolder(tmp_path)
    assert begun.get("a", "a1").metrics == {"accuracy": 0.5}
    accept(tmp_path, record("a", 1, 0.9), record("b", 1, 0.9))
    assert begun.get("b", "b1").metrics == {"accuracy": 0.5}
    assert BaselineFolder(tmp_path).get("b", "b1").metrics == {"accuracy": 0.9}


def test_provenances_of_records_go_with_them(tmp_path):
    accept(tmp_path, record("a", 1))
    BaselineFolder(tmp_path).rewrite([record("b", 1)], {"here": WHERE, "elsewhere": WHERE}, True)
    assert read_baseline(tmp_path).provenances == {"here": WHERE}
    stored = BaselineFolder(tmp_path)
    assert stored.trained(stored.get("a", "a1")) == WHERE


@pytest.mark.parametrize("name", ["", "Mine", "a/b", "..", ".a", "a.b", "-a", "é", "a b"])
def test_names_that_cannot_be_those_of_files_everywhere_are_refused(tmp_path, name):
    with pytest.raises(
        ValueError, match="cannot name a file of a baseline: use lower-case letters"
    ):
        check_names_a_file(name)
    with pytest.raises(ValueError, match="cannot name a file"):
        accept(tmp_path / "mine", record(name, 1))
    assert not (tmp_path / "mine").exists()


def test_a_record_in_the_file_of_another_experiment_is_told(tmp_path):
    accept(tmp_path, record("a", 1))
    (tmp_path / "a.json").rename(tmp_path / "b.json")
    with pytest.raises(
        ValueError, match=r"b\.json: record 'a1' is of experiment 'a': move its line"
    ):
        read_document(tmp_path)


def test_a_folder_without_records_is_no_baseline(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ValueError, match=r"not a baseline: it has no EXPERIMENT\.json"):
        read_document(tmp_path)
    assert not has_baseline(tmp_path)


# Packed


def test_packed_files_are_read_alone_and_equal_ones_are_equal(tmp_path):
    baseline = Baseline(provenances={"here": WHERE}, records=[record("a", 1)])
    path = tmp_path / "any.gz"
    path.write_bytes(packed(baseline))
    assert read_document(path) == baseline
    assert packed(baseline) == packed(read_baseline(path))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda content: content[:-9], "cut short"),
        (lambda content: content + b"x", "something follows"),
        (lambda content: content[:20] + bytes([content[20] ^ 255]) + content[21:], "unpack"),
    ],
)
def test_a_damaged_packed_file_is_told(tmp_path, spoil, message):
    path = tmp_path / "a.json.gz"
    path.write_bytes(spoil(packed(Baseline(provenances={"here": WHERE}, records=[record("a", 1)]))))
    with pytest.raises(ValueError, match=message):
        read_document(path)


def test_no_more_is_unpacked_than_is_bearable(tmp_path, monkeypatch):
    from sparsebench.parts import documents

    monkeypatch.setattr(documents, "LARGEST", 10_000)
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b" " * 1_000_000))
    with pytest.raises(ValueError, match=r"a\.json\.gz: more than"):
        read_document(tmp_path / "a.json.gz")
    with pytest.raises(ValueError, match="more than"):
        read_document(tmp_path)


def test_a_folder_s_files_together_are_no_larger_than_is_bearable(tmp_path, monkeypatch):
    from sparsebench.parts import documents

    accept(tmp_path, *(record(name, 1) for name in "abcdef"))
    monkeypatch.setattr(documents, "LARGEST", 1_000)
    with pytest.raises(ValueError, match="more than"):
        read_document(tmp_path)


# The one file that a baseline was


@pytest.fixture
def former(tmp_path):
    """A baseline in one file, and the folder that it becomes."""
    path = tmp_path / "mine.json"
    records = [record("a", 1), record("a", 2), record("b", 1)]
    write_document(path, Baseline(provenances={"here": WHERE}, records=records))
    return path, tmp_path / "mine"


def test_a_baseline_in_one_file_is_read(former):
    path, folder = former
    stored = BaselineFolder(folder)
    assert stored.experiments == ["a", "b"]
    assert [each.digest for each in stored.records("a")] == ["a1", "a2"]
    assert stored.get("b", "b1") is not None
    assert stored.former_file == path
    assert has_baseline(folder)
    assert baselines_in(path.parent) == ["mine"]


def test_the_next_update_writes_the_folder_and_leaves_the_file(former):
    path, folder = former
    before = path.read_bytes()
    accept(folder, record("c", 1), record("a", 1, 0.9), often=False)
    assert path.read_bytes() == before
    assert names(folder) == ["a.json", "b.json", "c.json.gz"]
    assert digests(folder) == ["a1", "a2", "b1", "c1"]
    stored = BaselineFolder(folder)
    assert stored.former_file is None
    assert stored.get("a", "a1").metrics == {"accuracy": 0.9}


def test_a_damaged_former_file_is_told_before_anything_is_done(former):
    path, folder = former
    path.write_text("{")
    with pytest.raises(ValueError, match=r"mine\.json"):
        BaselineFolder(folder).check()
