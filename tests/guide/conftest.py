"""Somebody who follows the guide, and the models that training takes minutes for."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparsebench.harness.cache import store_of
from sparsebench.harness.context import Bench
from sparsebench.parts.documents import read_baseline
from sparsebench.parts.model_files import load_model
from sparsebench.parts.stored_models import StoredModel
from sparsebench.values.case import BaseCase
from sparsebench.values.identity import restore
from tests.conftest import without_plugins
from tests.guide.pages import ROOT, Reader
from tests.harness.settings import settings

SHIPPED = ROOT / "baselines" / "models"
"""The shipped base models, of three of the seeds that the baseline has records of."""


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that has the shipped base models, as if this code had just trained them."""
    folder = tmp_path_factory.mktemp("store")
    bench = Bench(settings(folder), folder, lambda text: None)
    baseline = read_baseline(ROOT / "baselines" / "thesis" / "base.json")
    for record in baseline.records:
        if not (SHIPPED / f"{record.digest}.safetensors").exists():
            continue
        case = restore(record.case)
        assert isinstance(case, BaseCase)
        weights = load_model(SHIPPED, record, case.architecture.layout)
        trained = baseline.provenances[record.trained or record.provenance]
        store_of(case, bench).save(record.digest, StoredModel(record, trained), weights)
    return folder


@pytest.fixture
def reader(tmp_path: Path, store: Path, pytestconfig: pytest.Config) -> Reader:
    """Somebody with an empty folder, whose runs leave out the plugins that they do not need."""
    folder = tmp_path / "project"
    folder.mkdir()
    return Reader(folder, [*without_plugins(pytestconfig), f"--sparsebench-store={store}"])
