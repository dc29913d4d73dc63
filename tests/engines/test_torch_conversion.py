"""Networks from PyTorch compute what its layers compute, and what cannot be converted says why."""

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrizations
from torch.nn.utils import prune as torch_prune

import sparsebench as sb
from sparsebench.engines.torch_conversion import from_torch
from tests.torch_strategies import converted, flat, sequences, torch_networks


def assert_close(ours, theirs):
    left, right = flat(ours), flat(theirs)
    assert [each.shape for each in left] == [each.shape for each in right]
    for mine, its in zip(left, right, strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-5, atol=1e-5)


@settings(max_examples=40)
@given(st.data())
def test_outputs_and_states_are_those_of_the_module(data):
    module = data.draw(torch_networks())
    network = converted(module)
    assert module.training
    inputs, lengths = data.draw(sequences(module))
    with torch.no_grad():
        module.eval()
        whole = module(torch.from_numpy(inputs))
        packed = module(torch.from_numpy(inputs), torch.from_numpy(lengths))
        again = module(torch.from_numpy(inputs), torch.from_numpy(lengths), packed[1])
    assert_close(network.forward(inputs), whole)
    ours = network.forward(inputs, lengths)
    assert_close(ours, packed)
    assert_close(network.forward(inputs, lengths, ours[1]), again)


@settings(max_examples=20)
@given(st.data())
def test_frame_by_frame_is_the_whole_sequence(data):
    module = data.draw(torch_networks(bidirectional=False))
    network = converted(module).reading("every_step")
    inputs, _ = data.draw(sequences(module))
    axis = 1 if network.structure.batch_first else 0
    state, said = None, []
    for frame in np.split(inputs, inputs.shape[axis], axis):
        outputs, state = network.forward(frame, None, state)
        said.append(outputs)
    whole = network.forward(inputs)
    assert_close((np.concatenate(said, axis), state), whole)


@pytest.mark.parametrize("variant", ["lstm", "gru", "rnn_tanh", "rnn_relu"])
@pytest.mark.parametrize("reads", ["last_step", "every_step"])
def test_the_engine_computes_the_same(variant, reads):
    torch.manual_seed(0)
    kinds = {"lstm": nn.LSTM, "gru": nn.GRU}
    options = {} if variant in kinds else {"nonlinearity": variant.removeprefix("rnn_")}
    layer = kinds.get(variant, nn.RNN)(3, 6, 2, batch_first=True, bias=False, **options)
    sb.prune_module(layer, 60)
    network = from_torch(layer, nn.Linear(6, 2), reads=reads)
    plan = sb.sparse_layout(network.layout, network.masks)
    inputs = np.random.default_rng(0).standard_normal((5, 7, 3)).astype(np.float32)
    asked = (5, 7) if reads == "every_step" else (5,)
    lengths = np.full(5, 7)
    population = sb.population([plan], [network.engine_weights], "last_step", sb.Training(), "cpu")
    said = population.logits(sb.Examples(inputs, lengths, np.zeros(asked, np.int64)), 5)[0]
    expected, _ = network.forward(inputs)
    np.testing.assert_allclose(said.reshape(expected.shape), expected, rtol=1e-5, atol=1e-5)
    assert plan.kept == network.kept[0]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (torch.float64, "float64 are converted to float32$"),
        (torch.float16, "float16 are converted to float32, exactly"),
        (torch.bfloat16, "bfloat16 are converted to float32, exactly"),
    ],
)
def test_other_precisions_are_read_and_told(kind, said):
    layer, head = nn.LSTM(3, 4, bidirectional=True).to(kind), nn.Linear(8, 2).to(kind)
    with pytest.warns(UserWarning, match=said) as told:
        network = from_torch(layer, head)
    assert told[0].filename == __file__
    expected = layer.weight_ih_l0.detach().to(torch.float32).numpy()
    np.testing.assert_array_equal(network.weights["layers.0.i2h"], expected)


def test_single_precision_is_read_without_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        from_torch(nn.GRU(3, 4))


def test_masks_of_a_pruned_module_are_those_of_the_network():
    layer, head = nn.GRU(3, 4, bidirectional=True), nn.Linear(8, 2)
    torch_prune.random_unstructured(layer, "weight_hh_l0_reverse", 0.5)
    torch_prune.random_unstructured(head, "weight", 0.5)
    network = from_torch(layer, head)
    mask = layer.weight_hh_l0_reverse_mask.numpy() == 1
    np.testing.assert_array_equal(network.masks["layers.0.reverse.h2h"], mask)
    assert set(network.masks) == {"layers.0.reverse.h2h", "readout.weight"}
    assert network.kept == (2 * 84 - 24, 2 * 84)


def test_what_torch_has_pruned_is_read_as_its_next_pass_computes_it():
    layer = nn.GRU(3, 4)
    torch_prune.random_unstructured(layer, "weight_hh_l0", 0.5)
    before = from_torch(layer)
    with torch.no_grad():
        layer.weight_hh_l0_orig *= 2
    after = from_torch(layer)
    np.testing.assert_array_equal(after.weights["layers.0.h2h"], 2 * before.weights["layers.0.h2h"])


def test_a_parametrised_layer_is_read_as_it_computes():
    layer = parametrizations.weight_norm(nn.GRU(3, 4), "weight_hh_l0")
    network = from_torch(layer)
    expected = layer.weight_hh_l0.detach().numpy()
    np.testing.assert_array_equal(network.weights["layers.0.h2h"], expected)


PRECISIONS = (torch.float32, torch.float64, torch.float16, torch.bfloat16)


def plain(layer):
    return layer


def pruned_by_torch(layer):
    return torch_prune.random_unstructured(layer, "weight_hh_l0", 0.5)


def parametrised(layer):
    return parametrizations.weight_norm(layer, "weight_hh_l0")


@pytest.mark.filterwarnings("ignore:weights in:UserWarning")
@pytest.mark.parametrize("kind", PRECISIONS)
@pytest.mark.parametrize("change", [plain, pruned_by_torch, parametrised])
def test_a_module_that_computes_something_else_is_refused_with_the_difference(kind, change):
    torch.manual_seed(0)
    layer = change(nn.GRU(3, 4).to(kind))
    from_torch(layer)
    layer.register_forward_hook(lambda module, inputs, said: (said[0] + 0.5, said[1]))
    with pytest.raises(
        ArithmeticError, match=r"outputs after \d steps are off .* by 0\.[45]\d* of"
    ):
        from_torch(layer)
    assert layer.training
    assert {each.dtype for each in layer.parameters()} == {kind}


class Uncopied:
    """A hook that cannot be copied."""

    def __call__(self, module, inputs, said):
        return said

    def __deepcopy__(self, known):
        raise TypeError("a lock")


@pytest.mark.filterwarnings("ignore:weights in:UserWarning")
def test_a_module_that_cannot_be_copied_is_compared_by_its_arrays():
    layer = nn.GRU(3, 4).half()
    layer.register_forward_hook(Uncopied())
    assert from_torch(layer).kept == (84, 84)


@pytest.mark.filterwarnings("ignore:weights in:UserWarning")
@pytest.mark.parametrize("kind", PRECISIONS[1:])
def test_layers_of_several_precisions_are_converted(kind):
    torch.manual_seed(0)
    layer, head = nn.GRU(3, 4).to(kind), nn.Linear(4, 2)
    network = from_torch(layer, head)
    np.testing.assert_array_equal(network.weights["readout.weight"], head.weight.detach())
    expected = from_torch(layer.float(), head)
    np.testing.assert_array_equal(network.weights["layers.0.h2h"], expected.weights["layers.0.h2h"])
    layer.to(kind).register_forward_hook(lambda module, inputs, said: (said[0] + 0.5, said[1]))
    with pytest.raises(ArithmeticError, match=r"outputs after \d steps are off"):
        from_torch(layer, head)


def test_a_difference_is_judged_by_the_tolerance():
    layer = nn.RNN(3, 40, 2)
    with pytest.raises(ArithmeticError, match=r"1e-09 is allowed.* by tolerance="):
        from_torch(layer, tolerance=1e-9)
    with torch.no_grad():
        for weight in layer.parameters():
            weight *= 20
    with pytest.raises(ArithmeticError, match="1e-05 is allowed"):
        from_torch(layer)
    from_torch(layer, tolerance=1.0)


class Tagger(nn.Module):
    """A model as users write it."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.ModuleDict({"gru": nn.GRU(3, 4)})


class OwnGru(nn.GRU):
    def forward(self, inputs):
        return inputs


LINEAR, ROWS = nn.Linear(4, 2), nn.Embedding(5, 3)


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"module": nn.LSTM(3, 4, proj_size=2)}, ValueError, "proj_size=2 projects"),
        ({"module": nn.GRUCell(3, 4)}, TypeError, "GRUCell computes one step: give GRU"),
        ({"module": Tagger()}, TypeError, "a Tagger, .* such as 'encoder.gru' of this one"),
        ({"module": nn.Conv1d(1, 1, 1)}, TypeError, "a Conv1d, .* prune_module"),
        ({"module": OwnGru(3, 4)}, TypeError, "OwnGru has a forward of its own"),
        ({"module": "gru"}, TypeError, "a str, "),
        ({"module": 3}, TypeError, "module is an int: give nn.RNN, nn.LSTM or nn.GRU"),
        ({"module": []}, TypeError, "module is a list: give nn.RNN"),
        ({"module": [nn.GRU(3, 4), nn.GRU(3, 4)]}, ValueError, "reads 3 numbers, .* 4 outputs"),
        ({"module": [nn.GRU(4, 4), nn.LSTM(4, 4)]}, ValueError, "of mode GRU and LSTM"),
        (
            {"module": [nn.GRU(4, 4), nn.GRU(4, 4, batch_first=True)]},
            ValueError,
            "batch_first False and True",
        ),
        ({"module": [nn.GRU(4, 4)] * 2}, ValueError, "the same layer is given twice"),
        (
            {"module": nn.GRU(3, 4), "head": nn.Sequential(LINEAR)},
            TypeError,
            "head is a Sequential",
        ),
        ({"module": nn.GRU(3, 5), "head": LINEAR}, ValueError, "head reads 4 .* has 5 outputs"),
        ({"module": nn.GRU(3, 4), "embedding": LINEAR}, TypeError, "embedding is a Linear"),
        ({"module": nn.GRU(2, 4), "embedding": ROWS}, ValueError, "rows of 3 numbers, .* reads 2"),
        (
            {"module": nn.GRU(3, 4), "embedding": nn.Embedding(5, 3, max_norm=1.0)},
            ValueError,
            "max_norm=1.0",
        ),
        ({"module": nn.GRU(3, 4, device="meta")}, ValueError, "device 'meta'"),
        ({"module": nn.GRU(3, 4), "reads": "first"}, ValueError, "unknown reads 'first'"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_converted_is_refused_with_a_sentence(arguments, error, said):
    with pytest.raises(error, match=said):
        from_torch(**arguments)


def test_weights_that_are_not_finite_are_refused():
    layer = nn.GRU(3, 4).double()
    with torch.no_grad():
        layer.weight_hh_l0[0, 0] = 1e300
    with (
        pytest.warns(UserWarning, match="float64"),
        pytest.raises(ValueError, match=r"layers\.0\.h2h holds NaN or infinite"),
    ):
        from_torch(layer)
