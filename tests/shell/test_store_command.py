"""`sparsebench store`: what it lists, deletes and exports, and what it leaves alone."""

import os
import time
import zipfile
from dataclasses import replace

import msgspec
import pytest

from sparsebench.parts.code_digest import code_digest
from sparsebench.parts.store import Store
from sparsebench.parts.store_entries import entries
from sparsebench.shell.command import main
from sparsebench.values.identity import digest
from tests.parts.test_snapshots import snapshot_of
from tests.parts.test_store import CASE, LAYOUT, WEIGHTS, model


@pytest.fixture
def store(tmp_path):
    """A store with a network of this code, one of other code, and one that is damaged."""
    for seed, code in enumerate((code_digest("cpu"), "0123456789ab", "0123456789ab")):
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
    assert "3 networks" in text
    assert "1 networks, 0.0 MB of them for this code" in " ".join(text.split())


def test_an_absent_store_is_no_error(tmp_path, capsys):
    assert run("list", "--store", tmp_path / "absent") == 0
    assert "nothing is kept there" in capsys.readouterr().out


def test_pruning_deletes_what_other_code_trained_and_what_is_damaged(store, capsys):
    assert run("prune", "--store", store) == 0
    assert "2 networks" in capsys.readouterr().out
    assert [entry.code for entry in entries(store)] == [code_digest("cpu")]


def test_a_dry_run_deletes_nothing(store, capsys):
    before = list(entries(store))
    assert run("prune", "--all", "--dry-run", "--store", store) == 0
    assert "3 networks, 0.0 MB would be deleted" in capsys.readouterr().out
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
    assert f"{archive}: 1 networks" in capsys.readouterr().out
    with zipfile.ZipFile(archive) as file:
        assert len(file.namelist()) == 2
        assert all(name.startswith(code_digest("cpu")) for name in file.namelist())


@pytest.fixture
def unfinished(tmp_path):
    """A store with a training that this code has begun, and one that other code had."""
    for code in (code_digest("cpu"), "0123456789ab"):
        Store(tmp_path, code, "torch2", "cpu").save_snapshot(digest(CASE), snapshot_of(LAYOUT))
    return tmp_path


def test_an_unfinished_training_is_listed_with_its_epoch(unfinished, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    assert run("list", "--store", unfinished) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    rows = [row for row in rows if row and row[0] == f"{digest(CASE)}.snapshot.safetensors"]
    assert sorted((row[1:3], row[-1]) for row in rows) == [
        (["epoch", "2"], "no"),
        (["epoch", "2"], "unfinished"),
    ]


def test_pruning_leaves_what_this_code_has_begun(unfinished, capsys):
    assert run("prune", "--older-than", 1, "--store", unfinished) == 0
    assert "0 networks" in capsys.readouterr().out
    assert run("prune", "--store", unfinished) == 0
    assert "1 networks" in capsys.readouterr().out
    assert [(entry.code, entry.epoch) for entry in entries(unfinished)] == [(code_digest("cpu"), 2)]
    assert run("prune", "--all", "--store", unfinished) == 0
    assert list(entries(unfinished)) == []


def test_an_export_leaves_unfinished_trainings_out_and_does_not_call_them_damaged(
    unfinished, tmp_path, capsys
):
    archive = tmp_path / "export.zip"
    assert run("export", "-o", archive, "--store", unfinished) == 0
    assert capsys.readouterr().out == f"{archive}: 0 networks\n"


def test_names_from_a_store_are_no_markup_of_the_terminal(tmp_path, capsys):
    stored = model(CASE, WEIGHTS)
    provenance = msgspec.structs.replace(stored.provenance, device="[/]")
    kept = msgspec.structs.replace(stored, provenance=provenance)
    Store(tmp_path, "code", "cpu").save(digest(CASE), kept, WEIGHTS)
    assert run("list", "--store", tmp_path) == 0
    assert "[/]" in capsys.readouterr().out


def test_pruning_sweeps_what_killed_runs_had_begun_to_write(tmp_path, capsys):
    folder = tmp_path / "code-cpu"
    folder.mkdir()
    old, young = folder / ".a.json.x1", folder / ".b.json.x2"
    for path, hours in ((old, 2), (young, 0)):
        path.write_text("{")
        os.utime(path, (time.time() - 3600 * hours,) * 2)
    assert run("prune", "--store", tmp_path) == 0
    assert "deleted, and 1 files that killed runs had begun" in capsys.readouterr().out
    assert [path.name for path in folder.iterdir()] == [young.name]
