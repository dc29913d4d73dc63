"""A model is replaced together with its record: whoever has either finds what belongs to it."""

import pytest

from sparsebench.parts.model_files import load_model, model_path, settle_models, stage_model
from sparsebench.parts.records import Record
from sparsebench.parts.weight_files import checksum, save_weights
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import Architecture

LAYOUT = Architecture("gru", layers=1, hidden_size=2, symbols=3).layout
OLD, NEW = (initial_weights(LAYOUT, seed) for seed in (0, 1))


def record(weights: str) -> Record:
    return Record(digest="d" * 32, experiment="base", case={}, metrics={}, weights=weights)


def found(folder, weights):
    """Whether the record of some weights finds them."""
    mine = record(checksum(weights))
    return checksum(load_model(folder, mine, LAYOUT)) == mine.weights


def test_a_staged_model_is_found_by_the_new_record_and_leaves_the_old_one_its_own(tmp_path):
    save_weights(model_path(tmp_path, record(checksum(OLD))), OLD)
    stage_model(tmp_path, record(checksum(NEW)), NEW)
    assert found(tmp_path, OLD)
    assert found(tmp_path, NEW)


def test_a_settled_model_takes_the_place_of_the_old_one(tmp_path):
    new = record(checksum(NEW))
    save_weights(model_path(tmp_path, new), OLD)
    stage_model(tmp_path, new, NEW)
    settle_models(tmp_path, [new])
    assert [path.name for path in tmp_path.iterdir()] == [f"{new.digest}.safetensors"]
    assert found(tmp_path, NEW)
    settle_models(tmp_path, [new])  # nothing is left to do
    assert found(tmp_path, NEW)


def test_other_records_settle_nothing_of_it(tmp_path):
    stage_model(tmp_path, record(checksum(NEW)), NEW)
    settle_models(tmp_path, [record(checksum(OLD))])
    assert found(tmp_path, NEW)
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path, record(checksum(OLD)), LAYOUT)


@pytest.mark.parametrize("weights", ["", "../../elsewhere", "\0", "x" * 300])
def test_what_is_no_checksum_names_no_file(tmp_path, weights):
    save_weights(model_path(tmp_path, record(weights)), OLD)
    assert checksum(load_model(tmp_path, record(weights), LAYOUT)) == checksum(OLD)
