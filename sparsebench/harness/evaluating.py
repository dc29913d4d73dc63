"""What a network says of examples, on the device of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparsebench.harness.context import Bench
from sparsebench.parts.examples import Examples
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training

if TYPE_CHECKING:
    from sparsebench.engines.evaluation import Evaluation


def evaluated(
    plan: SparseLayout,
    weights: Weights,
    readout: str,
    examples: Examples,
    batch_size: int,
    bench: Bench,
) -> Evaluation:
    """Accuracy and mean loss of one network on some examples.

    Parameters
    ----------
    plan, weights, readout
        The network.
    examples
        What it is judged by.
    batch_size
        Examples that are padded to the same length, in order.
    bench
        Says on which device, and is told when loops are compiled.
    """
    from sparsebench.engines.devices import population

    settings = bench.settings
    network = population(
        [plan],
        [weights],
        readout,
        Training(batch_size=batch_size),
        settings.device,
        settings.threads,
        bench.progress,
    )
    (result,) = network.evaluate(examples, batch_size)
    return result
