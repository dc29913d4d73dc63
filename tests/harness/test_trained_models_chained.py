"""Networks that are made from networks that are made from networks."""

from dataclasses import replace

import pytest

from sparsebench.engines import population_training
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.harness.recent import Recent
from sparsebench.harness.trained_models import model_of, network_and_model, network_of, request
from sparsebench.parts.store import Store
from tests.harness import small
from tests.harness.small import models


def twice_pruned(seed, percent=50, **others):
    """A network pruned by half, fine-tuned, and pruned again."""
    once = small.retraining(seed, percent=50)
    return FinetuningCase(once, "both", percent, training=small.RETRAINING, **others)


def test_a_pruned_network_is_pruned_again(tmp_path):
    bench, case = small.bench(tmp_path), twice_pruned(0)
    masks, before = (network_of(each, bench).masks for each in (case, case.network))
    names = [name for name in masks if name.endswith(("i2h", "h2h"))]
    had, has = (sum(int(each[name].sum()) for name in names) for each in (before, masks))
    assert has == pytest.approx(had / 2, abs=1)
    assert not any((masks[name] & ~before[name]).any() for name in names)
    weights = model_of(case, bench).weights
    assert not any(weights[name][~masks[name]].any() for name in names)
    assert (
        model_of(case, bench).training.pruned_from == model_of(case.network, bench).training.weights
    )


def test_a_chain_of_networks_is_read_once_for_each_question(tmp_path, monkeypatch):
    case, read, load = small.wired(0), [], Store.load
    for percent in (10, 20, 30, 40, 50):
        case = FinetuningCase(case, "both", percent, training=small.RETRAINING)
    bench = small.bench(tmp_path)
    model_of(case, bench)

    def noting(store, name, layout):
        read.append(name)
        return load(store, name, layout)

    monkeypatch.setattr(Store, "load", noting)
    bench.recent = Recent()
    network, model = network_and_model(case, bench)
    assert (len(read), len(set(read))) == (6, 6)
    assert (network.name, model.fresh) == (read[-1], True)


def test_the_orders_of_strings_go_on_from_network_to_network(tmp_path, monkeypatch):
    train, epochs = population_training.train_population, []

    def noting(starts, *arguments):
        epochs.extend((start.seed, start.epochs) for start in starts)
        return train(starts, *arguments)

    monkeypatch.setattr(population_training, "train_population", noting)
    models([twice_pruned(3), twice_pruned(3, order=8)], small.bench(tmp_path))
    assert sorted(epochs) == [(3, 0), (3, 3), (3, 5), (8, 0)]


def test_what_a_chain_of_networks_is_made_from_is_wanted_first_and_trained_once(tmp_path, noted):
    bench, cases = small.bench(tmp_path), [twice_pruned(0), twice_pruned(0, 90), twice_pruned(1)]
    request(cases, bench)
    chain = [small.wired(0), small.retraining(0), cases[0], cases[1]]
    assert list(bench.requested.cases) == [*chain, small.wired(1), small.retraining(1), cases[2]]
    models(cases, bench)
    assert sorted(noted) == [[0]] * 4 + [[1]] * 3


def test_a_chain_is_found_in_the_store_and_company_changes_no_bit_of_it(tmp_path, noted):
    cases = [twice_pruned(0), twice_pruned(1), small.retraining(2)]
    together = models(cases, small.bench(tmp_path))
    trained = len(noted)
    assert models(cases, small.bench(tmp_path)) == together
    assert len(noted) == trained
    assert models(cases[1:2], small.bench(tmp_path / "alone")) == together[1:2]


@pytest.mark.parametrize("network", [small.wired(3), small.base(3)], ids=["wired", "stacked"])
@pytest.mark.parametrize("final_rate", [None, 0.001])
def test_a_network_at_an_earlier_epoch_is_what_it_was_then(tmp_path, network, final_rate):
    whole = replace(network, training=replace(small.TRAINING, final_rate=final_rate))
    bench, series = small.bench(tmp_path), {}
    for until in (0, 1, 2, 3, None):
        case = replace(whole, training=replace(whole.training, until=until))
        series[until] = model_of(case, bench)
    for until in (0, 1, 2, 3):
        losses = series[until].training.history.get("test_loss", [])
        assert losses == series[None].training.history["test_loss"][:until]
    assert series[3].training.weights == series[None].training.weights
    assert len({each.training.weights for each in series.values()}) == 4
