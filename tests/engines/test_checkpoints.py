"""Checkpoints from elsewhere are data: base models are read, anything else is refused."""

import pickle

import pytest
import torch

from sparsebench.engines.checkpoints import read_base_checkpoint
from sparsebench.parts.weights import initial_weights
from sparsebench.values.case import Architecture


def author_tensors(variant="gru", layers=2, hidden=4):
    """Tensors under the names that the thesis author's programs gave them."""
    weights = initial_weights(Architecture(variant, layers, hidden).layout, seed=0)
    tensors = {"embedding.weight": torch.from_numpy(weights["embedding"])}
    for layer in range(layers):
        prefix = f"recurrent.recurrent_layers.{layer}"
        for theirs, ours in (
            ("weight_ih", "i2h"),
            ("weight_hh", "h2h"),
            ("bias_ih", "i2h_bias"),
            ("bias_hh", "h2h_bias"),
        ):
            tensors[f"{prefix}.{theirs}"] = torch.from_numpy(weights[f"layers.{layer}.{ours}"])
        tensors[f"{prefix}.mask_i2h"] = torch.ones_like(tensors[f"{prefix}.weight_ih"])
        tensors[f"{prefix}.mask_h2h"] = torch.ones_like(tensors[f"{prefix}.weight_hh"])
    tensors["out.weight"] = torch.from_numpy(weights["readout.weight"])
    tensors["out.bias"] = torch.from_numpy(weights["readout.bias"])
    return tensors, weights


class Evil:
    """Unpickling this would leave a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_checkpoint_gives_the_weights_and_sizes(tmp_path):
    tensors, weights = author_tensors()
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
    tensors, _ = author_tensors()
    save({**tensors, "out.bias": Evil(tmp_path / "ran")}, tmp_path / "gru.pt")
    with pytest.raises(ValueError, match=r"gru\.pt: refused.*run code"):
        read_base_checkpoint(tmp_path / "gru.pt", "gru")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_a_truncated_checkpoint_is_refused(tmp_path, share):
    tensors, _ = author_tensors()
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
    ],
)
def test_another_networks_checkpoint_is_refused_with_what_is_wrong(tmp_path, edit, message):
    tensors, _ = author_tensors()
    edit(tensors)
    torch.save(tensors, tmp_path / "gru.pt")
    with pytest.raises(ValueError, match=message):
        read_base_checkpoint(tmp_path / "gru.pt", "gru")


def test_the_wrong_variant_is_refused(tmp_path):
    torch.save(author_tensors("gru")[0], tmp_path / "model.pt")
    with pytest.raises(ValueError, match=r"2 x 4 lstm network: layers.0.i2h has shape \(12, 4\)"):
        read_base_checkpoint(tmp_path / "model.pt", "lstm")


def test_a_missing_file_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_base_checkpoint(tmp_path / "none.pt", "gru")
