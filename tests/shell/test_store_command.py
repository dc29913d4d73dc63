"""`sparsebench store`: what it lists, deletes and exports, and what it leaves alone."""

import os
import sys
import time
import zipfile
from dataclasses import replace

import msgspec
import pytest

from sparsebench.experiments.equal_parameters.cases import FourWaysCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.graph_statistics.cases import PredictionCase, WiredPopulation
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.harness.fingerprints import code_of
from sparsebench.parts import store_entries
from sparsebench.parts.records import Record
from sparsebench.parts.store import Store
from sparsebench.parts.store_entries import entries
from sparsebench.parts.store_names import MARK
from sparsebench.parts.stored_models import StoredModel
from sparsebench.shell.command import main
from sparsebench.values.case import TrainedCase
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.identity import canonical, digest
from tests.parts.test_store import CASE, PROVENANCE, WEIGHTS, model

CODE = code_of("cpu", [CASE])


@pytest.fixture
def store(tmp_path):
    """A store with a network of this code, one of other code, and one that is damaged."""
    for seed, code in enumerate((CODE, "0123456789ab", "0123456789ab")):
        case = replace(CASE, seed=seed)
        stored = model(case, WEIGHTS)
        provenance = msgspec.structs.replace(
            stored.provenance, created=f"202{seed}-01-01T00:00:00+00:00"
        )
        stored = msgspec.structs.replace(stored, provenance=provenance)
        Store(tmp_path, code, "torch2", "cpu").save(digest(case), stored, WEIGHTS)
        last = tmp_path / f"{code}-torch2-cpu" / f"{digest(case)}.json"
    last.write_text("{")
    return tmp_path


def run(*arguments):
    return main(["store", *map(str, arguments)])


def test_the_list_tells_what_this_code_would_use(store, capsys):
    assert run("list", "--store", store) == 0
    text = capsys.readouterr().out
    rows = [line.split() for line in text.splitlines()]
    assert [row[-1] for row in rows if row and row[0] == "base"] == ["no", "yes"]
    assert sum("damaged" in row for row in rows) == 1
    assert f"2 networks, 0 measurements and 1 damaged, 0.0 MB in {store}; " in text
    assert "for this code 1 networks and 0 measurements, 0.0 MB\n" in text


def test_an_absent_store_is_no_error(tmp_path, capsys):
    assert run("list", "--store", tmp_path / "absent") == 0
    assert "nothing is kept there" in capsys.readouterr().out


def test_pruning_deletes_what_other_code_trained_and_what_is_damaged(store, capsys):
    assert run("prune", "--store", store) == 0
    assert (
        "1 networks, 0 measurements and 1 damaged, 0.0 MB deleted from" in capsys.readouterr().out
    )
    assert [entry.code for entry in entries(store)] == [CODE]


def test_a_dry_run_deletes_nothing(store, capsys):
    before = list(entries(store))
    assert run("prune", "--all", "--dry-run", "--store", store) == 0
    assert (
        "2 networks, 0 measurements and 1 damaged, 0.0 MB would be deleted"
        in capsys.readouterr().out
    )
    assert list(entries(store)) == before


def test_everything_can_be_deleted(store):
    run("prune", "--all", "--store", store)
    assert list(entries(store)) == []


def test_age_is_told_by_the_record(store):
    run("prune", "--all", "--older-than", 30, "--store", store)
    (left,) = entries(store)
    assert left.model is None  # its file is new, and its record cannot be read
    assert run("prune", "--older-than", -1, "--store", store) == 2


def test_an_export_holds_what_this_code_would_use(store, tmp_path, capsys):
    archive = tmp_path / "export.zip"
    assert run("export", "-o", archive, "--store", store) == 0
    assert f"{archive}: 1 networks and 0 measurements, 0.0 MB\n" in capsys.readouterr().out
    with zipfile.ZipFile(archive) as file:
        assert len(file.namelist()) == 2
        assert all(name.startswith(CODE) for name in file.namelist())


def test_names_from_a_store_are_no_markup_of_the_terminal(tmp_path, capsys):
    stored = model(CASE, WEIGHTS)
    provenance = msgspec.structs.replace(stored.provenance, device="[/]")
    kept = msgspec.structs.replace(stored, provenance=provenance)
    Store(tmp_path, "code", "cpu").save(digest(CASE), kept, WEIGHTS)
    assert run("list", "--store", tmp_path) == 0
    assert "[/]" in capsys.readouterr().out


@pytest.fixture
def begun(tmp_path):
    """What two killed runs had begun to write into a store's folder; one may still be at it."""
    store = Store(tmp_path, "code", "cpu")
    store.save_record(digest(CASE), model(CASE, WEIGHTS))
    files = [store.folder / f".{digest(CASE)}.json.{end}" for end in ("abcdefgh", "a_1b2c3d")]
    for path, hours in zip(files, (2, 0), strict=True):
        path.write_text("{")
        make_old(path, hours)
    return files


def make_old(path, hours):
    os.utime(path, (time.time() - 3600 * hours,) * 2)


def test_pruning_sweeps_what_killed_runs_had_begun_to_write(begun, capsys):
    old, young = begun
    assert run("prune", "--store", old.parent.parent) == 0
    assert (
        "and 1 files that killed runs had begun to write, deleted from" in capsys.readouterr().out
    )
    assert list(old.parent.glob(".*.*")) == [young]


# What goes is listed before


def names_in(root):
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def listed(text):
    """All lines but the last, which adds them up."""
    return text.splitlines()[:-1]


def test_the_list_of_a_dry_run_is_the_list_of_the_run_and_what_is_gone_after_it(store, capsys):
    before = names_in(store)
    arguments = ("prune", "--all", "--store", store)
    assert run(*arguments, "--dry-run") == 0
    dry = listed(capsys.readouterr().out)
    assert names_in(store) == before
    assert run(*arguments) == 0
    assert listed(capsys.readouterr().out) == dry
    assert {name for name in before if not name.endswith(MARK)} == set(dry)
    assert names_in(store) == set()


def test_what_killed_runs_had_begun_is_in_the_list(begun, capsys):
    old, young = begun
    for arguments in (["--dry-run"], []):
        assert old.exists()
        assert run("prune", *arguments, "--store", old.parent.parent) == 0
        text = capsys.readouterr().out
        assert str(old.relative_to(old.parent.parent)) in listed(text)
        assert young.name not in text
    assert not old.exists()


def test_the_list_is_there_before_anything_goes(store, monkeypatch, capsys):
    def remove(chosen):
        assert len(listed(capsys.readouterr().out + "\n")) >= len(chosen)
        return []

    monkeypatch.setattr(store_entries, "remove", remove)
    assert run("prune", "--all", "--store", store) == 0


# What is not a store's


def test_an_application_beside_a_store_is_left_alone(store, capsys):
    app = store / "app"
    app.mkdir()
    (app / ".env").write_text("SECRET=1")
    (app / "package.json").write_text("{}")
    make_old(app / ".env", 2)
    assert run("list", "--store", store) == 0
    assert run("prune", "--all", "--store", store) == 0
    assert "package.json" not in capsys.readouterr().out
    assert names_in(store) == {"app/.env", "app/package.json"}


def test_a_copy_of_the_baselines_is_left_alone(tmp_path, capsys):
    files = [
        "thesis.json",
        "thesis/pruning.json",
        "thesis/pruning.json.gz",
        "thesis/.update/pruning.json",
        "models/" + "0" * 32 + ".safetensors",
        "times/cpu.json",
        ".thesis.json.a",
    ]
    for name in files:
        path = tmp_path / "baselines" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
        make_old(path, 2)
    for root in (tmp_path, tmp_path / "baselines"):
        assert run("prune", "--all", "--store", root) == 0
        assert listed(capsys.readouterr().out) == []
    assert names_in(tmp_path) == {f"baselines/{name}" for name in files}


# Age, seeds and amounts


@pytest.mark.parametrize("days", [800_000, 10**9, 10**400])
def test_nothing_is_older_than_the_calendar(store, days, capsys):
    assert run("prune", "--all", "--older-than", days, "--store", store) == 0
    assert "0 networks and 0 measurements, 0.0 MB deleted" in capsys.readouterr().out
    assert len(list(entries(store))) == 3


@pytest.mark.parametrize("created", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_the_ends_of_the_calendar_have_an_age(tmp_path, created):
    stored = model(CASE, WEIGHTS)
    provenance = msgspec.structs.replace(stored.provenance, created=created)
    dated = msgspec.structs.replace(stored, provenance=provenance)
    Store(tmp_path, "code", "cpu").save(digest(CASE), dated, WEIGHTS)
    assert run("prune", "--all", "--older-than", 1, "--store", tmp_path) == 0
    assert len(list(entries(tmp_path))) == int(created > "2")


@pytest.mark.parametrize(
    "case",
    [
        PruningCase(replace(CASE, seed=7041), "both", 50),
        FinetuningCase(replace(CASE, seed=7041), "both", 50),
        FourWaysCase("dense", WiredCase("gru", GraphSpec("erdos_renyi", 8), 7041), 50),
        PredictionCase(WiredPopulation("gru"), "ada_boost"),
    ],
    ids=lambda case: type(case).__name__,
)
def test_the_list_tells_the_seed_of_whatever_was_measured(tmp_path, case, capsys):
    plain, metrics = canonical(case), {"accuracy": 0.5}
    record = Record(digest=digest(case), experiment="pruning", case=plain, metrics=metrics)
    name = f"{digest(case)}-{'0' * 12}"
    Store(tmp_path, "code", "cpu").save_record(name, StoredModel(record, PROVENANCE))
    assert run("list", "--store", tmp_path) == 0
    text = capsys.readouterr().out
    assert (" 7041 " in text) == hasattr(case, "seed")
    network = isinstance(case, TrainedCase)
    assert f"{int(network)} networks and {int(not network)} measurements, 0.0 MB in" in text


def test_a_list_in_a_pipe_has_all_its_columns(store, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert run("list", "--store", store) == 0
    text = capsys.readouterr().out
    for word in ("seed", "commit", "accuracy", "used by this code", "0.5000", "2020-01-01T00:00"):
        assert word in text
    assert "…" not in text


def test_a_list_in_a_narrow_terminal_has_all_its_columns(store, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    assert run("list", "--store", store) == 0
    text = capsys.readouterr().out
    for word in ("seed", "commit", "accuracy", "kB", "0.5000", "2020-01-01T00:00"):
        assert word in text
    assert "…" not in text
