"""Evaluation of a network on the device of the run."""

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
    """Evaluate one network on some examples: accuracy and mean loss.

    Parameters
    ----------
    plan, weights, readout
        The network.
    examples
        The examples to evaluate.
    batch_size
        Examples per batch, in order; a batch is padded to its longest example.
    bench
        Names the device; its progress is told when loops are compiled.
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
