"""Torch is left as it was found, also after an error."""

import pytest
import torch

from sparsebench.engines.reproducibility import reproducible

pytestmark = pytest.mark.usefixtures("two_threads")


def state():
    cudnn = torch.backends.cudnn
    return (
        torch.get_num_threads(),
        cudnn.allow_tf32,
        cudnn.deterministic,
        cudnn.benchmark,
        torch.backends.cuda.matmul.allow_tf32,
    )


def test_figures_are_measured_on_one_thread_in_full_precision():
    before = state()
    with reproducible():
        assert state() == (1, False, True, False, False)
    assert state() == before


def test_an_error_leaves_nothing_behind():
    before = state()
    with pytest.raises(ZeroDivisionError), reproducible():
        1 / 0  # noqa: B018
    assert state() == before
