"""Networks come back to PyTorch as they went in, pruned ones stay pruned."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from sparsebench.engines.torch_conversion import from_torch
from sparsebench.engines.torch_masks import prune_module
from sparsebench.engines.torch_networks import to_torch
from tests.torch_strategies import converted, flat, sequences, torch_networks


@settings(max_examples=25)
@given(st.data())
def test_from_torch_and_back_is_the_same_network(data):
    module = data.draw(torch_networks())
    percent = data.draw(st.sampled_from([0, 30, 100]))
    prune_module(module, percent)
    network = converted(module)
    back = to_torch(network)
    again = converted(back)
    assert again.structure == network.structure
    for left, right in ((network.weights, again.weights), (network.masks, again.masks)):
        assert left.keys() == right.keys()
        assert all(np.array_equal(left[name], right[name]) for name in left)
    with torch.no_grad():
        inputs, lengths = data.draw(sequences(module)).tensors
        theirs, ours = module.eval()(inputs, lengths), back(inputs, lengths)
    assert all(map(np.array_equal, flat(theirs), flat(ours)))


def test_the_layers_load_into_the_module_they_came_from():
    torch.manual_seed(0)
    layer, head = nn.LSTM(3, 4, 2, bidirectional=True), nn.Linear(8, 2, bias=False)
    back = to_torch(from_torch(layer, head))
    for old, new in ((layer, back.stacks[0]), (head, back.head)):
        assert list(old.state_dict()) == list(new.state_dict())
        assert str(old) == str(new)
        old.load_state_dict(new.state_dict())


@pytest.mark.parametrize("reads", ["last_step", "every_step"])
def test_a_pruned_network_trains_with_its_zeros(reads):
    torch.manual_seed(0)
    layer = nn.GRU(3, 6, 2, batch_first=True)
    prune_module(layer, 70)
    network = from_torch(layer, nn.Linear(6, 2), reads=reads)
    back = to_torch(network).train()
    optimiser = torch.optim.AdamW(back.parameters(), 0.05, weight_decay=0.1)
    for _ in range(3):
        optimiser.zero_grad()
        back(torch.randn(4, 5, 3))[0].square().sum().backward()
        optimiser.step()
    trained = converted(back)
    for name, mask in network.masks.items():
        np.testing.assert_array_equal(trained.masks[name], mask)
        assert not trained.weights[name][~mask].any()
        assert (trained.weights[name] != network.weights[name])[mask].all()


@pytest.mark.filterwarnings("ignore:The tensor attributes")  # as for any recurrent layer
def test_a_network_in_torch_can_be_copied_and_exported():
    torch.manual_seed(0)
    layer = nn.LSTM(3, 4, batch_first=True)
    prune_module(layer, 50)
    network = from_torch(layer, nn.Linear(4, 2), reads="mean")
    back, inputs = to_torch(network), torch.randn(2, 5, 3)
    exported = torch.export.export(back, (inputs,)).module()
    for each in (copy.deepcopy(back), exported):
        for mine, its in zip(flat(each(inputs)), flat(back(inputs)), strict=True):
            np.testing.assert_allclose(mine, its, atol=1e-6)


def test_it_is_in_single_precision_on_the_cpu_whatever_the_defaults_are():
    torch.manual_seed(0)
    layer = nn.GRU(3, 4)
    prune_module(layer, 50)
    network = from_torch(layer, nn.Linear(4, 2), nn.Embedding(5, 3))
    torch.set_default_dtype(torch.float64)
    try:
        with torch.device("meta"):
            back = to_torch(network)
    finally:
        torch.set_default_dtype(torch.float32)
    assert {(each.dtype, each.device.type) for each in back.parameters()} == {
        (torch.float32, "cpu")
    }
    assert back(torch.zeros(1, 1, dtype=torch.int64))[0].isfinite().all()


@pytest.mark.parametrize(
    ("batch_first", "symbols", "shape", "said"),
    [
        (True, False, (4, 3), r"\(batch, steps, 3\), for one sequence by inputs.unsqueeze\(0\)"),
        (False, False, (4, 3), r"\(steps, batch, 3\), for one sequence by inputs.unsqueeze\(1\)"),
        (True, False, (1, 1, 4, 3), r"\(batch, steps, 3\)"),
        (True, True, (4,), r"\(batch, steps\), for one sequence"),
        (False, True, (4, 1, 1), r"\(steps, batch\), for one sequence"),
    ],
)
def test_inputs_without_a_batch_are_refused(batch_first, symbols, shape, said):
    embedding = nn.Embedding(5, 3) if symbols else None
    layer = nn.GRU(3, 4, batch_first=batch_first)  # as many units as steps
    back = to_torch(from_torch(layer, nn.Linear(4, 2), embedding))
    inputs = torch.zeros(shape, dtype=torch.int64 if symbols else torch.float32)
    with pytest.raises(ValueError, match=said):
        back(inputs)
