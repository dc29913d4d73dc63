"""Models that lie beside the baseline are used in place of training, if they are what it speaks of."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from sparsebench.experiments.base.descriptor import STORED_SEEDS
from sparsebench.harness.baseline_models import has_model
from sparsebench.harness.context import Bench
from sparsebench.harness.networks import Model
from sparsebench.harness.trained_models import model_of, request
from sparsebench.parts.documents import write_document
from sparsebench.parts.model_files import model_path
from sparsebench.parts.records import Baseline, Record
from sparsebench.parts.weight_files import checksum, load_weights, save_weights
from sparsebench.values import numerics
from sparsebench.values.case import BaseCase
from tests.harness import small

STORED, OTHER = small.base(0), small.base(len(STORED_SEEDS))


def bench(folder: Path, **chosen: object) -> Bench:
    """A bench with a store of its own, in the baseline's project."""
    return small.bench(folder, store=folder / "own", **chosen)


@pytest.fixture
def accepted(tmp_path: Path) -> dict[BaseCase, Record]:
    """The records of both, in the baseline, beside which their models lie."""
    elsewhere, chosen = small.bench(tmp_path / "elsewhere"), bench(tmp_path)
    records = {}
    for case in (STORED, OTHER):
        model = model_of(case, elsewhere)
        save_weights(model_path(chosen.settings.models, model.training), model.weights)
        records[case] = msgspec.structs.replace(model.training, provenance="there")
    baseline = Baseline(provenances={"there": elsewhere.here}, records=[*records.values()])
    write_document(chosen.settings.baseline_path / "base.json", baseline)
    return records


def same(model: Model, record: Record) -> bool:
    """Whether a model's training came out as a record says, and its weights are those."""
    training = msgspec.structs.replace(model.training, provenance=record.provenance)
    return training == record and checksum(model.weights) == record.weights


def test_a_stored_model_is_used_and_not_trained(tmp_path, accepted, noted):
    chosen = bench(tmp_path)
    assert has_model(STORED, chosen)
    request([STORED], chosen)
    assert not chosen.requested.cases
    model = model_of(STORED, chosen)
    assert (noted, model.fresh) == ([], False)
    assert same(model, accepted[STORED])


def test_what_is_made_from_a_stored_model_is_made_from_its_very_weights(tmp_path, accepted, noted):
    chosen = bench(tmp_path)
    made = small.finetuned(STORED)
    request([made], chosen)
    assert list(chosen.requested.cases) == [made]
    model_of(made, chosen)
    assert noted == [[0]]


def test_a_model_of_a_seed_that_is_not_kept_is_trained_and_has_the_baselines_bits(
    tmp_path, accepted, noted
):
    """Even where a file lies there."""
    chosen = bench(tmp_path)
    assert not has_model(OTHER, chosen)
    request([OTHER], chosen)
    assert list(chosen.requested.cases) == [OTHER]
    model = model_of(OTHER, chosen)
    assert (noted, model.fresh) == ([[OTHER.seed]], True)
    assert same(model, chosen.baseline.of(OTHER))


def test_a_run_from_scratch_trains_a_stored_model_anew_and_has_its_bits(tmp_path, accepted, noted):
    chosen = bench(tmp_path, profile="thesis")
    model = model_of(STORED, chosen)
    assert (noted, model.fresh) == ([[0]], True)
    assert same(model, accepted[STORED])


def test_a_model_trained_by_another_arithmetic_is_trained_anew_on_a_cpu(
    tmp_path, accepted, noted, monkeypatch
):
    """What starts from it would otherwise promise bits that no training gives."""
    monkeypatch.setattr(numerics, "NUMERICS", "of tomorrow")
    chosen, on_gpu = bench(tmp_path), bench(tmp_path, device="cuda")
    on_gpu.here = chosen.here
    told: list[str] = []
    chosen.progress = told.append
    assert (has_model(STORED, chosen), has_model(STORED, on_gpu)) == (False, True)
    made = small.finetuned(STORED)
    request([made], chosen)
    assert list(chosen.requested.cases) == [STORED, made]
    model = model_of(STORED, chosen)
    assert (noted, model.fresh, model.training.numerics) == ([[0]], True, "of tomorrow")
    assert told[:1] == [
        "stored base models of another arithmetic are not used: they are trained anew"
    ]


def test_a_network_of_a_kind_that_keeps_no_models_is_trained(tmp_path):
    assert not has_model(small.wired(0), bench(tmp_path))


@pytest.mark.parametrize("damage", ["absent", "other weights", "another shape", "cut short"])
def test_a_stored_model_that_is_not_the_baselines_is_an_error_and_nothing_is_trained(
    tmp_path, accepted, noted, damage
):
    chosen = bench(tmp_path)
    path = model_path(chosen.settings.models, accepted[STORED])
    weights = load_weights(path, STORED.architecture.layout)
    if damage == "absent":
        path.unlink()
    elif damage == "other weights":
        save_weights(path, {name: array + 1 for name, array in weights.items()})
    elif damage == "another shape":
        save_weights(path, {name: np.append(array, array) for name, array in weights.items()})
    else:
        path.write_bytes(path.read_bytes()[:-1])
    expected = {
        "absent": "is missing, but .*thesis exists: restore both from version control, or train",
        "other weights": "weights differ from those that .*thesis was measured with; .* restore both",
    }
    with pytest.raises(ValueError, match=expected.get(damage, str(path))):
        model_of(STORED, chosen)
    assert noted == []
