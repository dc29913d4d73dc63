"""State dicts and files become the networks that their modules would become."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils import parametrizations
from torch.nn.utils import prune as torch_prune

from sparsebench.engines.torch_conversion import from_torch
from sparsebench.engines.torch_masks import prune_module
from sparsebench.engines.torch_state_dicts import from_state_dict
from tests.torch_strategies import recurrent


class Model(nn.Module):
    """A model of a user."""

    def __init__(self, layer):
        super().__init__()
        self.embed = nn.Embedding(7, layer.input_size)
        self.body = nn.ModuleDict({"layer": layer})
        self.fc = nn.Linear(layer.hidden_size * (1 + layer.bidirectional), 3)


NAMES = {"head": "fc", "embedding": "embed"}


def assert_same(left, right):
    assert left.structure == right.structure
    for mine, its in ((left.weights, right.weights), (left.masks, right.masks)):
        assert mine.keys() == its.keys()
        assert all(np.array_equal(mine[name], its[name]) for name in mine)


@settings(max_examples=20)
@given(st.data())
def test_a_state_dict_is_the_network_of_its_module(data):
    layer = data.draw(recurrent())
    prune_module(layer, data.draw(st.sampled_from([0, 40])))
    model = Model(layer)
    expected = from_torch(layer, model.fc, model.embed, "mean")
    told = {"variant": expected.structure.variant, "reads": "mean"}
    told |= {"batch_first": layer.batch_first, "dropout": layer.dropout}
    assert_same(from_state_dict(model.state_dict(), "body.layer", **NAMES, **told), expected)
    alone = from_state_dict(layer.state_dict(), **told)
    assert alone.structure.classes == alone.structure.symbols == 0


@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16, torch.float64])
def test_a_safetensors_file_is_read(tmp_path, kind):
    model = Model(nn.LSTM(3, 4, 2)).to(kind)
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    if kind is torch.float32:
        network = from_state_dict(tmp_path / "model.safetensors", **NAMES)
    else:
        with pytest.warns(UserWarning, match="converted to float32"):
            network = from_state_dict(str(tmp_path / "model.safetensors"), **NAMES)
    assert_same(network, from_torch(model.float().body["layer"], model.fc, model.embed))


@pytest.mark.parametrize("low", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", ["weight_ih_l0", "bias_hh_l0"])
def test_no_array_is_rounded_to_the_precision_of_another(low, name):
    state = nn.GRU(3, 4).state_dict()
    state[name] = state[name].to(low)
    expected = nn.GRU(3, 4)
    expected.load_state_dict(state)
    assert_same(from_state_dict(state), from_torch(expected))
    other = torch.float16 if low is torch.bfloat16 else torch.bfloat16
    mixed = {each: array.to(low if each == name else other) for each, array in state.items()}
    expected.load_state_dict(mixed)
    assert_same(from_state_dict(mixed), from_torch(expected))


def test_a_file_is_named_in_what_is_said_against_it(tmp_path):
    path = tmp_path / "model.safetensors"
    model = Model(nn.GRU(3, 4))
    with torch.no_grad():
        model.fc.weight[0, 0] = torch.inf
    save_file(model.state_dict(), path)
    for arguments, said in (
        ({"head": "fc"}, r"readout\.weight holds NaN"),
        ({"head": "x" * 500}, r"head is 'xxx.*\.\.\., of which"),
        ({"variant": "lstm"}, "which is no lstm"),
    ):
        with pytest.raises(ValueError, match=r"model\.safetensors: .*" + said) as told:
            from_state_dict(path, **arguments)
        assert len(str(told.value)) < 500


def test_what_torch_saved_is_read_without_running_it(tmp_path):
    model = Model(nn.GRU(3, 4))
    torch.save(model.state_dict(), tmp_path / "model.pt")
    network = from_state_dict(tmp_path / "model.pt", **NAMES)
    assert_same(network, from_torch(model.body["layer"], model.fc, model.embed))
    torch.save(model, tmp_path / "model.pt")
    with pytest.raises(ValueError, match="refused"):
        from_state_dict(tmp_path / "model.pt", **NAMES)


def test_masks_that_torch_has_stored_are_read():
    layer = nn.GRU(3, 4)
    torch_prune.random_unstructured(layer, "weight_hh_l0", 0.5)
    network = from_state_dict(layer.state_dict())
    assert_same(network, from_torch(layer))
    assert network.kept == (84 - 24, 84)


def test_masks_of_the_head_and_the_embedding_are_read_too():
    model = Model(nn.GRU(3, 4))
    torch_prune.random_unstructured(model.fc, "weight", 0.5)
    torch_prune.random_unstructured(model.embed, "weight", 0.4)
    expected = from_torch(model.body["layer"], model.fc, model.embed)
    network = from_state_dict(model.state_dict(), **NAMES)
    assert_same(network, expected)
    assert {name: int(mask.sum()) for name, mask in network.masks.items()} == {
        "readout.weight": 6,
        "embedding": 13,
    }
    alone = nn.ModuleDict({"fc": model.fc})
    layers = {**alone.state_dict(), **model.body["layer"].state_dict()}
    assert_same(from_state_dict(layers, "", "fc"), from_torch(model.body["layer"], model.fc))


CHECKPOINTS = (
    {"state_dict": nn.GRU(3, 4).state_dict(), "epoch": 3},
    {"epoch": 3, "state_dict": nn.GRU(3, 4).state_dict()},
    {"model": dict(nn.GRU(3, 4).state_dict())},
)


@pytest.mark.parametrize("checkpoint", CHECKPOINTS, ids=range(3))
def test_a_checkpoint_with_a_state_dict_in_it_is_refused_with_what_to_give(tmp_path, checkpoint):
    torch.save(checkpoint, tmp_path / "model.pt")
    for source in (checkpoint, tmp_path / "model.pt"):
        said = (
            r"entry '(state_dict|model|epoch)' is a .*, not a tensor: .* its entry \"state_dict\""
        )
        with pytest.raises(ValueError, match=said) as told:
            from_state_dict(source)
        assert str(told.value).count("model.pt") == (source is not checkpoint)


def test_the_default_device_and_precision_do_not_matter():
    model = Model(nn.GRU(3, 4))
    expected = from_torch(model.body["layer"], model.fc, model.embed)
    with torch.device("meta"):
        assert_same(from_state_dict(model.state_dict(), **NAMES), expected)
    torch.set_default_dtype(torch.float64)
    try:
        assert_same(from_state_dict(model.state_dict(), **NAMES), expected)
    finally:
        torch.set_default_dtype(torch.float32)


def test_numpy_arrays_are_read_too():
    layer = nn.GRU(3, 4)
    arrays = {name: each.numpy() for name, each in layer.state_dict().items()}
    assert_same(from_state_dict(arrays), from_torch(layer))


def without(name):
    return {each: value for each, value in nn.GRU(3, 4).state_dict().items() if each != name}


@pytest.mark.parametrize(
    ("state", "arguments", "said"),
    [
        ({}, {}, "with 0 recurrent layers: name one"),
        (
            nn.ModuleList([nn.GRU(3, 4), nn.GRU(4, 4)]).state_dict(),
            {},
            r"with 2 recurrent layers \('0', '1'\)",
        ),
        (
            parametrizations.weight_norm(nn.GRU(3, 4), "weight_hh_l0").state_dict(),
            {},
            "parametrised ones are read from the module",
        ),
        (
            Model(nn.GRU(3, 4)).state_dict(),
            {"recurrent": "gru"},
            r"recurrent is 'gru', .* it has modules \('body.layer', 'embed', 'fc'\)",
        ),
        (Model(nn.GRU(3, 4)).state_dict(), {"head": "out"}, "head is 'out', .* no weight"),
        (Model(nn.GRU(3, 4)).state_dict(), {"embedding": "fc"}, "rows of 4 numbers"),
        (nn.RNN(3, 4).state_dict(), {}, "give variant=rnn_tanh or rnn_relu"),
        (nn.GRU(3, 4).state_dict(), {"variant": "lstm"}, r"is \(12, 4\), which is no lstm"),
        (nn.GRU(3, 4).state_dict(), {"variant": "elman"}, "unknown variant 'elman'"),
        (nn.GRU(3, 4).state_dict(), {"variant": "mgu"}, "'mgu', and torch.nn has no such layer"),
        (
            {"weight_hh_l0": torch.ones(8, 4), "weight_ih_l0": torch.ones(8, 3)},
            {},
            r"is \(8, 4\), which is no recurrent layer",
        ),
        (nn.LSTM(3, 4, proj_size=2).state_dict(), {}, "proj_size=2 projects"),
        (without("weight_ih_l0"), {}, "no weight_ih_l0; they have"),
        (without("bias_hh_l0"), {}, "cannot be read: bias_hh_l0 is missing"),
        ({"weight_hh_l0": torch.zeros(3)}, {"recurrent": ""}, "no weight_ih_l0"),
        (
            {"weight_hh_l0": torch.zeros(3), "weight_ih_l0": torch.zeros(3, 1)},
            {},
            r"weight_hh_l0 has the shape \(3,\)",
        ),
        (
            {"weight_hh_l0_orig": torch.ones(3, 1), "weight_hh_l0_mask": torch.ones(2)},
            {},
            "weight_hh_l0_mask has the shape",
        ),
        (
            {
                "weight_hh_l0": torch.ones(3, 1, dtype=int),
                "weight_ih_l0": torch.ones(3, 1, dtype=int),
            },
            {},
            "cannot be read: it holds torch.int64",
        ),
        (nn.GRU(3, 4, device="meta").state_dict(), {}, "device 'meta', without weights"),
    ],
    ids=range(19),
)
def test_what_cannot_be_read_is_refused_with_a_sentence(state, arguments, said):
    with pytest.raises(ValueError, match=said):
        from_state_dict(state, **arguments)


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"{}", (2**40).to_bytes(8, "little")])
def test_a_damaged_file_is_refused_by_name(tmp_path, content):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"model\.safetensors: not "):
        from_state_dict(path)
