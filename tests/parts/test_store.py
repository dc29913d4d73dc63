from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from filelock import FileLock, Timeout
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.records import Commit, Provenance, Record
from sparsebench.parts.store import DamagedEntry, Store, StoreUnusable
from sparsebench.parts.store_names import DAMAGED, MARK
from sparsebench.parts.stored_models import StoredModel, write_stored
from sparsebench.parts.weight_files import checksum, save_weights
from sparsebench.parts.weights import initial_weights
from sparsebench.values.case import BaseCase
from sparsebench.values.identity import canonical, digest
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Architecture
from tests import document_strategies, strategies

CASE = BaseCase(Architecture("rnn_relu", layers=1, hidden_size=2, symbols=3), seed=0)
LAYOUT, NAME = CASE.architecture.layout, digest(CASE)
WEIGHTS = initial_weights(LAYOUT, 0)
PROVENANCE = Provenance(
    commit=Commit(),
    created="",
    cpu="",
    gpu="",
    device="cpu",
    threads=1,
    python="",
    torch="",
    numpy="",
    code="",
)


def model(case: BaseCase, weights: Weights) -> StoredModel:
    record = Record(
        digest=digest(case),
        experiment="base",
        case=canonical(case),
        metrics={"accuracy": 0.5},
        weights=checksum(weights),
    )
    return StoredModel(record, PROVENANCE)


def kept(folder: Path) -> Store:
    """A store in which the model of `CASE` has been kept."""
    store = Store(folder, "code", "cpu")
    store.save(NAME, model(CASE, WEIGHTS), WEIGHTS)
    return store


def record_path(store: Store) -> Path:
    return store.weights_path(NAME).with_suffix(".json")


@given(case=strategies.base_cases, provenance=document_strategies.provenances)
def test_a_model_that_was_kept_is_loaded_as_it_was(
    scratch: Path, case: BaseCase, provenance: Provenance
) -> None:
    store, weights = (
        Store(scratch, "code", "cpu"),
        initial_weights(case.architecture.layout, case.seed),
    )
    stored = StoredModel(model(case, weights).record, provenance)
    store.save(digest(case), stored, weights)
    loaded = store.load(digest(case), case.architecture.layout)
    assert loaded is not None
    assert loaded[0] == stored
    assert checksum(loaded[1]) == checksum(weights)


def test_nothing_is_found_in_a_store_that_does_not_exist_yet(tmp_path: Path) -> None:
    store = Store(tmp_path / "store", "code")
    assert store.load(NAME, LAYOUT) is None
    assert not (tmp_path / "store").exists()


def test_another_case_is_not_found(tmp_path: Path) -> None:
    assert kept(tmp_path).load(digest(replace(CASE, seed=1)), LAYOUT) is None


@pytest.mark.parametrize("environment", [("other", "cpu"), ("code", "cuda"), ("code",), ()])
def test_another_environment_finds_nothing(tmp_path: Path, environment: tuple[str, ...]) -> None:
    kept(tmp_path)
    assert Store(tmp_path, *environment).load(NAME, LAYOUT) is None


def test_the_same_environment_finds_the_model_later(tmp_path: Path) -> None:
    kept(tmp_path)
    assert Store(tmp_path, "code", "cpu").load(NAME, LAYOUT) is not None


@given(data=st.data())
def test_a_truncated_record_or_truncated_weights_count_as_absent(
    scratch: Path, data: st.DataObject
) -> None:
    store = kept(scratch)
    path = data.draw(st.sampled_from([record_path(store), store.weights_path(NAME)]))
    content = path.read_bytes()
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.warns(DamagedEntry, match=NAME):
        assert store.load(NAME, LAYOUT) is None


@given(garbage=st.binary(max_size=99), of_record=st.booleans())
def test_garbage_counts_as_absent(scratch: Path, garbage: bytes, of_record: bool) -> None:
    store = kept(scratch)
    path = record_path(store) if of_record else store.weights_path(NAME)
    path.write_bytes(garbage)
    with pytest.warns(DamagedEntry, match=NAME):
        assert store.load(NAME, LAYOUT) is None


def test_weights_without_a_record_are_what_a_killed_run_leaves(tmp_path: Path) -> None:
    store = kept(tmp_path)
    record_path(store).unlink()
    assert store.load(NAME, LAYOUT) is None
    assert store.weights_path(NAME).exists()


def test_a_record_without_weights_is_damaged(tmp_path: Path) -> None:
    store = kept(tmp_path)
    store.weights_path(NAME).unlink()
    with pytest.warns(DamagedEntry, match=NAME):
        assert store.load(NAME, LAYOUT) is None


def test_what_is_damaged_is_set_aside_as_it_was(tmp_path: Path) -> None:
    for number in (1, 2):
        store = kept(tmp_path)
        record_path(store).write_text(f"damaged {number}")
        with pytest.warns(
            DamagedEntry, match="set aside in .*damaged; it is not used, but trained"
        ):
            assert store.load(NAME, LAYOUT) is None
        assert store.load(NAME, LAYOUT) is None  # and nothing is said of it again
    aside = store.folder / DAMAGED
    assert (aside / f"{NAME}.json").read_text() == "damaged 1"
    assert (aside / f"{NAME}-2.json").read_text() == "damaged 2"
    assert len(list(aside.glob("*.safetensors"))) == 2


def test_a_record_and_its_weights_are_set_aside_under_one_number(tmp_path: Path) -> None:
    store = kept(tmp_path)
    store.weights_path(NAME).unlink()
    with pytest.warns(DamagedEntry):
        assert store.load(NAME, LAYOUT) is None  # the record goes alone
    record_path(kept(tmp_path)).write_text("{")
    with pytest.warns(DamagedEntry):
        assert store.load(NAME, LAYOUT) is None
    names = {path.name for path in (store.folder / DAMAGED).iterdir()}
    assert names == {f"{NAME}.json", f"{NAME}-2.json", f"{NAME}-2.safetensors"}


def test_what_cannot_be_moved_is_not_used_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = kept(tmp_path)
    record_path(store).write_text("{")

    def read_only(source: Path, target: Path) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(os, "replace", read_only)
    with pytest.warns(DamagedEntry, match="left in place"):
        assert store.load(NAME, LAYOUT) is None


def test_weights_that_are_not_those_of_the_record_count_as_absent(tmp_path: Path) -> None:
    store = kept(tmp_path)
    save_weights(store.weights_path(NAME), initial_weights(CASE.architecture.layout, 1))
    with pytest.warns(DamagedEntry, match=NAME):
        assert store.load(NAME, LAYOUT) is None


def test_weights_of_another_architecture_count_as_absent(tmp_path: Path) -> None:
    store = kept(tmp_path)
    other = initial_weights(Architecture("lstm").layout, 0)
    save_weights(store.weights_path(NAME), other)
    write_stored(record_path(store), model(CASE, other))
    with pytest.warns(DamagedEntry, match=NAME):
        assert store.load(NAME, LAYOUT) is None


def test_a_damaged_model_is_replaced_by_keeping_it_again(tmp_path: Path) -> None:
    store = kept(tmp_path)
    record_path(store).write_bytes(b"{")
    store.weights_path(NAME).write_bytes(b"")
    assert kept(tmp_path).load(NAME, LAYOUT) is not None


def test_a_save_that_is_cut_short_never_leaves_a_record_without_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moves, move = [], os.replace

    def cut_short(source: str, target: Path) -> None:
        if moves:
            raise KeyboardInterrupt
        moves.append(target)
        move(source, target)

    monkeypatch.setattr(os, "replace", cut_short)
    with pytest.raises(KeyboardInterrupt):
        kept(tmp_path)
    assert moves[0].suffix == ".safetensors"
    assert Store(tmp_path, "code", "cpu").load(NAME, LAYOUT) is None


def test_a_case_in_training_is_locked_and_others_are_not(tmp_path: Path) -> None:
    store = Store(tmp_path, "code")
    lock = FileLock(record_path(store).with_suffix(".lock"), timeout=0)
    with store.training(NAME):
        with store.training(digest(replace(CASE, seed=1))):
            pass
        with pytest.raises(Timeout):
            lock.acquire()
    with lock:
        pass


def test_a_training_that_nobody_holds_is_held_whether_it_would_be_waited_for_or_not(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path, "code")
    for wait in (False, True):
        with store.training(NAME, wait) as held:
            assert held is True


def test_without_waiting_a_training_that_another_holds_is_left_to_it(tmp_path: Path) -> None:
    store = Store(tmp_path, "code")
    with store.training(NAME):
        with store.training(NAME, wait=False) as held:
            assert held is False
        with store.training(NAME, wait=False) as held:  # and it was not given back for the other
            assert held is False
    with store.training(NAME, wait=False) as held:
        assert held is True


def test_with_waiting_it_is_held_once_the_other_is_done(tmp_path: Path) -> None:
    store, happened = Store(tmp_path, "code"), []

    def wait() -> None:
        with Store(tmp_path, "code").training(NAME) as held:
            happened.append(held)

    thread = Thread(target=wait)
    with store.training(NAME):
        thread.start()
        thread.join(0.2)
        happened.append("done")
    thread.join(10)
    assert happened == ["done", True]


def test_a_training_that_fails_gives_its_lock_back(tmp_path: Path) -> None:
    store = Store(tmp_path, "code")
    for wait in (True, False):
        with pytest.raises(ZeroDivisionError), store.training(NAME, wait):
            raise ZeroDivisionError
        with store.training(NAME, wait=False) as held:
            assert held


def test_changing_what_was_loaded_leaves_the_store_alone(tmp_path: Path) -> None:
    store = kept(tmp_path)
    for _ in range(2):
        loaded = store.load(NAME, LAYOUT)
        assert loaded is not None
        assert np.array_equal(loaded[1]["embedding"], WEIGHTS["embedding"])
        loaded[1]["embedding"] = np.zeros_like(WEIGHTS["embedding"])


def test_a_folder_that_is_pruned_away_meanwhile_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, acquire, gone = Store(tmp_path, "code"), FileLock.acquire, []

    def pruned(lock: FileLock, *arguments: object, **options: object) -> object:
        if not gone:
            shutil.rmtree(store.folder)
            gone.append(store.folder)
        return acquire(lock, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(FileLock, "acquire", pruned)
    with store.training(NAME) as held:
        assert held
        store.save(NAME, model(CASE, WEIGHTS), WEIGHTS)
    assert gone
    assert (store.folder / MARK).exists()
    assert store.load(NAME, LAYOUT) is not None


# Stores from elsewhere


@pytest.mark.parametrize("suffix", [".json", ".safetensors", ".lock"])
@pytest.mark.parametrize("dangling", [False, True])
def test_nothing_is_written_through_a_link_out_of_the_store(
    tmp_path: Path, suffix: str, dangling: bool
) -> None:
    outside = tmp_path / "outside"
    if not dangling:
        outside.write_bytes(b"precious")
    store = Store(tmp_path / "store", "code", "cpu")
    store.folder.mkdir(parents=True)
    (store.folder / f"{NAME}{suffix}").symlink_to(outside)
    with pytest.raises(StoreUnusable, match="leads out of"), store.training(NAME):
        pass
    with pytest.raises(StoreUnusable, match=r"leads out of .*: remove the link"):
        store.save(NAME, model(CASE, WEIGHTS), WEIGHTS)
    assert outside.read_bytes() == b"precious" if not dangling else not outside.exists()


@pytest.mark.filterwarnings("ignore::sparsebench.parts.store.DamagedEntry")
@pytest.mark.parametrize("place", ["code-cpu", f"code-cpu/{DAMAGED}"])
def test_nothing_is_set_aside_out_of_the_store(tmp_path: Path, place: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    link = tmp_path / "store" / place
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    store = Store(tmp_path / "store", "code", "cpu")
    record_path(store).write_bytes(b"{")
    before = {path.name for path in outside.iterdir()}
    assert store.load(NAME, LAYOUT) is None
    assert record_path(store).exists()
    assert {path.name for path in outside.iterdir()} == before


def test_the_store_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "large disk").mkdir()
    (tmp_path / "store").symlink_to(tmp_path / "large disk")
    store = kept(tmp_path / "store")
    with store.training(NAME) as held:
        assert held
    assert store.load(NAME, LAYOUT) is not None


def test_a_record_that_is_nested_too_deeply_counts_as_absent(tmp_path: Path) -> None:
    store = kept(tmp_path)
    stored = model(CASE, WEIGHTS)
    stored.record.case["a"] = json.loads("[" * 50 + "]" * 50)
    write_stored(record_path(store), stored)
    with pytest.warns(DamagedEntry, match="nested more than 16 deep"):
        assert store.load(NAME, LAYOUT) is None


def test_an_entry_that_was_put_under_another_name_is_set_aside(tmp_path: Path) -> None:
    """Its layout is the same, its checksums are right, and it is still not what is asked for."""
    store = kept(tmp_path)
    foreign = f"{'0' * 32}-{'1' * 12}"
    record_path(store).rename(store.folder / f"{foreign}.json")
    store.weights_path(NAME).rename(store.weights_path(foreign))
    with pytest.warns(DamagedEntry, match=f"the record of another case, '{NAME}'"):
        assert store.load(foreign, LAYOUT) is None
    store.save_record(NAME, model(CASE, WEIGHTS))
    record_path(store).rename(store.folder / f"{foreign}.json")
    with pytest.warns(DamagedEntry, match="another case.*but measured again"):
        assert store.load_record(foreign) is None


def test_a_pipe_in_the_store_is_not_waited_for(tmp_path: Path) -> None:
    store = Store(tmp_path, "code", "cpu")
    store.folder.mkdir()
    os.mkfifo(record_path(store))
    assert store.load(NAME, LAYOUT) is None
