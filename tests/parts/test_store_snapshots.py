"""A store keeps the last snapshot of a training that is not finished."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sparsebench.parts.snapshots import Snapshot
from sparsebench.parts.store import DamagedEntry, Store, StoreUnusable
from sparsebench.parts.store_names import DAMAGED, MARK
from sparsebench.values.protocol import Architecture
from tests.parts.test_snapshots import bits, snapshot_of
from tests.parts.test_store import LAYOUT, NAME, kept

SNAPSHOT = snapshot_of(LAYOUT)


def begun(folder: Path, snapshot: Snapshot = SNAPSHOT) -> Store:
    """A store in which a training has come as far as a snapshot."""
    store = Store(folder, "code", "cpu")
    store.save_snapshot(NAME, snapshot)
    return store


def test_a_snapshot_is_found_by_the_same_environment_and_name_only(tmp_path: Path) -> None:
    begun(tmp_path)
    found = Store(tmp_path, "code", "cpu").load_snapshot(NAME, LAYOUT)
    assert found is not None
    assert bits(found) == bits(SNAPSHOT)
    assert Store(tmp_path, "code", "cpu").load_snapshot("another", LAYOUT) is None
    assert Store(tmp_path, "other", "cpu").load_snapshot(NAME, LAYOUT) is None
    assert Store(tmp_path / "absent", "code").load_snapshot(NAME, LAYOUT) is None


def test_the_last_one_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    store = begun(tmp_path)
    later = Snapshot(3, 21, *[SNAPSHOT.means] * 3, {"train_loss": [1.0, 2.0, 3.0]})
    store.save_snapshot(NAME, later)
    found = store.load_snapshot(NAME, LAYOUT)
    assert found is not None
    assert bits(found) == bits(later)
    assert set(store.folder.iterdir()) == {store.folder / MARK, store.snapshot_path(NAME)}


def test_a_snapshot_is_no_network(tmp_path: Path) -> None:
    assert begun(tmp_path).load(NAME, LAYOUT) is None


def test_a_snapshot_is_dropped_and_the_network_stays(tmp_path: Path) -> None:
    begun(tmp_path)
    store = kept(tmp_path)
    for _ in range(2):  # the second time there is none
        store.drop_snapshot(NAME)
        assert store.load_snapshot(NAME, LAYOUT) is None
    assert store.load(NAME, LAYOUT) is not None


def test_a_damaged_snapshot_is_set_aside_as_it_was(tmp_path: Path) -> None:
    for number in (1, 2):
        store = begun(tmp_path)
        store.snapshot_path(NAME).write_text(f"damaged {number}")
        with pytest.warns(DamagedEntry, match="set aside in .*; it is not used, and .* anew"):
            assert store.load_snapshot(NAME, LAYOUT) is None
        assert store.load_snapshot(NAME, LAYOUT) is None  # and nothing is said of it again
    aside = sorted((store.folder / DAMAGED).iterdir())
    assert [path.read_text() for path in aside] == ["damaged 2", "damaged 1"]


def test_a_snapshot_of_another_layout_is_set_aside(tmp_path: Path) -> None:
    store = begun(tmp_path, snapshot_of(Architecture("gru").layout))
    with pytest.warns(DamagedEntry, match="weights: not the weights of a"):
        assert store.load_snapshot(NAME, LAYOUT) is None
    assert not store.snapshot_path(NAME).exists()


def test_a_full_disk_is_an_unusable_store_and_leaves_the_last_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = begun(tmp_path)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreUnusable, match="No space left on device: make room"):
        store.save_snapshot(NAME, SNAPSHOT)
    assert store.load_snapshot(NAME, LAYOUT) is not None
    assert set(store.folder.iterdir()) == {store.folder / MARK, store.snapshot_path(NAME)}
