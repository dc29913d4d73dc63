"""A store is listed, cleared out and packed without losing what a run is at."""

import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from sparsebench.parts.store import DamagedEntry, Store, StoreUnusable
from sparsebench.parts.store_entries import begun, entries, pack, remove, sweep
from sparsebench.parts.store_names import DAMAGED, MARK
from sparsebench.parts.weights import initial_weights
from tests.parts.test_store import CASE, LAYOUT, NAME, WEIGHTS, kept, model, record_path


@pytest.fixture
def store(tmp_path):
    return kept(tmp_path)


def test_an_entry_tells_what_was_kept_and_by_which_code(store, tmp_path):
    (entry,) = entries(tmp_path)
    assert (entry.code, entry.environment) == ("code", "code-cpu")
    assert entry.model.record.digest == NAME
    assert entry.size == sum(
        path.stat().st_size for path in (record_path(store), store.weights_path(NAME))
    )
    assert entry.whole


def test_nothing_lies_in_a_store_that_is_not_there(tmp_path):
    assert list(entries(tmp_path / "absent")) == []


def test_an_entry_with_other_weights_is_not_whole(store, tmp_path):
    Store(tmp_path, "code", "cpu").save(NAME, model(CASE, WEIGHTS), initial_weights(LAYOUT, 1))
    assert [entry.whole for entry in entries(tmp_path)] == [False]


@pytest.mark.parametrize("content", [b"", b"{", b"\x00\xff", b"[" * 100_000])
def test_a_record_that_cannot_be_read_is_listed_as_damaged(store, tmp_path, content):
    record_path(store).write_bytes(content)
    assert [(entry.model, entry.whole) for entry in entries(tmp_path)] == [(None, False)]


def test_what_was_set_aside_is_listed_and_can_be_removed(store, tmp_path):
    record_path(store).write_text("{")
    with pytest.warns(DamagedEntry):
        store.load(NAME, LAYOUT)
    (aside,) = entries(tmp_path)
    assert aside.path.parent.name == DAMAGED
    assert aside.model is None
    remove([aside])
    assert list(entries(tmp_path)) == []


def test_removing_leaves_nothing_behind(store, tmp_path):
    found = list(entries(tmp_path))
    assert remove(found) == found
    assert list(tmp_path.iterdir()) == []


def test_what_a_process_is_at_stays(store, tmp_path):
    with FileLock(record_path(store).with_suffix(".lock")):
        assert remove(entries(tmp_path)) == []
    assert store.load(NAME, LAYOUT) is not None


def test_an_archive_unpacked_elsewhere_is_a_store(store, tmp_path):
    archive, elsewhere = tmp_path / "some.zip", tmp_path / "elsewhere"
    assert pack(entries(tmp_path), archive) == list(entries(tmp_path))
    with zipfile.ZipFile(archive) as file:
        file.extractall(elsewhere)
    loaded, weights = Store(elsewhere, "code", "cpu").load(NAME, LAYOUT)
    assert loaded == store.load(NAME, LAYOUT)[0]
    assert {name: array.tobytes() for name, array in weights.items()} == {
        name: array.tobytes() for name, array in WEIGHTS.items()
    }


def test_a_damaged_entry_is_not_packed(store, tmp_path):
    store.weights_path(NAME).write_bytes(b"damaged")
    assert pack(entries(tmp_path), tmp_path / "some.zip") == []


def test_what_is_linked_into_a_store_is_neither_listed_nor_removed(tmp_path):
    root, project = tmp_path / "store", tmp_path / "project"
    store = kept(root)
    precious = [project / "package.json", project / DAMAGED / "package.json"]
    for path in precious:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    (root / "linked").symlink_to(project)
    (store.folder / "link.json").symlink_to(precious[0])
    (store.folder / DAMAGED).symlink_to(project)
    found = list(entries(root))
    assert [entry.path.stem for entry in found] == [NAME]
    assert remove(found) == found
    assert [path.read_text() for path in precious] == ["{}", "{}"]


def test_a_lock_that_is_a_link_to_elsewhere_is_not_opened(store, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("precious")
    record_path(store).with_suffix(".lock").unlink(missing_ok=True)
    record_path(store).with_suffix(".lock").symlink_to(precious)
    with pytest.raises(OSError, match="leads out of"):
        remove(entries(tmp_path))
    assert precious.read_text() == "precious"
    assert record_path(store).exists()


# What is not a store's, and stores that are from before there was a mark


def names_in(root):
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def clear(root):
    """Do what pruning does, and say what is left; a lock is none of what was there."""
    remove(entries(root))
    sweep(begun(root))
    return names_in(root)


def write_old(path, content=b"{}"):
    """A file of two hours ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (time.time() - 7200,) * 2)


SNAPSHOT = f"{NAME}.snapshot.safetensors"
"""What earlier versions wrote of a training that was not finished."""

OTHERS = [
    "notes.json",
    ".env",
    f".{NAME}.json",
    f"{NAME}.txt",
    "weights.safetensors",
    "sub/a.json",
    SNAPSHOT,
]


def test_in_a_folder_of_a_store_only_files_go_whose_names_the_store_gives(store, tmp_path):
    for name in OTHERS:
        write_old(store.folder / name)
        write_old(store.folder / DAMAGED / name)
    write_old(store.folder / f".{NAME}.json.abcdefgh")
    assert [entry.path for entry in entries(tmp_path)] == [record_path(store)]
    left = {f"code-cpu/{place}{name}" for name in OTHERS for place in ("", f"{DAMAGED}/")}
    assert clear(tmp_path) == {f"code-cpu/{MARK}", *left}


@pytest.mark.parametrize("folder", ["app", "0123456789ab-cpu", "0123456789ab-torch2.13-cpu"])
def test_a_folder_without_a_mark_and_without_anything_that_a_store_wrote_is_left(tmp_path, folder):
    """Even where its name, and those of its files, are what a store would give."""
    for name in (*OTHERS, f"{NAME}.json", f"{NAME}.safetensors"):
        write_old(tmp_path / folder / name)
    write_old(tmp_path / folder / f".{NAME}.json.abcdefgh")
    before = names_in(tmp_path)
    assert list(entries(tmp_path)) == begun(tmp_path) == []
    assert clear(tmp_path) == before


def test_a_folder_of_damaged_entries_is_none_of_its_own(store, tmp_path):
    record_path(store).write_text("{")
    with pytest.warns(DamagedEntry):
        store.load(NAME, LAYOUT)
    assert list(entries(store.folder)) == []


def test_a_store_from_before_the_mark_is_known_by_what_it_wrote(tmp_path):
    store = Store(tmp_path, "0123456789ab", "torch2.13", "cpu")
    store.save(NAME, model(CASE, WEIGHTS), WEIGHTS)
    (store.folder / MARK).unlink()
    other = f"{'0' * 32}.json"
    write_old(store.folder / other)  # damaged, and of this store all the same
    assert {entry.path.name for entry in entries(tmp_path)} > {other}
    assert clear(tmp_path) == set()


def test_what_a_store_wrote_is_no_proof_in_a_folder_of_another_name(tmp_path):
    """Somebody has put it there by hand."""
    store = kept(tmp_path)
    (store.folder / MARK).unlink()
    store.folder.rename(tmp_path / "my best networks")
    assert list(entries(tmp_path)) == []


def test_a_store_from_before_the_mark_has_one_when_it_is_written_again(tmp_path):
    store = kept(tmp_path)
    (store.folder / MARK).unlink()
    with store.training(NAME):
        assert (store.folder / MARK).is_file()


def test_a_mark_that_is_a_link_to_elsewhere_is_not_followed(tmp_path):
    outside = tmp_path / "outside"
    store = Store(tmp_path / "store", "code", "cpu")
    store.folder.mkdir(parents=True)
    (store.folder / MARK).symlink_to(outside)
    with pytest.raises(StoreUnusable, match="leads out of"):
        store.save(NAME, model(CASE, WEIGHTS), WEIGHTS)
    assert not outside.exists()


def test_everything_of_an_entry_is_what_is_gone_when_it_is_removed(store, tmp_path):
    with store.training(NAME):
        pass
    (entry,) = entries(tmp_path)
    told = {str(path.relative_to(tmp_path)) for path in entry.everything}
    assert told == names_in(tmp_path) - {f"code-cpu/{MARK}"}
    assert len(told) == 3
    assert clear(tmp_path) == set()


# Locks


def test_a_lock_is_deleted_while_it_is_held_so_that_who_waits_for_it_takes_the_next(
    store, tmp_path, monkeypatch
):
    """Otherwise it would hold a file without a name, beside another process with a new one."""
    lock, held = record_path(store).with_suffix(".lock"), []
    unlink = Path.unlink

    def watched(path, missing_ok=False):
        if path == lock:
            other = FileLock(lock, is_singleton=False)
            with pytest.raises(Timeout):
                other.acquire(timeout=0)
            held.append(path)
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", watched)
    remove(entries(tmp_path))
    assert held == [lock]


def test_a_process_that_waits_while_a_network_is_removed_holds_the_lock_that_others_see(
    store, tmp_path
):
    lock = record_path(store).with_suffix(".lock")
    program = f"""
import sys
from filelock import FileLock, Timeout
with FileLock({str(lock)!r}):
    print("held", flush=True)
    sys.stdin.read()
"""
    with FileLock(lock, is_singleton=False):
        command = [sys.executable, "-c", program]
        other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        time.sleep(0.5)  # it waits by now, with the old file open
        lock.unlink()
    with other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Timeout):
            FileLock(lock, is_singleton=False).acquire(timeout=0)
        other.stdin.close()


def test_a_lock_that_cannot_be_deleted_while_it_is_open_stays(store, tmp_path, monkeypatch):
    """As on Windows."""
    unlink = Path.unlink

    def watched(path, missing_ok=False):
        if path.suffix == ".lock":
            raise PermissionError("it is open")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", watched)
    assert len(remove(entries(tmp_path))) == 1
    assert list(entries(tmp_path)) == []
