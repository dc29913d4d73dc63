"""Batched products take the steps of the reference, network by network, on a CPU in float64."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode

from sparsebench.engines.gpu import batched
from sparsebench.engines.gpu.batched import BatchedPopulation
from sparsebench.engines.gpu.grouped import GroupedPopulation
from sparsebench.engines.mask_changes import Masking
from sparsebench.engines.population_training import Start, train_population
from sparsebench.engines.populations import Stopped
from sparsebench.engines.reference import ReferenceNetwork
from sparsebench.parts.examples import CLASSES, VALUES, Examples, Halves
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.weights import initial_weights
from sparsebench.values.layout import Block, Layout
from sparsebench.values.masks import masked
from sparsebench.values.protocol import CELL_TYPES, OPTIMISERS, Architecture, Training

pytestmark = pytest.mark.usefixtures("one_width")

RATE = 0.01
TORCH: dict[str, Callable[[Iterable[torch.Tensor]], torch.optim.Optimizer]] = {
    "adam": lambda parameters: torch.optim.Adam(parameters, RATE),
    "nesterov": lambda parameters: torch.optim.SGD(parameters, RATE, 0.9, nesterov=True),
    "adagrad": lambda parameters: torch.optim.Adagrad(parameters, RATE),
    "rmsprop": lambda parameters: torch.optim.RMSprop(parameters, RATE),
}
ASKED = ("class", "classes", "values")


def stacked(variant: str, layers: int, hidden: int, width: int, symbols: int, said: int) -> Layout:
    blocks = tuple(Block(layer - 1, layer) for layer in range(layers))
    return Layout(variant, (hidden,) * layers, blocks, width, symbols, said)


def drawn_examples(layout: Layout, asked: str, count: int, longest: int, seed: int) -> Examples:
    random = np.random.RandomState(seed)
    lengths = random.randint(1, longest + 1, count)
    lengths[0] = longest
    if layout.symbols:
        inputs = random.randint(0, layout.symbols, (count, longest)).astype(np.uint8)
    else:
        shape = count, longest, layout.width
        inputs = random.standard_normal(shape).astype(np.float32)
    inputs[np.arange(longest) >= lengths[:, None]] = 0
    if asked == "values":
        answers = random.standard_normal((count, layout.classes)).astype(np.float32)
    elif asked == "class":
        answers = random.randint(0, layout.classes, count)
    else:
        answers = random.randint(-1, layout.classes, (count, longest))
        answers[:, 0] = 0
    weighted = random.uniform(0.5, 2, layout.classes) if asked != "values" and seed % 2 else None
    return Examples(inputs, lengths, answers, weighted)


def reference_steps(
    layout: Layout, weights, masks, readout: str, training: Training, examples: Examples, order
) -> tuple[dict[str, np.ndarray], list[float]]:
    """Weights and mean losses after training one network, batch by batch, in torch."""
    network = ReferenceNetwork(layout, weights, masks, readout, torch.float64)
    optimiser = TORCH[training.optimiser or "adam"](network.parameters.values())
    losses = []
    for start in range(0, len(order), training.batch_size):
        part = examples.chosen(order[start : start + training.batch_size])
        steps = int(part.lengths.max())
        inputs = torch.from_numpy(part.inputs[:, :steps]).transpose(0, 1)
        answers = torch.from_numpy(part.answers)
        answers = answers.double() if part.asked == VALUES else answers
        if part.asked == CLASSES:
            answers = answers[:, :steps].T
        read = inputs.long() if layout.symbols else inputs.double()
        weights_of = part.class_weights
        factors = None if weights_of is None else torch.from_numpy(weights_of).double()
        loss = network.loss(read, torch.from_numpy(part.lengths), answers, factors)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters.values(), training.clip_norm)
        optimiser.step()
        losses.append(float(loss.detach()))
    return masked(network.arrays(), masks), losses


@st.composite
def populations(draw: st.DrawFn, variant: str):
    asked = draw(st.sampled_from(ASKED))
    symbols = draw(st.sampled_from([0, 5]))
    layout = stacked(
        variant,
        draw(st.integers(1, 3)),
        draw(st.integers(1, 5)),
        draw(st.integers(1, 4)),
        symbols,
        draw(st.integers(2, 3)),
    )
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.RandomState(seed)
    examples = drawn_examples(layout, asked, 7, draw(st.integers(1, 10)), seed)
    matrices = (".i2h", ".h2h", "readout.weight")
    names = [name for name in layout.shapes() if name.endswith(matrices)]
    networks = []
    for number in range(draw(st.integers(1, 3))):
        density = draw(st.sampled_from([0.3, 1.0]))
        masks = {name: random.random_sample(layout.shapes()[name]) < density for name in names}
        order = random.randint(0, len(examples), draw(st.integers(1, 9)))
        networks.append((masks, initial_weights(layout, number), order))
    return layout, examples, networks


@pytest.mark.parametrize("variant", CELL_TYPES)
@settings(max_examples=12)
@given(
    data=st.data(),
    readout=st.sampled_from(["padded", "last_step"]),
    optimiser=st.sampled_from(OPTIMISERS),
    clip=st.sampled_from([0.05, 5.0]),
)
def test_every_network_takes_the_steps_of_the_reference(
    variant: str, data: st.DataObject, readout: str, optimiser: str, clip: float
) -> None:
    layout, examples, networks = data.draw(populations(variant))
    training = Training(1, 3, RATE, clip, optimiser=optimiser)
    made = BatchedPopulation(
        [sparse_layout(layout, masks) for masks, _, _ in networks],
        [weights for _, weights, _ in networks],
        readout,
        training,
        "cpu",
        "float64",
    )
    epochs = made.train(examples, [order for _, _, order in networks])
    for number, (masks, weights, order) in enumerate(networks):
        expected, losses = reference_steps(
            layout, masked(weights, masks), masks, readout, training, examples, order
        )
        epoch = epochs[number]
        assert epoch is not None
        np.testing.assert_allclose(epoch.losses, losses, rtol=0, atol=1e-10)
        for name, array in made.weights(number).items():
            np.testing.assert_allclose(array, expected[name], rtol=0, atol=1e-9, err_msg=name)
    said = made.logits(examples, 4)
    for number, (masks, _, _) in enumerate(networks):
        network = ReferenceNetwork(layout, made.weights(number), masks, readout, torch.float64)
        for first in (0, 4):
            part = examples.part(first, first + 4)
            steps = int(part.lengths.max())
            inputs = torch.from_numpy(part.inputs[:, :steps]).transpose(0, 1)
            inputs = inputs.long() if layout.symbols else inputs.double()
            own = said[number, first : first + 4]
            if part.asked == CLASSES:
                whole = network.logits_at_every_step(inputs).detach().numpy().transpose(1, 0, 2)
                own = own.reshape(len(part), -1, layout.classes)[:, :steps]
            else:
                whole = network.logits(inputs, torch.from_numpy(part.lengths)).detach().numpy()
            np.testing.assert_allclose(own, whole, rtol=0, atol=1e-10)


LAYOUT = Architecture("gru", layers=2, hidden_size=4).layout
STRINGS = drawn_examples(replace(LAYOUT, symbols=9), "class", 9, 6, 0)
PROTOCOL = Training(1, 4, RATE)


def population(count: int = 2, **changes: object) -> BatchedPopulation:
    weights = [initial_weights(LAYOUT, seed) for seed in range(count)]
    plans = [sparse_layout(LAYOUT)] * count
    return BatchedPopulation(plans, weights, "padded", PROTOCOL, "cpu", "float64", **changes)


def test_company_changes_nothing_beyond_rounding() -> None:
    orders = [np.arange(9), np.arange(9)[::-1], np.array([3, 1])]
    together, alone = population(3), population(1)
    together.train(STRINGS, orders)
    alone.train(STRINGS, orders[:1])
    for name, array in alone.weights(0).items():
        np.testing.assert_allclose(array, together.weights(0)[name], rtol=0, atol=1e-12)


def test_a_steps_tensors_are_made_once_for_each_length() -> None:
    made = population()
    made.train(STRINGS, [np.arange(9)] * 2)
    (held,) = made._held.values()
    kept = [each.data_ptr() for each in vars(held).values() if isinstance(each, torch.Tensor)]
    state = [each.data_ptr() for each in (made._theta, made._means, made._squares, made._gradient)]
    for _ in range(3):
        made.train(STRINGS, [np.arange(9)[::-1]] * 2)
    assert list(made._held.values()) == [held]
    assert kept == [
        each.data_ptr() for each in vars(held).values() if isinstance(each, torch.Tensor)
    ]
    assert state == [
        each.data_ptr() for each in (made._theta, made._means, made._squares, made._gradient)
    ]
    assert list(held.takes) == [6]  # lengths up to 8 share one


class _NotInGraphs(TorchDispatchMode):
    """Refuses what a graph cannot hold: numbers read back, tensors made of Python's numbers."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        assert function.overloadpacket.__name__ not in ("_local_scalar_dense", "lift_fresh")
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    ("variant", "asked", "optimiser"),
    [
        *((each, "class", "adam") for each in CELL_TYPES),
        *(("gru", each, "adam") for each in ASKED),
        *(("gru", "values", each) for each in OPTIMISERS),
    ],
)
def test_a_step_and_a_pass_can_be_captured(variant: str, asked: str, optimiser: str) -> None:
    layout = stacked(variant, 2, 3, 3, 5 if asked == "class" else 0, 2)
    examples = drawn_examples(layout, asked, 7, 5, 1)
    plans, weights = [sparse_layout(layout)] * 2, [initial_weights(layout, n) for n in range(2)]
    training = replace(PROTOCOL, optimiser=optimiser)
    made = BatchedPopulation(plans, weights, "padded", training, "cpu", follows_movement=True)
    made.train(examples, [np.arange(7)] * 2)
    (held,) = made._held.values()
    held.step.zero_()
    run = made.prepared(examples, 4)
    with _NotInGraphs():
        made._do_step(held, 5)
        with torch.no_grad():
            run()


def test_a_network_that_overflows_is_stopped_and_no_other() -> None:
    weights = [initial_weights(LAYOUT, seed) for seed in range(2)]
    weights[0]["readout.bias"][:] = 3e38, -3e38
    made = BatchedPopulation([sparse_layout(LAYOUT)] * 2, weights, "padded", PROTOCOL, "cpu")
    epochs = made.train(STRINGS, [np.arange(9)] * 2)
    assert made.stopped == {0: Stopped(1, "the loss is NaN or infinite")}
    assert epochs[1] is not None
    assert len(epochs[1].losses) == 3
    assert made.train(STRINGS, [np.arange(9)] * 2)[0] is None


def test_masks_change_and_what_stays_keeps_its_state() -> None:
    made = population(1)
    made.train(STRINGS, [np.arange(9)])
    before, means = made.weights(0), made._means.clone()
    mask = np.zeros(LAYOUT.shapes()["layers.1.h2h"], np.bool_)
    mask[:, 1:] = True
    made.restructure(0, sparse_layout(LAYOUT, {"layers.1.h2h": mask}))
    after = made.weights(0)
    np.testing.assert_array_equal(after["layers.1.h2h"], np.where(mask, before["layers.1.h2h"], 0))
    np.testing.assert_array_equal(after["layers.0.i2h"], before["layers.0.i2h"])
    kept = made._kept_weights.bool()
    assert torch.equal(made._means[kept], means[kept])
    assert not made._means[~kept].any()
    made.train(STRINGS, [np.arange(9)])
    assert not made.weights(0)["layers.1.h2h"][~mask].any()
    made.restructure(0, sparse_layout(LAYOUT), before, restart=True)
    assert not made._means.any()
    np.testing.assert_array_equal(made.weights(0)["layers.1.h2h"], before["layers.1.h2h"])


def test_other_structures_are_refused() -> None:
    wired = replace(LAYOUT, sizes=(4, 3))
    with pytest.raises(ValueError, match="give stacks of one layout"):
        BatchedPopulation(
            [sparse_layout(wired)], [initial_weights(wired, 0)], "padded", PROTOCOL, "cpu"
        )


def test_networks_of_several_layouts_are_trained_group_by_group() -> None:
    other = Architecture("gru", layers=1, hidden_size=3).layout
    plans = [sparse_layout(LAYOUT), sparse_layout(other), sparse_layout(LAYOUT)]
    weights = [initial_weights(plan.layout, seed) for seed, plan in enumerate(plans)]
    orders = [np.arange(9), np.arange(5), np.arange(9)[::-1]]
    made = GroupedPopulation(plans, weights, "last_step", PROTOCOL, "cpu", BatchedPopulation)
    epochs = made.train(STRINGS, orders)
    said = made.logits(STRINGS, 4)
    for number, plan in enumerate(plans):
        alone = BatchedPopulation([plan], [weights[number]], "last_step", PROTOCOL, "cpu")
        (epoch,) = alone.train(STRINGS, [orders[number]])
        own = epochs[number]
        assert own is not None
        assert epoch is not None
        np.testing.assert_allclose(own.losses, epoch.losses, rtol=1e-5)
        np.testing.assert_allclose(said[number], alone.logits(STRINGS, 4)[0], atol=1e-5)
        for name, array in alone.weights(0).items():
            np.testing.assert_allclose(made.weights(number)[name], array, atol=1e-5)


def test_a_method_changes_masks_on_this_engine_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class OnCpu(BatchedPopulation):
        def __init__(self, plans, weights, readout, training, device, **others) -> None:
            super().__init__(plans, weights, readout, training, "cpu", "float64", **others)

    monkeypatch.setattr(batched, "BatchedPopulation", OnCpu)
    halves = Halves(STRINGS, STRINGS)
    for name in ("rigl", "movement", "lottery", "snip"):
        masking = Masking(METHODS[name], 0.3, "both", 0)
        start = Start(sparse_layout(LAYOUT), initial_weights(LAYOUT, 0), 0, masking=masking)
        training = Training(6, 4, RATE)
        (ours,) = train_population([start], halves, training, "last_step", "cuda")
        kept = sum(int(mask.sum()) for mask in ours.masks.values())
        total = sum(mask.size for mask in ours.masks.values())
        assert kept == pytest.approx(0.3 * total, abs=1)
        for array, mask in ((ours.weights[name], mask) for name, mask in ours.masks.items()):
            assert not array[~mask].any()
