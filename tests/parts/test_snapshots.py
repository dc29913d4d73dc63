"""A snapshot comes back as it was, or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.numpy import load, save

from sparsebench.parts import snapshots
from sparsebench.parts.snapshots import Snapshot, load_snapshot, save_snapshot
from sparsebench.parts.weight_files import checksum
from sparsebench.values.layout import Layout
from sparsebench.values.protocol import Architecture
from tests import strategies

ARCHITECTURE = Architecture("lstm", layers=1, hidden_size=2, symbols=3)
LAYOUT, NAME = ARCHITECTURE.layout, "0123-abcd"
_numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)


@st.composite
def snapshots_of(draw: st.DrawFn, layout: Layout) -> Snapshot:
    """Any numbers in the arrays; losses may be NaN or infinite."""
    epoch = draw(st.integers(1, 5))
    groups = (
        {
            name: draw(arrays(np.float32, shape, elements=_numbers))
            for name, shape in layout.shapes().items()
        }
        for _ in range(3)
    )
    series = st.lists(st.floats(), min_size=epoch, max_size=epoch)
    history = draw(st.dictionaries(strategies.names, series, max_size=4))
    return Snapshot(epoch, draw(st.integers(1, 2**40)), *groups, history)


def bits(snapshot: Snapshot) -> tuple[object, ...]:
    """All of a snapshot, such that equal means the same bit for bit."""
    networks = map(checksum, (snapshot.weights, snapshot.means, snapshot.squares))
    history = {name: np.array(series).tobytes() for name, series in snapshot.history.items()}
    return snapshot.epoch, snapshot.steps, *networks, history


def network(seed: int, layout: Layout = LAYOUT) -> dict[str, np.ndarray]:
    random = np.random.RandomState(seed)
    return {
        name: random.random_sample(shape).astype(np.float32)
        for name, shape in layout.shapes().items()
    }


def snapshot_of(layout: Layout = LAYOUT) -> Snapshot:
    weights, means, squares = (network(seed, layout) for seed in range(3))
    return Snapshot(2, 14, weights, means, squares, {"train_loss": [0.7, 0.1 + 0.2]})


SNAPSHOT = snapshot_of()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a small file."""
    path = tmp_path_factory.mktemp("whole") / "small"
    save_snapshot(path, NAME, SNAPSHOT)
    return path.read_bytes()


@given(data=st.data(), architecture=strategies.architectures)
def test_a_snapshot_comes_back_bit_for_bit(
    scratch: Path, data: st.DataObject, architecture: Architecture
) -> None:
    written = data.draw(snapshots_of(architecture.layout))
    save_snapshot(scratch / "snapshot", NAME, written)
    read = load_snapshot(scratch / "snapshot", NAME, architecture.layout)
    assert bits(read) == bits(written)
    assert bits(load_snapshot(scratch / "snapshot", NAME)) == bits(written)


@given(data=st.data())
def test_a_truncated_file_is_refused_wherever_it_was_cut(
    scratch: Path, whole: bytes, data: st.DataObject
) -> None:
    path = scratch / "cut"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(ValueError, match=f"^{path}: not "):
        load_snapshot(path, NAME)


@given(data=st.data())
def test_a_flipped_bit_is_refused_or_changes_nothing(
    scratch: Path, whole: bytes, data: st.DataObject
) -> None:
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    damaged = bytearray(whole)
    damaged[bit // 8] ^= 1 << bit % 8
    path = scratch / "flipped"
    path.write_bytes(damaged)
    try:
        read = load_snapshot(path, NAME)
    except ValueError as error:
        refusal = str(error)
    else:
        assert bits(read) == bits(SNAPSHOT)  # a bit of the padding, or of how a name is written
        return
    assert refusal.startswith(f"{path}: not ")


@given(content=st.binary(max_size=300))
def test_garbage_is_refused(scratch: Path, content: bytes) -> None:
    path = scratch / "garbage"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"^{path}: not "):
        load_snapshot(path, NAME)


def test_an_absent_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_snapshot(tmp_path / "absent", NAME)


def test_the_snapshot_of_another_training_is_refused(tmp_path: Path) -> None:
    save_snapshot(tmp_path / "file", "another", SNAPSHOT)
    with pytest.raises(ValueError, match="not what was written of the training 0123-abcd"):
        load_snapshot(tmp_path / "file", NAME)


@pytest.mark.parametrize("group", ["weights", "means", "squares"])
def test_arrays_of_another_network_are_refused(tmp_path: Path, group: str) -> None:
    other = replace(ARCHITECTURE, hidden_size=3).layout
    path = tmp_path / "file"
    save_snapshot(path, NAME, replace(SNAPSHOT, **{group: network(0, other)}))
    with pytest.raises(ValueError, match=f"file, {group}: not the weights of a 1 x 2 lstm"):
        load_snapshot(path, NAME, LAYOUT)


@pytest.mark.parametrize(
    ("key", "array", "message"),
    [
        ("counts", None, "counts is"),
        ("counts", np.array([1.5, 2.0]), "counts is"),
        ("counts", np.array([0, 1]), "counts is"),
        ("counts", np.array([1]), "counts is"),
        ("history/train_loss", np.array([0.5]), "train_loss has shape .1,. after 2 epochs"),
        ("history/train_loss", np.array([[0.5, 0.5]]), "train_loss has shape"),
        ("history/train_loss", np.array([1, 2]), "train_loss is int64"),
        ("weights/readout.bias", np.zeros(2), "readout.bias is float64"),
        ("means/readout.bias", None, "readout.bias is missing"),
        ("others/readout.bias", np.zeros(2, np.float32), "others/readout.bias is not expected"),
    ],
)
def test_what_is_whole_but_no_snapshot_is_refused(
    tmp_path: Path, whole: bytes, key: str, array: np.ndarray | None, message: str
) -> None:
    """Such as one that a later version wrote."""
    found = load(whole)
    del found["checksum"]
    found |= {} if array is None else {key: array}
    if array is None:
        del found[key]
    found["checksum"] = snapshots._checksum(NAME, found)
    (tmp_path / "file").write_bytes(save(found))
    with pytest.raises(ValueError, match=message):
        load_snapshot(tmp_path / "file", NAME, LAYOUT)
