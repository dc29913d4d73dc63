"""Checkpoints from elsewhere are data: networks are read, anything else is refused."""

import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.engines.checkpoints import read_base_checkpoint, read_wired_checkpoint
from sparsebench.parts.graph_files import read_graph
from sparsebench.parts.weights import initial_weights
from sparsebench.parts.wired import wired_layout, wired_masks
from sparsebench.parts.wirings import orient, wire
from sparsebench.values.layout import GATES
from sparsebench.values.protocol import VARIANTS, Architecture
from sparsebench.values.wiring import Wiring
from tests import network_strategies, strategies
from tests.author_files import author_tensors


def base_tensors(variant="gru", layers=2, hidden=4):
    """Tensors under the names that the thesis author's programs gave them."""
    layout = Architecture(variant, layers, hidden).layout
    weights = initial_weights(layout, seed=0)
    return author_tensors(layout, weights, {}), weights


class Evil:
    """Unpickling this would leave a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_checkpoint_gives_the_weights_and_sizes(tmp_path):
    tensors, weights = base_tensors()
    torch.save(tensors, tmp_path / "gru.pt")
    architecture, read = read_base_checkpoint(tmp_path / "gru.pt", "gru")
    assert architecture == Architecture("gru", 2, 4)
    assert read.keys() == weights.keys()
    assert all((read[name] == weights[name]).all() for name in weights)


@pytest.mark.parametrize("variant", ["gru", "rnn_tanh"])
def test_the_authors_checkpoints_are_base_models(artifacts, variant):
    folder = artifacts / "Implementations" / "experiments" / "state_dicts" / "prune"
    architecture, _ = read_base_checkpoint(folder / f"{variant}.pt", variant)
    assert architecture == Architecture(variant)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize(
    "save", [torch.save, lambda value, path: path.write_bytes(pickle.dumps(value))]
)
def test_code_in_a_checkpoint_is_refused_and_never_runs(tmp_path, save):
    tensors, _ = base_tensors()
    save({**tensors, "out.bias": Evil(tmp_path / "ran")}, tmp_path / "gru.pt")
    with pytest.raises(ValueError, match=r"gru\.pt: refused.*run code"):
        read_base_checkpoint(tmp_path / "gru.pt", "gru")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_a_truncated_checkpoint_is_refused(tmp_path, share):
    tensors, _ = base_tensors()
    torch.save(tensors, tmp_path / "gru.pt")
    content = (tmp_path / "gru.pt").read_bytes()
    (tmp_path / "gru.pt").write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match=r"gru\.pt: (damaged|refused)"):
        read_base_checkpoint(tmp_path / "gru.pt", "gru")


def change(name, value):
    def edit(tensors):
        if value is None:
            del tensors[name]
        else:
            tensors[name] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (change("out.bias", None), "readout.bias is missing"),
        (change("recurrent.recurrent_layers.0.weight_hh", None), "layers.0.h2h is missing"),
        (change("embedding.weight", None), "not a base model: it needs embedding.weight"),
        (change("recurrent.skip_layers.0.weight_ih", torch.zeros(4, 4)), "unexpected tensor"),
        (change("out.bias", torch.zeros(3)), r"readout.bias has shape \(3,\), not \(2,\)"),
        (change("out.bias", torch.tensor([0, float("nan")])), "readout.bias holds NaN"),
        (change("out.bias", "text"), "entry 'out.bias' is a str"),
        (
            change("out.bias", torch.zeros(2, dtype=torch.complex64)),
            "the name .torch.ComplexFloatStorage",
        ),
        (change("out.bias", torch.zeros(2).to_sparse()), "the name .torch._utils._rebuild_sparse"),
        (change("out.bias", torch.zeros(1).expand(10**12)), r"more numbers than its \d+ bytes"),
        (change("out.bias", torch.zeros(1, dtype=torch.bool).expand(10**12)), "more numbers than"),
        (change("out.weight", torch.tensor(1.0)), "not a base model: it needs embedding.weight"),
        (change("out.weight", torch.zeros(3)), "not a base model: it needs embedding.weight"),
        (change("recurrent.recurrent_layers.x.weight_ih", torch.zeros(4)), "unexpected tensor"),
        (change("recurrent.recurrent_layers.0.weight_ih", None), "layers.0.i2h is missing"),
    ],
)
def test_another_networks_checkpoint_is_refused_with_what_is_wrong(tmp_path, edit, message):
    tensors, _ = base_tensors()
    edit(tensors)
    torch.save(tensors, tmp_path / "gru.pt")
    with pytest.raises(ValueError, match=message):
        read_base_checkpoint(tmp_path / "gru.pt", "gru")


def test_the_wrong_variant_is_refused(tmp_path):
    torch.save(base_tensors("gru")[0], tmp_path / "model.pt")
    with pytest.raises(ValueError, match=r"2 x 4 lstm network: layers.0.i2h has shape \(12, 4\)"):
        read_base_checkpoint(tmp_path / "model.pt", "lstm")


def test_a_missing_file_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_base_checkpoint(tmp_path / "none.pt", "gru")


# Wired networks


LADDER = Wiring((2, 1, 1, 1), ((0, 2), (0, 4), (1, 3), (2, 3), (2, 4), (3, 4)))


def ladder(variant="lstm"):
    """A network with skips 0 to 2, 0 to 3 and 1 to 3: its layout, tensors, weights and masks."""
    layout = wired_layout(LADDER, variant)
    masks = wired_masks(LADDER, layout, "repeated")
    weights = initial_weights(layout, seed=0)
    return layout, author_tensors(layout, weights, masks), weights, masks


def same(one, other):
    return one.keys() == other.keys() and all(
        np.array_equal(one[name], other[name]) for name in one
    )


@given(wiring=network_strategies.wirings, variant=strategies.variants, seed=st.integers(0, 99))
def test_a_wired_checkpoint_gives_its_weights_unmasked_and_its_masks(
    scratch, wiring, variant, seed
):
    layout = wired_layout(wiring, variant)
    masks = wired_masks(wiring, layout, "repeated")
    weights = initial_weights(layout, seed)
    torch.save(author_tensors(layout, weights, masks), scratch / "wired.pt")
    read, stored = read_wired_checkpoint(scratch / "wired.pt", layout)
    assert same(read, weights)
    assert same(stored, masks)
    assert {mask.dtype for mask in stored.values()} <= {np.dtype(bool)}


def test_skips_are_numbered_by_target_then_by_source(tmp_path):
    layout, tensors, weights, _ = ladder()
    torch.save(tensors, tmp_path / "lstm.pt")
    read, _ = read_wired_checkpoint(tmp_path / "lstm.pt", layout)
    for number, skip in enumerate(["skips.0.2", "skips.0.3", "skips.1.3"]):
        theirs = tensors[f"recurrent.skip_layers.{number}.weight_ih"].numpy()
        assert np.array_equal(read[f"{skip}.i2h"], theirs)
        assert np.array_equal(weights[f"{skip}.i2h"], theirs)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_authors_wired_networks_have_the_layouts_of_his_graphs(artifacts, variant):
    experiments = artifacts / "Implementations" / "experiments"
    paths = sorted((experiments / "graphs" / variant.upper()).iterdir())
    assert len(paths) >= 5
    for path in paths:
        wiring = wire(orient(read_graph(path)))
        layout = wired_layout(wiring, variant)
        folder = experiments / "state_dicts" / "structure" / variant.upper()
        weights, masks = read_wired_checkpoint(folder / f"{path.stem}.pt", layout)
        assert weights.keys() == layout.shapes().keys()
        assert masks.keys() == wired_masks(wiring, layout, "repeated").keys()
        kept = sum(int(mask.sum()) for mask in masks.values())
        assert kept == GATES[variant] * len(wiring.edges), path


SKIP, LAYER = "recurrent.skip_layers.2.", "recurrent.recurrent_layers.1."


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            change(SKIP + "weight_ih", None),
            "layers 2-1-1-1 with 7 blocks: skips.1.3.i2h is missing",
        ),
        (change(SKIP + "bias_hh", None), "skips.1.3.h2h_bias is missing"),
        (change("embedding.weight", None), "embedding is missing"),
        (change("out.weight", None), "readout.weight is missing"),
        (change("recurrent.skip_layers.3.weight_ih", torch.zeros(4, 1)), "not a lstm network of"),
        (change("recurrent.skip_layers.3.weight_ih", torch.zeros(4, 1)), "unexpected tensor 'rec"),
        (change("recurrent.recurrent_layers.4.mask_h2h", torch.ones(4, 1)), "unexpected tensor"),
        (change(SKIP + "weight_ho", torch.zeros(4, 1)), "unexpected tensor"),
        (change("recurrent.weight_ih", torch.zeros(4, 1)), "unexpected tensor"),
        (change(SKIP + "weight_ih", torch.zeros(4, 2)), r"skips.1.3.i2h has shape \(4, 2\), not"),
        (change(SKIP + "mask_i2h", None), "the mask of skips.1.3.i2h is missing"),
        (change(LAYER + "mask_h2h", None), "the mask of layers.1.h2h is missing"),
        (change(SKIP + "mask_i2h", torch.ones(4)), r"skips.1.3.i2h has shape \(4,\), not \(4, 1\)"),
        (
            change(SKIP + "mask_i2h", torch.full((4, 1), 0.5)),
            "skips.1.3.i2h holds 0.5: only 0 and 1",
        ),
        (change(SKIP + "mask_i2h", torch.full((4, 1), float("nan"))), "holds nan: only 0 and 1"),
        (
            change(LAYER + "mask_h2h", torch.zeros(4, 1)),
            "the mask of layers.1.h2h prunes 4 weights",
        ),
        (
            change("recurrent.recurrent_layers.0.mask_i2h", torch.eye(2).repeat(4, 1)),
            "the mask of layers.0.i2h prunes 8 weights: only edges between layers are masked",
        ),
    ],
)
def test_another_wired_network_is_refused_with_what_is_wrong(tmp_path, edit, message):
    layout, tensors, _, _ = ladder()
    edit(tensors)
    torch.save(tensors, tmp_path / "lstm.pt")
    with pytest.raises(ValueError, match=rf"lstm\.pt: .*{message}"):
        read_wired_checkpoint(tmp_path / "lstm.pt", layout)


def test_code_in_a_wired_checkpoint_never_runs(tmp_path):
    layout, tensors, _, _ = ladder()
    torch.save({**tensors, "out.bias": Evil(tmp_path / "ran")}, tmp_path / "lstm.pt")
    with pytest.raises(ValueError, match=r"lstm\.pt: refused.*run code"):
        read_wired_checkpoint(tmp_path / "lstm.pt", layout)
    assert not (tmp_path / "ran").exists()


def test_a_wired_checkpoint_of_another_variant_is_refused(tmp_path):
    torch.save(ladder("gru")[1], tmp_path / "gru.pt")
    with pytest.raises(ValueError, match="not the weights of a lstm network of layers 2-1-1-1"):
        read_wired_checkpoint(tmp_path / "gru.pt", wired_layout(LADDER, "lstm"))
