"""The training of a base model that is cut short goes on where it was, and ends as it would have."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from sparsebench.harness import base_models
from sparsebench.harness.base_models import base_model
from sparsebench.harness.cache import store_of
from sparsebench.parts.store import DamagedEntry, Store, StoreUnusable
from sparsebench.parts.store_names import DAMAGED
from sparsebench.values.identity import digest
from tests.harness import small
from tests.harness.base_training_process import wanted

ROOT = Path(__file__).parents[2]
CASE = wanted(epochs=4)


@pytest.fixture(autouse=True)
def _eager(monkeypatch):
    """Snapshots are kept of every epoch."""
    monkeypatch.setattr(base_models, "SECONDS_BETWEEN_SNAPSHOTS", 0.0)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The record of a training that nothing disturbed; its checksum speaks for the weights."""
    return base_model(CASE, small.bench(tmp_path_factory.mktemp("undisturbed"))).training


def interrupted(folder, epoch=2):
    """A bench's store after Ctrl-C in the epoch after this one."""

    def ctrl_c(text):
        if f"epoch {epoch + 1} of" in text:
            raise KeyboardInterrupt

    chosen = small.bench(folder, ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        base_model(CASE, chosen)
    return store_of(CASE, chosen)


def names(store):
    return {path.name for path in store.folder.glob("[!.]*") if path.suffix != ".lock"}


@pytest.mark.parametrize("epoch", [1, 2, 3])
def test_a_training_goes_on_after_the_last_snapshot_and_says_so(tmp_path, undisturbed, epoch):
    store, told = interrupted(tmp_path, epoch), []
    assert names(store) == {store.snapshot_path(digest(CASE)).name}
    assert base_model(CASE, small.bench(tmp_path, told.append)).training == undisturbed
    assert told[0] == f"training gru, seed 0, published: goes on after epoch {epoch} of 4"
    assert [text.split(",")[2].split(": ")[1] for text in told[1:]] == [
        f"epoch {later} of 4" for later in range(epoch + 1, 5)
    ]


def test_a_finished_training_leaves_the_network_alone(tmp_path, undisturbed):
    told = []
    chosen = small.bench(tmp_path, told.append)
    base_model(CASE, chosen)
    name = digest(CASE)
    assert names(store_of(CASE, chosen)) == {f"{name}.json", f"{name}.safetensors"}
    assert not any("goes on" in text for text in told)


def test_a_snapshot_that_a_kill_left_beside_the_network_is_cleared_away(tmp_path):
    store = interrupted(tmp_path)
    snapshot = store.snapshot_path(digest(CASE))
    content = snapshot.read_bytes()
    base_model(CASE, small.bench(tmp_path))
    snapshot.write_bytes(content)
    told = []
    base_model(CASE, small.bench(tmp_path, told.append))
    assert not snapshot.exists()
    assert told == []  # nothing was trained


@pytest.mark.parametrize("damage", ["cut", "flipped", "another case"])
def test_a_damaged_snapshot_is_set_aside_and_training_starts_anew(tmp_path, undisturbed, damage):
    store = interrupted(tmp_path)
    path = store.snapshot_path(digest(CASE))
    content = bytearray(path.read_bytes())
    if damage == "cut":
        del content[len(content) // 2 :]
    elif damage == "flipped":
        content[-100] ^= 1
    else:
        other = wanted(epochs=5)
        begun = store.load_snapshot(digest(CASE), CASE.architecture.layout)
        store.save_snapshot(digest(other), begun)
        content = store.snapshot_path(digest(other)).read_bytes()
    path.write_bytes(content)
    told = []
    with pytest.warns(DamagedEntry, match="the training starts anew"):
        assert base_model(CASE, small.bench(tmp_path, told.append)).training == undisturbed
    assert "epoch 1 of 4" in told[0]
    assert (store.folder / DAMAGED / path.name).read_bytes() == bytes(content)


def test_a_snapshot_that_cannot_be_written_stops_the_training(tmp_path, monkeypatch):
    told = []

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreUnusable, match="No space left on device"):
        base_model(CASE, small.bench(tmp_path, told.append))
    assert len(told) == 1  # after the first epoch, and not after the last


def test_snapshots_are_some_time_apart(tmp_path, monkeypatch):
    """Epochs of 4 s, and 10 s at least from the beginning or one snapshot to the next."""
    monkeypatch.setattr(base_models, "SECONDS_BETWEEN_SNAPSHOTS", 10.0)
    now, kept = [0.0], []

    def four_seconds_later(text):
        now[0] += 4

    def keep(store, name, snapshot):
        kept.append(snapshot.epoch)

    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr(base_models, "time", clock)
    monkeypatch.setattr(Store, "save_snapshot", keep)
    base_model(wanted(epochs=10), small.bench(tmp_path, four_seconds_later))
    assert kept == [3, 6, 9]


def test_a_killed_training_goes_on_and_ends_at_the_same_weights(tmp_path):
    epochs = 60
    case, told = wanted(epochs), []
    module = "tests.harness.base_training_process"
    command = [sys.executable, "-m", module, str(tmp_path), str(epochs)]
    process = subprocess.Popen(command, cwd=ROOT)
    while not list(tmp_path.glob("*/*.snapshot.safetensors")):
        assert process.poll() is None
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL
    resumed = base_model(case, small.bench(tmp_path, told.append)).training
    assert "goes on after epoch" in told[0]
    assert resumed == base_model(case, small.bench(tmp_path / "undisturbed")).training
