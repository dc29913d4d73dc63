"""Records as frames: nothing is lost, nothing is made up, and a spreadsheet runs nothing."""

import math
import tempfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sparsebench
from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.equal_parameters.items import FourWaysItem
from sparsebench.experiments.graph_statistics.items import CorrelationItem
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.random_wiring.items import WiredItem, WiredPruningItem
from sparsebench.parts.documents import write_document
from sparsebench.parts.records import Baseline, Record, Timing
from sparsebench.report import frames
from sparsebench.report.frames import WHAT, export, load
from sparsebench.values.identity import canonical, digest
from tests import document_strategies

few = settings(max_examples=40, deadline=None)


def record(item, experiment, **fields):
    case = item.cases([3])[0]
    metrics = {"accuracy": 0.5, "strings": 10, "kept": 9, "accuracy_before": 0.4, "networks": 2.0}
    if experiment == "correlation":
        fields = {"tables": {}, **fields}
        for name in ("pearson", "pearson_low", "pearson_high", "p_adjusted"):
            fields["tables"].setdefault(name, {})
    return Record(
        digest=digest(case),
        case=canonical(case),
        experiment=experiment,
        metrics=metrics,
        **fields,
    )


def loaded(tmp_path, *records, what="records"):
    path = tmp_path / "some.json"
    write_document(path, Baseline(provenances={}, records=list(records)))
    return load(path, what=what)


def test_a_figure_that_has_the_name_of_a_fact_is_not_lost(tmp_path):
    one = record(BaseItem("gru"), "base")
    one.metrics["first"] = 0.25
    (row,) = loaded(tmp_path, one).to_dict("records")
    assert row["figure_first"] == 0.25
    assert row["seed"] == 3


@given(document=document_strategies.documents)
@few
def test_every_figure_is_in_a_frame_once(document):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "some.json"
        write_document(path, document)
        found = {what: load(path, what=what) for what in WHAT}
    assert len(found["records"]) == len(document.records)
    series = [len(values) for each in document.records for values in each.history.values()]
    assert len(found["histories"]) == sum(series)
    figures = [len(row) for each in document.records for row in each.tables.values()]
    assert len(found["tables"]) == sum(figures)
    for each, (_, row) in zip(document.records, found["records"].iterrows(), strict=True):
        assert row["digest"] == each.digest
        assert row["experiment"] == each.experiment
        for name, value in each.metrics.items():
            assert row.get(f"figure_{name}", row[name]) == value


@pytest.mark.parametrize(
    ("item", "experiment", "facts"),
    [
        (BaseItem("lstm"), "base", {"variant": "lstm", "seed": 3, "semantics": "published"}),
        (
            PruningItem("gru", "i2h", 80, "corrected"),
            "pruning",
            {"target": "i2h", "percent": 80, "criterion": "magnitude", "semantics": "corrected"},
        ),
        (
            WiredItem("gru", "watts_strogatz", 17),
            "wired",
            {"variant": "gru", "family": "watts_strogatz", "seed": 17},
        ),
        (
            WiredPruningItem("rnn_relu", "h2h", 50, 1, 2),
            "retraining",
            {"variant": "rnn_relu", "family": "watts_strogatz", "target": "h2h", "percent": 50},
        ),
        (
            FourWaysItem("lstm", "barabasi_albert", 50, 1),
            "four_ways",
            {"way": "dense", "family": "barabasi_albert", "vertices": 20, "percent": 50},
        ),
        (
            CorrelationItem("rnn_tanh", 40, "corrected"),
            "correlation",
            {"variant": "rnn_tanh", "graphs": 40, "first": 0, "semantics": "corrected"},
        ),
    ],
)
def test_a_row_tells_what_was_measured(tmp_path, item, experiment, facts):
    (row,) = loaded(tmp_path, record(item, experiment)).to_dict("records")
    assert {name: row[name] for name in facts} == facts


def test_a_row_has_metrics_properties_and_times(tmp_path):
    timing = Timing(2.0, 4.0, 10, 128, 48, 0.5)
    item = WiredItem("gru", "watts_strogatz", 1)
    (row,) = loaded(
        tmp_path, record(item, "wired", properties={"nodes": 12.0}, timing=timing)
    ).to_dict("records")
    assert (row["accuracy"], row["nodes"], row["time_ratio"]) == (0.5, 12.0, 0.5)
    assert row["dense_median"] == 4.0


@pytest.mark.parametrize("what", WHAT)
def test_a_frame_of_nothing_has_the_columns_of_one_of_something(tmp_path, what):
    nothing = loaded(tmp_path, what=what)
    something = loaded(
        tmp_path,
        record(CorrelationItem("gru"), "correlation", tables={"pearson": {"nodes": 0.5}}),
        record(BaseItem("gru"), "base", history={"loss": [0.5]}),
        what=what,
    )
    assert len(nothing) == 0
    assert list(something)[: len(list(nothing))] == list(nothing)
    assert {"seed", "experiment", "commit"} <= set(nothing)
    assert nothing["seed"].dtype == "Int64"


@pytest.mark.parametrize("what", WHAT[1:])
def test_records_without_such_figures_make_a_frame_with_columns_too(tmp_path, what):
    frame = loaded(tmp_path, record(BaseItem("gru"), "base"), what=what)
    assert (len(frame), "value" in frame) == (0, True)


def test_a_csv_file_of_nothing_has_a_header(tmp_path):
    export(loaded(tmp_path), tmp_path / "out.csv")
    assert list(pd.read_csv(tmp_path / "out.csv"))[:3] == ["file", "digest", "experiment"]


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path):
    paths = [tmp_path / folder / "latest.json" for folder in "ab"] + [tmp_path / "other.json"]
    for path in paths:
        write_document(path, Baseline(provenances={}, records=[record(BaseItem("gru"), "base")]))
    assert load(*paths)["file"].tolist() == [*map(str, paths[:2]), "other.json"]


def test_a_file_is_not_loaded_twice_by_whatever_path(tmp_path):
    path, link = tmp_path / "a.json", tmp_path / "link.json"
    write_document(path, Baseline(provenances={}, records=[record(BaseItem("gru"), "base")]))
    link.symlink_to(path)
    with pytest.raises(ValueError, match=r"link\.json is the same file as .*a\.json: give each"):
        load(path, link)


def test_what_does_not_apply_is_missing(tmp_path):
    frame = loaded(
        tmp_path, record(BaseItem("gru"), "base"), record(PruningItem("gru", "both", 80), "pruning")
    )
    assert frame["percent"].isna().tolist() == [True, False]
    assert frame["percent"].dtype == "Int64"
    assert frame["seed"].tolist() == [3, 3]


def test_a_seed_of_any_size_stays_what_it_is(tmp_path):
    case = replace(BaseItem("gru").cases([0])[0], seed=10**30)
    huge = record(BaseItem("gru"), "base")
    huge.digest, huge.case = digest(case), canonical(case)
    assert loaded(tmp_path, huge)["seed"].tolist() == [10**30]


def test_epochs_are_counted_from_one(tmp_path):
    frame = loaded(
        tmp_path, record(BaseItem("gru"), "base", history={"loss": [0.5, 0.25]}), what="histories"
    )
    assert frame[["series", "index", "value"]].values.tolist() == [
        ["loss", 1, 0.5],
        ["loss", 2, 0.25],
    ]


def test_analyses_have_a_row_for_each_figure(tmp_path):
    item = CorrelationItem("gru")
    tables = {"pearson": {"nodes": 0.5, "edges": 0.25}}
    frame = loaded(tmp_path, record(item, "correlation", tables=tables), what="tables")
    assert frame[["table", "property", "value"]].values.tolist() == [
        ["pearson", "nodes", 0.5],
        ["pearson", "edges", 0.25],
    ]


def test_a_metric_cannot_pass_itself_off_as_a_fact(tmp_path):
    forged = record(BaseItem("gru"), "base")
    forged.metrics |= {"digest": 1.0, "variant": 2.0}
    (row,) = loaded(tmp_path, forged).to_dict("records")
    assert (row["digest"], row["variant"]) == (forged.digest, "gru")


def test_several_files_are_told_apart(tmp_path):
    for name in ("old.json", "new.json"):
        document = Baseline(provenances={}, records=[record(BaseItem("gru"), "base")])
        write_document(tmp_path / name, document)
    frame = sparsebench.load(tmp_path / "old.json", str(tmp_path / "new.json"))
    assert frame["file"].tolist() == ["old.json", "new.json"]


@pytest.mark.parametrize(
    ("paths", "what", "message"),
    [
        ([], "records", "no file to load"),
        (["nothing.json"], "epochs", "unknown what 'epochs': choose one of records, histories"),
    ],
)
def test_a_wrong_argument_is_told_what_is_allowed(paths, what, message):
    with pytest.raises(ValueError, match=message):
        load(*paths, what=what)


def test_of_a_case_of_no_known_kind_all_else_is_told(tmp_path):
    foreign = record(BaseItem("gru"), "base")
    foreign.case = {"kind": "Other"}
    frame = loaded(tmp_path, foreign, record(BaseItem("lstm"), "base"))
    assert list(frame.experiment) == ["base", "base"]
    assert list(frame.variant.fillna("not known")) == ["not known", "lstm"]
    assert not frame.accuracy.isna().any()


def test_a_case_that_is_none_is_an_error_that_names_the_file(tmp_path):
    wrong = record(BaseItem("gru"), "base")
    wrong.case = {**wrong.case, "seed": -1}
    with pytest.raises(ValueError, match=r"some\.json, record .*: seed is -1"):
        loaded(tmp_path, wrong)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_gives_back_what_was_exported(tmp_path, ending):
    frame = loaded(
        tmp_path,
        record(BaseItem("gru"), "base", properties={"nodes": math.pi}),
        record(PruningItem("gru", "both", 80), "pruning"),
    )
    path = tmp_path / f"out.{ending}"
    export(frame, path)
    again = pd.read_csv(path) if ending == "csv" else pd.read_parquet(path)
    assert list(again) == list(frame)
    assert again["nodes"][0] == math.pi
    assert again["percent"][1] == 80
    assert again["accuracy"].tolist() == frame["accuracy"].tolist()


@given(text=st.text(max_size=9), sign=st.sampled_from("=+-@\t\r"))
@few
def test_no_text_in_a_csv_file_is_a_formula(text, sign):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.csv"
        export(pd.DataFrame({"cpu": [sign + text], "loss": [-1.5]}), path)
        content = path.read_text(encoding="utf-8")
    assert content.split("\n", 1)[1].lstrip('"').startswith("'")
    assert "-1.5" in content


@pytest.mark.parametrize("name", ["out", "out.xlsx", "out.csv.exe"])
def test_another_ending_is_refused_and_nothing_is_written(tmp_path, name):
    with pytest.raises(ValueError, match=r"ends in \.csv or \.parquet"):
        export(pd.DataFrame(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    def absent(*arguments, **options):
        raise ImportError("pyarrow")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", absent)
    with pytest.raises(ValueError, match=r"pip install 'sparsebench\[parquet\]'"):
        export(pd.DataFrame(), tmp_path / "out.parquet")


def test_loading_pandas_waits_until_it_is_needed():
    assert "pd" not in vars(frames)


def test_what_tells_cases_of_one_kind_apart_is_a_column_too(tmp_path):
    plain = record(CorrelationItem("gru"), "correlation")
    (row,) = loaded(tmp_path, plain).to_dict("records")
    assert row["resamples"] == CorrelationItem("gru").cases([3])[0].resamples
    assert "kind" not in row
