"""Which engine runs a population on which device."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sparsebench.engines.populations import Population
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training


def population(
    plans: Sequence[SparseLayout],
    weights: Sequence[Weights],
    readout: str,
    training: Training,
    device: str,
    threads: int = 1,
    progress: Callable[[str], None] = lambda message: None,
) -> Population:
    """Networks of one variant on a device.

    Parameters
    ----------
    plans, weights, readout, training
        See `sparsebench.engines.populations.Population`.
    device
        `cpu`, or what torch calls a GPU.
    threads
        Threads of a CPU that share the work; changes no figure.
    progress
        Told when loops are compiled.

    Raises
    ------
    ValueError
        If variants or numbers of classes differ, weights do not fit their plan, or a GPU
        cannot train them.
    RuntimeError
        If the GPU or Triton is missing.
    """
    if device == "cpu":
        from sparsebench.engines.fused.population import CpuPopulation

        return CpuPopulation(plans, weights, readout, training, threads, progress=progress)
    from sparsebench.engines.gpu.population import GpuPopulation

    return GpuPopulation(plans, weights, readout, training, device)
