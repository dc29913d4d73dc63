"""A forward pass through the sparse rows of one network, prepared for timing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sparsebench.engines.fused import kernels, memory
from sparsebench.engines.fused.loop_spec import LoopSpec, lanes_for
from sparsebench.engines.populations import check_examples
from sparsebench.parts.examples import CLASSES, Examples
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.values.checks import one_of, whole_number
from sparsebench.values.masks import Weights
from sparsebench.values.semantics import CHOICES


def sparse_forward_pass(
    plan: SparseLayout, weights: Weights, readout: str, examples: Examples, batch_size: int
) -> Callable[[], np.ndarray]:
    """Prepare a forward pass over the first batch of some examples.

    Parameters
    ----------
    plan, weights, readout
        The network.
    examples
        The examples that the batch is taken from.
    batch_size
        Examples in the batch; vectors are no wider than it needs.

    Returns
    -------
    callable
        Runs the pass and returns the outputs, (batch_size, outputs), in the same array every time.

    Raises
    ------
    ValueError
        If the weights do not fit, or the network cannot read or answer the examples.
    """
    one_of("semantics switch readout", readout, CHOICES["readout"])
    whole_number("batch_size", batch_size, 1)
    check_examples([plan], examples)
    lanes = lanes_for(batch_size)
    spec = LoopSpec(plan.layout.variant, "float32", lanes)
    arrays = memory.plan_arrays(plan, readout, lanes, keeps_gates=False)
    parameters = memory.state(plan.pack(weights)).parameters
    steps, every_step = examples.inputs.shape[1], examples.asked == CLASSES
    scratch = memory.scratch([plan], steps, every_step, lanes, "float32")
    data = memory.data_arrays(examples)
    batch = np.arange(min(batch_size, len(examples)))
    logits = np.zeros((len(batch), examples.outputs(plan.layout.classes)), np.float32)

    def run() -> np.ndarray:
        kernels.classify(spec, arrays, parameters, data, batch, scratch, logits)
        return logits

    return run
