"""A forward pass through the sparse rows of one network, prepared for timing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sparsebench.engines.fused import kernels, memory
from sparsebench.engines.fused.species import Species, lanes_for
from sparsebench.engines.populations import check_strings
from sparsebench.parts.plan import Plan
from sparsebench.parts.strings import LabelledStrings
from sparsebench.values.checks import one_of, whole_number
from sparsebench.values.masks import Weights
from sparsebench.values.semantics import CHOICES


def sparse_forward_pass(
    plan: Plan, weights: Weights, readout: str, strings: LabelledStrings, batch_size: int
) -> Callable[[], np.ndarray]:
    """Prepare the classification of the first batch of some strings.

    Parameters
    ----------
    plan, weights, readout
        The network.
    strings
        Where the batch is taken from.
    batch_size
        Strings in the batch; the vectors are no wider than it needs.

    Returns
    -------
    callable
        Runs the pass and returns the logits (batch_size, classes), the same array every time.

    Raises
    ------
    ValueError
        If the weights do not fit, or the network cannot read the strings.
    """
    one_of("semantics switch readout", readout, CHOICES["readout"])
    whole_number("batch_size", batch_size, 1)
    check_strings([plan], strings)
    lanes = lanes_for(batch_size)
    species = Species(plan.layout.variant, "float32", lanes)
    arrays = memory.plan_arrays(plan, readout, lanes, keeps_gates=False)
    parameters = memory.state(plan.pack(weights), lanes).parameters
    scratch = memory.scratch([plan], strings.codes.shape[1], False, lanes, "float32")
    data = memory.data_arrays(strings)
    batch = np.arange(min(batch_size, len(strings)))
    logits = np.empty((len(batch), plan.layout.classes), np.float32)

    def run() -> np.ndarray:
        kernels.classify(species, arrays, parameters, data, batch, scratch, logits)
        return logits

    return run
