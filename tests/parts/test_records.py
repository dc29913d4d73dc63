from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.documents import (
    LARGEST,
    baseline_at,
    read_baseline,
    read_document,
    write_document,
)
from sparsebench.parts.records import (
    BASELINE,
    RESULT,
    SCHEMA,
    Baseline,
    Commit,
    Invocation,
    Provenance,
    Record,
    Result,
    Timing,
    check_complete,
    check_depth,
)
from sparsebench.values.identity import restore
from tests import document_strategies, strategies

EMPTY = Baseline(provenances={}, records=[])


RESULT_OF_NOTHING = Result(
    provenance=Provenance(Commit(), "", "", "", "cpu", 1, "", "", "", ""),
    run=Invocation(
        profile="quick",
        semantics=[],
        seeds=3,
        seed_policy="",
        device="cpu",
        claims="off",
        baseline="",
        command=[],
        exit_status=0,
    ),
    provenances={},
    records=[],
    verdicts=[],
    items=[],
)


def written(path: Path, content: bytes | dict) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


@given(document=document_strategies.documents)
def test_a_document_comes_back_from_its_file(scratch: Path, document: Result | Baseline) -> None:
    path = scratch / "document.json"
    write_document(path, document)
    assert read_document(path) == document


@given(document=document_strategies.baselines)
def test_the_cases_of_a_document_can_be_restored(scratch: Path, document: Baseline) -> None:
    path = scratch / "document.json"
    write_document(path, document)
    for record, stored in zip(document.records, read_document(path).records, strict=True):
        assert restore(stored.case) == restore(record.case)


@given(document=document_strategies.documents)
def test_a_file_is_json_with_one_record_a_line(scratch: Path, document: Result | Baseline) -> None:
    path = scratch / "document.json"
    write_document(path, document)
    text = path.read_text(encoding="utf-8")
    assert json.loads(text) == msgspec.json.decode(msgspec.json.encode(document))
    lines = [line.removesuffix(",") for line in text.split("\n")]
    for record in document.records:
        assert msgspec.json.encode(record).decode() in lines


@given(document=document_strategies.documents)
def test_writing_what_was_read_changes_no_byte(scratch: Path, document: Result | Baseline) -> None:
    path = scratch / "document.json"
    write_document(path, document)
    before = path.read_bytes()
    write_document(path, read_document(path))
    assert path.read_bytes() == before


@given(document=document_strategies.documents, data=st.data())
def test_a_truncated_document_is_refused_wherever_it_was_cut(
    scratch: Path, document: Result | Baseline, data: st.DataObject
) -> None:
    path = scratch / "document.json"
    write_document(path, document)
    content = path.read_bytes()
    written(path, content[: data.draw(st.integers(0, len(content.rstrip()) - 1))])
    with pytest.raises(ValueError, match=f"^{path}: not a sparsebench document: "):
        read_document(path)


@given(content=st.binary(max_size=200))
def test_random_bytes_are_refused_with_the_name_of_the_file(scratch: Path, content: bytes) -> None:
    path = written(scratch / "random.json", content)
    with pytest.raises(
        ValueError, match=f"^{path}: (not a sparsebench document: |it is cut short)"
    ):
        read_document(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | strategies.finite | strategies.names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strategies.names, inner),
    max_leaves=8,
)


@given(
    fields=st.dictionaries(
        st.sampled_from(["provenances", "records", "run", "verdicts", "items", "estimates"]),
        json_values,
    ),
    kind=st.sampled_from([RESULT, BASELINE]),
)
def test_any_json_under_the_right_heading_is_a_document_or_an_error_that_names_the_file(
    scratch: Path, fields: dict[str, object], kind: str
) -> None:
    path = written(scratch / "any.json", {"schema": SCHEMA, "kind": kind, **fields})
    refusal = ""
    try:
        assert read_document(path).kind == kind
    except ValueError as error:
        refusal = str(error)
    assert not refusal or refusal.startswith(f"{path}: not a sparsebench document: ")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "truncated"),
        (b"[]", "Expected `object`, got `array`"),
        ({"kind": BASELINE}, "missing required field `schema`"),
        ({"schema": SCHEMA}, "missing required field `kind`"),
        ({"schema": "1", "kind": BASELINE}, "Expected `int`, got `str`"),
        (
            {"schema": SCHEMA, "kind": "pytest-benchmark"},
            f"kind is 'pytest-benchmark', not {RESULT}",
        ),
        ({"schema": SCHEMA, "kind": BASELINE}, "missing required field `provenances`"),
        ({"schema": SCHEMA, "kind": BASELINE, "provenances": {}, "records": 1}, "records"),
        ({"schema": SCHEMA + 1, "kind": BASELINE}, "newer than .*: upgrade sparsebench"),
        ({"schema": SCHEMA + 1, "kind": RESULT, "records": 1}, "newer than .*: upgrade"),
        (b'{"schema": 1, "kind": "\xff"}', "codec can't decode"),
        (
            b'{"schema": 1, "kind": "' + BASELINE.encode() + b'", "x": ' + b"[" * 99_999,
            "(recursion|nest|deep)",
        ),
    ],
    ids=[
        "empty",
        "array",
        "no-schema",
        "no-kind",
        "schema-text",
        "other-kind",
        "no-records",
        "wrong-records",
        "newer",
        "newer-and-different",
        "not-utf-8",
        "bottomless",
    ],
)
def test_what_is_no_document_is_refused_with_file_and_reason(
    tmp_path: Path, content: bytes | dict, reason: str
) -> None:
    path = written(tmp_path / "file.json", content)
    with pytest.raises(ValueError, match=f"^{path}: not a sparsebench document: .*{reason}"):
        read_document(path)


def test_a_document_is_read_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = written(tmp_path / "file.json", b"\xef\xbb\xbf" + msgspec.json.encode(_one()))
    assert read_document(path) == _one()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_of_a_document_in_utf_16_it_is_said_what_to_do(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path / "file.json", msgspec.json.encode(_one()).decode().encode(encoding))
    with pytest.raises(ValueError, match=f"^{path}: .*in UTF-16 or UTF-32: save it as UTF-8"):
        read_document(path)


@pytest.mark.parametrize("read", [read_document, read_baseline, baseline_at])
def test_two_records_of_one_case_are_refused(
    tmp_path: Path, read: Callable[[Path], Result | Baseline]
) -> None:
    """As `git merge` leaves them; none of the two is silently the one that counts."""
    baseline = _one(digest="d1")
    other = msgspec.structs.replace(baseline.records[0], metrics={"accuracy": 0, "strings": 9})
    path = written(
        tmp_path / "twice.json",
        msgspec.json.encode(Baseline(provenances={}, records=[baseline.records[0], other])),
    )
    with pytest.raises(ValueError, match=f"^{path}: .*'d1' is there twice: keep one"):
        read(path)


def test_fields_that_a_later_version_added_are_passed_over(tmp_path: Path) -> None:
    plain = msgspec.to_builtins(EMPTY) | {"mood": "sunny"}
    assert read_document(written(tmp_path / "file.json", plain)) == EMPTY


def test_files_from_before_numerics_and_estimates_can_be_read(tmp_path: Path) -> None:
    baseline = msgspec.to_builtins(_one())
    (record,) = baseline["records"]
    del record["numerics"]
    assert read_baseline(written(tmp_path / "baseline.json", baseline)) == _one()
    result = msgspec.to_builtins(RESULT_OF_NOTHING)
    del result["estimates"]
    assert read_document(written(tmp_path / "result.json", result)) == RESULT_OF_NOTHING


def test_an_absent_document_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_document(tmp_path / "absent.json")


@given(result=document_strategies.results)
def test_a_result_is_no_baseline(scratch: Path, result: Result) -> None:
    path = scratch / "result.json"
    write_document(path, result)
    with pytest.raises(ValueError, match=f"^{path}: a {RESULT}, not a {BASELINE}"):
        read_baseline(path)


@given(baseline=document_strategies.baselines)
def test_a_baseline_is_read_as_one(scratch: Path, baseline: Baseline) -> None:
    path = scratch / "baseline.json"
    write_document(path, baseline)
    assert read_baseline(path) == baseline


@pytest.mark.parametrize("figure", [float("nan"), float("inf"), float("-inf")])
def test_a_figure_that_json_cannot_hold_never_costs_the_document(
    tmp_path: Path, figure: float
) -> None:
    """It is refused before the old file is replaced: what was written can always be read."""
    path = tmp_path / "baseline.json"
    write_document(path, EMPTY)
    record = Record(digest="0", experiment="base", case={}, metrics={"loss": figure})
    with pytest.raises(ValueError, match="loss"):
        write_document(path, Baseline(provenances={}, records=[record]))
    assert read_document(path) == EMPTY


def test_an_interrupted_write_leaves_the_old_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "baseline.json"
    write_document(path, EMPTY)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    record = Record(digest="0", experiment="base", case={}, metrics={})
    with pytest.raises(KeyboardInterrupt):
        write_document(path, Baseline(provenances={}, records=[record]))
    assert read_document(path) == EMPTY


def test_a_record_is_interrupted_until_its_item_has_an_outcome() -> None:
    record = Record(digest="0", experiment="base", case={}, metrics={})
    assert record.outcome == "interrupted"


@pytest.mark.parametrize("seconds", [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0), (1.0, float("nan"))])
def test_a_forward_pass_that_took_no_time_is_refused(seconds: tuple[float, float]) -> None:
    record = Record(digest="d", experiment="forward", case={}, metrics={"kept": 1.0})
    record.timing = Timing(*seconds, rounds=3, batch_size=32, steps=20, density=0.2)
    with pytest.raises(ValueError, match="forward record 'd' has a forward pass that took no time"):
        check_complete(record)


def test_a_timing_below_one_says_that_sparsity_pays() -> None:
    timing = Timing(
        pruned_median=0.5, dense_median=2.0, rounds=3, batch_size=32, steps=20, density=0.2
    )
    assert timing.ratio == 0.25


def _one(**changes: Any) -> Baseline:
    fields = {
        "digest": "0",
        "experiment": "base",
        "case": {},
        "metrics": {"accuracy": 1, "strings": 9},
    }
    return Baseline(provenances={}, records=[Record(**{**fields, **changes})])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"metrics": {"strings": 9}}, "base record '0' lacks accuracy"),
        ({"experiment": "onset", "metrics": {"last_loss": 1}}, "lacks history of loss"),
        ({"experiment": "forward", "metrics": {}}, "forward record '0' lacks kept"),
        (
            {"experiment": "correlation", "metrics": {"networks": 9}, "tables": {"pearson": {}}},
            "correlation record '0' lacks table of pearson_low and table of pearson_high and",
        ),
        (
            {"experiment": "prediction", "metrics": {"networks": 9, "r2": 0.1}},
            "lacks r2_median and r2_low and r2_high and history of r2",
        ),
        ({"trained": "elsewhere"}, "refers to provenance 'elsewhere', which is missing"),
    ],
)
def test_a_document_with_an_incomplete_record_is_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    write_document(tmp_path / "one.json", _one())
    read_document(tmp_path / "one.json")
    write_document(tmp_path / "one.json", _one(**changes))
    with pytest.raises(ValueError, match=f"one.json: .*{message}"):
        read_document(tmp_path / "one.json")


def test_a_record_of_another_project_s_experiment_is_read(tmp_path: Path) -> None:
    document = _one(experiment="theirs", metrics={"speed": 3.0})
    write_document(tmp_path / "one.json", document)
    assert read_document(tmp_path / "one.json") == document


def nested(depth: int) -> Record:
    """A record whose case has so many dictionaries and lists inside each other."""
    case: dict[str, Any] = {}
    for number in range(depth - 1):
        case = {"base": case} if number % 3 or number == depth - 2 else [case, 1]  # type: ignore
    return Record(digest="d", experiment="base", case=case, metrics={"accuracy": 0, "strings": 1})


def test_a_case_that_is_nested_too_deeply_is_refused_where_it_is_read(tmp_path: Path) -> None:
    """Restoring it would be a call for each level."""
    check_depth(Record(digest="d", experiment="base", case={"a": {"b": [1]}, "c": 2}, metrics={}))
    for depth, refused in ((16, False), (17, True), (200, True)):
        path = tmp_path / "deep.json"
        write_document(path, Baseline(provenances={}, records=[nested(depth)]))
        if refused:
            with pytest.raises(
                ValueError, match=r"deep\.json: .* nested more than 16 deep: restore"
            ):
                read_document(path)
        else:
            assert read_document(path).records == [nested(depth)]


def test_a_document_may_come_through_a_pipe(tmp_path: Path) -> None:
    """`sparsebench compare <(git show ...) results/latest.json`."""
    reading, writing = os.pipe()
    os.write(writing, msgspec.json.encode(EMPTY))
    os.close(writing)
    assert read_document(Path(f"/dev/fd/{reading}")) == EMPTY
    os.close(reading)


def test_no_more_than_the_limit_is_read_of_a_huge_document(tmp_path: Path) -> None:
    path = written(tmp_path / "huge.json", msgspec.to_builtins(EMPTY))
    with path.open("r+b") as file:
        file.truncate(2**40)  # sparse: it takes no room on the disk
    with pytest.raises(ValueError, match=rf"huge\.json: more than {LARGEST} bytes"):
        read_document(path)


def test_many_records_beside_many_provenances_take_no_longer_for_it(tmp_path: Path) -> None:
    """If each record were looked up in a set of its own, this would take minutes."""
    one = RESULT_OF_NOTHING.provenance
    figures = {"accuracy": 0.0, "strings": 1.0}
    records = [
        Record(digest=str(n), experiment="base", case={}, metrics=figures, trained="9")
        for n in range(20_000)
    ]
    many = Baseline(provenances={str(n): one for n in range(20_000)}, records=records)
    path = written(tmp_path / "many.json", msgspec.json.encode(many))
    start = time.process_time()
    assert len(read_document(path).records) == 20_000
    assert time.process_time() - start < 10
