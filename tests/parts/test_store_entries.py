"""A store is listed, cleared out and packed without losing what a run is at."""

import zipfile

import pytest
from filelock import FileLock

from sparsebench.parts.store import DAMAGED, DamagedEntry, Store
from sparsebench.parts.store_entries import entries, pack, remove
from sparsebench.parts.weights import initial_weights
from tests.parts.test_snapshots import snapshot_of
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
    assert pack(entries(tmp_path), archive) == 1
    with zipfile.ZipFile(archive) as file:
        file.extractall(elsewhere)
    loaded, weights = Store(elsewhere, "code", "cpu").load(NAME, LAYOUT)
    assert loaded == store.load(NAME, LAYOUT)[0]
    assert {name: array.tobytes() for name, array in weights.items()} == {
        name: array.tobytes() for name, array in WEIGHTS.items()
    }


def test_a_damaged_entry_is_not_packed(store, tmp_path):
    store.weights_path(NAME).write_bytes(b"damaged")
    assert pack(entries(tmp_path), tmp_path / "some.zip") == 0


# Trainings that are not finished


@pytest.fixture
def unfinished(tmp_path):
    """A store in which a training has had two epochs."""
    store = Store(tmp_path, "code", "cpu")
    store.save_snapshot(NAME, snapshot_of(LAYOUT))
    return store


def test_an_unfinished_training_is_an_entry_with_its_epoch(unfinished, tmp_path):
    (entry,) = entries(tmp_path)
    assert (entry.path, entry.code) == (unfinished.snapshot_path(NAME), "code")
    assert (entry.model, entry.epoch, entry.whole) == (None, 2, False)
    assert entry.size == entry.path.stat().st_size > 0


def test_a_finished_network_and_a_snapshot_that_was_left_are_two_entries(unfinished, tmp_path):
    kept(tmp_path)
    assert [(entry.whole, entry.epoch) for entry in entries(tmp_path)] == [(True, None), (False, 2)]


def test_a_damaged_snapshot_is_an_entry_without_an_epoch_wherever_it_lies(unfinished, tmp_path):
    for copies in (1, 2, 3):
        unfinished.snapshot_path(NAME).write_bytes(b"damaged")
        found = list(entries(tmp_path))
        assert [(entry.model, entry.epoch, entry.size) for entry in found] == [
            (None, None, len(b"damaged"))
        ] * copies
        with pytest.warns(DamagedEntry):
            unfinished.load_snapshot(NAME, LAYOUT)
    found = list(entries(tmp_path))
    assert [entry.path.parent.name for entry in found] == [DAMAGED] * 3
    assert remove(found) == found
    assert list(tmp_path.glob("*/*/*")) == []


def test_a_snapshot_is_removed_but_for_that_of_a_training_that_goes_on(unfinished, tmp_path):
    with unfinished.training(NAME):
        assert remove(entries(tmp_path)) == []
    assert unfinished.load_snapshot(NAME, LAYOUT) is not None
    assert len(remove(entries(tmp_path))) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_snapshot_is_not_packed(unfinished, tmp_path):
    assert pack(entries(tmp_path), tmp_path / "some.zip") == 0


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
