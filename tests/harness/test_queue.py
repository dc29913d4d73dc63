"""What cannot be given out is given back: nothing stays held."""

import pytest

from sparsebench.harness.trained_models import model_of, request
from tests.harness import small


def test_data_that_cannot_be_made_fail_each_network_and_hold_none(tmp_path, monkeypatch):
    bench = small.bench(tmp_path)
    request([small.wired(0)], bench)

    def fails(task):
        raise ValueError("no such data")

    kept = []  # as pytest keeps them, with all that their frames refer to
    with monkeypatch.context() as broken:
        broken.setattr(bench, "dataset", fails)
        for _ in range(2):  # the second time waits for nobody
            with pytest.raises(ValueError, match="no such data") as caught:
                model_of(small.wired(0), bench)
            kept.append(caught)
    assert model_of(small.wired(0), bench).weights
