"""Choice of the engine for a device."""

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
    """Make a population: networks of one variant, trained and evaluated together on a device.

    Parameters
    ----------
    plans, weights, readout, training
        See `sparsebench.engines.populations.Population`.
    device
        `cpu`, or torch's name of a GPU.
    threads
        CPU threads that share the work; they change no figure.
    progress
        Called with a sentence when loops are compiled.

    Returns
    -------
    sparsebench.engines.populations.Population
        The population on the engine for the device: on a GPU, batched products for stacks of one
        layout, and sparse rows for others.

    Raises
    ------
    ValueError
        If variants or numbers of classes differ, weights do not fit their sparse layout, or a GPU
        cannot train the networks.
    RuntimeError
        If the GPU or Triton is missing.
    """
    if device == "cpu":
        from sparsebench.engines.fused.population import CpuPopulation

        return CpuPopulation(plans, weights, readout, training, threads, progress=progress)
    from sparsebench.engines.gpu.batched import BatchedPopulation, can_batch
    from sparsebench.engines.gpu.grouped import GroupedPopulation
    from sparsebench.engines.gpu.population import GpuPopulation

    if can_batch(plans):
        return BatchedPopulation(plans, weights, readout, training, device)
    if not any(can_batch([plan]) for plan in plans):
        return GpuPopulation(plans, weights, readout, training, device)
    return GroupedPopulation(plans, weights, readout, training, device, GpuPopulation)
