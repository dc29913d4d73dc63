"""Masks go into PyTorch modules and come out, and what users do with modules goes on working.

Each complaint about `torch.nn.utils.prune` on recurrent layers has a test here: copies, checkpoints,
exports, stale flat weights, gradients and moments of pruned weights.
"""

import copy
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrizations, parametrize
from torch.nn.utils import prune as torch_prune

from sparsebench.engines.torch_masks import (
    apply_masks,
    make_permanent,
    masks_of,
    prune_module,
    recurrent_matrices,
)
from sparsebench.values.semantics import PUBLISHED
from tests.torch_strategies import recurrent

FRAMES = torch.from_numpy(np.random.default_rng(0).standard_normal((5, 2, 3)).astype(np.float32))


class Tagger(nn.Module):
    """A model of a user: recurrent layers, a cell, and linear layers."""

    def __init__(self):
        super().__init__()
        self.front = nn.Linear(3, 3)
        self.lstm = nn.LSTM(3, 6, 2)
        self.cell = nn.GRUCell(6, 4)
        self.head = nn.Linear(4, 2)

    def forward(self, frames):
        outputs, _ = self.lstm(self.front(frames))
        return self.head(self.cell(outputs[-1], self.cell(outputs[-2])))


def plain():
    torch.manual_seed(0)
    return Tagger()


def pruned_by_torch():
    model = plain()
    torch_prune.random_unstructured(model.lstm, "weight_hh_l0", 0.25)
    model(FRAMES)
    return model


def parametrised():
    model = plain()
    parametrizations.weight_norm(model.lstm, "weight_hh_l1")
    model(FRAMES)
    return model


MODELS = pytest.mark.parametrize("make", [plain, pruned_by_torch, parametrised])


def step(model, optimiser):
    optimiser.zero_grad()
    model(FRAMES).square().sum().backward()
    optimiser.step()


def values(model, name):
    path, _, own = name.rpartition(".")
    return getattr(model.get_submodule(path), own).detach().numpy()


def assert_zero(model, masks):
    for name, mask in masks.items():
        assert not values(model, name)[~mask].any(), name
        assert values(model, name)[mask].all(), name


def assert_same(left, right):
    assert left.keys() == right.keys()
    assert all(np.array_equal(left[name], right[name]) for name in left)


@MODELS
def test_pruned_weights_stay_zero_in_training_and_all_others_move(make):
    model = make()
    masks = prune_module(model, 70)
    assert {name.split(".")[0] for name in masks} == {"lstm", "cell"}
    before = {name: values(model, name).copy() for name in masks}
    optimiser = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(3):
        step(model, optimiser)
        assert_zero(model, masks)
    for name, mask in masks.items():
        assert (values(model, name) != before[name])[mask].all(), name
    assert_same(masks_of(model), masks)


@MODELS
def test_it_is_copied_with_its_masks(make):
    model = make()
    masks = prune_module(model, 70)
    step(model, torch.optim.SGD(model.parameters(), 0.1))
    model(FRAMES)
    for twin in (copy.deepcopy(model), copy.deepcopy(copy.deepcopy(model))):
        assert torch.equal(twin(FRAMES), model(FRAMES))
        assert_same(masks_of(twin), masks)
        step(twin, torch.optim.Adam(twin.parameters(), 0.1))
        assert_zero(twin, masks)
        assert not torch.equal(twin(FRAMES), model(FRAMES))


@MODELS
def test_a_checkpoint_is_loaded_into_a_pruned_module(make):
    model, other = make(), make()
    masks = prune_module(model, 70)
    apply_masks(other, masks)
    step(model, torch.optim.SGD(model.parameters(), 0.1))
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(FRAMES), model(FRAMES))
    assert_zero(other, masks)


def test_a_checkpoint_has_the_names_of_the_unpruned_module_and_its_zeros():
    model = plain()
    names = list(model.state_dict())
    masks = prune_module(model, 70)
    assert list(model.state_dict()) == names
    fresh = plain()
    fresh.load_state_dict(model.state_dict())
    assert_same(masks_of(fresh), masks)
    model.load_state_dict(plain().state_dict())
    assert_zero(model, masks)


def test_a_whole_module_is_saved_and_loaded(tmp_path):
    model = plain()
    masks = prune_module(model, 70)
    model(FRAMES)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        torch.save(model, tmp_path / "model.pt")
        loaded = torch.load(tmp_path / "model.pt", weights_only=False)
    step(loaded, torch.optim.Adam(loaded.parameters(), 0.1))
    assert_zero(loaded, masks)
    assert_same(masks_of(loaded), masks)


@pytest.mark.filterwarnings("ignore:The tensor attributes")  # as for unpruned layers
@MODELS
def test_it_is_exported_with_its_zeros(make):
    model = make().eval()
    prune_module(model, 70)
    exported = torch.export.export(model, (FRAMES,))
    np.testing.assert_allclose(
        exported.module()(FRAMES).detach(), model(FRAMES).detach(), atol=1e-6
    )
    make_permanent(model)
    again = torch.export.export(model, (FRAMES,))
    assert not again.graph_signature.buffers
    assert sum(int((each == 0).sum()) for each in again.state_dict.values()) > 200


def test_it_is_called_with_other_parameters_compiled_and_quantised():
    model = plain()
    masks = prune_module(model, 70)
    parameters = {name: each.detach() for name, each in model.named_parameters()}
    said = torch.func.functional_call(model, parameters, (FRAMES,))
    assert torch.equal(said, model(FRAMES))
    compiled = torch.compile(model, backend="eager")
    optimiser = torch.optim.Adam(model.parameters(), 0.1)
    for _ in range(2):
        step(compiled, optimiser)
        assert_zero(model, masks)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # quantisation moves to a package of its own
        small = torch.ao.quantization.quantize_dynamic(model, {nn.LSTM}, dtype=torch.qint8)
    assert torch.allclose(small(FRAMES), model(FRAMES), atol=0.05)


def test_flat_weights_are_those_of_the_parameters():
    """Whatever changes a parameter changes what the layer computes with."""
    model = plain()
    prune_module(model, 70)
    for flat, name in zip(model.lstm._flat_weights, model.lstm._flat_weights_names, strict=True):
        assert flat is getattr(model.lstm, name)
    model.double()
    assert model(FRAMES.double()).dtype == torch.float64
    model.lstm.flatten_parameters()
    before = model(FRAMES.double())
    with torch.no_grad():
        model.lstm.weight_hh_l0.mul_(2)
    assert not torch.equal(model(FRAMES.double()), before)


def test_gradients_of_pruned_weights_count_in_no_norm():
    model = plain()
    masks = prune_module(model, 70)
    model(FRAMES).sum().backward()
    for name, mask in masks.items():
        gradient = model.get_parameter(name).grad.numpy()
        assert not gradient[~mask].any()
        assert gradient[mask].any()


def test_moments_from_before_the_pruning_move_no_pruned_weight_in_a_pass():
    model = plain()
    optimiser = torch.optim.Adam(model.parameters(), 0.1)
    step(model, optimiser)
    masks = prune_module(model, 70)
    step(model, optimiser)
    model(FRAMES)
    assert_zero(model, masks)
    step(model, optimiser)
    state = model.state_dict()
    assert all(not state[name].numpy()[~mask].any() for name, mask in masks.items())


def test_a_parameter_that_is_replaced_is_masked_as_the_one_before():
    model = plain()
    masks = prune_module(model, 70)
    model.cell.weight_hh = nn.Parameter(torch.ones(12, 4))
    model(FRAMES).square().sum().backward()
    gone = ~masks["cell.weight_hh"]
    assert not model.cell.weight_hh.grad.numpy()[gone].any()
    assert_zero(model, masks)


def test_two_passes_before_the_gradient_are_allowed():
    model = plain()
    prune_module(model, 70)
    (model(FRAMES).sum() + model(2 * FRAMES).sum()).backward()


@MODELS
def test_made_permanent_all_weights_are_plain_and_train_again(make):
    model = make()
    masks = prune_module(model, 70)
    said = model(FRAMES)
    assert make_permanent(model) is model
    assert torch.allclose(model(FRAMES), said)
    assert sorted(model.state_dict()) == sorted(plain().state_dict())
    assert not any(parametrize.is_parametrized(each) for each in model.modules())
    assert_same(masks_of(model), masks)  # as exact zeros
    step(model, torch.optim.SGD(model.parameters(), 0.1))
    assert masks_of(model) == {}
    assert not model.lstm._forward_pre_hooks
    assert not model.lstm._state_dict_pre_hooks
    assert not model.lstm._load_state_dict_post_hooks
    copy.deepcopy(model)


def test_what_torch_has_pruned_is_read_made_permanent_and_pruned_further():
    model = pruned_by_torch()
    name = "lstm.weight_hh_l0"
    (mask,) = masks_of(model).values()
    assert (~mask).sum() == 36
    masks = prune_module(model, 50, names=[name])
    assert (~masks[name] & ~mask).sum() == 36
    assert (~masks[name]).sum() == 36 + 54
    other = pruned_by_torch()
    make_permanent(other)
    assert_same(masks_of(other), {name: mask})


def test_percent_is_of_the_weights_that_are_left():
    model = plain()
    prune_module(model, 50, "h2h")
    masks = prune_module(model, 50, "h2h")
    assert [int(mask.sum()) for mask in masks.values()] == [36, 36, 12]
    assert all(name.rpartition(".")[2].startswith("weight_hh") for name in masks)


def test_any_parameter_can_be_named_and_all_can_share_a_threshold():
    model = plain()
    masks = prune_module(model, 50, names=["head.weight", "lstm.bias_ih_l0"])
    assert [int(mask.sum()) for mask in masks.values()] == [4, 12]
    assert_same(masks_of(model), masks)
    step(model, torch.optim.Adam(model.parameters(), 0.1))
    assert not model.head.weight.detach().numpy()[~masks["head.weight"]].any()
    whole = prune_module(plain(), 50, semantics=PUBLISHED)
    sizes = [int(mask.sum()) * 2 - mask.size for mask in whole.values()]
    assert sum(sizes) in (0, 1)
    assert any(sizes)


@settings(max_examples=25)
@given(st.data())
def test_masks_come_out_as_they_went_in(data):
    layer = data.draw(recurrent())
    random = np.random.default_rng(data.draw(st.integers(0, 100)))
    names = [name for pair in recurrent_matrices(layer, "both") for name in pair]
    chosen = data.draw(st.lists(st.sampled_from(names), unique=True))
    masks = {name: random.random(layer.get_parameter(name).shape) < 0.5 for name in chosen}
    apply_masks(layer, masks)
    told = {name: mask for name, mask in masks.items() if not mask.all()}
    assert_same(masks_of(layer), told)
    before = {name: values(layer, name).copy() for name in names}
    make_permanent(layer)
    assert_same({name: values(layer, name) for name in names}, before)
    assert_same(masks_of(layer), told)


def test_layers_are_grouped_by_layer_and_direction():
    layer = nn.GRU(3, 4, 2, bidirectional=True)
    groups = recurrent_matrices(layer, "both")
    assert groups[1] == ["weight_ih_l0_reverse", "weight_hh_l0_reverse"]
    assert len(groups) == 4
    assert recurrent_matrices(nn.ModuleDict({"a": nn.LSTMCell(2, 2)}), "i2h") == [["a.weight_ih"]]


@pytest.mark.parametrize(
    ("act", "error", "said"),
    [
        (lambda: prune_module(nn.Linear(2, 2), 50), ValueError, "Linear has no recurrent layer"),
        (lambda: prune_module("gru", 50), TypeError, "module is a str: give a Module"),
        (lambda: prune_module(plain(), 50, "all"), ValueError, "unknown target 'all'"),
        (lambda: prune_module(plain(), 101), ValueError, "percent is 101"),
        (
            lambda: prune_module(plain(), 5, names=["gru.weight"]),
            ValueError,
            "no parameter 'gru.weight'",
        ),
        (lambda: apply_masks(plain(), {"x": np.ones(2, bool)}), ValueError, "no parameter 'x'"),
        (
            lambda: apply_masks(plain(), {"head.weight": np.ones((2, 4))}),
            ValueError,
            "mask of 'head.weight' is float64",
        ),
        (lambda: masks_of(3), TypeError, "module is an int"),
    ],
)
def test_what_cannot_be_masked_is_refused_with_a_sentence(act, error, said):
    with pytest.raises(error, match=said):
        act()


@pytest.mark.filterwarnings("ignore:.*weight_norm.* is deprecated")
@pytest.mark.parametrize("normed", [nn.utils.weight_norm, nn.utils.spectral_norm])
def test_a_matrix_that_a_hook_computes_is_refused(normed):
    layer = normed(nn.GRU(3, 4), "weight_hh_l0")
    own = {name for name, _ in layer.named_parameters() if name.startswith("weight_hh_l0_")}
    for act in (
        lambda: prune_module(layer, 90),
        *(lambda name=name: prune_module(layer, 90, names=[name]) for name in own),
        lambda: apply_masks(layer, {"weight_hh_l0": np.ones((12, 4), bool)}),
    ):
        with pytest.raises(ValueError, match=r"weight_hh_l0 is computed .*nn\.utils\.parametriz"):
            act()
    assert recurrent_matrices(layer, "both") == [["weight_ih_l0"]]
    masks = prune_module(layer, 90, "i2h")
    assert_same(masks_of(layer), masks)
    assert layer(FRAMES)[0].isfinite().all()


def test_a_fault_in_one_mask_changes_nothing():
    model = plain()
    good = np.zeros((2, 4), np.bool_)
    with pytest.raises(ValueError, match=r"'front\.weight' is bool"):
        apply_masks(model, {"head.weight": good, "front.weight": good})
    assert model.head.weight.detach().all()


def test_a_copy_of_a_parametrised_layer_made_permanent_leaves_the_original_as_it_is():
    layer = nn.GRU(3, 4)
    parametrizations.weight_norm(layer, "weight_hh_l0")
    prune_module(layer, 50)
    expected, _ = layer(FRAMES)
    made = make_permanent(copy.deepcopy(layer))
    assert torch.allclose(made(FRAMES)[0], expected, atol=1e-6)
    assert torch.equal(layer(FRAMES)[0], expected)
    assert not parametrize.is_parametrized(made)
    assert torch.allclose(make_permanent(layer)(FRAMES)[0], expected, atol=1e-6)
